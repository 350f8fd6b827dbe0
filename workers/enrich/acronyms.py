"""Tells which acronyms a name has, and whether letters stand for its words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
_MAX_LETTERS = 10
_MAX_WORDS = 15
_MAX_WORDS_OF_INITIALS = 4
_MAX_CONNECTIVE = 4
"""Longest word in lower case that may give no letter: of, der, voor."""


@lru_cache(maxsize=20_000)
def acronyms(name: str) -> tuple[str, ...]:
    """The initials of the capitalised words of a name, also without the place at its end; at least three each.

    (The Constitutional Democratic Party of Japan is the CDPJ or the CDP.) Also the initials of all words as they are
    written, if these are few: the Department for Education is the DfE, and Marks & Spencer M&S.
    """
    words = name.replace("-", " ").split()
    without_place = name.rpartition(" of ")[0].replace("-", " ").split()
    found = dict.fromkeys("".join(word[0] for word in own if word[0].isupper()) for own in (words, without_place))
    if len(words) <= _MAX_WORDS_OF_INITIALS:
        found.setdefault("".join(word[0] for word in words))
    return tuple(initials for initials in found if len(initials) > 2)


def abbreviates(acronym: str, name: str) -> bool:
    """Whether the acronym takes letters of the name's words, in order: Bafin, PiS, CNMV.

    It begins as the name does, and every longer or capitalised word gives the letter that it begins with; a name of one
    word gives at least two more.
    """
    letters, words = _folded(acronym), _WORD.findall(name)
    if not 1 < len(letters) <= _MAX_LETTERS or not 0 < len(words) <= _MAX_WORDS:
        return False
    if len(words) == 1:
        return len(letters) > 2 and _folded(name).startswith(letters[0]) and _is_within(letters, _folded(name))
    folded = [_folded(word) for word in words]
    may_be_skipped = [len(word) <= _MAX_CONNECTIVE and word.islower() for word in words]
    placed = {0}  # how many of the letters the words so far may have given
    for word, is_connective in zip(folded, may_be_skipped, strict=True):
        given = {
            end
            for start in placed
            for end in range(start + 1, len(letters) + 1)
            if word.startswith(letters[start]) and _is_within(letters[start + 1 : end], word[1:])
        }
        placed = given | placed if is_connective else given
    return len(letters) in placed


def _is_within(letters: str, word: str) -> bool:
    """Whether the letters come in the word, in order."""
    rest = iter(word)
    return all(letter in rest for letter in letters)


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if char.isalnum())
