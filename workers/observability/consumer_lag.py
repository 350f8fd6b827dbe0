"""Consumer lag: how many messages of a stage's input wait, and since when, without asking the broker."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence

from faust.types import TP

from workers.hooks import ConsumerState, WorkerHook
from workers.messages import Message, Result
from workers.observability.metrics import Metrics


class ConsumerLag(WorkerHook):
    """The lag of one worker on one topic. Times are in seconds since 1970."""

    def __init__(self, topic: str, metrics: Metrics, now: Callable[[], float] = time.time) -> None:
        self._topic = topic
        self._metrics = metrics
        self._now = now
        self._handled_to: dict[TP, int] = {}  # the offset below which every message was handled
        self._waiting_since: dict[TP, float] = {}

    def batch_started(self, messages: Sequence[Message]) -> None:
        """Note the oldest message of each partition: it has waited longest."""
        for message in reversed(messages):
            if message.written:
                self._waiting_since[_partition_of(message)] = message.written / 1000

    def batch_finished(self, messages: Sequence[Message], results: Sequence[Result]) -> None:
        """Note that the messages were handled, whether or not their offsets are committed."""
        for message in messages:
            self._handled_to[_partition_of(message)] = message.offset + 1

    def partitions_assigned(self, partitions: Collection[TP]) -> None:
        """Forget all other partitions, and their series."""
        for gauge in (self._metrics.consumer_lag_records, self._metrics.consumer_lag_seconds):
            gauge.clear()
        for by_partition in (self._handled_to, self._waiting_since):
            for tp in by_partition.keys() - partitions:
                del by_partition[tp]

    def loop_ticked(self, consumer: ConsumerState) -> None:
        """Set the series of the partitions whose end is known."""
        now = self._now()
        for tp in consumer.assignment():
            if tp.topic != self._topic or not (end := consumer.highwater(tp)):
                continue
            lag = max(0, end - self._handled_to.get(tp, consumer.committed(tp)))
            if not lag:
                self._waiting_since[tp] = now  # whatever waits at the next tick arrived after now
            since = self._waiting_since.setdefault(tp, now)
            self._metrics.consumer_lag_records.labels(tp.topic, tp.partition).set(lag)
            self._metrics.consumer_lag_seconds.labels(tp.topic, tp.partition).set(max(0.0, now - since))


def _partition_of(message: Message) -> TP:
    return TP(message.topic, message.partition)
