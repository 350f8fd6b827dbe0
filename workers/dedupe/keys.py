"""A hash table from 64-bit keys to the latest living row with the key.

A look-up takes a microsecond, however many rows there are. Only the keys are stored; the table is rebuilt from them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from workers.dedupe.columns import Column, Slots
from workers.dedupe.postings import Arrays, Mask

Keys = Sequence[int] | npt.NDArray[np.uint64]

MAX_LOAD = 0.6
"""Share of the places in the table that are taken before it grows."""
MIN_REBUILT_SHARE = 0.1
"""New rows, as a share of all, from which rebuilding the table is faster than adding them one by one."""

_NONE = -1
_WORD = (1 << 64) - 1
_MIXER = 0x9E3779B97F4A7C15
"""Spreads keys that are alike over the table (Fibonacci hashing, Knuth 6.4)."""


class KeyTable:
    """The key of each row of ``slots``.

    The table has open addressing. It holds the latest row of each key; each row knows the one before it with its key.
    """

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._keys = Column(np.uint64)
        self._rebuild()

    @property
    def keys(self) -> npt.NDArray[np.uint64]:
        """The key of each row."""
        return self._keys.rows

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self._keys.nbytes + self._previous.nbytes + self._table.nbytes

    def extend(self, keys: Keys) -> None:
        """Append the keys of new rows, which are in ``slots`` already."""
        first = len(self.keys)
        self._keys.extend(keys)
        count = len(self.keys)
        if count > MAX_LOAD * len(self._table) or count - first > MIN_REBUILT_SHARE * count:
            self._rebuild()
            return
        for row, key in enumerate(self.keys[first:].tolist(), first):
            place = self._place(key)
            self._previous.extend(self._table[place : place + 1])
            self._table[place] = row

    def latest(self, key: int) -> int | None:
        """The latest living row with the key, or None."""
        place, alive = self._place(key), self._slots.alive
        first = row = self._table.item(place)
        while row != _NONE and not alive[row]:
            row = self._previous.rows.item(row)
        if row != first:  # the next look-up need not pass the dead rows again; but a taken place stays taken
            if row == _NONE:
                self._previous.rows[first] = _NONE
            else:
                self._table[place] = row
        return None if row == _NONE else row

    def keep(self, alive: Mask) -> None:
        """Drop the rows that are not alive; ``slots`` has dropped them already."""
        self._keys.keep(alive)
        self._rebuild()

    def dump(self) -> Arrays:
        """A view of the keys."""
        return self._keys.dump()

    def restore(self, arrays: Arrays) -> None:
        """Replace the rows."""
        self._keys.restore(arrays)
        self._rebuild()

    def _place(self, key: int) -> int:
        """The place in the table of the key, or the free one where it belongs."""
        table, keys = self._table, self.keys
        place = (key * _MIXER & _WORD) >> self._shift
        while (row := table.item(place)) != _NONE and keys.item(row) != key:
            place = (place + 1) % len(table)
        return place

    def _rebuild(self) -> None:
        count = len(self.keys)
        bits = max(8, (2 * count - 1).bit_length())
        self._shift = 64 - bits
        self._table = np.full(1 << bits, _NONE, np.int32)
        order = np.argsort(self.keys, kind="stable").astype(np.int32)
        is_repeated = np.zeros(count + 1, np.bool_)
        is_repeated[1:-1] = self.keys[order[1:]] == self.keys[order[:-1]]
        previous = np.full(count, _NONE, np.int32)
        previous[order[is_repeated[1:-1].nonzero()[0] + 1]] = order[:-1][is_repeated[1:-1]]
        self._previous = Column(np.int32)
        self._previous.extend(previous)
        # All at once: of the rows that want the same free place one gets it, and the others try the next.
        rows = order[~is_repeated[1:]]
        places = (self.keys[rows] * np.uint64(_MIXER) >> np.uint64(self._shift)).astype(np.int64)
        while len(rows):
            is_free = self._table[places] == _NONE
            self._table[places[is_free]] = rows[is_free]
            homeless = self._table[places] != rows
            rows, places = rows[homeless], (places[homeless] + 1) % len(self._table)
