"""Particulars: the names and numbers of a text, which tell two texts of one template apart.

Reports on two earthquakes, or on the earnings of two companies, may share most of their words. Where they differ is in
who, where, when and how much. A copy has the particulars of its original, an update most of them.
"""

from __future__ import annotations

import re
from zlib import crc32

import numpy as np
import numpy.typing as npt

from workers.dedupe.word_forms import plain

Particulars = npt.NDArray[np.uint16]
"""Sorted, distinct 16-bit hashes: odd ones of numbers, even ones of names."""

MAX_PARTICULARS = 48
"""Particulars kept of a text: those with the lowest hashes, so that those of two texts can be compared."""

# ``\d\d*``, the space before ``(?<=`` and the set before alternatives are no slips: they make a search much faster.
_NUMBER = re.compile(r"\d\d*(?:[.,:/-]\d+)*")
_ITEM = re.compile(r"\n(\d\d?)[.)] ")
"""The number of an item of a list says nothing about the text."""
# Scripts without capitals and spaces: runs of ideographs or of katakana, most of them nouns.
_RUN = re.compile(
    r"[\u4e00-\u9fff\u30a0-\u30ff](?:(?<=[\u4e00-\u9fff])[\u4e00-\u9fff]+|(?<=[\u30a0-\u30ff])[\u30a0-\u30ff]+)"
)
# A word within a sentence that begins with a letter in no common lower case; only those in upper case are kept.
_NAME = re.compile(r" (?<=[^.!?:…\"”»“\s] )[(\[“„«\"'‘]?([^\W\d_a-zß-öø-ÿа-яё][\w’'-]*)")


def particulars(text: str) -> Particulars:
    """The particulars of a text."""
    names = {name for name in _NAME.findall(text) if name[0].isupper()}
    if not text.isascii():
        names.update(_RUN.findall(text))
    hashes = {crc32(name.casefold().encode()) & 0xFFFE for name in names}
    numbers = set(_NUMBER.findall(text)).difference(_ITEM.findall(f"\n{text}"))
    hashes.update(crc32(plain(number, "").encode()) & 0xFFFE | 1 for number in numbers)
    return np.array(sorted(hashes)[:MAX_PARTICULARS], np.uint16)
