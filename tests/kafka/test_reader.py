"""That a reader leaves no connection open, whatever fails."""

from __future__ import annotations

import asyncio

from aiokafka.errors import GroupAuthorizationFailedError

from workers.kafka import reader


class Client:
    is_open = True

    async def close(self) -> None:
        self.is_open = False


class Consumer:
    """A consumer that may not use its group. aiokafka then stops before it has closed the connections."""

    def __init__(self) -> None:
        self._client = Client()

    async def stop(self) -> None:
        raise GroupAuthorizationFailedError("copydesk")


def test_consumer_that_may_not_use_its_group_leaves_no_connection_open() -> None:
    consumer = Consumer()
    asyncio.run(reader.stop(consumer))
    assert not consumer._client.is_open
