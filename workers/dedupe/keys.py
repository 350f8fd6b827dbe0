"""A hash table from 64-bit keys to the latest living row with the key.

A look-up takes a microsecond, however many rows there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from workers.dedupe.arrays import Arrays, Mask
from workers.dedupe.columns import Column, Slots

KeyArray = npt.NDArray[np.uint64]
Keys = Sequence[int] | KeyArray

MAX_LOAD = 0.6
"""Share of the places in the table that are taken before it grows."""
MIN_BULK_ROWS = 16
"""New rows from which entering them all at once is faster than one by one."""

_NONE = -1
_WORD = (1 << 64) - 1
_MIXER = 0x9E3779B97F4A7C15
"""Spreads keys that are alike over the table (Fibonacci hashing, Knuth 6.4)."""


def keys_of(hashes: str) -> KeyArray:
    """The keys that hashes stand for, each of 16 hexadecimal digits; there may be spaces between them."""
    return np.frombuffer(bytes.fromhex(hashes), ">u8").astype(np.uint64)


class KeyTable:
    """The key of each row of ``slots``.

    The table has open addressing. It holds the latest row of each key; each row knows the one before it with its key.
    Rows enter it when a key is looked up: all rows of a ledger that is read back enter at once.
    """

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._keys = Column(np.uint64)
        self._previous = Column(np.int32)  # of the rows that are in the table
        self._rebuild()

    @property
    def keys(self) -> KeyArray:
        """The key of each row."""
        return self._keys.rows

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self._keys.nbytes + self._previous.nbytes + self._table.nbytes

    def extend(self, keys: Keys) -> None:
        """Append the keys of new rows, which are in ``slots`` already."""
        self._keys.extend(keys)

    def settle(self) -> None:
        """Enter the rows that came since the last look-up."""
        first, count = len(self._previous.rows), len(self.keys)
        if first == count:
            return
        if count > MAX_LOAD * len(self._table):
            self._rebuild()
        elif count - first >= MIN_BULK_ROWS:
            self._enter(first)
        else:
            for row, key in enumerate(self.keys[first:].tolist(), first):
                place = self._place(key)
                self._previous.extend(self._table[place : place + 1])
                self._table[place] = row

    def latest(self, key: int) -> int | None:
        """The latest living row with the key, or None."""
        self.settle()
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

    def all(self, key: int) -> Iterator[int]:
        """Yield the living rows with the key, the latest first."""
        row, alive = self.latest(key), self._slots.alive
        while row is not None and row != _NONE:
            if alive[row]:
                yield row
            row = self._previous.rows.item(row)

    def keep(self, alive: Mask) -> None:
        """Drop the rows that are not alive; ``slots`` has dropped them already."""
        self._keys.keep(alive)
        self._rebuild()

    def dump(self) -> Arrays:
        """The keys and the table; building the table again takes longer than reading it."""
        self.settle()
        return {**self._keys.dump(), "previous": self._previous.rows.copy(), "table": self._table.copy()}

    def restore(self, arrays: Arrays) -> None:
        """Replace the rows and the table."""
        self._keys.restore(arrays)
        self._previous.restore({"rows": arrays["previous"]})
        self._table = arrays["table"]
        self._shift = 65 - len(self._table).bit_length()

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
        self._previous = Column(np.int32)
        self._enter(0)

    def _enter(self, first: int) -> None:
        """Enter the rows from ``first`` on, all at once."""
        keys = self.keys
        rows = np.argsort(keys[first:], kind="stable").astype(np.int32) + np.int32(first)
        is_repeated = np.zeros(len(rows) + 1, np.bool_)  # whether a row has the key of the row before it
        is_repeated[1:-1] = keys[rows[1:]] == keys[rows[:-1]]
        self._previous.extend(np.full(len(rows), _NONE, np.int32))
        previous = self._previous.rows
        previous[rows[is_repeated[:-1]]] = rows[np.flatnonzero(is_repeated[1:])]
        earliest, latest = rows[~is_repeated[:-1]], rows[~is_repeated[1:]]  # with each key
        places = (keys[latest] * np.uint64(_MIXER) >> np.uint64(self._shift)).astype(np.int64)
        # Of the rows that want the same free place one gets it, and the others try the next.
        while len(latest):
            taken = self._table[places]
            is_free, is_own = taken == _NONE, keys[taken] == keys[latest]
            is_own &= ~is_free
            previous[earliest[is_own]] = taken[is_own]
            enters = is_free | is_own
            self._table[places[enters]] = latest[enters]
            homeless = self._table[places] != latest
            earliest, latest = earliest[homeless], latest[homeless]
            places = (places[homeless] + 1) % len(self._table)
