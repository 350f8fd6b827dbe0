"""Rates, quantiles and states from scrapes."""

from __future__ import annotations

import math

import pytest
from rich.console import Console

from tests.top.support import Worker, served
from workers.observability.metrics import RunMetrics
from workers.outcomes import Stage
from workers.top.figures import Snapshot, snapshot
from workers.top.rates import increase, quantile
from workers.top.scraping import Endpoint, History, Scrape, missed, parse
from workers.top.view import duration, screen


def down(worker: Worker, second: float) -> Scrape:
    return Scrape(worker.endpoint, second, problem="Connection refused")


def look(history: History, *scrapes: Scrape) -> Snapshot:
    history.add(scrapes)
    return snapshot(scrapes, history)


def shown(found: Snapshot) -> str:
    console = Console(width=80, file=None)
    with console.capture() as text:
        console.print(screen(found, "Copydesk"))
    return text.get()


def test_rates_lag_and_latency_of_a_worker_are_those_of_the_last_seconds() -> None:
    worker, history = Worker(Stage.CLEAN, 9641), History(10)
    worker.handle(1000, "clean")
    look(history, worker.at(0))
    worker.handle(30, "clean")
    worker.handle(10, "dead_letter", "no_body")
    worker.metrics.consumer_lag_records.labels("news-raw", 0).set(5)
    worker.metrics.consumer_lag_records.labels("news-raw", 1).set(7)
    worker.metrics.consumer_lag_seconds.labels("news-raw", 0).set(3)
    worker.metrics.consumer_lag_seconds.labels("news-raw", 1).set(90)
    found = look(history, worker.at(4))
    (role,) = found.roles
    assert (role.name, found.seconds, role.figures.per_second) == ("clean", 4, 10)
    assert (role.figures.lag_records, role.figures.lag_seconds) == (12, 90)
    assert role.figures.p50_seconds == pytest.approx(0.00175)
    assert [(count.outcome, count.per_second, count.total) for count in found.outcomes] == [("clean", 7.5, 1030)]
    assert [(count.reason, count.per_second, count.total) for count in found.dead_letters] == [("no_body", 2.5, 10)]


def test_rates_cover_at_most_the_window() -> None:
    worker, history = Worker(Stage.CLEAN, 9641), History(10)
    for second in range(0, 60, 2):
        worker.handle(4, "clean")
        found = look(history, worker.at(second))
    assert (found.seconds, found.roles[0].figures.per_second) == (10, 2)


def test_a_counter_that_was_reset_counts_from_zero() -> None:
    labels = frozenset({("stage", "clean")})
    assert increase({"n": {labels: 3}}, {"n": {labels: 100}}, "n") == {labels: 3}
    restarted = {"n": {labels: 300.0}, "process_start_time_seconds": {frozenset[tuple[str, str]](): 2.0}}
    before = {"n": {labels: 100.0}, "process_start_time_seconds": {frozenset[tuple[str, str]](): 1.0}}
    assert increase(restarted, before, "n") == {labels: 300}


def test_quantiles_are_interpolated_as_prometheus_does() -> None:
    buckets = {1.0: 10.0, 2.0: 20.0, math.inf: 20.0}
    assert quantile(buckets, 0.5) == 1
    assert quantile(buckets, 0.75) == 1.5
    assert quantile({1.0: 0.0, math.inf: 4.0}, 0.5) == 1, "above the last bound there is only that bound"
    assert quantile({1.0: 0.0, math.inf: 0.0}, 0.5) is None
    assert quantile({}, 0.5) is None


def test_a_process_that_no_longer_answers_is_shown_as_down_with_its_role() -> None:
    first, second = Worker(Stage.ENRICH, 9643), Worker(Stage.ENRICH, 9644)
    history = History(10)
    look(history, first.at(0), second.at(0))
    first.handle(20, "enriched")
    found = look(history, first.at(2), down(second, 2))
    (role,) = found.roles
    assert [process.state for process in role.processes] == ["up", "down"]
    assert role.figures.per_second == 10
    assert "1/2 up" in shown(found)
    assert "enrich at localhost:9644 does not answer: Connection refused" in shown(found)


@pytest.mark.parametrize(
    ("state", "gauge", "value"),
    [("halted", "halted", 1), ("no Kafka", "broker_up", 0), ("recovering", "recovering", 1)],
)
def test_a_worker_that_does_not_work_is_shown_as_such(state: str, gauge: str, value: int) -> None:
    worker = Worker(Stage.DEDUPE, 9642)
    metric = getattr(worker.metrics, gauge)
    (metric.labels(Stage.DEDUPE) if gauge == "halted" else metric).set(value)
    found = look(History(10), worker.at(0))
    assert found.processes[0].state == state
    assert state in shown(found)


def test_run_tells_about_restarts_kafka_and_the_disk() -> None:
    metrics, worker = RunMetrics(), Worker(Stage.ENRICH, 9643)
    metrics.watch_kafka(lambda: 0, lambda: 3 * 1024**3, lambda: 100 * 1024**3)
    metrics.role_restarts.labels("enrich").inc(2)
    run = Scrape(Endpoint("http://localhost:9640/metrics"), 0, parse(served(metrics)))
    found = look(History(10), run, worker.at(0))
    assert [role.name for role in found.roles] == ["run", "enrich"]
    assert found.roles[1].restarts == 2
    text = shown(found)
    assert "enrich was restarted 2 times" in text
    assert "Embedded Kafka: down" in text
    assert "Disk: 3.0 of 100.0 GiB free" in text


def test_memory_near_its_limit_is_shown_with_its_share() -> None:
    worker = Worker(Stage.DEDUPE, 9642)
    text = f"process_resident_memory_bytes {96 * 1024**2}\ncopydesk_memory_limit_bytes {100 * 1024**2}\n"
    series = {**worker.at(0).series, **parse(text)}
    assert "96 MiB 96%" in shown(look(History(10), Scrape(worker.endpoint, 0, series)))


def test_silent_ports_count_only_where_a_process_must_be() -> None:
    clean, dedupe, *enrich = [Worker(stage, 9641 + n) for n, stage in enumerate([*Stage, *[Stage.ENRICH] * 3])]
    run = Scrape(Endpoint("http://localhost:9640/metrics", "run"), 0, problem="Connection refused")
    history = History(10)

    def ports(*scrapes: Scrape) -> list[str]:
        history.add(scrapes)
        return [scrape.endpoint.url[-12:-8] for scrape in missed(scrapes, history)]

    silent = [run, clean.at(0), down(dedupe, 0)]
    assert ports(*silent, *(down(each, 0) for each in enrich)) == ["9641", "9642", "9643"]
    before_another = [down(enrich[0], 0), down(enrich[1], 0), enrich[2].at(0), down(enrich[3], 0)]
    assert ports(*silent, *before_another) == ["9641", "9642", "9643", "9644", "9645"]
    assert ports(*silent, *(down(each, 1) for each in enrich)) == ["9641", "9642", "9643", "9644", "9645"]


def test_durations_have_their_natural_unit() -> None:
    values = (None, 0, 0.0012, 0.5, 3.42, 300, 27_000)
    assert [duration(value) for value in values] == ["-", "0 s", "1.2 ms", "500 ms", "3.4 s", "5 min", "7.5 h"]
