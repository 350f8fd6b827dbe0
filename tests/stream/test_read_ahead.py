"""How many bytes a worker reads ahead."""

from __future__ import annotations

import asyncio

from workers.stream.read_ahead import ReadAhead


def test_a_message_waits_for_room_and_a_huge_one_for_all_of_it() -> None:
    async def scenario() -> None:
        room = ReadAhead(10)
        await room.take(4)
        await room.take(6)
        small, huge = (asyncio.ensure_future(room.take(size)) for size in (1, 99))
        await asyncio.sleep(0)
        assert not small.done()
        room.free(4)
        await small
        room.free(6)
        await asyncio.sleep(0)
        assert not huge.done()
        room.free(1)
        await huge

    asyncio.run(scenario())


def test_a_rebalance_makes_room() -> None:
    async def scenario() -> None:
        room = ReadAhead(10)
        await room.take(10)
        room.reset()
        await room.take(10)

    asyncio.run(scenario())
