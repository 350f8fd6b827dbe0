"""Sends replayed messages to Kafka."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from workers.dead_letters.outgoing import Outgoing
from workers.errors import BrokerUnreachableError, StartRefusedError
from workers.kafka.kafka_python import KafkaError, KafkaProducer
from workers.kafka.security import client_options
from workers.kafka.topic_admin import Severity, check
from workers.settings import Settings, compression_type
from workers.topics import largest

DELIVERY_SECONDS = 30
"""How long the broker has to acknowledge a message."""
CLOSE_SECONDS = 5


@contextmanager
def connect_sender(settings: Settings, bootstrap: str) -> Iterator[KafkaSender]:
    """A connected sender, as a context manager.

    Raises:
        StartRefusedError: the topics are not as the settings say, so that messages might go to wrong partitions.
        BrokerUnreachableError: no Kafka answers.
    """
    if errors := [drift for drift in check(settings, bootstrap) if drift.severity is Severity.ERROR]:
        raise StartRefusedError(str(errors[0]))
    sender = KafkaSender(settings, bootstrap)
    try:
        yield sender
    finally:
        sender.close()


class KafkaSender:
    """Sends messages with kafka-python. Raises ``BrokerUnreachableError`` if no Kafka answers."""

    def __init__(self, settings: Settings, bootstrap: str) -> None:
        try:
            self._producer: Any = KafkaProducer(
                bootstrap_servers=bootstrap.split(","),
                acks="all",
                linger_ms=5,
                compression_type=compression_type(settings),
                max_request_size=largest(settings),
                max_block_ms=1000 * DELIVERY_SECONDS,
                delivery_timeout_ms=1000 * DELIVERY_SECONDS,
                request_timeout_ms=500 * DELIVERY_SECONDS,
                **client_options(settings),
            )
        except KafkaError as error:
            raise BrokerUnreachableError(f"no Kafka answers at {bootstrap}: {error}") from None

    def close(self) -> None:
        """Disconnect. What is not acknowledged by now has been reported."""
        self._producer.close(timeout=CLOSE_SECONDS)

    def partitions(self, topic: str) -> int:
        """The number of partitions of the topic."""
        return len(self._producer.partitions_for(topic) or ())

    def send(self, outgoing: Outgoing) -> Callable[[], str | None]:
        """Send it; return a function that waits for the acknowledgement, and returns why there is none, if so."""
        try:
            future = self._producer.send(
                outgoing.topic, outgoing.value, outgoing.key, list(outgoing.headers), outgoing.partition,
                outgoing.timestamp,
            )  # fmt: skip
        except KafkaError as error:
            refused = f"{type(error).__name__}: {error}"
            return lambda: refused

        deadline = time.monotonic() + DELIVERY_SECONDS

        def acknowledgement() -> str | None:
            try:
                future.get(timeout=max(0.01, deadline - time.monotonic()))
            except KafkaError as error:
                return f"{type(error).__name__}: {error}"
            return None

        return acknowledgement
