"""Lag: how many messages of a role's input wait, and since when, as a worker knows without asking the broker."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from faust.types import TP

from workers.messages import Message
from workers.observability.metrics import Metrics


class Positions(Protocol):
    """What a consumer knows of the partitions that it reads."""

    def assignment(self) -> Collection[TP]:
        """The partitions, of whatever topic."""

    def highwater(self, tp: TP) -> int | None:
        """The offset at which the partition ends, as the last fetch told it; None before the first."""

    def committed(self, tp: TP) -> int:
        """The offset below which everything was committed."""


class Lag:
    """The lag of one worker on one topic. Times are in seconds since 1970."""

    def __init__(self, topic: str, metrics: Metrics) -> None:
        self._topic = topic
        self._metrics = metrics
        self._done: dict[TP, int] = {}  # the offset below which every message was handled
        self._waiting_since: dict[TP, float] = {}

    def takes(self, messages: Sequence[Message]) -> None:
        """The messages are at hand: the oldest of each partition is what has waited longest."""
        for message in reversed(messages):
            self._waiting_since[_place(message)] = message.timestamp / 1000

    def finishes(self, messages: Sequence[Message]) -> None:
        """The messages were handled, whether their offsets are committed already or not."""
        for message in messages:
            self._done[_place(message)] = message.offset + 1

    def keep(self, mine: Collection[TP]) -> None:
        """Forget all partitions but these, and their series."""
        for gauge in (self._metrics.consumer_lag_records, self._metrics.consumer_lag_seconds):
            gauge.clear()
        for known in (self._done, self._waiting_since):
            for tp in known.keys() - mine:
                del known[tp]

    def measure(self, consumer: Positions, now: float) -> None:
        """Set the series of the partitions whose end is known."""
        for tp in consumer.assignment():
            if tp.topic != self._topic or not (end := consumer.highwater(tp)):
                continue
            lag = max(0, end - self._done.get(tp, consumer.committed(tp)))
            if not lag:
                self._waiting_since[tp] = now  # what waits next has come since
            since = self._waiting_since.setdefault(tp, now)
            self._metrics.consumer_lag_records.labels(tp.topic, tp.partition).set(lag)
            self._metrics.consumer_lag_seconds.labels(tp.topic, tp.partition).set(max(0.0, now - since))


def _place(message: Message) -> TP:
    return TP(message.topic, message.partition)
