"""Consumer lag per partition: how many messages wait, and how long the oldest has waited.

A worker knows this from its own fetches, without asking the broker.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from faust.types import TP

from workers.messages import Message
from workers.observability.metrics import Metrics


class ConsumerOffsets(Protocol):
    """What a consumer knows about the partitions that it reads."""

    def assignment(self) -> Collection[TP]:
        """The assigned partitions, of any topic."""

    def highwater(self, tp: TP) -> int | None:
        """The end offset of the partition according to the last fetch; None before the first fetch."""

    def committed(self, tp: TP) -> int:
        """The committed offset: the offset of the next message to read."""


class ConsumerLag:
    """The lag of one worker on one topic. Times are in seconds since 1970."""

    def __init__(self, topic: str, metrics: Metrics) -> None:
        self._topic = topic
        self._metrics = metrics
        self._next_offset: dict[TP, int] = {}  # every message below it is handled
        self._waiting_since: dict[TP, float] = {}

    def batch_started(self, messages: Sequence[Message]) -> None:
        """Note how old the oldest message of each partition is: nothing there has waited longer."""
        for message in reversed(messages):
            self._waiting_since[_partition(message)] = message.timestamp / 1000

    def batch_finished(self, messages: Sequence[Message]) -> None:
        """Note that the messages are handled, whether or not their offsets are committed yet."""
        for message in messages:
            self._next_offset[_partition(message)] = message.offset + 1

    def keep_only(self, assigned: Collection[TP]) -> None:
        """Forget all partitions except these, and remove their series."""
        for gauge in (self._metrics.consumer_lag_records, self._metrics.consumer_lag_seconds):
            gauge.clear()
        for by_partition in (self._next_offset, self._waiting_since):
            for tp in by_partition.keys() - assigned:
                del by_partition[tp]

    def measure(self, consumer: ConsumerOffsets, now: float) -> None:
        """Set the gauges of every partition whose end offset is known."""
        for tp in consumer.assignment():
            if tp.topic != self._topic or not (end := consumer.highwater(tp)):
                continue
            lag = max(0, end - self._next_offset.get(tp, consumer.committed(tp)))
            if not lag:
                self._waiting_since[tp] = now  # the next message to wait arrives after this moment
            since = self._waiting_since.setdefault(tp, now)
            self._metrics.consumer_lag_records.labels(tp.topic, tp.partition).set(lag)
            self._metrics.consumer_lag_seconds.labels(tp.topic, tp.partition).set(max(0.0, now - since))


def _partition(message: Message) -> TP:
    return TP(message.topic, message.partition)
