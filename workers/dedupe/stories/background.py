"""How common a word is in a language at large, so that the first articles of a stream are not compared blindly.

``frequencies/`` has a list for each language, ``SOURCES.md`` says whence, and ``frequencies/build.py`` makes them.
"""

from __future__ import annotations

import lzma
import math
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from zlib import crc32

import numpy as np
import numpy.typing as npt

from workers.dedupe.arrays import Hashes
from workers.dedupe.word_forms import plain
from workers.dedupe.words import words

LONG = ("en", "de", "fr", "es", "it", "pt", "ru")
"""Languages with a long list. Of others than these, and those without spaces, only the most common words are listed."""
WITHOUT_SPACES = ("ja", "zh")
"""Languages that are written without spaces: their lists have pairs of characters."""
WORDS_PER_ARTICLE = 150
"""The independent words of an article: fewer than it has, because words repeat."""
ALIASES = {"no": "nb", "nn": "nb", "bs": "sh", "hr": "sh", "sr": "sh", "tl": "fil"}
"""Languages that have the list of another."""
UNKNOWN_SHARE = 3e-5
"""Share of articles that are taken to contain a word of no list."""

_DIRECTORY = files("workers.dedupe.stories") / "frequencies"


def shares(terms: Hashes, language: str) -> npt.NDArray[np.float64]:
    """The share of all articles in the language that contain each word, by its hash."""
    hashes, known = _table(language)
    if not len(hashes):
        return np.full(len(terms), UNKNOWN_SHARE)
    at = np.minimum(hashes.searchsorted(terms), len(hashes) - 1)
    return np.where(hashes[at] == terms, known[at], UNKNOWN_SHARE)


def is_well_known(language: str) -> bool:
    """Whether words of a language that no list has are rare."""
    return language in LONG or language in WITHOUT_SPACES


@cache
def _table(language: str) -> tuple[Hashes, npt.NDArray[np.float64]]:
    """The hashes of the words in the list of a language, sorted, and the share of each; empty without a list."""
    path = _DIRECTORY / f"{ALIASES.get(language, language)}.txt.xz"
    if not path.is_file():
        return np.empty(0, np.uint32), np.empty(0)
    found: dict[int, float] = {}
    for line in lzma.decompress(path.read_bytes()).decode().splitlines():
        frequency, *listed = line.split(" ")
        share = max(UNKNOWN_SHARE, -math.expm1(-WORDS_PER_ARTICLE * 10 ** (int(frequency) / 10 - 9)))
        hashes = (
            _pairs(listed) if language in WITHOUT_SPACES else [crc32(plain(word, language).encode()) for word in listed]
        )
        for term in hashes:
            found.setdefault(term, share)  # the most common first
    ordered = sorted(found)
    return np.array(ordered, np.uint32), np.array([found[term] for term in ordered])


def _pairs(listed: Sequence[str]) -> list[int]:
    """The hashes of pairs of ideographs."""
    hashes: list[int] = words("".join(listed)).terms[::2].tolist()
    return hashes
