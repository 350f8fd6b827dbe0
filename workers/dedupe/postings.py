"""An inverted index from hashes to texts: 8 bytes per posting, without a Python object for each.

It is a log-structured merge tree. New postings go to a small buffer, and a full buffer becomes a sorted segment. When
there are too many segments, the newest ones of similar size are merged. Adding costs O(log n) per posting, and a lookup
costs one binary search in each of a few segments.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from workers.dedupe.arrays import Arrays, Hashes, Mask, SlotArray
from workers.dedupe.groups import distinct
from workers.dedupe.segments import HASH_SHIFT, Segment, Segments

Hits = npt.NDArray[np.intp]
"""For each slot found, the index of the wanted hash that it has."""

BUFFER_POSTINGS = 1 << 15
"""Unsorted postings in the buffer before they become a segment."""
BULK_POSTINGS = 1 << 12
"""As many postings that come at once do not pass through the buffer."""
SCAN_FACTOR = 4
"""If too few of the slots scanned are alive, the scan grows by this factor."""
SLOT_MASK = np.uint64(0xFFFFFFFF)
"""The bits of a posting that hold its slot."""


class Postings:
    """Which slots (row numbers of texts, added in rising order) have which hashes.

    ``buffer_size`` is the number of unsorted postings before they become a segment.
    """

    def __init__(self, buffer_size: int = BUFFER_POSTINGS) -> None:
        self._buffer_size = buffer_size
        self._segments = Segments()
        self._buffer: dict[int, list[int]] = {}
        self._buffered = 0
        self._prefetched: Hashes = np.empty(0, np.uint32)
        self._prefetched_runs: tuple[Mask, Hits] | None = None  # None also once the segments have changed

    def __len__(self) -> int:
        return self._buffered + len(self._segments)

    @property
    def nbytes(self) -> int:
        """Approximate size in memory, in bytes. A posting in the buffer is a Python object."""
        return 8 * len(self._segments) + 100 * self._buffered

    def extend(self, hashes: Hashes, slots: SlotArray) -> None:
        """Add postings: ``slots[i]`` has ``hashes[i]``. Slots must rise, within a call and from call to call."""
        if len(hashes) >= min(BULK_POSTINGS, self._buffer_size):
            self._flush()
            self._add(hashes, slots)
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
        scan_length = latest
        while True:
            hits, slots, cut = self._highest(hashes, scan_length)
            living = alive[slots]
            hits, slots = hits[living], slots[living]
            if not cut or (np.bincount(hits, minlength=len(hashes))[cut] >= latest).all():
                break
            scan_length *= SCAN_FACTOR
        if scan_length > latest:
            order = np.lexsort((slots, hits))
            counts = np.bincount(hits)
            rank_from_end = np.repeat(np.cumsum(counts), counts) - np.arange(len(order))
            order = order[rank_from_end <= latest]
            hits, slots = hits[order], slots[order]
        return hits, slots

    def settle(self) -> None:
        """Sort what was added, which otherwise the next search does."""
        self._segments.all()

    def prefetch(self, hashes: Hashes) -> None:
        """Search the segments for many hashes at once, which is faster than one by one.

        ``find`` with some of these hashes uses what was found.
        """
        self._prefetched, self._prefetched_runs = distinct(hashes), None

    def _runs(self, hashes: Hashes) -> Iterator[tuple[int, list[list[int]]]]:
        """Yield each hash that is in the segments, by its index, and its start and end in each, the latest first."""
        places = self._prefetched.searchsorted(hashes)
        if len(self._prefetched) and (self._prefetched.take(places, mode="clip") == hashes).all():
            if self._prefetched_runs is None:
                self._prefetched_runs = self._search(self._prefetched)
            present, runs = self._prefetched_runs
        else:
            places = np.arange(len(hashes))
            present, runs = self._search(hashes)
        hits = present[places].nonzero()[0]
        return zip(hits.tolist(), runs[places[hits]].tolist(), strict=True)

    def _search(self, hashes: Hashes) -> tuple[Mask, Hits]:
        """Whether each hash is in the segments, and its start and end in each segment, the latest first."""
        wanted = hashes.astype(np.uint64)
        lowest = wanted << HASH_SHIFT
        is_present = np.zeros(len(hashes), np.bool_)
        segments = self._segments.all()
        runs = np.empty((len(hashes), len(segments), 2), np.intp)
        for number, segment in enumerate(reversed(segments)):
            starts = segment.searchsorted(lowest)
            runs[:, number] = starts[:, np.newaxis]
            present = (segment.take(starts, mode="clip") >> HASH_SHIFT == wanted).nonzero()[0]
            runs[present, number, 1] = segment.searchsorted(lowest[present] | SLOT_MASK)  # no slot is as high
            is_present[present] = True
        return is_present, runs

    def _highest(self, hashes: Hashes, count: int) -> tuple[Hits, SlotArray, list[int]]:
        """The ``count`` highest slots of each hash, dead or alive, and which hashes may have more."""
        wanted = [count] * len(hashes)
        hits: list[int] = []  # of each part of the slots
        lengths: list[int] = []
        # The slots in the buffer are the highest.
        buffered: list[int] = []
        for hit, value in enumerate(hashes.tolist()):
            if slots := self._buffer.get(value):
                buffered += slots[-count:]
                hits.append(hit)
                lengths.append(min(count, len(slots)))
                wanted[hit] -= lengths[-1]
        # Those of later segments are higher.
        parts: list[Segment] = []
        segments = self._segments.all()[::-1]
        for hit, runs in self._runs(hashes):
            for segment, (start, end) in zip(segments, runs, strict=True):
                if start < end and wanted[hit]:
                    length = min(wanted[hit], end - start)
                    parts.append(segment[end - length : end])
                    hits.append(hit)
                    lengths.append(length)
                    wanted[hit] -= length
        found = np.array(buffered, np.uint32)
        if parts:
            found = np.concatenate((found, (np.concatenate(parts) & SLOT_MASK).astype(np.uint32)))
        cut = [hit for hit, left in enumerate(wanted) if not left]
        return np.array(hits, np.intp).repeat(np.array(lengths, np.intp)), found, cut

    def keep(self, alive: Mask) -> None:
        """Remove every slot that is not alive, and renumber the others from 0 in order."""
        self._flush()
        new = (np.cumsum(alive) - 1).astype(np.uint64)
        living = (segment[alive[segment & SLOT_MASK]] for segment in self._segments.all())
        self._segments.replace([(each >> HASH_SHIFT << HASH_SHIFT) | new[each & SLOT_MASK] for each in living])
        self._prefetched_runs = None

    def dump(self) -> Arrays:
        """The segments, with the buffer as the last one."""
        self._flush()
        return {str(number): segment for number, segment in enumerate(self._segments.all())}

    def restore(self, arrays: Arrays) -> None:
        """Replace the segments and empty the buffer."""
        self._segments.replace([arrays[str(number)] for number in range(len(arrays))])
        self._buffer, self._buffered, self._prefetched_runs = {}, 0, None

    def _flush(self) -> None:
        if self._buffered:
            hashes = (value for value, slots in self._buffer.items() for _ in slots)
            slots = (slot for slots in self._buffer.values() for slot in slots)
            self._add(np.fromiter(hashes, np.uint32, self._buffered), np.fromiter(slots, np.uint32, self._buffered))
            self._buffer, self._buffered = {}, 0

    def _add(self, hashes: Hashes, slots: SlotArray) -> None:
        """Add postings to the segments."""
        self._segments.add(hashes, slots)
        self._prefetched_runs = None
