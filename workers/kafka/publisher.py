"""Raw articles to Kafka, with an answer for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from workers.errors import BrokerUnreachableError
from workers.kafka.kafka_python import KafkaError, KafkaProducer
from workers.kafka.security import client_options
from workers.kafka.topic_admin import wait_ready
from workers.settings import Settings
from workers.topics import RAW

ACKNOWLEDGED_WITHIN = 60.0
"""Seconds to wait for the broker's acknowledgement of a message."""


def publish(values: Iterable[bytes], settings: Settings, bootstrap: str, refuse: Callable[[str], None]) -> int:
    """How many of the raw messages the broker acknowledged; ``refuse`` is told about each of the others.

    Raises:
        BrokerUnreachableError: no Kafka answers.
    """
    wait_ready(bootstrap, settings=settings)
    try:
        producer = KafkaProducer(
            bootstrap_servers=bootstrap.split(","),
            acks="all",
            linger_ms=20,
            max_request_size=settings.max_message_bytes,
            **client_options(settings),
        )
    except KafkaError as error:
        raise BrokerUnreachableError(f"no Kafka answers at {bootstrap}: {error}") from None
    pending: list[tuple[int, Any]] = []
    for number, value in enumerate(values, start=1):
        try:
            pending.append((number, producer.send(RAW, value)))
        except KafkaError as error:
            refuse(f"article {number} ({len(value)} bytes): {error}")
    producer.flush()
    acknowledged = 0
    for number, future in pending:
        try:
            future.get(timeout=ACKNOWLEDGED_WITHIN)
            acknowledged += 1
        except KafkaError as error:
            refuse(f"article {number}: {error}")
    producer.close()
    return acknowledged
