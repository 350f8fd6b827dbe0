"""An inverted index from hashes to texts: 8 bytes per posting, without a Python object for each.

It is a log-structured merge tree. New postings go to a small buffer, and a full buffer becomes a sorted segment. When
there are too many segments, the newest ones of similar size are merged. Adding costs O(log n) per posting, and a lookup
costs one binary search in each of a few segments.
"""

from __future__ import annotations

from itertools import islice, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Arrays = dict[str, Array]
Hashes = npt.NDArray[np.uint32]
SlotArray = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]
Hits = npt.NDArray[np.intp]
"""For each slot found, the index of the wanted hash that it has."""
Segment = npt.NDArray[np.uint64]
"""Sorted postings: the hash in the upper 32 bits, the slot in the lower."""

BUFFER_POSTINGS = 1 << 15
"""Unsorted postings in the buffer before they become a segment."""
MAX_SEGMENTS = 8
"""Segments that a lookup may have to search."""
SCAN_FACTOR = 4
"""If too few of the slots scanned are alive, the scan grows by this factor."""
SLOT_MASK = np.uint64(0xFFFFFFFF)
"""The bits of a posting that hold its slot."""
HASH_SHIFT = np.uint64(32)
"""The position of the hash within a posting, in bits."""
_SLOT_BOUNDS = np.array([0, SLOT_MASK], np.uint64)  # no slot is as high as the mask


class Postings:
    """Which slots (row numbers of texts, added in rising order) have which hashes.

    ``buffer_size`` is the number of unsorted postings before they become a segment.
    """

    def __init__(self, buffer_size: int = BUFFER_POSTINGS) -> None:
        self._buffer_size = buffer_size
        self._segments: list[Segment] = []
        self._buffer: dict[int, list[int]] = {}
        self._buffered = 0

    def __len__(self) -> int:
        return self._buffered + sum(map(len, self._segments))

    @property
    def nbytes(self) -> int:
        """Approximate size in memory, in bytes. A posting in the buffer is a Python object."""
        return sum(segment.nbytes for segment in self._segments) + 100 * self._buffered

    def extend(self, hashes: Hashes, slots: SlotArray) -> None:
        """Add postings: ``slots[i]`` has ``hashes[i]``. Slots must rise, within a call and from call to call."""
        if len(hashes) >= self._buffer_size:
            self._flush()
            self._append(_segment(hashes, slots))
            return
        for value, slot in zip(hashes.tolist(), slots.tolist(), strict=True):
            self._buffer.setdefault(value, []).append(slot)
        self._buffered += len(hashes)
        if self._buffered >= self._buffer_size:
            self._flush()

    def find(self, hashes: Hashes, alive: Mask, latest: int) -> tuple[Hits, SlotArray]:
        """The living slots that have each hash, one item per hash and slot.

        Each hash returns at most its ``latest`` highest slots. The hashes must be distinct. ``alive`` says, for each
        slot, whether to consider it. The result depends on the living slots alone, not on the layout of the index.
        """
        hit, slot = self._in_buffer(hashes, alive, latest)
        if self._segments:
            hit_in_segments, slot_in_segments = self._in_segments(hashes, alive, latest)
            hit, slot = np.concatenate((hit, hit_in_segments)), np.concatenate((slot, slot_in_segments))
        if len(hit) > latest:
            counts = np.bincount(hit, minlength=len(hashes))
            if counts.max() > latest:
                order = np.lexsort((slot, hit))
                rank_from_end = np.repeat(np.cumsum(counts), counts) - np.arange(len(order))
                order = order[rank_from_end <= latest]
                hit, slot = hit[order], slot[order]
        return hit, slot

    def _in_buffer(self, hashes: Hashes, alive: Mask, latest: int) -> tuple[Hits, SlotArray]:
        hits: list[int] = []
        found: list[int] = []
        for index, value in enumerate(hashes.tolist()):
            if slots := self._buffer.get(value):
                if len(slots) > latest:
                    slots = list(islice((slot for slot in reversed(slots) if alive[slot]), latest))
                hits += [index] * len(slots)
                found += slots
        slot = np.array(found, np.uint32)
        living = alive[slot]
        return np.array(hits, np.intp)[living], slot[living]

    def _in_segments(self, hashes: Hashes, alive: Mask, latest: int) -> tuple[Hits, SlotArray]:
        """The living slots that have each hash: at least the ``latest`` highest of each segment, perhaps more."""
        bounds = (hashes.astype(np.uint64)[:, np.newaxis] << HASH_SHIFT | _SLOT_BOUNDS).ravel()
        # One row for each segment and hash; most hashes occur in no other text.
        runs = np.concatenate([segment.searchsorted(bounds) for segment in self._segments]).reshape(-1, 2)
        present = (runs[:, 0] < runs[:, 1]).nonzero()[0]
        if not len(present):
            return np.empty(0, np.intp), np.empty(0, np.uint32)
        start, end = runs[present].T
        scan_length = latest
        while True:
            first = np.maximum(start, end - scan_length)
            lengths = end - first
            ends = lengths.cumsum()
            # The positions in the segments of all runs end to end: a count, shifted to the start of each run.
            positions = np.arange(ends[-1]) + (first - ends + lengths).repeat(lengths)
            run = np.arange(len(present)).repeat(lengths)
            slots = self._slots_at(positions, present[run] // len(hashes))
            living = alive[slots]
            run, slots = run[living], slots[living]
            is_cut = first > start
            if not (is_cut.any() and (np.bincount(run, minlength=len(present))[is_cut] < latest).any()):
                return present[run] % len(hashes), slots
            scan_length *= SCAN_FACTOR

    def _slots_at(self, positions: Hits, of_segment: Hits) -> SlotArray:
        """The slots at positions in segments; ``of_segment`` rises."""
        cuts = of_segment.searchsorted(np.arange(len(self._segments) + 1)).tolist()
        parts = [
            segment[positions[first:end]]
            for segment, (first, end) in zip(self._segments, pairwise(cuts), strict=True)
            if first < end
        ]
        return (np.concatenate(parts) & SLOT_MASK).astype(np.uint32)

    def keep(self, alive: Mask) -> None:
        """Remove every slot that is not alive, and renumber the others from 0 in order."""
        self._flush()
        new = (np.cumsum(alive) - 1).astype(np.uint64)
        kept = []
        for segment in self._segments:
            living = segment[alive[segment & SLOT_MASK]]
            if len(living):
                kept.append((living >> HASH_SHIFT << HASH_SHIFT) | new[living & SLOT_MASK])
        self._segments = kept

    def dump(self) -> Arrays:
        """The segments, with the buffer as the last one."""
        buffered = [_segment(*self._unsorted())] if self._buffered else []
        return {str(number): segment for number, segment in enumerate([*self._segments, *buffered])}

    def restore(self, arrays: Arrays) -> None:
        """Replace the segments and empty the buffer."""
        self._segments = [arrays[str(number)] for number in range(len(arrays))]
        self._buffer, self._buffered = {}, 0

    def _flush(self) -> None:
        if self._buffered:
            segment = _segment(*self._unsorted())
            self._buffer, self._buffered = {}, 0
            self._append(segment)

    def _unsorted(self) -> tuple[Hashes, SlotArray]:
        """The hashes and slots of the postings in the buffer."""
        hashes = (value for value, slots in self._buffer.items() for _ in slots)
        slots = (slot for slots in self._buffer.values() for slot in slots)
        return np.fromiter(hashes, np.uint32, self._buffered), np.fromiter(slots, np.uint32, self._buffered)

    def _append(self, segment: Segment) -> None:
        if len(segment):
            self._segments.append(segment)
        if len(self._segments) > MAX_SEGMENTS:
            first, size = len(self._segments) - 2, len(self._segments[-1]) + len(self._segments[-2])
            while first > 0 and len(self._segments[first - 1]) <= 2 * size:
                first -= 1
                size += len(self._segments[first])
            merged = np.concatenate(self._segments[first:])
            merged.sort(kind="stable")  # a merge sort, fast on sorted runs
            self._segments[first:] = [merged]


def _segment(hashes: Hashes, slots: SlotArray) -> Segment:
    postings: Segment = hashes.astype(np.uint64)
    postings <<= HASH_SHIFT  # in place: a million texts have a hundred million postings
    postings |= slots
    postings.sort()
    return postings
