from __future__ import annotations

from dataclasses import dataclass, field

from faust.types import TP

from workers.messages import Message
from workers.observability.consumer_lag import ConsumerLag
from workers.observability.metrics import Metrics

NOW = 1_000_000.0
FIRST, SECOND, LEDGER = TP("news-raw", 0), TP("news-raw", 1), TP("news-ledger", 0)


@dataclass
class Consumer:
    """A consumer that has read so far."""

    ends: dict[TP, int | None]
    done: dict[TP, int] = field(default_factory=dict)

    def assignment(self) -> set[TP]:
        return set(self.ends)

    def highwater(self, tp: TP) -> int | None:
        return self.ends[tp]

    def committed(self, tp: TP) -> int:
        return self.done.get(tp, 0)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def message(offset: int, seconds_ago: float, partition: int = 0) -> Message:
    return Message("news-raw", partition, offset, round((NOW - seconds_ago) * 1000), b"")


def measured(metrics: Metrics) -> dict[tuple[str, str], float]:
    """What the series say, by name and partition."""
    return {
        (sample.name.removeprefix("copydesk_consumer_lag_"), sample.labels["partition"]): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name.startswith("copydesk_consumer_lag")
    }


def test_lag_is_what_lies_behind_the_last_handled_message_and_as_old_as_the_oldest_at_hand() -> None:
    metrics, clock = Metrics(), Clock()
    lag = ConsumerLag("news-raw", metrics, clock)
    consumer = Consumer({FIRST: 10, SECOND: None, LEDGER: 99}, {FIRST: 4})
    batch = [message(4, 60), message(5, 30)]
    lag.batch_started(batch)
    lag.loop_ticked(consumer)
    assert measured(metrics) == {("records", "0"): 6, ("seconds", "0"): 60}
    lag.batch_finished(batch, [])
    clock.now = NOW + 1
    lag.loop_ticked(consumer)
    assert measured(metrics) == {("records", "0"): 4, ("seconds", "0"): 61}


def test_nothing_has_waited_where_everything_is_handled() -> None:
    metrics, clock = Metrics(), Clock()
    lag = ConsumerLag("news-raw", metrics, clock)
    lag.batch_started([message(0, 60)])
    lag.batch_finished([message(0, 60)], [])
    lag.loop_ticked(Consumer({FIRST: 1}))
    assert measured(metrics) == {("records", "0"): 0, ("seconds", "0"): 0}
    clock.now = NOW + 5
    lag.loop_ticked(Consumer({FIRST: 3}))
    assert measured(metrics) == {("records", "0"): 2, ("seconds", "0"): 5}


def test_partitions_that_go_take_their_series_with_them() -> None:
    metrics, clock = Metrics(), Clock()
    lag = ConsumerLag("news-raw", metrics, clock)
    batch = [message(0, 60), message(7, 60, partition=1)]
    lag.batch_started(batch)
    lag.batch_finished(batch, [])
    lag.loop_ticked(Consumer({FIRST: 2, SECOND: 9}))
    assert measured(metrics)["records", "1"] == 1
    lag.partitions_assigned({FIRST})
    assert measured(metrics) == {}
    lag.loop_ticked(Consumer({FIRST: 2}))
    assert measured(metrics) == {("records", "0"): 1, ("seconds", "0"): 60}
    # What another worker has done meanwhile is committed.
    lag.loop_ticked(Consumer({FIRST: 2, SECOND: 9}, {SECOND: 9}))
    assert measured(metrics)["records", "1"] == 0
