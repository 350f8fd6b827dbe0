"""Sorted segments of postings, which are merged so that there are few of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from workers.dedupe.arrays import Hashes, SlotArray

Segment = npt.NDArray[np.uint64]
"""Postings: the hash in the upper 32 bits, the slot in the lower."""
HASH_SHIFT = np.uint64(32)
"""The position of the hash within a posting, in bits."""

MAX_SEGMENTS = 8
"""Segments that a lookup may have to search."""
BULK_POSTINGS = 1 << 22
"""Postings that are sorted at a time while more are added without a lookup in between."""

# numpy sorts without the interpreter lock, so that a ledger that is read back is decoded meanwhile.
_sorter = ThreadPoolExecutor(1, "sort-postings")


class Segments:
    """Segments, each with higher slots than those before it.

    What is added is sorted when somebody asks for the segments, or in a thread of its own once it is ``bulk`` postings.
    """

    def __init__(self, bulk: int = BULK_POSTINGS) -> None:
        self._bulk = bulk
        self._sorted: list[Segment] = []
        self._sorting: Future[None] | None = None
        self._unsorted: list[tuple[Hashes, SlotArray]] = []
        self._count = self._unsorted_count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, hashes: Hashes, slots: SlotArray) -> None:
        """Add unsorted postings, whose slots are higher than those of all others."""
        self._unsorted.append((hashes, slots))
        self._count += len(hashes)
        self._unsorted_count += len(hashes)
        if self._unsorted_count >= self._bulk:
            self._wait()
            self._sorting = _sorter.submit(self._sort, self._take())

    def all(self) -> list[Segment]:
        """The segments; do not change the list."""
        self._wait()
        if self._unsorted:
            self._sort(self._take())
        return self._sorted

    def replace(self, segments: Iterable[Segment]) -> None:
        """Replace all segments by sorted ones."""
        self._wait()
        self._take()
        self._sorted = [segment for segment in segments if len(segment)]
        self._count = sum(map(len, self._sorted))

    def _take(self) -> list[tuple[Hashes, SlotArray]]:
        parts, self._unsorted, self._unsorted_count = self._unsorted, [], 0
        return parts

    def _wait(self) -> None:
        if self._sorting:
            self._sorting.result()
            self._sorting = None

    def _sort(self, parts: Sequence[tuple[Hashes, SlotArray]]) -> None:
        """Make a segment of the parts. If there are too many segments then, merge the newest of similar size."""
        segment: Segment = np.concatenate([hashes for hashes, _ in parts], dtype=np.uint64)
        segment <<= HASH_SHIFT
        segment |= np.concatenate([slots for _, slots in parts])
        segment.sort()
        self._sorted.append(segment)
        if len(self._sorted) > MAX_SEGMENTS:
            first, size = len(self._sorted) - 2, len(self._sorted[-1]) + len(self._sorted[-2])
            while first > 0 and len(self._sorted[first - 1]) <= 2 * size:
                first -= 1
                size += len(self._sorted[first])
            merged = np.concatenate(self._sorted[first:])
            merged.sort(kind="stable")  # a merge sort, fast on sorted runs
            self._sorted[first:] = [merged]
