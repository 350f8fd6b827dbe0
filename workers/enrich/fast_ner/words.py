"""Splits the pieces of text that need no tokenizer: words of ASCII letters, also with a punctuation mark after them.

spaCy's tokenizer looks a piece up among its exceptions, and takes prefixes, suffixes and infixes off it, which regular
expressions find. So a word that is no exception stays whole if the expressions find nothing in letters alone. Whether
that is so can be seen from them: every way to match needs another character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from string import ascii_letters
from typing import Any

try:  # the only parser of these expressions that there is; without it, all pieces go to the tokenizer
    from re import _parser  # type: ignore[attr-defined]
except ImportError:
    _parser = None


class PlainWords:
    """The pieces that a tokenizer of spaCy's is known to leave whole, but for a mark at the end."""

    def __init__(self, tokenizer: Any) -> None:
        self._exceptions = tokenizer.rules
        self._prefix, self._suffix = tokenizer.prefix_search, tokenizer.suffix_search
        self._stays_whole = tokenizer.token_match or (lambda piece: None)
        searches = (tokenizer.prefix_search, tokenizer.suffix_search, tokenizer.infix_finditer)
        self._leaves_letters = all(finds_nothing_in_letters(getattr(search, "__self__", None)) for search in searches)

    def split(self, piece: str) -> list[str]:
        """The tokens of a piece; empty if only the tokenizer can tell them."""
        if not self._leaves_letters or not piece.isascii() or piece in self._exceptions:
            return []
        if piece.isalpha():
            return [piece]
        word, mark = piece[:-1], piece[-1]
        if not word.isalpha() or word in self._exceptions or mark in self._exceptions:
            return []
        if self._prefix(piece) or self._stays_whole(piece):
            return []
        suffix = self._suffix(piece)
        return [word, mark] if suffix and suffix.group() == mark else []


def finds_nothing_in_letters(pattern: object) -> bool:
    """Whether a compiled expression certainly finds nothing in a word of ASCII letters."""
    if not _parser or not isinstance(pattern, re.Pattern) or pattern.flags & re.IGNORECASE:
        return False
    return _needs_other_character(_parser.parse(pattern.pattern, pattern.flags))


def _needs_other_character(steps: Iterable[tuple[Any, Any]]) -> bool:
    """Whether a parsed expression matches only where there is a character that is no ASCII letter."""
    return any(_step_needs_other_character(str(step), argument) for step, argument in steps)


def _step_needs_other_character(step: str, argument: Any) -> bool:
    match step:
        case "LITERAL":
            return chr(argument) not in ascii_letters
        case "IN":
            return not any(_has_letter(str(kind), value) for kind, value in argument)
        case "BRANCH":
            return all(map(_needs_other_character, argument[1]))
        case "SUBPATTERN":
            _, flags, _, inner = argument
            return not flags and _needs_other_character(inner)
        case "MAX_REPEAT" | "MIN_REPEAT":
            at_least, _, inner = argument
            return at_least > 0 and _needs_other_character(inner)
        case "ASSERT":  # a look ahead or behind
            return _needs_other_character(argument[1])
        case _:
            return False


def _has_letter(kind: str, value: Any) -> bool:
    """Whether a part of a set of characters may have an ASCII letter."""
    match kind:
        case "LITERAL":
            return chr(value) in ascii_letters
        case "RANGE":
            first, last = value
            return any(first <= ord(letter) <= last for letter in ascii_letters)
        case "CATEGORY":
            return str(value) not in ("CATEGORY_DIGIT", "CATEGORY_SPACE")
        case _:
            return True
