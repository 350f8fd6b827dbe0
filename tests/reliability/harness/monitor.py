"""Monitoring a stream while it runs: when articles come out, and what is committed."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Event, Thread
from typing import Any

from schemas import Origin
from tests.reliability.checker.checker import FINAL
from tests.reliability.checker.history import Sample, as_messages, new_consumer, origin_of
from workers.kafka.kafka_python import KafkaAdminClient, KafkaError, TopicPartition
from workers.settings import Settings
from workers.stages import STAGES, group_of
from workers.topics import ENRICHED, topics

SAMPLE_INTERVAL = 0.4
"""Seconds between two samples of the committed offsets."""
SILENCE_TIMEOUT = 5.0
"""Seconds without a record after which the consumer is replaced."""


@dataclass(slots=True)
class Monitor:
    """Two threads that observe a stream. Both survive any fault of the broker."""

    bootstrap: str
    settings: Settings
    arrived: dict[Origin, float] = field(default_factory=dict)
    """When each raw message first appeared in a final topic, by the monotonic clock."""
    enriched: list[float] = field(default_factory=list)
    """When each enriched article appeared, repeats included."""
    samples: list[Sample] = field(default_factory=list)
    _next: dict[TopicPartition, int] = field(default_factory=dict)
    _stop: Event = field(default_factory=Event)
    _threads: list[Thread] = field(default_factory=list)

    def start(self) -> None:
        """Start monitoring."""
        final = [topic for topic in topics(self.settings) if topic.name in FINAL]
        self._next = {TopicPartition(topic.name, number): 0 for topic in final for number in range(topic.partitions)}
        self._threads += [Thread(target=self._repeat, args=(work,), daemon=True) for work in (self._read, self._sample)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Return once both threads have ended."""
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def longest_pause(self, since: float, until: float) -> float:
        """The longest time between two enriched articles in the period, in seconds."""
        times = [since, *(moment for moment in self.enriched if since < moment < until), until]
        return max(after - before for before, after in pairwise(times))

    def _repeat(self, work: Callable[[], None]) -> None:
        while not self._stop.is_set():
            with suppress(KafkaError, OSError):
                work()
            self._stop.wait(0.3)

    def _read(self) -> None:
        consumer = new_consumer(self.bootstrap)
        try:
            consumer.assign(list(self._next))
            for tp, offset in self._next.items():
                consumer.seek(tp, offset)
            last_record = time.monotonic()
            # A consumer may never recover from a fault. After a silence, a new one takes over.
            while not self._stop.is_set() and time.monotonic() - last_record < SILENCE_TIMEOUT:
                for tp, records in consumer.poll(timeout_ms=100).items():
                    last_record = time.monotonic()
                    for message in as_messages(records):
                        self.arrived.setdefault(origin_of(message), last_record)
                        if message.topic == ENRICHED:
                            self.enriched.append(last_record)
                    self._next[tp] = records[-1].offset + 1
        finally:
            consumer.close()

    def _sample(self) -> None:
        admin = KafkaAdminClient(
            bootstrap_servers=self.bootstrap, request_timeout_ms=10_000, reconnect_backoff_max_ms=500
        )
        consumer = new_consumer(self.bootstrap)
        try:
            while not self._stop.wait(SAMPLE_INTERVAL):
                self.samples.append(sample(admin, consumer, self.settings))
        finally:
            admin.close()
            consumer.close()


def sample(admin: Any, consumer: Any, settings: Settings) -> Sample:
    """The committed offsets of every role, and the end offsets of all topics right after that."""
    committed: dict[tuple[str, int], int] = {}
    groups = [group_of(stage) for stage in STAGES]
    for offsets in admin.list_group_offsets(groups).values():
        for tp, metadata in offsets.items():
            if metadata.offset >= 0:
                committed[tp.topic, tp.partition] = metadata.offset
    partitions = [
        TopicPartition(topic.name, number) for topic in topics(settings) for number in range(topic.partitions)
    ]
    ends = consumer.end_offsets(partitions)
    return Sample(committed, {(tp.topic, tp.partition): end for tp, end in ends.items()})
