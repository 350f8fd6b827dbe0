"""Columns: what is known of many texts, one array a property, one row a text; rows are numbered by *slots*.

Whatever is made of them can be put down as arrays and taken up again (``Stored``), so that a million articles need not
be indexed anew at every start.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt

from workers.dedupe.postings import Array, Arrays, Mask, Postings

FEW = 4096
"""Dead rows that are not worth a sweep."""


class Stored(Protocol):
    """What can be put down as arrays, by name, and be taken up again."""

    @property
    def nbytes(self) -> int:
        """The bytes that it takes in memory, about."""

    def dump(self) -> Arrays:
        """Its state, which stays as it is now whatever happens to the object."""

    def restore(self, arrays: Arrays) -> None:
        """Take up a state that ``dump`` gave, in place of what is there."""


class Composite:
    """What is made of parts, each of which is stored under its name."""

    def __init__(self, **parts: Stored) -> None:
        self._parts = parts

    @property
    def nbytes(self) -> int:
        """The bytes that all parts take in memory, about."""
        return sum(part.nbytes for part in self._parts.values())

    def dump(self) -> Arrays:
        """The states of all parts, each array under ``part.name``."""
        return {f"{part}.{name}": each for part, stored in self._parts.items() for name, each in stored.dump().items()}

    def restore(self, arrays: Arrays) -> None:
        """Give each part its state again."""
        for part, stored in self._parts.items():
            beginning = f"{part}."
            own = {name.removeprefix(beginning): each for name, each in arrays.items() if name.startswith(beginning)}
            stored.restore(own)


class Column:
    """A growing array; ``shape`` is that of a row."""

    def __init__(self, dtype: npt.DTypeLike, shape: tuple[int, ...] = ()) -> None:
        self._data: Array = np.zeros((64, *shape), dtype)
        self._length = 0

    @property
    def rows(self) -> Array:
        """The rows, as a view."""
        return self._data[: self._length]

    @property
    def nbytes(self) -> int:
        """The bytes that it takes in memory."""
        return self._data.nbytes

    def extend(self, rows: npt.ArrayLike) -> None:
        """Append rows."""
        new = np.asarray(rows, self._data.dtype)
        length = self._length + len(new)
        if length > len(self._data):
            grown = np.zeros((max(length, len(self._data) * 3 // 2), *self._data.shape[1:]), self._data.dtype)
            grown[: self._length] = self.rows
            self._data = grown
        self._data[self._length : length] = new
        self._length = length

    def keep(self, alive: Mask) -> None:
        """Drop the rows that are not alive."""
        self._data = self.rows[alive]
        self._length = len(self._data)

    def dump(self) -> Arrays:
        """The rows; whoever changes them in place must copy them first."""
        return {"rows": self.rows}

    def restore(self, arrays: Arrays) -> None:
        """Take up rows."""
        self._data = arrays["rows"]
        self._length = len(self._data)


class Slots:
    """The rows of an index: which position of the stream each stands for, and whether it still counts."""

    def __init__(self) -> None:
        self._positions = Column(np.int64)
        self._alive = Column(np.bool_)
        self.living = 0

    def extend(self, positions: npt.ArrayLike) -> npt.NDArray[np.uint32]:
        """The slots of new rows; positions rise from row to row, and above all before."""
        first = len(self._positions.rows)
        self._positions.extend(positions)
        count = len(self._positions.rows) - first
        self._alive.extend(np.ones(count, np.bool_))
        self.living += count
        return np.arange(first, first + count, dtype=np.uint32)

    @property
    def nbytes(self) -> int:
        """The bytes that it takes in memory."""
        return self._positions.nbytes + self._alive.nbytes

    @property
    def alive(self) -> Mask:
        """By slot, whether it counts."""
        return self._alive.rows

    def position(self, slot: int) -> int:
        """The position that the slot stands for."""
        return int(self._positions.rows[slot])

    def slot(self, position: int) -> int:
        """The slot that stands for the position, which is there."""
        return int(np.searchsorted(self._positions.rows, position))

    def discard(self, position: int) -> None:
        """The position counts no longer."""
        self._alive.rows[self.slot(position)] = False
        self.living -= 1

    def sweep(self) -> Mask | None:
        """Which slots were kept, if it was time to drop the others; those that stay are numbered anew, in order."""
        if len(self.alive) < FEW + 2 * self.living:
            return None
        alive = self.alive.copy()
        self._positions.keep(alive)
        self._alive.keep(alive)
        return alive

    def dump(self) -> Arrays:
        """The positions, and which of them count."""
        return {"positions": self._positions.rows, "alive": self.alive.copy()}

    def restore(self, arrays: Arrays) -> None:
        """Take up the rows."""
        self._positions.restore({"rows": arrays["positions"]})
        self._alive.restore({"rows": arrays["alive"]})
        self.living = int(self.alive.sum())


class Rows(Composite):
    """Texts by their positions in the stream: columns of what is known of each, and postings that find them by hashes.

    ``others`` are parts that are not by row.
    """

    def __init__(self, columns: Mapping[str, Column], **others: Stored) -> None:
        self._slots = Slots()
        self._postings = Postings()
        self._columns = columns
        super().__init__(slots=self._slots, postings=self._postings, **columns, **others)

    def __len__(self) -> int:
        return self._slots.living

    def discard(self, position: int) -> None:
        """Forget the text at the position, which is there."""
        self._slots.discard(position)
        alive = self._slots.sweep()
        if alive is not None:
            self._postings.keep(alive)
            for column in self._columns.values():
                column.keep(alive)


class Keyed(Rows):
    """Positions by a 64-bit key, in the order of the stream."""

    def __init__(self) -> None:
        self._keys = Column(np.uint64)
        super().__init__({"keys": self._keys})

    def extend(self, positions: npt.ArrayLike, keys: npt.ArrayLike) -> None:
        """Note the key of each position; positions rise."""
        slots = self._slots.extend(positions)
        new = np.asarray(keys, np.uint64)
        self._keys.extend(new)
        self._postings.extend(new.astype(np.uint32), slots)

    def latest(self, key: int) -> int | None:
        """The latest position that has the key; None if there is none."""
        lower, wanted = np.array([key & 0xFFFFFFFF], np.uint32), np.uint64(key)
        reach = 4
        while True:
            _, slots = self._postings.find(lower, self._slots.alive, reach)
            same = slots[self._keys.rows[slots] == wanted]
            if len(same):
                return self._slots.position(int(same.max()))
            if len(slots) < reach:
                return None
            reach *= 16  # other keys with the same lower half stand before it
