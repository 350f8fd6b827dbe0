"""Which patterns can match a line by its first character, so that most of hundreds need not be tried."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from string import ascii_lowercase

import regex

_compiled = cache(regex.compile)

DIGIT, LETTER, MARK = "0", "ᚠ", "\0"
"""Each stands for all characters of its kind that no pattern names."""


def can_start(pattern: str, character: str) -> bool:
    """Return whether a text that starts with the character, in either case, can match the pattern."""
    starts = _compiled(pattern, regex.IGNORECASE)
    return any(starts.fullmatch(each, partial=True) for each in {character, character.upper()})


def named_in(patterns: Iterable[str]) -> frozenset[str]:
    """Return the characters that stand in the patterns, in lower case, with those of the only range, a to z."""
    return frozenset("".join(patterns).lower() + ascii_lowercase)


def stand_in(character: str, named: frozenset[str]) -> str:
    """Return the character as patterns that ignore case see it: in lower case if they name it, else its kind."""
    folded = character.upper().lower()[:1]
    if folded in named or not folded:
        return folded
    if folded.isdecimal():
        return DIGIT
    return LETTER if folded.isalnum() else MARK
