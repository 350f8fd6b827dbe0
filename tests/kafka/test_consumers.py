"""That no consumer leaves a connection open, whatever fails."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError

from workers.kafka import consumers


class Client:
    is_open = True

    async def close(self) -> None:
        self.is_open = False


class Consumer:
    """A consumer that may not use its group. aiokafka then stops before it has closed the connections."""

    def __init__(self, can_start: bool) -> None:
        self._client = Client()
        self._can_start = can_start

    async def start(self) -> None:
        if not self._can_start:
            raise GroupAuthorizationFailedError("copydesk")

    async def stop(self) -> None:
        raise GroupAuthorizationFailedError("copydesk")


@pytest.mark.parametrize("can_start", [True, False])
def test_consumer_that_may_not_use_its_group_leaves_no_connection_open(can_start: bool) -> None:
    async def use(consumer: Consumer) -> None:
        async with consumers.started(consumer):
            raise KafkaError

    consumer = Consumer(can_start)
    with pytest.raises(KafkaError):
        asyncio.run(use(consumer))
    assert not consumer._client.is_open
