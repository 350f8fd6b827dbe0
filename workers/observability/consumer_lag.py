"""Consumer lag: how many messages of a stage's input wait, and since when, without asking the broker.

Only what can be read counts. Behind an open transaction nothing can, which has a gauge of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence

from faust.types import TP

from workers.hooks import ConsumerState, WorkerHook
from workers.messages import Message
from workers.observability.metrics import Metrics


class ConsumerLag(WorkerHook):
    """The lag of one worker on one topic. Times are in seconds since 1970."""

    def __init__(self, topic: str, metrics: Metrics, now: Callable[[], float] = time.time) -> None:
        self._topic = topic
        self._metrics = metrics
        self._now = now
        self._waiting_since: dict[TP, float] = {}
        self._open_since: dict[TP, tuple[int, float]] = {}  # the offset of the open transaction, and since when

    def batch_started(self, messages: Sequence[Message]) -> None:
        """Note the oldest message of each partition: it has waited longest."""
        for message in reversed(messages):
            if message.written:
                self._waiting_since[_partition_of(message)] = message.written / 1000

    def partitions_assigned(self, partitions: Collection[TP]) -> None:
        """Forget all other partitions, and their series."""
        metrics = self._metrics
        for gauge in (metrics.consumer_lag_records, metrics.consumer_lag_seconds, metrics.open_transaction_seconds):
            gauge.clear()
        for by_partition in (self._waiting_since, self._open_since):
            for tp in by_partition.keys() - partitions:
                del by_partition[tp]

    def loop_ticked(self, consumer: ConsumerState) -> None:
        """Set the series of the partitions whose end is known."""
        now = self._now()
        for tp in consumer.assignment():
            if tp.topic != self._topic or (end := consumer.highwater(tp)) is None:
                continue
            lag = max(0, end - consumer.done_to(tp))
            if not lag:
                self._waiting_since[tp] = now  # whatever waits at the next tick arrived after now
            since = self._waiting_since.setdefault(tp, now)
            self._metrics.consumer_lag_records.labels(tp.topic, tp.partition).set(lag)
            self._metrics.consumer_lag_seconds.labels(tp.topic, tp.partition).set(max(0.0, now - since))
            self._metrics.open_transaction_seconds.labels(tp.topic, tp.partition).set(
                self._open_seconds(tp, end, consumer.log_end(tp) or 0, now)
            )

    def _open_seconds(self, tp: TP, readable_to: int, end: int, now: float) -> float:
        if end <= readable_to:
            self._open_since.pop(tp, None)
            return 0.0
        offset, since = self._open_since.get(tp, (None, now))
        if offset != readable_to:
            since = now
        self._open_since[tp] = readable_to, since
        return max(0.0, now - since)


def _partition_of(message: Message) -> TP:
    return TP(message.topic, message.partition)
