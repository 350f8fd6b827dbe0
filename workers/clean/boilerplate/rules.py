"""The rules of ``rules.toml``: patterns for lines, for headers of lists, and for phrases of appeals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

from workers.clean.boilerplate.first_characters import can_start, named_in, stand_in
from workers.clean.tables import read_table
from workers.clean.units import MAX_LINES_CACHED
from workers.vocabulary.months import MONTH_EXACTLY, MONTH_START

Words = Mapping[str, Sequence[str]]
"""The alternatives that ``<name>`` stands for, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of ``rules.toml``, whose head explains the fields; ``alternatives`` are patterns."""

    id: str
    alternatives: tuple[str, ...]
    example: str
    counter_example: str
    category: str = "appeal"
    sure: Literal["always", "edges", "dirty"] = "always"
    stop: bool = True
    weight: int = 0

    @property
    def pattern(self) -> str:
        """A pattern for any of the alternatives."""
        return "|".join(self.alternatives)


_WORD = re.compile(r"<([a-z_]+)>")


def join(alternatives: Sequence[str], words: Words) -> str:
    """Return a pattern for any of the alternatives, with each ``<name>`` in them replaced by what it stands for.

    Raises:
        KeyError: no words have this name.
    """
    return "|".join(_with_words(alternative, words) for alternative in alternatives)


def _with_words(alternative: str, words: Words) -> str:
    return _WORD.sub(lambda name: f"(?:{join(words[name[1]], words)})", alternative)


def _read() -> dict[str, tuple[Rule, ...]]:
    table = read_table(__package__, "rules.toml")
    shared: Words = table.pop("words") | {"month": [MONTH_EXACTLY], "month_start": [MONTH_START]}
    return {kind: tuple(_rule(row, shared) for row in rows) for kind, rows in table.items()}


def _rule(row: dict[str, Any], shared: Words) -> Rule:
    alternatives, words = row.pop("any_of"), row.pop("words", {})
    all_words = {**shared, **words}
    return Rule(alternatives=tuple(_with_words(alternative, all_words) for alternative in alternatives), **row)


RULES = _read()
"""The rules by kind: ``line``, ``header`` and ``cue``."""

_ORNAMENT = " \t•·*>»›:.!…→▶►|-–—\u200b\u200c\u200d"
_FULL_STOPS = (".", "!", "?", '."', ".”", ".’")
_MAX_LINE_CHARS = 700
_MAX_CHARACTERS_CACHED = 4096


class _Table:
    """Rules to match with a whole line: only those are tried that can match a text with its first character."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        named = named_in(rule.pattern for rule in rules)
        self._stand_in = lru_cache(maxsize=_MAX_CHARACTERS_CACHED)(lambda character: stand_in(character, named))
        self._candidates = cache(self._candidates_for)

    def first_match(self, line: str) -> Rule | None:
        """Return the first rule that matches the line, or None."""
        match = self._candidates(self._stand_in(line[:1])).fullmatch(line)
        return self._rules[int(match.lastgroup[1:])] if match and match.lastgroup else None

    def _candidates_for(self, first: str) -> re.Pattern[str]:
        """Return a pattern for all rules that can match; the name of the group that matches tells which: ``r0`` …"""
        possible = [[one for one in rule.alternatives if can_start(one, first)] for rule in self._rules]
        groups = (f"(?P<r{index}>{'|'.join(found)})" for index, found in enumerate(possible) if found)
        return re.compile("|".join(groups), re.IGNORECASE)


_LINE = _Table(RULES["line"])
_HEADER = _Table(RULES["header"])


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
    rule = _LINE.first_match(core(line))
    return None if rule is None or (not rule.stop and line.endswith(_FULL_STOPS)) else rule


@lru_cache(maxsize=MAX_LINES_CACHED)
def _header_rule(line: str) -> Rule | None:
    return _HEADER.first_match(core(line))
