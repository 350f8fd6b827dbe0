"""An index from hashes to the texts that have them: 8 bytes a posting, no object per posting.

A log-structured merge: new postings go to a small buffer, full buffers become sorted segments, and when there are too
many of these the latest of like size become one, so that adding costs O(log n) per posting, and a look-up one binary
search in each of a few segments.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Arrays = dict[str, Array]
Hashes = npt.NDArray[np.uint32]
Slots = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]
Hits = npt.NDArray[np.intp]
"""For each slot found, which of the wanted hashes it has."""
Segment = npt.NDArray[np.uint64]
"""Sorted postings: the hash in the upper 32 bits, the slot in the lower."""

BUFFER = 1 << 15
"""Postings that wait unsorted before they become a segment."""
SEGMENTS = 8
"""Segments that a look-up may go through."""
MARGIN = 4
"""So many times the wanted number of slots are looked at per hash at first, for some of them may be gone."""
LOWER = np.uint64(0xFFFFFFFF)
UPPER = np.uint64(32)


class Postings:
    """Which slots (numbers of texts, given in rising order) have which hashes.

    ``buffer`` postings wait unsorted before they become a segment.
    """

    def __init__(self, buffer: int = BUFFER) -> None:
        self._full = buffer
        self._segments: list[Segment] = []
        self._buffer: dict[int, list[int]] = {}
        self._buffered = 0

    def __len__(self) -> int:
        return self._buffered + sum(map(len, self._segments))

    @property
    def nbytes(self) -> int:
        """The bytes that it takes in memory, about: in the buffer, a posting is an object."""
        return sum(segment.nbytes for segment in self._segments) + 100 * self._buffered

    def extend(self, hashes: Hashes, slots: Slots) -> None:
        """Note that each slot has the hash at the same place; slots rise, above all before."""
        if len(hashes) >= self._full:
            self._flush()
            self._append(_segment(hashes, slots))
            return
        for value, slot in zip(hashes.tolist(), slots.tolist(), strict=True):
            self._buffer.setdefault(value, []).append(slot)
        self._buffered += len(hashes)
        if self._buffered >= self._full:
            self._flush()

    def find(self, hashes: Hashes, alive: Mask, latest: int) -> tuple[Hits, Slots]:
        """The living slots that have each hash, one item per hash and slot, for each hash only the ``latest`` ones.

        The hashes are distinct. ``alive`` tells by slot which to consider. What is found depends on the living slots
        alone, not on how the index came to be laid out.
        """
        hits: list[Hits] = []
        found: list[Slots] = []
        for index, value in enumerate(hashes.tolist()):
            if slots := self._buffer.get(value):
                recent = list(islice((slot for slot in reversed(slots) if alive[slot]), latest))
                hits.append(np.full(len(recent), index, np.intp))
                found.append(np.array(recent, np.uint32))
        for segment in self._segments:
            for of_hash, slots_found in _latest_alive(segment, hashes, alive, latest):
                hits.append(of_hash)
                found.append(slots_found)
        if not found:
            return np.empty(0, np.intp), np.empty(0, np.uint32)
        hit, slot = np.concatenate(hits), np.concatenate(found)
        counts = np.bincount(hit, minlength=len(hashes))
        if counts.max(initial=0) > latest:
            order = np.lexsort((slot, hit))
            rank_from_end = np.repeat(np.cumsum(counts), counts) - np.arange(len(order))
            order = order[rank_from_end <= latest]
            hit, slot = hit[order], slot[order]
        return hit, slot

    def keep(self, alive: Mask) -> None:
        """Forget every slot that is not alive and number the others anew, from 0, in their order."""
        self._flush()
        new = (np.cumsum(alive) - 1).astype(np.uint64)
        kept = []
        for segment in self._segments:
            living = segment[alive[segment & LOWER]]
            if len(living):
                kept.append((living >> UPPER << UPPER) | new[living & LOWER])
        self._segments = kept

    def dump(self) -> Arrays:
        """The segments, and what waits to become one."""
        waiting = [_segment(*self._unsorted())] if self._buffered else []
        return {str(number): segment for number, segment in enumerate([*self._segments, *waiting])}

    def restore(self, arrays: Arrays) -> None:
        """Take up segments."""
        self._segments = [arrays[str(number)] for number in range(len(arrays))]
        self._buffer, self._buffered = {}, 0

    def _flush(self) -> None:
        if self._buffered:
            segment = _segment(*self._unsorted())
            self._buffer, self._buffered = {}, 0
            self._append(segment)

    def _unsorted(self) -> tuple[Hashes, Slots]:
        """The postings in the buffer."""
        hashes = (value for value, slots in self._buffer.items() for _ in slots)
        slots = (slot for slots in self._buffer.values() for slot in slots)
        return np.fromiter(hashes, np.uint32, self._buffered), np.fromiter(slots, np.uint32, self._buffered)

    def _append(self, segment: Segment) -> None:
        if len(segment):
            self._segments.append(segment)
        if len(self._segments) > SEGMENTS:
            first, size = len(self._segments) - 2, len(self._segments[-1]) + len(self._segments[-2])
            while first > 0 and len(self._segments[first - 1]) <= 2 * size:
                first -= 1
                size += len(self._segments[first])
            merged = np.concatenate(self._segments[first:])
            merged.sort(kind="stable")  # merges what is sorted already
            self._segments[first:] = [merged]


def _segment(hashes: Hashes, slots: Slots) -> Segment:
    postings: Segment = hashes.astype(np.uint64)
    postings <<= UPPER  # in place: of a million texts they are a hundred million
    postings |= slots
    postings.sort()
    return postings


def _latest_alive(segment: Segment, hashes: Hashes, alive: Mask, latest: int) -> list[tuple[Hits, Slots]]:
    """The living slots that have each hash in the segment: at least the ``latest`` ones, perhaps some before them."""
    wanted = hashes.astype(np.uint64) << UPPER
    start = np.searchsorted(segment, wanted)
    # Most hashes are in no other text: one look tells.
    there = np.flatnonzero(segment[np.minimum(start, len(segment) - 1)] >> UPPER == hashes)
    there = there[start[there] < len(segment)]
    if not len(there):
        return []
    start, end = start[there], np.searchsorted(segment, wanted[there] | LOWER, "right")
    reach = latest * MARGIN
    while True:
        first = np.maximum(start, end - reach)
        lengths = end - first
        # The places of all runs end to end: each run's start, repeated, plus a count within the run.
        within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        run = np.repeat(np.arange(len(there)), lengths)
        slots = (segment[np.repeat(first, lengths) + within] & LOWER).astype(np.uint32)
        living = alive[slots]
        run, slots = run[living], slots[living]
        if not np.any((first > start) & (np.bincount(run, minlength=len(there)) < latest)):
            return [(there[run], slots)]
        reach *= MARGIN
