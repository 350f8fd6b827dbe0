"""Numbers for people from two scrapes of each process: rates, lag, latency, memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from workers.outcomes import Outcome, Stage
from workers.top.rates import Pair, buckets, quantile, rate
from workers.top.scraping import RUN, History, Scrape, Series

STATES = (
    ("halted", "copydesk_halted", 1),
    ("no Kafka", "copydesk_broker_up", 0),
    ("no Kafka", "copydesk_embedded_kafka_up", 0),
    ("recovering", "copydesk_recovering", 1),
    ("no partitions", "copydesk_partitions_assigned", 0),
)
"""States of a process that answers, each with the gauge and the value that mean it; the first that applies counts."""
UP, DOWN = "up", "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The numbers of a process or of all processes of a role; None means unknown.

    Attributes:
        per_second: articles that left the stage.
        lag_records: messages that wait.
        lag_seconds: for how long the oldest one does.
        p50_seconds, p95_seconds: how long an article takes in the stage.
        cpu: cores in use.
        memory_bytes, memory_limit_bytes: resident memory and, of a single process, its limit.
    """

    per_second: float | None = None
    lag_records: float | None = None
    lag_seconds: float | None = None
    p50_seconds: float | None = None
    p95_seconds: float | None = None
    cpu: float | None = None
    memory_bytes: float | None = None
    memory_limit_bytes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process; ``problem`` says why it is down."""

    role: str
    url: str
    state: str
    figures: Figures
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """All processes of a role. ``restarts`` counts since the start of ``copydesk run``; None without it."""

    name: str
    processes: tuple[Process, ...]
    figures: Figures
    restarts: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Articles with one outcome of a stage, and how long they took since they were sent.

    Attributes:
        reason: why they were refused; empty for all but dead letters.
        per_second: None if unknown.
        total: since the processes started.
        p50_seconds, p95_seconds: end to end, for outcomes with which an article leaves the stream.
    """

    stage: str
    outcome: str
    reason: str
    per_second: float | None
    total: int
    p50_seconds: float | None = None
    p95_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What ``copydesk run`` says about its Kafka and disk; None where it has none."""

    embedded_kafka_up: bool | None
    kafka_restarts: int
    disk_free_bytes: float | None
    disk_size_bytes: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything that ``copydesk top`` shows at one moment. ``seconds`` is the time that the rates cover, if any."""

    seconds: float | None
    roles: tuple[Role, ...]
    outcomes: tuple[Count, ...]
    dead_letters: tuple[Count, ...]
    run: Run | None

    @property
    def processes(self) -> list[Process]:
        """Every process, in the order of the roles."""
        return [process for role in self.roles for process in role.processes]


def snapshot(scrapes: Sequence[Scrape], history: History) -> Snapshot:
    """The snapshot for the scrapes of this moment."""
    pairs = [(each, history.before(each)) for each in scrapes]
    up = [pair for pair in pairs if pair[0].is_up]
    run = next((now for now, _ in up if now.role == RUN), None)
    by_role: dict[str, list[Pair]] = {}
    for now, before in pairs:
        by_role.setdefault(history.role_of(now) or "?", []).append((now, before))
    order = [RUN, *Stage]
    names = sorted(by_role, key=lambda name: order.index(name) if name in order else len(order))
    counts = _counts(up)
    return Snapshot(
        seconds=max((now.at - before.at for now, before in up if before), default=None),
        roles=tuple(_role(name, by_role[name], run) for name in names),
        outcomes=tuple(count for count in counts if not count.reason),
        dead_letters=tuple(count for count in counts if count.reason),
        run=_run(run) if run else None,
    )


def _role(name: str, pairs: Sequence[Pair], run: Scrape | None) -> Role:
    restarts = _by_label(run.series, "copydesk_role_restarts_total", "role") if run else {}
    processes = tuple(
        Process(
            role=name, url=now.endpoint.url, state=_state(now), figures=_figures([(now, before)]), problem=now.problem
        )
        for now, before in pairs
    )
    return Role(
        name=name,
        processes=processes,
        figures=_figures(pairs),
        restarts=int(restarts[name]) if name in restarts else None,
    )


def _state(scrape: Scrape) -> str:
    if not scrape.is_up:
        return DOWN
    return next((state for state, name, value in STATES if scrape.value(name) == value), UP)


def _figures(pairs: Sequence[Pair]) -> Figures:
    durations = buckets(pairs, "copydesk_stage_duration_seconds_bucket")
    scrapes = [now for now, _ in pairs]
    return Figures(
        per_second=rate(pairs, "copydesk_articles_total"),
        lag_records=_sum(scrape.value("copydesk_consumer_lag_records") for scrape in scrapes),
        lag_seconds=_max(scrape.highest("copydesk_consumer_lag_seconds") for scrape in scrapes),
        p50_seconds=quantile(durations, 0.5),
        p95_seconds=quantile(durations, 0.95),
        cpu=rate(pairs, "process_cpu_seconds_total"),
        memory_bytes=_sum(scrape.value("process_resident_memory_bytes") for scrape in scrapes),
        # Processes on one machine share its memory: their limits do not add up.
        memory_limit_bytes=scrapes[0].value("copydesk_memory_limit_bytes") if len(scrapes) == 1 else None,
    )


def _counts(pairs: Sequence[Pair]) -> list[Count]:
    """The articles by stage, outcome and reason, without reasons that nothing was refused for."""
    name = "copydesk_articles_total"
    keys = ("stage", "outcome", "reason")
    totals: dict[tuple[str, ...], float] = {}
    for now, _ in pairs:
        for labels, value in now.series.get(name, {}).items():
            key = tuple(dict(labels).get(each, "") for each in keys)
            totals[key] = totals.get(key, 0.0) + value
    ends = (Outcome.DUPLICATE, Outcome.ENRICHED)
    counts = []
    for key in sorted((key for key in totals if totals[key] or not key[2]), key=_in_order):
        stage, outcome, reason = key
        took = buckets(pairs, "copydesk_end_to_end_latency_seconds_bucket", outcome=outcome) if outcome in ends else {}
        counts.append(
            Count(
                stage=stage, outcome=outcome, reason=reason, total=int(totals[key]),
                per_second=rate(pairs, name, stage=stage, outcome=outcome, reason=reason),
                p50_seconds=quantile(took, 0.5), p95_seconds=quantile(took, 0.95),
            )
        )  # fmt: skip
    return counts


def _in_order(key: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    return (list(Stage).index(Stage(key[0])) if key[0] in list(Stage) else len(Stage)), key


def _run(run: Scrape) -> Run:
    kafka = run.value("copydesk_embedded_kafka_up")
    restarts = _by_label(run.series, "copydesk_role_restarts_total", "role")
    return Run(
        embedded_kafka_up=None if kafka is None else bool(kafka),
        kafka_restarts=int(restarts.get("kafka", 0)),
        disk_free_bytes=run.value("copydesk_disk_free_bytes"),
        disk_size_bytes=run.value("copydesk_disk_size_bytes"),
    )


def _by_label(series: Series, name: str, label: str) -> dict[str, float]:
    return {dict(labels).get(label, ""): value for labels, value in series.get(name, {}).items()}


def _known(reduce: Callable[[list[float]], float], values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return reduce(known) if known else None


def _sum(values: Iterable[float | None]) -> float | None:
    return _known(sum, values)


def _max(values: Iterable[float | None]) -> float | None:
    return _known(max, values)
