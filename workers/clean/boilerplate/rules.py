"""The rules of ``rules.toml``: patterns for lines, for headers of lists, and for phrases of appeals."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from workers.clean.units import MAX_LINES_CACHED
from workers.vocabulary.months import MONTH_EXACTLY, MONTH_START

Words = Mapping[str, Sequence[str]]
"""The alternatives that ``<name>`` stands for, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of ``rules.toml``, whose head explains the fields; ``pattern`` matches any of its alternatives."""

    id: str
    pattern: str
    example: str
    counter_example: str
    category: str = "appeal"
    sure: Literal["always", "edges", "dirty"] = "always"
    stop: bool = True
    weight: int = 0


_WORD = re.compile(r"<([a-z_]+)>")


def join(alternatives: Sequence[str], words: Words) -> str:
    """Return a pattern for any of the alternatives, with each ``<name>`` in them replaced by what it stands for.

    Raises:
        KeyError: no words have this name.
    """
    return "|".join(
        _WORD.sub(lambda name: f"(?:{join(words[name[1]], words)})", alternative) for alternative in alternatives
    )


def _read() -> dict[str, tuple[Rule, ...]]:
    table: dict[str, Any] = tomllib.loads((files(__package__) / "rules.toml").read_text(encoding="utf-8"))
    shared: Words = table.pop("words") | {"month": [MONTH_EXACTLY], "month_start": [MONTH_START]}
    return {kind: tuple(_rule(row, shared) for row in rows) for kind, rows in table.items()}


def _rule(row: dict[str, Any], shared: Words) -> Rule:
    alternatives, words = row.pop("any_of"), row.pop("words", {})
    return Rule(pattern=join(alternatives, {**shared, **words}), **row)


RULES = _read()
"""The rules by kind: ``line``, ``header`` and ``cue``."""

_ORNAMENT = " \t•·*>»›:.!…→▶►|-–—\u200b\u200c\u200d"
_FULL_STOPS = (".", "!", "?", '."', ".”", ".’")
_MAX_LINE_CHARS = 700


def _combine(rules: Sequence[Rule]) -> re.Pattern[str]:
    """Return one pattern for all the rules; the ``lastgroup`` of its match tells which matched: ``r0``, ``r1``, …"""
    return re.compile("|".join(f"(?P<r{index}>{rule.pattern})" for index, rule in enumerate(rules)), re.IGNORECASE)


_LINE = _combine(RULES["line"])
_HEADER = _combine(RULES["header"])


def core(line: str) -> str:
    """Return the line without the bullets, arrows and stops at its ends, as line and header rules match it."""
    return line.strip(_ORNAMENT)


def line_rule(line: str) -> Rule | None:
    """Return the first line rule that matches the line, sure or not, or None."""
    return _line_rule(line) if len(line) <= _MAX_LINE_CHARS else None


def header_rule(line: str) -> Rule | None:
    """Return the first header rule that matches the line, or None."""
    return _header_rule(line) if len(line) <= _MAX_LINE_CHARS else None


@lru_cache(maxsize=MAX_LINES_CACHED)  # the same boilerplate recurs in many articles
def _line_rule(line: str) -> Rule | None:
    rule = _first_match(_LINE, RULES["line"], line)
    return None if rule is None or (not rule.stop and line.endswith(_FULL_STOPS)) else rule


@lru_cache(maxsize=MAX_LINES_CACHED)
def _header_rule(line: str) -> Rule | None:
    return _first_match(_HEADER, RULES["header"], line)


def _first_match(pattern: re.Pattern[str], rules: Sequence[Rule], line: str) -> Rule | None:
    match = pattern.fullmatch(core(line))
    return None if match is None or match.lastgroup is None else rules[int(match.lastgroup[1:])]
