"""Indexes of articles: one row per article, found by stream offset, by key or by hash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from workers.dedupe.arrays import Hashes, SlotArray
from workers.dedupe.columns import Column, RaggedColumn, Slots, StoredParts
from workers.dedupe.keys import Keys, KeyTable
from workers.dedupe.postings import Hits, Postings

Counts = int | Sequence[int] | npt.NDArray[np.int64]


class KeyIndex:
    """Stream offsets by 64-bit key; ``latest`` returns the last one with a key."""

    def __init__(self) -> None:
        self._slots = Slots()
        self._keys = KeyTable(self._slots)
        self.stored = StoredParts(slots=self._slots, keys=self._keys)

    def __len__(self) -> int:
        return self._slots.living

    def extend(self, offsets: Sequence[int], keys: Keys) -> None:
        """Add one key for each offset; offsets must rise."""
        self._slots.extend(offsets)
        self._keys.extend(keys)

    def settle(self) -> None:
        """Do what the next look-up would do first."""
        self._keys.settle()

    def discard(self, offset: int) -> None:
        """Remove an offset, which must be in the index."""
        self._slots.discard(offset)
        alive = self._slots.sweep()
        if alive is not None:
            self._keys.keep(alive)

    def latest(self, key: int) -> int | None:
        """The highest offset with the key, or None."""
        slot = self._keys.latest(key)
        return None if slot is None else self._slots.offset(slot)


class RowIndex:
    """Rows with a key: postings find them by hash, and named columns hold the properties of each."""

    def __init__(self, **columns: Column | RaggedColumn) -> None:
        self.slots = Slots()
        self._keys = KeyTable(self.slots)
        self._postings = Postings()
        self._columns = columns
        self.stored = StoredParts(slots=self.slots, keys=self._keys, postings=self._postings, **columns)

    def __len__(self) -> int:
        return self.slots.living

    @property
    def keys(self) -> npt.NDArray[np.uint64]:
        """The key of each row."""
        return self._keys.keys

    def extend(self, offsets: Sequence[int], keys: Keys, hashes: Hashes, hash_counts: Counts, **columns: Any) -> None:
        """Add one row for each offset; offsets must rise.

        ``hashes`` holds the hashes of all rows end to end, ``hash_counts`` how many of them each row has, and
        ``columns`` the rows of each column.
        """
        slots = self.slots.extend(offsets)
        self._keys.extend(keys)
        for name, column in self._columns.items():
            column.extend(columns[name])
        self._postings.extend(hashes, np.repeat(slots, hash_counts))

    def latest(self, key: int) -> int | None:
        """The latest living slot with the key, or None."""
        return self._keys.latest(key)

    def all(self, key: int) -> Iterator[int]:
        """Yield the living slots with the key, the latest first."""
        return self._keys.all(key)

    def settle(self) -> None:
        """Do what the next look-ups would do first."""
        self._keys.settle()
        self._postings.settle()

    def prefetch(self, hashes: Hashes) -> None:
        """Search for many hashes at once, before ``find`` is called with some of them."""
        self._postings.prefetch(hashes)

    def find(self, hashes: Hashes, latest: int) -> tuple[Hits, SlotArray]:
        """The latest living slots that have each hash, as ``Postings.find`` returns them."""
        return self._postings.find(hashes, self.slots.alive, latest)

    def discard(self, offset: int) -> None:
        """Remove the row of an offset, which must be in the index."""
        self.slots.discard(offset)
        alive = self.slots.sweep()
        if alive is not None:
            self._keys.keep(alive)
            self._postings.keep(alive)
            for column in self._columns.values():
                column.keep(alive)
