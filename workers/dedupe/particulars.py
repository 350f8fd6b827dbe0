"""Particulars: the names and numbers of a text, which tell two texts of one template apart.

Reports on two earthquakes, or on the earnings of two companies, may share most of their words. Where they differ is in
who, where, when and how much. A copy has the particulars of its original, an update most of them.
"""

from __future__ import annotations

import re
from itertools import pairwise
from zlib import crc32

import numpy as np
import numpy.typing as npt

Particulars = npt.NDArray[np.uint16]
"""Sorted, distinct 16-bit hashes: odd ones of numbers, even ones of names."""

MAX_PARTICULARS = 48
"""Particulars kept of a text: those with the lowest hashes, so that those of two texts can be compared."""

_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
# Scripts without capitals and spaces: runs of ideographs or of katakana, most of them nouns.
_RUN = re.compile(r"[\u4e00-\u9fff]{2,}|[\u30a0-\u30ff]{2,}")
_SENTENCE_ENDS = '.!?:…"”»“'
_PUNCTUATION = ".,;:!?()[]{}\"'“”„‘’«»…-–—"


def particulars(text: str) -> Particulars:
    """The particulars of a text."""
    names = {
        word.strip(_PUNCTUATION)
        for before, word in pairwise(text.split())
        if word.strip(_PUNCTUATION)[:1].isupper() and before[-1] not in _SENTENCE_ENDS
    }
    names.update(_RUN.findall(text))
    hashes = {crc32(name.casefold().encode()) & 0xFFFE for name in names}
    hashes.update(crc32(number.encode()) & 0xFFFE | 1 for number in _NUMBER.findall(text))
    return np.array(sorted(hashes)[:MAX_PARTICULARS], np.uint16)
