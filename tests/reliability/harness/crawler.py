"""The crawler of a drill: publishes raw messages and records which the broker accepted, and at which offset."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from threading import Event, Thread
from typing import Any

import confluent_kafka

from schemas import Origin
from tests.integration.articles import Input
from workers.kafka.kafka_python import KafkaError, KafkaProducer
from workers.topics import RAW

SEND_TIMEOUT = 120
"""Seconds that the broker has to acknowledge a message."""

MAX_RECONNECT_BACKOFF_MS = 500
"""Short, so that a drill that times a broker's return does not time the crawler's back-off instead."""
MAX_REQUEST_BYTES = 16 * 1024 * 1024
"""Larger than any test message: the broker's own limit is under test, not the client's."""


@dataclass(slots=True)
class Crawler:
    """Publishes to the broker; ``sent`` holds the value of every acknowledged message."""

    bootstrap: str
    sent: dict[Origin, bytes | None] = field(default_factory=dict)

    def publish(self, inputs: Iterable[Input], partition: int | None = None) -> None:
        """Return once the inputs are acknowledged; they go to the partition, if one is given."""
        producer = self._producer()
        self._await_acknowledgements(
            (raw_input, producer.send(RAW, raw_input.value, partition=partition)) for raw_input in inputs
        )
        producer.close()

    def publish_in_transactions(self, inputs: Iterable[Input], size: int, partition: int) -> None:
        """Publish ``size`` inputs per transaction. Its end marker takes an offset that no consumer sees."""
        producer, remaining = self._producer(transactional_id="crawler"), iter(inputs)
        producer.init_transactions()
        while batch := list(islice(remaining, size)):
            producer.begin_transaction()
            sent = [(raw_input, producer.send(RAW, raw_input.value, partition=partition)) for raw_input in batch]
            producer.commit_transaction()
            self._await_acknowledgements(sent)
        producer.close()

    def publish_compressed(self, inputs: Iterable[Input], codec: str) -> None:
        """Publish the inputs in compressed batches, half of them by librdkafka."""
        producer, inputs = self._producer(compression_type=None if codec == "none" else codec), list(inputs)
        half = len(inputs) // 2
        self._await_acknowledgements((raw_input, producer.send(RAW, raw_input.value)) for raw_input in inputs[:half])
        producer.close()
        other = confluent_kafka.Producer(
            {"bootstrap.servers": self.bootstrap, "compression.codec": codec, "linger.ms": 50}
        )
        for raw_input in inputs[half:]:
            other.produce(RAW, raw_input.value, on_delivery=self._delivered)
        assert not other.flush(SEND_TIMEOUT), "the broker accepts no more messages"

    def _delivered(self, error: object, message: Any) -> None:
        assert error is None, error
        origin = Origin(topic=RAW, partition=message.partition(), offset=message.offset())
        self.sent[origin] = message.value() or b""

    @contextmanager
    def aborted_transaction(self, inputs: Iterable[Input], partition: int) -> Iterator[None]:
        """Publish the inputs in a transaction that is open until the context ends, and is then aborted."""
        producer = self._producer(transactional_id=f"aborting-{partition}", transaction_timeout_ms=600_000)
        producer.init_transactions()
        producer.begin_transaction()
        for future in [producer.send(RAW, raw_input.value, partition=partition) for raw_input in inputs]:
            future.get(timeout=SEND_TIMEOUT)
        try:
            yield
        finally:
            producer.abort_transaction()
            producer.close()

    def publish_at(self, inputs: Iterable[tuple[Input, int]]) -> None:
        """Publish each input with its own timestamp, in milliseconds since 1970."""
        producer = self._producer()
        self._await_acknowledgements(
            (raw_input, producer.send(RAW, raw_input.value, timestamp_ms=timestamp)) for raw_input, timestamp in inputs
        )
        producer.close()

    @contextmanager
    def load(self, inputs: Iterable[Input], rate: float) -> Iterator[None]:
        """Publish ``rate`` inputs per second while the context is open."""
        stopping, producer = Event(), self._producer()
        failures: list[KafkaError] = []

        def send() -> Iterator[tuple[Input, Any]]:
            began = time.monotonic()
            for number, raw_input in enumerate(inputs):
                if stopping.wait(max(0.0, began + number / rate - time.monotonic())):
                    break
                yield raw_input, producer.send(RAW, raw_input.value)

        def work() -> None:
            try:
                self._await_acknowledgements(send())
            except KafkaError as error:
                failures.append(error)

        thread = Thread(target=work, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join(SEND_TIMEOUT)
            producer.close()
        assert not thread.is_alive(), "the broker accepts no more messages"
        for error in failures:
            raise error

    def _producer(self, **options: Any) -> Any:
        return KafkaProducer(
            bootstrap_servers=self.bootstrap,
            acks="all",
            linger_ms=20,
            max_request_size=MAX_REQUEST_BYTES,
            reconnect_backoff_max_ms=MAX_RECONNECT_BACKOFF_MS,
            **options,
        )

    def _await_acknowledgements(self, sending: Iterable[tuple[Input, Any]]) -> None:
        """Return once every message is acknowledged, and record it in ``sent``."""
        for raw_input, future in list(sending):
            metadata = future.get(timeout=SEND_TIMEOUT)
            self.sent[Origin(topic=RAW, partition=metadata.partition, offset=metadata.offset)] = raw_input.value or b""
