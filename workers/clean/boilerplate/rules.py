"""The rules of ``rules.toml``: patterns for lines, for headers of lists and for the turns of phrase of an appeal."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of ``rules.toml``, where its fields are explained."""

    id: str
    pattern: str
    example: str
    counter_example: str
    category: str = "appeal"
    sure: Literal["always", "edges", "dirty"] = "always"
    stop: bool = True
    weight: int = 0


RULES: dict[str, tuple[Rule, ...]] = {
    kind: tuple(Rule(**row) for row in rows)
    for kind, rows in tomllib.loads((files(__package__) / "rules.toml").read_text(encoding="utf-8")).items()
}
"""The rules by kind: ``line``, ``header`` and ``cue``."""

_ORNAMENT = " \t•·*>»›:.!…→▶►|-–—\u200b\u200c\u200d"
_STOPS = (".", "!", "?", '."', ".”", ".’")
_LONGEST_LINE = 700


def _combined(rules: Sequence[Rule]) -> re.Pattern[str]:
    """One pattern for all the rules; ``lastgroup`` of its match tells which: ``r0``, ``r1``, …"""
    return re.compile("|".join(f"(?P<r{index}>{rule.pattern})" for index, rule in enumerate(rules)), re.IGNORECASE)


_LINE = _combined(RULES["line"])
_HEADER = _combined(RULES["header"])


def core(line: str) -> str:
    """The line without bullets, arrows and stops at its ends: what line and header rules are matched against."""
    return line.strip(_ORNAMENT)


def line_rule(line: str) -> Rule | None:
    """The first line rule that the line matches, sure or not, or None."""
    return _line_rule(line) if len(line) <= _LONGEST_LINE else None


def header_rule(line: str) -> Rule | None:
    """The first header rule that the line matches, or None."""
    return _first(_HEADER, RULES["header"], line)


@lru_cache(maxsize=8192)  # furniture recurs
def _line_rule(line: str) -> Rule | None:
    rule = _first(_LINE, RULES["line"], line)
    return None if rule is None or (not rule.stop and line.endswith(_STOPS)) else rule


def _first(pattern: re.Pattern[str], rules: Sequence[Rule], line: str) -> Rule | None:
    match = pattern.fullmatch(core(line))
    return None if match is None or match.lastgroup is None else rules[int(match.lastgroup[1:])]
