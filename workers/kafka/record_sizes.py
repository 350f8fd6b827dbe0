"""How much memory a record takes once it is unpacked: its headers take far more than their bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

HEADER_BYTES = 300
"""What Python's objects for a header take beside its name and value, in a record and in the message made from it."""


class Unpacked(Protocol):
    """A record of aiokafka, a message of Faust, or one of ours."""

    @property
    def key(self) -> bytes | None:
        """The key."""

    @property
    def value(self) -> bytes | None:
        """The value."""

    @property
    def headers(self) -> Iterable[Any] | None:
        """The headers: pairs of a name and a value."""


def memory_of(record: Unpacked) -> int:
    """The bytes that the record takes in memory, roughly."""
    size = len(record.key or b"") + len(record.value or b"")
    for name, value in record.headers or ():
        size += len(name) + len(value or b"") + HEADER_BYTES
    return size
