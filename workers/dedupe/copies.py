"""Copies: texts that share most of their words, found by containment of word shingles.

Publishers cut and frame syndicated text, so that a pair shares only a third of its shingles on average. A Jaccard
threshold misses such pairs; *containment*, the share of one text that is in the other, finds them (Broder 1997).
The sketch of a text holds its shingles whose hash falls into one residue class. Containment of sketches is therefore an
unbiased estimate of the containment of texts of any length (FracMinHash; Irber et al. 2022).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from zlib import crc32

import numpy as np
import numpy.typing as npt

from schemas import CopyKind, Evidence
from workers.dedupe.columns import Column, KeyIndex, RowIndex, StoredParts
from workers.dedupe.postings import Hashes

Sketch = npt.NDArray[np.uint32]
"""Sorted, distinct hashes of the sampled shingles of a text."""

SHINGLE_WORDS = 5
"""Words in a shingle."""
SAMPLING_RATIO = 4
"""One shingle in this many is kept: about 100 for an article of 400 words."""
MIN_SHARED_SAMPLES = 4
"""Shared samples below which a match proves nothing."""
MIN_CONTAINMENT = 0.25
"""Share of the smaller text that a copy has in common with the larger one."""
MARGIN_STANDARD_ERRORS = 1.5
"""Standard errors of the sample by which the estimate must exceed ``MIN_CONTAINMENT``."""
MIN_NEAR_SHARE = 0.5
"""Share of *both* texts from which a copy is a near copy rather than an excerpt."""
MAX_TEXTS_PER_SHINGLE = 256
"""Texts compared per shingle, the latest first: more copies of one text add nothing."""

# Ideographs and kana are written without spaces: each counts as a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[^\W_]+")
_APOSTROPHES = str.maketrans("", "", "'’‘`´")


def tokens(text: str) -> list[str]:
    """The words of a text as written, without punctuation and apostrophes."""
    return _WORD.findall(text.translate(_APOSTROPHES))


def folded(text_tokens: list[str]) -> list[str]:
    """The words, case-folded."""
    return [token.casefold() for token in text_tokens]


def content_hash(text_words: list[str]) -> str:
    """A hash of the words in their order, as 16 hexadecimal digits."""
    return blake2b(" ".join(text_words).encode(), digest_size=8).hexdigest()


def word_hashes(text_words: list[str]) -> Hashes:
    """A 32-bit hash of each word."""
    return np.fromiter((crc32(word.encode()) for word in text_words), np.uint32, len(text_words))


def sketch(hashes: Hashes) -> Sketch:
    """The sampled shingle hashes of a text from its word hashes; empty for a text shorter than a shingle."""
    count = len(hashes) - SHINGLE_WORDS + 1
    if count < 1:
        return np.empty(0, np.uint32)
    rolled = np.zeros(count, np.uint64)
    for i in range(SHINGLE_WORDS):
        rolled = rolled * np.uint64(0x100000001B3) + hashes[i : i + count]
    mixed = _mix(rolled)
    return np.unique((mixed[mixed % np.uint64(SAMPLING_RATIO) == 0] >> np.uint64(32)).astype(np.uint32))


def _mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Mix the values so that every bit affects all others (the finaliser of SplitMix64, Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@dataclass(frozen=True, slots=True)
class Match:
    """The original of a copy, by its stream offset, and the evidence."""

    offset: int
    kind: CopyKind
    score: float
    evidence: Evidence


class Copies:
    """The texts within the window that new texts are compared with, by stream offset."""

    def __init__(self) -> None:
        self._contents = KeyIndex()
        self._sizes = Column(np.uint32)
        self._rows = RowIndex(sizes=self._sizes)
        self.stored = StoredParts(contents=self._contents.stored, rows=self._rows.stored)

    def __len__(self) -> int:
        return len(self._rows)

    def extend(self, offsets: Sequence[int], contents: Sequence[str], sketches: Sequence[bytes]) -> None:
        """Add texts; offsets must rise, and sketches are packed (32-bit, little-endian)."""
        self._contents.extend(offsets, [int(content, 16) for content in contents])
        sizes = [len(packed) // 4 for packed in sketches]
        self._rows.extend(offsets, np.frombuffer(b"".join(sketches), "<u4"), sizes, sizes=sizes)

    def discard(self, offset: int) -> None:
        """Remove the text at an offset, which must be in the index."""
        self._contents.discard(offset)
        self._rows.discard(offset)

    def find(self, content: str, shingles: Sketch) -> Match | None:
        """The original of a text, or None if the text is no copy.

        It is the latest text with the same words, otherwise the one with the highest containment.
        """
        identical = self._contents.latest(int(content, 16))
        if identical is not None:
            evidence = Evidence(method="content", shared=len(shingles), of_copy=1.0, of_original=1.0)
            return Match(identical, CopyKind.EXACT, 1.0, evidence)
        if len(shingles) < MIN_SHARED_SAMPLES:
            return None
        _, slots = self._rows.find(shingles, MAX_TEXTS_PER_SHINGLE)
        candidates, shared = np.unique(slots, return_counts=True)
        enough = shared >= MIN_SHARED_SAMPLES
        candidates, shared = candidates[enough], shared[enough]
        if not len(candidates):
            return None
        smaller = np.minimum(self._sizes.rows[candidates], len(shingles))
        margin = MARGIN_STANDARD_ERRORS * np.sqrt(MIN_CONTAINMENT * (1 - MIN_CONTAINMENT) / smaller)
        containment = np.minimum(shared / smaller, 1.0)
        # argmax returns the first of equals: the earliest text.
        best = int(np.argmax(np.where(containment - margin >= MIN_CONTAINMENT, containment, -1.0)))
        if containment[best] - margin[best] < MIN_CONTAINMENT:
            return None
        return self._match(int(candidates[best]), int(shared[best]), len(shingles))

    def _match(self, slot: int, shared: int, size: int) -> Match:
        of_copy = min(1.0, shared / size)
        of_original = min(1.0, shared / int(self._sizes.rows[slot]))
        kind = CopyKind.NEAR if min(of_copy, of_original) >= MIN_NEAR_SHARE else CopyKind.EXCERPT
        evidence = Evidence(
            method="containment", shared=shared, of_copy=_rounded(of_copy), of_original=_rounded(of_original)
        )
        return Match(self._rows.slots.offset(slot), kind, max(evidence.of_copy, evidence.of_original), evidence)


def _rounded(share: float) -> float:
    return math.floor(share * 1000 + 0.5) / 1000
