"""Columns and slots: the parts that the indexes over articles are built from.

All state lives in numpy arrays, which can be dumped and restored: a start need not index a million articles again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from workers.dedupe.arrays import Array, Arrays, Mask, SlotArray

MIN_DEAD_ROWS = 4096
"""Dead rows that an index keeps before it sweeps them out."""
MAX_DEAD_SHARE = 0.5
"""Dead rows, as a share of the living, that it keeps if these are more: sweeping costs as much as copying all rows."""
GROWTH_SHARE = 8
"""A column that is full grows by one row in this many."""


class Storable(Protocol):
    """State that can be dumped as named arrays and restored from them."""

    @property
    def nbytes(self) -> int:
        """Approximate size in memory, in bytes."""

    def dump(self) -> Arrays:
        """The current state; later changes to the object do not alter the arrays."""

    def restore(self, arrays: Arrays) -> None:
        """Replace the state by one that ``dump`` returned. The object takes ownership of the arrays."""


class StoredParts:
    """Several storable parts, stored as one: each array is named ``part.array``."""

    def __init__(self, **parts: Storable) -> None:
        self._parts = parts

    @property
    def nbytes(self) -> int:
        """Approximate size of all parts in memory, in bytes."""
        return sum(part.nbytes for part in self._parts.values())

    def dump(self) -> Arrays:
        """The arrays of all parts."""
        return {f"{name}.{key}": array for name, part in self._parts.items() for key, array in part.dump().items()}

    def restore(self, arrays: Arrays) -> None:
        """Restore every part from the arrays under its name."""
        for name, part in self._parts.items():
            prefix = f"{name}."
            part.restore({key.removeprefix(prefix): arrays[key] for key in arrays if key.startswith(prefix)})


class Column:
    """A growing array; ``shape`` is the shape of one row."""

    def __init__(self, dtype: npt.DTypeLike, shape: tuple[int, ...] = ()) -> None:
        self._data: Array = np.zeros((64, *shape), dtype)
        self._length = 0

    @property
    def rows(self) -> Array:
        """A view of the rows."""
        return self._data[: self._length]

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self.rows.nbytes

    def extend(self, rows: Sequence[Any] | Array) -> None:
        """Append rows."""
        length = self._length + len(rows)
        if length > len(self._data):
            self._grow(length)
        if len(rows) == 1:  # most often, and this is faster
            self._data[self._length] = rows[0]
        else:
            self._data[self._length : length] = rows
        self._length = length

    def _grow(self, length: int) -> None:
        """Make room for as many rows, and some more."""
        shape = (max(length, len(self._data) + len(self._data) // GROWTH_SHARE), *self._data.shape[1:])
        try:
            self._data.resize(shape)  # the system moves pages, not bytes
        except ValueError:  # somebody looks at the rows
            grown = np.zeros(shape, self._data.dtype)
            grown[: self._length] = self.rows
            self._data = grown

    def keep(self, alive: Mask) -> None:
        """Drop the rows that are not alive."""
        self._data = self.rows[alive]
        self._length = len(self._data)

    def dump(self) -> Arrays:
        """A view of the rows. Copy it if you change rows in place."""
        return {"rows": self.rows}

    def restore(self, arrays: Arrays) -> None:
        """Replace the rows."""
        self._data = arrays["rows"]
        self._length = len(self._data)


class RaggedColumn:
    """Rows of different lengths, end to end in one growing array."""

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self._values = Column(dtype)
        self._ends = Column(np.int64)
        self._stored = StoredParts(values=self._values, ends=self._ends)

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self._stored.nbytes

    def extend(self, rows: Sequence[bytes]) -> None:
        """Append rows, each as its bytes."""
        lengths = np.fromiter(map(len, rows), np.int64, len(rows)) // self._values.rows.itemsize
        self._ends.extend(len(self._values.rows) + lengths.cumsum())
        self._values.extend(np.frombuffer(b"".join(rows), self._values.rows.dtype))

    def row(self, slot: int) -> Array:
        """A view of one row."""
        ends = self._ends.rows
        return self._values.rows[ends.item(slot - 1) if slot else 0 : ends.item(slot)]

    def lengths(self, slots: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
        """The length of each row."""
        ends = self._ends.rows
        starts: npt.NDArray[np.int64] = np.where(slots > 0, ends[slots - 1], 0)
        lengths: npt.NDArray[np.int64] = ends[slots] - starts
        return lengths

    def take(self, slots: npt.NDArray[np.intp]) -> tuple[Array, npt.NDArray[np.int64]]:
        """The values of the rows, of which there is one at least, end to end, and the length of each row."""
        ends, lengths = self._ends.rows[slots], self.lengths(slots)
        starts, values = ends - lengths, self._values.rows
        rows = [values[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        return np.concatenate(rows), lengths

    def keep(self, alive: Mask) -> None:
        """Drop the rows that are not alive."""
        lengths = self.lengths(np.arange(len(alive)))
        self._values.keep(np.repeat(alive, lengths))
        self._ends.restore({"rows": np.cumsum(lengths[alive])})

    def dump(self) -> Arrays:
        """Views of the arrays."""
        return self._stored.dump()

    def restore(self, arrays: Arrays) -> None:
        """Replace the rows."""
        self._stored.restore(arrays)


class Slots:
    """The row numbers (*slots*) of an index: the stream offset of each row, and whether the row is alive."""

    def __init__(self) -> None:
        self._offsets = Column(np.int64)
        self._alive = Column(np.bool_)
        self.living = 0

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self._offsets.nbytes + self._alive.nbytes

    @property
    def alive(self) -> Mask:
        """For each slot, whether it is alive."""
        return self._alive.rows

    def extend(self, offsets: Sequence[int]) -> SlotArray:
        """Return the slots of new rows. Offsets must rise, from row to row and from call to call."""
        first = len(self._offsets.rows)
        self._offsets.extend(offsets)
        self._alive.extend([True] * len(offsets))
        self.living += len(offsets)
        return np.arange(first, first + len(offsets), dtype=np.uint32)

    def offset(self, slot: int) -> int:
        """The stream offset of a slot."""
        return int(self._offsets.rows[slot])

    def offsets(self, slots: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
        """The stream offset of each slot."""
        offsets: npt.NDArray[np.int64] = self._offsets.rows[slots]
        return offsets

    def slot(self, offset: int) -> int:
        """The slot of a stream offset, which must be in the index."""
        return int(np.searchsorted(self._offsets.rows, offset))

    def has(self, offset: int) -> bool:
        """Whether there is a living row of a stream offset."""
        slot = self.slot(offset)
        return slot < len(self.alive) and self._offsets.rows.item(slot) == offset and bool(self.alive[slot])

    def discard(self, offset: int) -> None:
        """Mark the row of an offset as dead."""
        self._alive.rows[self.slot(offset)] = False
        self.living -= 1

    def sweep(self) -> Mask | None:
        """Drop the dead rows if they are many, and renumber the others in order.

        Return the old mask of living rows, or None if nothing was dropped.
        """
        if len(self.alive) - self.living < max(MIN_DEAD_ROWS, MAX_DEAD_SHARE * self.living):
            return None
        alive = self.alive.copy()
        self._offsets.keep(alive)
        self._alive.keep(alive)
        return alive

    def dump(self) -> Arrays:
        """The offsets, and which rows are alive."""
        return {"offsets": self._offsets.rows, "alive": self.alive.copy()}

    def restore(self, arrays: Arrays) -> None:
        """Replace the rows."""
        self._offsets.restore({"rows": arrays["offsets"]})
        self._alive.restore({"rows": arrays["alive"]})
        self.living = int(self.alive.sum())
