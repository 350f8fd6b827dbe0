"""Consumer lag as the gauges show it, for a consumer with given offsets."""

from __future__ import annotations

from dataclasses import dataclass, field

from faust.types import TP

from workers.messages import Message
from workers.observability.consumer_lag import ConsumerLag
from workers.observability.metrics import Metrics

NOW = 1_767_268_800.0
FIRST, SECOND, LEDGER = TP("news-raw", 0), TP("news-raw", 1), TP("news-ledger", 0)


@dataclass
class Consumer:
    """A consumer with the given readable ends, and offsets below which everything is done."""

    ends: dict[TP, int | None]
    done: dict[TP, int] = field(default_factory=dict)
    log_ends: dict[TP, int] = field(default_factory=dict)

    def assignment(self) -> set[TP]:
        return set(self.ends)

    def highwater(self, tp: TP) -> int | None:
        return self.ends[tp]

    def log_end(self, tp: TP) -> int | None:
        return self.log_ends.get(tp, self.ends[tp])

    def done_to(self, tp: TP) -> int:
        return self.done.get(tp, 0)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def message(offset: int, seconds_ago: float, partition: int = 0) -> Message:
    return Message("news-raw", partition, offset, round((NOW - seconds_ago) * 1000), b"")


def series(metrics: Metrics) -> dict[tuple[str, str], float]:
    """The values of the lag gauges, by name and partition."""
    return {
        (sample.name.removeprefix("copydesk_consumer_lag_"), sample.labels["partition"]): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name.startswith("copydesk_consumer_lag")
    }


def test_lag_counts_unhandled_messages_and_the_age_of_the_oldest() -> None:
    metrics, clock = Metrics(), Clock()
    lag = ConsumerLag("news-raw", metrics, clock)
    consumer = Consumer({FIRST: 10, SECOND: None, LEDGER: 99}, {FIRST: 4})
    batch = [message(4, 60), message(5, 30)]
    lag.batch_started(batch)
    lag.loop_ticked(consumer)
    assert series(metrics) == {("records", "0"): 6, ("seconds", "0"): 60}
    consumer.done[FIRST] = 6
    clock.now = NOW + 1
    lag.loop_ticked(consumer)
    assert series(metrics) == {("records", "0"): 4, ("seconds", "0"): 61}


def test_waiting_time_is_zero_when_every_message_is_handled() -> None:
    metrics, clock = Metrics(), Clock()
    lag = ConsumerLag("news-raw", metrics, clock)
    lag.batch_started([message(0, 60)])
    lag.loop_ticked(Consumer({FIRST: 1}, {FIRST: 1}))
    assert series(metrics) == {("records", "0"): 0, ("seconds", "0"): 0}
    clock.now = NOW + 5
    lag.loop_ticked(Consumer({FIRST: 3}, {FIRST: 1}))
    assert series(metrics) == {("records", "0"): 2, ("seconds", "0"): 5}


def test_series_of_revoked_partitions_are_removed() -> None:
    metrics, clock = Metrics(), Clock()
    lag = ConsumerLag("news-raw", metrics, clock)
    batch = [message(0, 60), message(7, 60, partition=1)]
    lag.batch_started(batch)
    lag.loop_ticked(Consumer({FIRST: 2, SECOND: 9}, {FIRST: 1, SECOND: 8}))
    assert series(metrics)["records", "1"] == 1
    lag.partitions_assigned({FIRST})
    assert series(metrics) == {}
    lag.loop_ticked(Consumer({FIRST: 2}, {FIRST: 1}))
    assert series(metrics) == {("records", "0"): 1, ("seconds", "0"): 60}


def test_open_transaction_is_no_lag_and_has_its_own_age() -> None:
    metrics, clock = Metrics(), Clock()
    lag = ConsumerLag("news-raw", metrics, clock)

    def seconds_open(readable_to: int, log_end: int) -> float | None:
        lag.loop_ticked(Consumer({FIRST: readable_to}, {FIRST: readable_to}, {FIRST: log_end}))
        assert series(metrics) == {("records", "0"): 0, ("seconds", "0"): 0}
        clock.now += 60
        return metrics.registry.get_sample_value(
            "copydesk_open_transaction_seconds", {"topic": "news-raw", "partition": "0"}
        )

    assert seconds_open(readable_to=0, log_end=5) == 0
    assert seconds_open(readable_to=0, log_end=9) == 60
    assert seconds_open(readable_to=6, log_end=9) == 0  # the next transaction
    assert seconds_open(readable_to=9, log_end=9) == 0
