"""Sends raw articles to Kafka and reports those that the broker does not take."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from workers.errors import BrokerUnreachableError
from workers.kafka.admin_client import wait_ready
from workers.kafka.kafka_python import KafkaError, KafkaProducer
from workers.kafka.security import client_options
from workers.settings import Settings, compression_type
from workers.topics import RAW

ACKNOWLEDGE_TIMEOUT = 60.0
"""Seconds to wait for the broker's acknowledgement of a message."""


def publish(
    values: Iterable[tuple[str, bytes]], settings: Settings, bootstrap: str, report_failure: Callable[[str], None]
) -> int:
    """Send the raw messages; return how many the broker acknowledged.

    Args:
        values: the messages, each of any accepted format, and what to call them in reports.
        settings: how to connect, and the largest message.
        bootstrap: addresses ``host:port``, separated by commas.
        report_failure: called with one line for each message that was not acknowledged.

    Raises:
        BrokerUnreachableError: no Kafka answers.
    """
    wait_ready(bootstrap, settings=settings)
    try:
        producer = KafkaProducer(
            bootstrap_servers=bootstrap.split(","),
            acks="all",
            linger_ms=20,
            compression_type=compression_type(settings),
            max_request_size=settings.max_message_bytes,
            **client_options(settings),
        )
    except KafkaError as error:
        raise BrokerUnreachableError(f"no Kafka answers at {bootstrap}: {error}") from None
    pending: list[tuple[str, Any]] = []
    for name, value in values:
        try:
            pending.append((name, producer.send(RAW, value)))
        except KafkaError as error:
            report_failure(f"{name} ({len(value)} bytes): {error}")
    producer.flush()
    acknowledged = 0
    for name, future in pending:
        try:
            future.get(timeout=ACKNOWLEDGE_TIMEOUT)
            acknowledged += 1
        except KafkaError as error:
            report_failure(f"{name}: {error}")
    producer.close()
    return acknowledged
