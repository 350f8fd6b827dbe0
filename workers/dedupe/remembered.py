"""Verdicts that are only remembered: packed as small as possible, because a ledger may hold millions of them."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, get_type_hints

import msgspec

from schemas import Verdict

# As an array of values: the names of the fields would double the size.
_HINTS = get_type_hints(Verdict)
_values = attrgetter(*_HINTS)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder[Any](tuple[(int, *_HINTS.values())]).decode  # type: ignore[misc]


def pack(time: int, verdict: Verdict) -> bytes:
    """The message time and the verdict in few bytes."""
    return _encode((time, *_values(verdict)))


def unpack(packed: bytes) -> tuple[int, Verdict]:
    """The message time and the verdict that were packed."""
    time, *values = _decode(packed)
    return time, Verdict(**dict(zip(_HINTS, values, strict=True)))
