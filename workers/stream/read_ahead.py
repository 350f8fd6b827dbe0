"""Bounds the memory of the messages that a worker has read and not yet acknowledged; Faust only bounds their number."""

from __future__ import annotations

import asyncio
from contextlib import suppress

MAX_READ_AHEAD_BYTES = 8 * 1024 * 1024
"""Memory of the messages that wait in a worker or are being handled, at which it reads no more.

The next read may add as much again, and one message beyond it. The longest texts then take a batch of any stage at most
80 s, well under the 120 s that a rebalance waits for it; and a batch of web pages fits in."""


class ReadAhead:
    """The memory that messages take from their delivery to their acknowledgement, in bytes."""

    def __init__(self, max_bytes: int = MAX_READ_AHEAD_BYTES) -> None:
        self._max_bytes = max_bytes
        self._taken = 0
        self._freed = asyncio.Event()

    async def has_room(self, timeout: float) -> bool:
        """Whether more may be read, now or within ``timeout`` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while self._taken >= self._max_bytes:
                    self._freed.clear()
                    await self._freed.wait()
        return self._taken < self._max_bytes

    def take(self, size: int) -> None:
        """Note a message of this size."""
        self._taken += size

    def free(self, size: int) -> None:
        """Return the room of a message that is acknowledged."""
        self._taken = max(0, self._taken - size)
        self._freed.set()

    def reset(self) -> None:
        """Return all room: a rebalance dropped the messages."""
        self.free(self._taken)
