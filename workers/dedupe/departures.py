"""When entries leave the window: a sorted array, 16 bytes an entry, and those that came since, singly or in bulk."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from workers.dedupe.arrays import Arrays

BULK = 100
"""As many entries that come at once are sorted only when one of them may have to leave."""
MIN_SORTED = 10_000
"""Entries that the heap may hold before they are sorted into the array."""
MAX_HEAP_SHARE = 0.125
"""The same, as a share of the array: the larger number counts, because all entries are sorted together."""

Moment = tuple[int, int]
"""The message time of an entry, in milliseconds, and its stream offset."""
Rows = npt.NDArray[np.int64]


class Departures:
    """The moments of the entries within the window, the earliest first.

    ``min_sorted`` is how many entries the heap may hold, at least, before they are sorted into the array. ``bulk`` or
    more entries that come at once do not enter the heap; they are sorted when one of them may have to leave.
    """

    _earliest_unsorted: float

    def __init__(self, min_sorted: int = MIN_SORTED, bulk: int = BULK) -> None:
        self._min_sorted = min_sorted
        self._bulk = bulk
        self._set(np.empty((0, 2), np.int64))

    @property
    def nbytes(self) -> int:
        """Approximate size in memory, in bytes. A moment in the heap takes three Python objects."""
        return self._sorted.nbytes + sum(rows.nbytes for rows in self._unsorted) + 128 * len(self._heap)

    def extend(self, times: Sequence[int], offsets: Sequence[int]) -> None:
        """Add the moments of entries."""
        if len(times) >= self._bulk:
            self._unsorted.append(np.array((times, offsets), np.int64).T)
            self._earliest_unsorted = min(self._earliest_unsorted, *times)
            return
        for moment in zip(times, offsets, strict=True):
            heapq.heappush(self._heap, moment)
        if len(self._heap) > max(self._min_sorted, MAX_HEAP_SHARE * len(self._sorted)):
            self._set(self._rows())

    def pop_before(self, time: int) -> int | None:
        """Remove the earliest entry and return its offset, if its message time is before ``time``; otherwise None."""
        if self._earliest_unsorted < time:
            self._set(self._rows())
        of_heap = self._heap[0] if self._heap else None
        if self._first and (of_heap is None or self._first < of_heap):
            if self._first[0] >= time:
                return None
            offset = self._first[1]
            self._gone += 1
            self._look()
            return offset
        if of_heap is None or of_heap[0] >= time:
            return None
        return heapq.heappop(self._heap)[1]

    def dump(self) -> Arrays:
        """The moments as rows."""
        return {"moments": self._rows()}

    def restore(self, arrays: Arrays) -> None:
        """Replace the moments."""
        self._set(arrays["moments"])

    def _set(self, rows: Rows) -> None:
        self._sorted, self._gone = rows[np.lexsort(rows.T[::-1])], 0
        self._heap: list[Moment] = []
        self._unsorted: list[Rows] = []
        self._earliest_unsorted = math.inf
        self._look()

    def _look(self) -> None:
        """Note the first of the array that has not left; asked for at each message, it must not come from numpy."""
        self._first: Moment | None = None
        if self._gone < len(self._sorted):
            time, offset = self._sorted[self._gone].tolist()
            self._first = time, offset

    def _rows(self) -> Rows:
        of_heap = np.array(self._heap, np.int64).reshape(-1, 2)
        return np.concatenate((self._sorted[self._gone :], *self._unsorted, of_heap))
