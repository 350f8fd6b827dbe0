"""How many bytes a worker reads ahead."""

from __future__ import annotations

import asyncio

from workers.stream.read_ahead import ReadAhead


def test_nothing_is_read_until_enough_messages_are_acknowledged() -> None:
    async def scenario() -> None:
        room = ReadAhead(10)
        room.take(4)
        assert await room.has_room(0)
        room.take(99)
        assert not await room.has_room(0.01)
        waiting = asyncio.ensure_future(room.has_room(60))
        room.free(4)
        await asyncio.sleep(0)
        assert not waiting.done()
        room.free(99)
        assert await waiting

    asyncio.run(scenario())


def test_a_rebalance_makes_room() -> None:
    async def scenario() -> None:
        room = ReadAhead(10)
        room.take(10)
        room.reset()
        assert await room.has_room(0)

    asyncio.run(scenario())
