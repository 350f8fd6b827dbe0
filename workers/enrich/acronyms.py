"""Tells whether letters stand for the words of a name."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_MAX_CONNECTIVE = 4
"""Longest word in lower case that may give no letter: of, der, voor."""


def abbreviates(acronym: str, name: str) -> bool:
    """Whether the acronym takes letters of the name's words, in order: Bafin, PiS, CNMV.

    It begins as the name does, and every longer or capitalised word gives the letter that it begins with; a name of one
    word gives at least two more.
    """
    letters, words = _folded(acronym), _WORD.findall(name)
    if not letters or not words or len(letters) < 2:
        return False
    if len(words) == 1:
        return len(letters) > 2 and _folded(name).startswith(letters[0]) and _is_within(letters, _folded(name))
    return _matches(letters, words)


def _matches(letters: str, words: list[str]) -> bool:
    if not words:
        return not letters
    word = words[0]
    folded = _folded(word)
    may_be_skipped = len(word) <= _MAX_CONNECTIVE and word.islower()
    if may_be_skipped and _matches(letters, words[1:]):
        return True
    if not letters or not folded.startswith(letters[0]):
        return False
    return any(
        _is_within(letters[1:count], folded[1:]) and _matches(letters[count:], words[1:])
        for count in range(1, len(letters) + 1)
    )


def _is_within(letters: str, word: str) -> bool:
    """Whether the letters come in the word, in order."""
    rest = iter(word)
    return all(letter in rest for letter in letters)


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if char.isalnum())
