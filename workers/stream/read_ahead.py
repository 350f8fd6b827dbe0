"""Bounds the bytes of the messages that a worker has read and not yet acknowledged; Faust only bounds their number."""

from __future__ import annotations

import asyncio

MAX_READ_AHEAD_BYTES = 16 * 1024 * 1024
"""Bytes of values that wait in a worker or are being handled.

The longest texts then take a batch of any stage at most 80 s, well under the 120 s that a rebalance waits for it; and a
batch of web pages fits in."""


class ReadAhead:
    """Room for messages. One that is larger than all the room waits until there is nothing else."""

    def __init__(self, max_bytes: int = MAX_READ_AHEAD_BYTES) -> None:
        self._max_bytes = max_bytes
        self._taken = 0
        self._freed = asyncio.Event()

    async def take(self, size: int) -> None:
        """Return once there is room for a message of this size, and take it."""
        while self._taken and self._taken + size > self._max_bytes:
            self._freed.clear()
            await self._freed.wait()
        self._taken += size

    def free(self, size: int) -> None:
        """Return the room of a message that is acknowledged."""
        self._taken = max(0, self._taken - size)
        self._freed.set()

    def reset(self) -> None:
        """Return all room: a rebalance dropped the messages."""
        self.free(self._taken)
