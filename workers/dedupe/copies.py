"""Copies: texts that share most of their words, found by containment of word shingles.

Syndicated pairs share on average only a third of their shingles once each publisher has cut and framed the text, so a
Jaccard threshold misses them; what one text *contains* of the other does not (Broder 1997). A text is sketched by its
shingles whose hash falls into one residue class, which makes containment of sketches an unbiased estimate of
containment of texts whatever their lengths (FracMinHash; Irber et al. 2022).
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
from workers.dedupe.columns import Column, Keyed, Rows
from workers.dedupe.postings import Hashes

Sketch = npt.NDArray[np.uint32]
"""Sorted, distinct hashes of the sampled shingles of a text."""

SHINGLE = 5
"""Words in a shingle."""
SAMPLED = 4
"""One shingle in so many is kept: about 100 of an article of 400 words."""
SMALLEST = 4
"""Fewer shared samples than this prove nothing."""
CONTAINED = 0.25
"""The share of the smaller text that a copy must have in common with the larger."""
CERTAINTY = 1.5
"""How many standard errors of the sample the estimate must lie above that share."""
NEAR = 0.5
"""The share of *both* texts from which a copy is called near rather than an excerpt."""
LATEST = 256
"""A shingle that more texts have counts for the latest of them only: more copies of one text add nothing."""

# Ideographs and kana are written without blanks: each counts as a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[^\W_]+")
_APOSTROPHES = str.maketrans("", "", "'’‘`´")


def tokens(text: str) -> list[str]:
    """The words of a text as they are written, without punctuation and apostrophes."""
    return _WORD.findall(text.translate(_APOSTROPHES))


def folded(text_tokens: list[str]) -> list[str]:
    """The words without regard to case."""
    return [token.casefold() for token in text_tokens]


def content_hash(text_words: list[str]) -> str:
    """16 hexadecimal digits that two texts share if and only if they have the same words in the same order."""
    return blake2b(" ".join(text_words).encode(), digest_size=8).hexdigest()


def word_hashes(text_words: list[str]) -> Hashes:
    """A 32-bit hash of each word."""
    return np.fromiter((crc32(word.encode()) for word in text_words), np.uint32, len(text_words))


def sketch(hashes: Hashes) -> Sketch:
    """The sampled shingle hashes of a text, given those of its words; empty where it has fewer than a shingle."""
    count = len(hashes) - SHINGLE + 1
    if count < 1:
        return np.empty(0, np.uint32)
    rolled = np.zeros(count, np.uint64)
    for i in range(SHINGLE):
        rolled = rolled * np.uint64(0x100000001B3) + hashes[i : i + count]
    mixed = _mix(rolled)
    return np.unique((mixed[mixed % np.uint64(SAMPLED) == 0] >> np.uint64(32)).astype(np.uint32))


def _mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The values with every bit spread over all others (the finaliser of SplitMix64, Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@dataclass(frozen=True, slots=True)
class Match:
    """A text that another is a copy of, by its position, and why."""

    position: int
    kind: CopyKind
    score: float
    evidence: Evidence


class Copies(Rows):
    """The texts of the window to compare with, by their positions in the stream."""

    def __init__(self) -> None:
        self._contents = Keyed()
        self._sizes = Column(np.uint32)
        super().__init__({"sizes": self._sizes}, contents=self._contents)

    def extend(self, positions: Sequence[int], contents: Sequence[str], sketches: Sequence[bytes]) -> None:
        """Compare later texts with these, too; positions rise, sketches are packed (32 bits, little-endian)."""
        self._contents.extend(positions, [int(content, 16) for content in contents])
        slots = self._slots.extend(positions)
        sizes = [len(packed) // 4 for packed in sketches]
        self._sizes.extend(sizes)
        self._postings.extend(np.frombuffer(b"".join(sketches), "<u4"), np.repeat(slots, sizes))

    def discard(self, position: int) -> None:
        """Compare no later text with the one at the position."""
        self._contents.discard(position)
        super().discard(position)

    def find(self, content: str, shingles: Sketch) -> Match | None:
        """The text that this one is a copy of: the latest of the same words, else the closest; None if it is none."""
        same = self._contents.latest(int(content, 16))
        if same is not None:
            whole = Evidence(method="content", shared=len(shingles), of_copy=1.0, of_original=1.0)
            return Match(same, CopyKind.EXACT, 1.0, whole)
        if len(shingles) < SMALLEST:
            return None
        _, slots = self._postings.find(shingles, self._slots.alive, LATEST)
        candidates, shared = np.unique(slots, return_counts=True)
        enough = shared >= SMALLEST
        candidates, shared = candidates[enough], shared[enough]
        if not len(candidates):
            return None
        smaller = np.minimum(self._sizes.rows[candidates], len(shingles))
        margin = CERTAINTY * np.sqrt(CONTAINED * (1 - CONTAINED) / smaller)
        containment = np.minimum(shared / smaller, 1.0)
        # argmax takes the first of equals: the earliest text.
        best = int(np.argmax(np.where(containment - margin >= CONTAINED, containment, -1.0)))
        if containment[best] - margin[best] < CONTAINED:
            return None
        return self._match(int(candidates[best]), int(shared[best]), len(shingles))

    def _match(self, slot: int, shared: int, size: int) -> Match:
        of_copy = min(1.0, shared / size)
        of_original = min(1.0, shared / int(self._sizes.rows[slot]))
        kind = CopyKind.NEAR if min(of_copy, of_original) >= NEAR else CopyKind.EXCERPT
        evidence = Evidence(
            method="containment", shared=shared, of_copy=_rounded(of_copy), of_original=_rounded(of_original)
        )
        return Match(self._slots.position(slot), kind, max(evidence.of_copy, evidence.of_original), evidence)


def _rounded(share: float) -> float:
    return math.floor(share * 1000 + 0.5) / 1000
