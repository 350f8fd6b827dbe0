"""Entries within the window, and verdicts that are only remembered: packed small, because a ledger holds millions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, get_type_hints

import msgspec
import numpy as np

from schemas import Verdict
from workers.dedupe.columns import RaggedColumn, Slots, StoredParts
from workers.dedupe.indexes import IndexedEntry

# As arrays of values: the names of the fields would double the size.
_HINTS = get_type_hints(Verdict)
_values = attrgetter(*_HINTS)
_stored_values: Callable[[Any], tuple[Any, ...]] = msgspec.structs.astuple  # those of a ``StoredVerdict``, but faster
_FIELDS: dict[str, Any] = {
    "key": str,
    "id": str,
    "offset": int,
    "time": int,
    "content": str,
    "url": str | None,
    "url_is_declared": bool,
    "publisher_id": str | None,
    "id_is_contested": bool,
    "url_subjects": int,
    "particulars": bytes,
    "outline": bytes,
    "modified": int | None,
    "headline": str,
    "source": str | None,
    "words": str,
}
"""The fields of an entry without its verdict and what is in the indexes."""
_fields = attrgetter(*_FIELDS)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder[Any](tuple[(int, *_HINTS.values())]).decode  # type: ignore[misc]
_decode_entry = msgspec.msgpack.Decoder[Any](tuple[(*_FIELDS.values(), *_HINTS.values())]).decode  # type: ignore[misc]


class Entries:
    """The entries within the window by stream offset, without their shingles and terms."""

    def __init__(self) -> None:
        self._slots = Slots()
        self._packed = RaggedColumn(np.uint8)
        self.stored = StoredParts(slots=self._slots, packed=self._packed)

    def __len__(self) -> int:
        return self._slots.living

    def extend(self, entries: Sequence[IndexedEntry]) -> None:
        """Add entries; their offsets must rise."""
        self._slots.extend([entry.offset for entry in entries])
        self._packed.extend([_pack_entry(entry) for entry in entries])

    def at(self, offset: int) -> IndexedEntry:
        """The entry at an offset, which must be among them."""
        return _unpack_entry(self._packed.row(self._slots.slot(offset)).tobytes())

    def discard(self, offset: int) -> None:
        """Remove the entry at an offset, which must be among them."""
        self._slots.discard(offset)
        alive = self._slots.sweep()
        if alive is not None:
            self._packed.keep(alive)


def pack(time: int, verdict: Verdict) -> bytes:
    """The message time and the verdict in few bytes."""
    return _encode((time, *_values(verdict)))


def unpack(packed: bytes) -> tuple[int, Verdict]:
    """The message time and the verdict that were packed."""
    time, *values = _decode(packed)
    return time, _verdict(values)


def _pack_entry(entry: IndexedEntry) -> bytes:
    """An entry in few bytes, without its shingles and terms."""
    return _encode((*_fields(entry), *_stored_values(entry.verdict)))


def _unpack_entry(packed: bytes) -> IndexedEntry:
    """The entry that was packed."""
    values = _decode_entry(packed)
    return IndexedEntry(verdict=_verdict(values[len(_FIELDS) :]), **dict(zip(_FIELDS, values, strict=False)))


def verdict_of(entry: IndexedEntry) -> Verdict:
    """The verdict of an entry that was decoded."""
    return _verdict(_values(entry.verdict))


def _verdict(values: Iterable[Any]) -> Verdict:
    return Verdict(**dict(zip(_HINTS, values, strict=True)))
