"""An index from hashes to the texts that have them: two arrays a segment, no object per posting.

A log-structured merge: new postings go to a small buffer, full buffers become sorted segments, and segments of like
size are merged, so that adding costs O(log n) per posting and a look-up one binary search in each of a few segments.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint32]
Slots = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]

BUFFER = 1 << 15
"""Postings that wait unsorted before they become a segment."""
MARGIN = 4
"""So many times the wanted number of slots are looked at per hash, for some of them may be gone."""


class Postings:
    """Which slots (numbers of texts, given in rising order) have which hashes; 8 bytes a posting."""

    def __init__(self) -> None:
        self._segments: list[tuple[Hashes, Slots]] = []
        self._buffer: dict[int, list[int]] = {}
        self._buffered = 0

    def __len__(self) -> int:
        return self._buffered + sum(len(hashes) for hashes, _ in self._segments)

    def add(self, hashes: Hashes, slot: int) -> None:
        """Note that the slot, higher than any before it, has each of the hashes."""
        for value in hashes.tolist():
            self._buffer.setdefault(value, []).append(slot)
        self._buffered += len(hashes)
        if self._buffered >= BUFFER:
            self._flush()

    def find(self, hashes: Hashes, alive: Mask, latest: int) -> Slots:
        """The living slots that have each hash, one item per hash and slot, for each hash only the ``latest`` ones.

        ``alive`` tells by slot which to consider. What is found depends on the living slots alone, not on how the index
        came to be laid out.
        """
        reach = latest * MARGIN
        of_hash: list[npt.NDArray[np.intp]] = []
        found: list[Slots] = []
        for index, value in enumerate(hashes.tolist()):
            if slots := self._buffer.get(value):
                recent = slots[-reach:]
                of_hash.append(np.full(len(recent), index, np.intp))
                found.append(np.array(recent, np.uint32))
        for segment, slots_of in self._segments:
            last = np.searchsorted(segment, hashes, "right")
            first = np.maximum(np.searchsorted(segment, hashes, "left"), last - reach)
            lengths = last - first
            total = int(lengths.sum())
            if total:
                # The positions of all runs end to end: each run's start, repeated, plus a count within the run.
                within = np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
                found.append(slots_of[np.repeat(first, lengths) + within])
                of_hash.append(np.repeat(np.arange(len(hashes)), lengths))
        if not found:
            return np.empty(0, np.uint32)
        slots_found, hash_of = np.concatenate(found), np.concatenate(of_hash)
        living = alive[slots_found]
        slots_found, hash_of = slots_found[living], hash_of[living]
        counts = np.bincount(hash_of, minlength=len(hashes))
        if counts.max(initial=0) <= latest:
            return slots_found
        order = np.lexsort((slots_found, hash_of))
        rank_from_end = np.repeat(np.cumsum(counts), counts) - np.arange(len(order))
        return slots_found[order][rank_from_end <= latest]

    def keep(self, alive: Mask) -> None:
        """Forget every slot that is not alive."""
        self._flush()
        kept = [(hashes[alive[slots]], slots[alive[slots]]) for hashes, slots in self._segments]
        self._segments = [(hashes, slots) for hashes, slots in kept if len(hashes)]

    def _flush(self) -> None:
        if self._buffered:
            values = (value for value, slots in self._buffer.items() for _ in slots)
            hashes = np.fromiter(values, np.uint32, self._buffered)
            slots_of = np.fromiter((slot for slots in self._buffer.values() for slot in slots), np.uint32, len(hashes))
            self._segments.append(_sorted(hashes, slots_of))
            self._buffer, self._buffered = {}, 0
        while len(self._segments) > 1 and len(self._segments[-2][0]) < 2 * len(self._segments[-1][0]):
            (newer, newer_slots), (older, older_slots) = self._segments.pop(), self._segments.pop()
            self._segments.append(_sorted(np.concatenate((older, newer)), np.concatenate((older_slots, newer_slots))))


def _sorted(hashes: Hashes, slots: Slots) -> tuple[Hashes, Slots]:
    """Both, by hash; within a hash the order stays, which is that of the slots."""
    order = np.argsort(hashes, kind="stable")
    return hashes[order], slots[order]
