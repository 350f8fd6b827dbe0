"""Consumers of aiokafka: connected within a block, and without an open connection after it, whatever fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

STOP_SECONDS = 5.0
"""How long disconnecting may take."""


@asynccontextmanager
async def started(consumer: AIOKafkaConsumer) -> AsyncIterator[AIOKafkaConsumer]:
    """The consumer, connected; as a context manager that disconnects it.

    Raises:
        KafkaError: no Kafka answers, or it rejects the connection.
    """
    try:
        await consumer.start()
        yield consumer
    finally:
        await stop(consumer)


async def stop(consumer: AIOKafkaConsumer) -> None:
    """Disconnect a consumer, started or not."""
    try:
        # aiokafka awaits what it has cancelled; and without a broker, there is nobody to say goodbye to.
        with suppress(asyncio.CancelledError, KafkaError, TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await consumer.stop()
    finally:
        await consumer._client.close()  # which it leaves open if its group has failed
