"""Sketches: samples of the word shingles of a text, by which texts are compared without their words.

A sketch holds the shingles whose hash falls into one residue class. Containment of sketches is therefore an unbiased
estimate of the containment of texts of any length (FracMinHash; Irber et al. 2022). The classes of long texts are
nested in those of short ones, so that any two sketches can be compared in the coarser class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from workers.dedupe.arrays import Hashes
from workers.dedupe.groups import distinct

Samples = npt.NDArray[np.uint16]
"""16-bit hashes: too short to find a text among a million, long enough to compare it with a few candidates."""

SHINGLE_WORDS = 3
"""Words in a shingle."""
SAMPLING_RATIO = 2
"""One shingle in this many is a sample, at least."""
MAX_SAMPLED_SHINGLES = 320
"""Shingles that are sampled at that ratio: of twice as many every fourth is, and so on."""
ANCHOR_RATIO = 8
"""One shingle in this many is an anchor, at least."""
PASSAGE_SHARE = 90
"""Percent of the samples in a passage of a text that it shares with another, if they have the passage in common."""
PASSAGE_SHARE_OF_ALL = 85
"""Percent of all shared samples that are in that passage."""
MIN_BEGINNING_WORDS = 12
"""Words before that passage."""
MIN_REPLACED_WORDS = 16
"""Words between shared ones from which they are no change within a sentence."""
_HEADER = np.dtype([("ratio", "<u2"), ("samples", "<u2"), ("weight", "<u4")])
"""What a packed sketch begins with: its ratio, the number of its samples, and their weight."""
_EMPTY = np.array((SAMPLING_RATIO, 0, 0), _HEADER).tobytes()


@dataclass(frozen=True, slots=True)
class Sketch:
    """The sampled shingles of a text.

    Attributes:
        ratio: one shingle in this many is a sample, a power of 2.
        samples: sorted, distinct 16-bit hashes of the samples; the lower bits tell the coarser classes.
        anchors: sorted, distinct 32-bit hashes of fewer shingles, by which the text is found.
        in_order: the samples in the order of the text, with repetitions.
    """

    ratio: int
    samples: Samples
    anchors: Hashes
    in_order: Samples


@dataclass(frozen=True, slots=True)
class Overlap:
    """Where in a text is what it shares with another one.

    Attributes:
        passage: the length, in words, of the passage that has nearly all of it; None if it has not, or if there is
            little before it.
        is_ending: whether the text ends with that passage.
        replaced: the share of the text that is in long stretches of other words between shared ones.
        outside: the words before the first shared one, or after the last, whichever are more.
    """

    passage: int | None = None
    is_ending: bool = False
    replaced: float = 0.0
    outside: int = 0


def sketch(word_hashes: Hashes) -> Sketch:
    """The sketch of a text from its word hashes."""
    return sketches([word_hashes])[0]


def sketches(texts: Sequence[Hashes]) -> list[Sketch]:
    """The sketch of each text from its word hashes. For many short texts at once this is faster than one by one."""
    hashes = np.concatenate(texts)
    count = max(0, len(hashes) - SHINGLE_WORDS + 1)
    rolled = hashes[:count].astype(np.uint64)
    for i in range(1, SHINGLE_WORDS):
        rolled *= np.uint64(0x100000001B3)
        rolled += hashes[i : i + count]
    mixed = _mix(rolled)
    sampled = (mixed & np.uint64(SAMPLING_RATIO - 1) == 0).nonzero()[0]
    mixed = mixed[sampled]
    # Shingles that begin in a text also end in it.
    ends = np.cumsum([len(text) for text in texts])
    starts = ends - [len(text) for text in texts]
    first = sampled.searchsorted(starts).tolist()
    last = sampled.searchsorted(np.maximum(starts, ends - SHINGLE_WORDS + 1)).tolist()
    return [_sketch(mixed[start:end]) for start, end in zip(first, last, strict=True)]


def _sketch(mixed: npt.NDArray[np.uint64]) -> Sketch:
    """The sketch of a text from the mixed hashes of its shingles, as far as these are samples at the least ratio."""
    ratio = SAMPLING_RATIO
    while len(mixed) * SAMPLING_RATIO > MAX_SAMPLED_SHINGLES * (ratio // SAMPLING_RATIO):
        ratio *= 2
    anchors = mixed[mixed & np.uint64(max(ANCHOR_RATIO, ratio) - 1) == 0] >> np.uint64(32)
    in_order = (mixed[mixed & np.uint64(ratio - 1) == 0] // np.uint64(SAMPLING_RATIO)).astype(np.uint16)
    return Sketch(ratio, distinct(in_order), distinct(anchors.astype(np.uint32)), in_order)


def mean_run(each: Sketch, shared: Samples, ratio: int) -> float:
    """The mean length, in words, of the runs of a text whose samples are all shared, in the class of the ratio."""
    inside = _are_shared(each.in_order, shared, ratio)
    runs = int(inside[:1].sum()) + int((inside[1:] & ~inside[:-1]).sum())
    return int(inside.sum()) * ratio / max(1, runs)


def overlap(in_order: Samples, shared: Samples, ratio: int) -> Overlap:
    """Where the shared samples are in a text, in the class of the ratio."""
    is_shared = _are_shared(in_order, shared, ratio)
    places = is_shared.nonzero()[0]
    if not len(places):
        return Overlap()
    # The passage is where the sum is largest, and around it as far as it has its share.
    sums = np.append(0, np.where(is_shared, 100 - PASSAGE_SHARE, -PASSAGE_SHARE).cumsum())
    end = int((sums - np.minimum.accumulate(sums)).argmax())
    end = int((sums >= sums[:end].min()).nonzero()[0][-1])
    start = int((sums <= sums[end]).argmax())
    has_most = 100 * is_shared[start:end].sum() >= PASSAGE_SHARE_OF_ALL * len(places)
    gaps = (np.diff(places) - 1) * ratio
    return Overlap(
        passage=(end - start) * ratio if has_most and start * ratio >= MIN_BEGINNING_WORDS else None,
        is_ending=bool(sums[-1] >= sums[start]),
        replaced=float(gaps[gaps >= MIN_REPLACED_WORDS].sum()) / (len(is_shared) * ratio),
        outside=int(max(places[0], len(is_shared) - 1 - places[-1])) * ratio,
    )


def _are_shared(in_order: Samples, shared: Samples, ratio: int) -> npt.NDArray[np.bool_]:
    """Which of the samples in the class of the ratio are shared."""
    in_order = in_order[in_class(in_order, ratio)]
    shared = np.sort(shared)
    found: npt.NDArray[np.bool_] = shared.take(shared.searchsorted(in_order), mode="clip") == in_order
    return found


def in_class(samples: Samples, ratio: int) -> npt.NDArray[np.bool_]:
    """Which of the samples are in the class of one shingle in ``ratio``."""
    member: npt.NDArray[np.bool_] = samples & np.uint16(ratio // SAMPLING_RATIO - 1) == 0
    return member


def pack(each: Sketch, weight: int) -> bytes:
    """A sketch and the weight of its samples, in few bytes. The samples are in the order of the text."""
    samples = each.in_order[np.sort(np.unique(each.in_order, return_index=True)[1])]
    header = np.array((each.ratio, len(samples), weight), _HEADER)
    return header.tobytes() + samples.astype("<u2").tobytes() + each.anchors.astype("<u4").tobytes()


class Packed(NamedTuple):
    """The parts of packed sketches: samples and anchors as bytes, all else as arrays."""

    ratios: npt.NDArray[np.uint16]
    weights: npt.NDArray[np.uint32]
    samples: list[bytes]
    anchors: list[bytes]
    anchor_counts: npt.NDArray[np.int64]


def unpack(packed: Sequence[bytes]) -> Packed:
    """The parts of packed sketches; of nothing, those of an empty sketch.

    Raises:
        ValueError: one is cut off.
    """
    size = _HEADER.itemsize
    packed = [each or _EMPTY for each in packed]
    headers = np.frombuffer(b"".join([each[:size].ljust(size, b"\0") for each in packed]), _HEADER)
    ends = size + 2 * headers["samples"].astype(np.int64)
    anchor_bytes = np.fromiter(map(len, packed), np.int64, len(packed)) - ends
    if (headers["ratio"] < SAMPLING_RATIO).any() or (anchor_bytes < 0).any() or (anchor_bytes % 4).any():
        raise ValueError("a sketch is cut off")
    parts = list(zip(packed, ends.tolist(), strict=True))
    return Packed(
        headers["ratio"],
        headers["weight"],
        [each[size:end] for each, end in parts],
        [each[end:] for each, end in parts],
        anchor_bytes // 4,
    )


def _mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Mix the values so that every bit affects all others (the finaliser of SplitMix64, Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
