"""The crawler of a drill: sends raw messages, and knows of each whether and where the broker took it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from threading import Event, Thread
from typing import Any

from schemas import Origin
from tests.integration.articles import Input
from workers.kafka.kafka_python import KafkaError, KafkaProducer
from workers.topics import RAW

PATIENCE = 120
"""Seconds that the broker has to take a message."""

AGAIN = 500
"""Milliseconds at most before a broker is tried again: what is measured when one returns is not the crawler."""
LARGEST = 16 * 1024 * 1024
"""Bytes of a request; what the broker takes is for the broker to say."""


@dataclass(slots=True)
class Crawler:
    """Sends to the broker at the address; ``sent`` has what the broker took."""

    bootstrap: str
    sent: dict[Origin, bytes | None] = field(default_factory=dict)

    def publish(self, inputs: Iterable[Input], partition: int | None = None) -> None:
        """Return once the inputs are sent, to the partition if one is given."""
        producer = self._producer()
        self._note((one, producer.send(RAW, one.value, partition=partition)) for one in inputs)
        producer.close()

    def publish_in_transactions(self, inputs: Iterable[Input], each: int, partition: int) -> None:
        """Return once the inputs are sent, so many in a transaction, the end of which takes an offset of its own."""
        producer, remaining = self._producer(transactional_id="crawler"), iter(inputs)
        producer.init_transactions()
        while some := list(islice(remaining, each)):
            producer.begin_transaction()
            sent = [(one, producer.send(RAW, one.value, partition=partition)) for one in some]
            producer.commit_transaction()
            self._note(sent)
        producer.close()

    def publish_at(self, inputs: Iterable[tuple[Input, int]]) -> None:
        """Return once the inputs are sent, each with a time of its own (in milliseconds since 1970)."""
        producer = self._producer()
        self._note((one, producer.send(RAW, one.value, timestamp_ms=at)) for one, at in inputs)
        producer.close()

    @contextmanager
    def load(self, inputs: Iterable[Input], rate: float) -> Iterator[None]:
        """Within: inputs are sent, so many a second."""
        stopping, producer = Event(), self._producer()
        failures: list[KafkaError] = []

        def send() -> Iterator[tuple[Input, Any]]:
            began = time.monotonic()
            for number, one in enumerate(inputs):
                if stopping.wait(max(0.0, began + number / rate - time.monotonic())):
                    break
                yield one, producer.send(RAW, one.value)

        def work() -> None:
            try:
                self._note(send())
            except KafkaError as error:
                failures.append(error)

        thread = Thread(target=work, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join(PATIENCE)
            producer.close()
        assert not thread.is_alive(), "the broker does not take what is sent"
        for error in failures:
            raise error

    def _producer(self, **options: Any) -> Any:
        return KafkaProducer(
            bootstrap_servers=self.bootstrap,
            acks="all",
            linger_ms=20,
            max_request_size=LARGEST,
            reconnect_backoff_max_ms=AGAIN,
            **options,
        )

    def _note(self, sending: Iterable[tuple[Input, Any]]) -> None:
        """Return once everything is sent and taken."""
        for one, future in list(sending):
            place = future.get(timeout=PATIENCE)
            self.sent[Origin(topic=RAW, partition=place.partition, offset=place.offset)] = one.value or b""
