"""The metrics: one table. Base units, closed label sets, one registry and one port per process.

A row says what it tells and, where a value can be bad, what to do then; ``deploy/metrics.md`` is made from it.
"""

from __future__ import annotations

import dataclasses
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from workers import __version__
from workers.settings import Settings
from workers.topics import topics

# Each series would be there twice for a time that nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]

PREFIX = "copydesk_"
_LATENCY = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600)
_DURATION = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_REBALANCE = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_AGE = (60, 300, 900, 3600, 4 * 3600, 24 * 3600, 3 * 24 * 3600, 7 * 24 * 3600)
_SHARES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
TOPICS = tuple(topic.name for topic in topics(Settings()))
_RESTART = "Look at the log; if it does not go down, end the process: another goes on where this one was."


def _row(
    make: Callable[..., Any],
    help: str,
    *labels: str,
    remedy: str = "",
    from_zero: Sequence[str] = (),
    **options: object,
) -> Any:
    """A row of the table: a dataclass field that knows how to make its metric and how to explain it.

    ``from_zero`` are values of its label whose series are there from the start: Prometheus sees no increase in a series
    that begins with its first event.
    """
    metadata = {
        "make": make, "help": help, "labels": labels, "remedy": remedy, "from_zero": from_zero, "options": options,
    }  # fmt: skip
    return dataclasses.field(init=False, metadata=metadata)


@dataclass(eq=False)
class Metrics:
    """Every metric of a worker process, ready to be set."""

    registry: CollectorRegistry = dataclasses.field(default_factory=CollectorRegistry)

    records_consumed: Counter = _row(Counter, "Messages read.", "topic")
    consumed_bytes: Counter = _row(Counter, "Bytes of the values read.", "topic")
    articles: Counter = _row(
        Counter, "Messages that left the stage, each once; reason is empty but for dead letters.",
        "stage", "outcome", "reason",
    )  # fmt: skip
    dead_letters: Counter = _row(
        Counter, "Messages refused, by reason.", "stage", "reason",
        remedy="Read some of news-dead-letters: the headers say why. internal_error is a fault of Copydesk's own.",
    )  # fmt: skip
    halted: Gauge = _row(
        Gauge, "1 once the worker stopped consuming, for too much was refused.", "stage",
        remedy="Mend the cause (a deploy of ours or of a crawler) and restart the worker; it goes on where it was.",
    )  # fmt: skip
    stage_duration_seconds: Histogram = _row(
        Histogram, "Time that the stage took for an article: its share of the batch.", "stage", buckets=_DURATION,
        remedy="Add workers, up to a partition each.",
    )  # fmt: skip
    end_to_end_latency_seconds: Histogram = _row(
        Histogram, "From the raw message's timestamp to its final outcome being acknowledged.", "outcome",
        buckets=_LATENCY, remedy="See by copydesk_consumer_lag_seconds which stage is behind, and add workers to it.",
    )  # fmt: skip
    article_age_seconds: Histogram = _row(
        Histogram, "From an article's own date of publication, where it has one, to its being cleaned.", buckets=_AGE,
        remedy="Crawl more often, or find out which source sends old articles.",
    )  # fmt: skip
    consumer_lag_records: Gauge = _row(
        Gauge, "Messages not yet processed.", "topic", "partition", remedy="Add workers, up to a partition each."
    )
    consumer_lag_seconds: Gauge = _row(
        Gauge, "Age of the oldest message not yet processed; 0 when there is none.", "topic", "partition",
        remedy="Add workers, up to a partition each.",
    )  # fmt: skip
    inflight_records: Gauge = _row(Gauge, "Messages of the batch at hand.")
    produced: Counter = _row(Counter, "Messages that the broker acknowledged.", "topic")
    produce_retries: Counter = _row(
        Counter, "Messages sent again because the broker did not acknowledge them in time.", "topic",
        from_zero=TOPICS,
        remedy="Look at the brokers: replicas in sync, disks, network.",
    )  # fmt: skip
    produce_duration_seconds: Histogram = _row(
        Histogram, "From sending a batch's outputs until the last was acknowledged.", buckets=_DURATION,
        remedy="Look at the brokers: replicas in sync, disks, network.",
    )  # fmt: skip
    broker_up: Gauge = _row(
        Gauge, "1 while Kafka answers; 0 once nothing has moved for a while and it does not say what waits.",
        remedy="Look at the brokers and at the network between. Nothing is lost: messages wait in Kafka.",
    )  # fmt: skip
    commits: Counter = _row(
        Counter, "Commits of offsets.", "result", from_zero=("ok", "failed"),
        remedy="Look at the brokers and at the log.",
    )  # fmt: skip
    last_commit_timestamp_seconds: Gauge = _row(
        Gauge, "When offsets were last committed, since 1970; 0 before the first time.", remedy=_RESTART
    )
    rebalances: Counter = _row(
        Counter, "Times that partitions were assigned anew.",
        remedy="Find out which worker comes and goes; raise COPYDESK_SESSION_TIMEOUT where machines are slow.",
    )  # fmt: skip
    rebalance_duration_seconds: Histogram = _row(
        Histogram, "From partitions being revoked until some were assigned.", buckets=_REBALANCE,
        remedy="A worker is slow to finish its batch, or one was killed and its session must run out.",
    )  # fmt: skip
    partitions_assigned: Gauge = _row(
        Gauge, "Partitions that this process reads.", remedy="0 for long: there are more workers than partitions."
    )
    recovering: Gauge = _row(Gauge, "1 while a ledger is read back.", remedy=_RESTART)
    recovery_remaining_records: Gauge = _row(Gauge, "Ledger entries still to be read back.", remedy=_RESTART)
    snapshots: Counter = _row(
        Counter, "Snapshots of ledgers, by whether they were written.", "result", from_zero=("ok", "failed"),
        remedy="Make room in COPYDESK_STATE_DIR; until then the next start takes longer, and nothing else.",
    )  # fmt: skip
    ledger_entries: Gauge = _row(Gauge, "Articles in the ledgers of this process.", "partition")
    ledger_bytes: Gauge = _row(
        Gauge, "Bytes that a ledger takes in memory, its indexes included.", "partition",
        remedy="Give the process more memory, or shorten COPYDESK_WINDOW_HOURS.",
    )  # fmt: skip
    dedupe_verdicts: Counter = _row(Counter, "Verdicts on articles.", "kind")
    removed_spans: Counter = _row(Counter, "Spans that cleaning took out of the raw text.", "category")
    removed_text_ratio: Histogram = _row(
        Histogram, "Share of an article's raw text that cleaning took out.", buckets=_SHARES,
        remedy="See by source which crawler takes whole pages for articles.",
    )  # fmt: skip
    source_articles: Counter = _row(
        Counter, "Articles cleaned, or judged by dedupe, of the busiest sources; the others are one: other.",
        "stage", "source", "language",
        remedy="A source that falls silent or changes its language was likely redesigned.",
    )  # fmt: skip
    source_characters: Counter = _row(Counter, "Characters of raw text, by source.", "source")
    source_removed_characters: Counter = _row(
        Counter, "Characters that cleaning took out, by source.", "source",
        remedy="A share that jumps: the source was redesigned; look at its articles and at the crawler's extraction.",
    )  # fmt: skip
    source_undated: Counter = _row(
        Counter, "Articles without a date of publication, by source.", "source",
        remedy="A share that jumps: the crawler no longer finds the date.",
    )  # fmt: skip
    source_copies: Counter = _row(
        Counter, "Articles found to be copies, by source.", "source",
        remedy="A share that jumps: the crawler sends the same articles again under new URLs.",
    )  # fmt: skip
    entities: Counter = _row(Counter, "Entities found, once per article.", "type")
    model_loaded: Gauge = _row(
        Gauge, "1 where the language's model was loaded; 0: its entities come from the lexicon alone.", "language",
        remedy="Install the package that COPYDESK_MODELS names.",
    )  # fmt: skip
    event_loop_lag_seconds: Gauge = _row(
        Gauge,
        "How late the event loop was at its last heartbeat.",
        remedy="The machine is overloaded, or memory swaps.",
    )
    memory_limit_bytes: Gauge = _row(
        Gauge, "Memory that the process may take: what its control groups allow, or all that the machine has.",
        remedy="Where process_resident_memory_bytes nears it, give the process more, or shorten COPYDESK_WINDOW_HOURS.",
    )  # fmt: skip
    build_info: Gauge = _row(Gauge, "1; the labels say what runs.", "version", "python")

    def __post_init__(self) -> None:
        for field in _fields():
            row = field.metadata
            made = row["make"](
                PREFIX + field.name, row["help"], row["labels"], registry=self.registry, **row["options"]
            )
            setattr(self, field.name, made)
            for value in row["from_zero"]:
                made.labels(value)
        self.build_info.labels(__version__, platform.python_version()).set(1)
        self.memory_limit_bytes.set(memory_limit())
        self.broker_up.set(1)  # it answered before there were metrics
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)


@dataclass(frozen=True, slots=True)
class Described:
    """A row of the table as it is read: the name with which Prometheus knows it, and so on."""

    name: str
    type: str
    unit: str
    labels: tuple[str, ...]
    help: str
    remedy: str


CGROUPS = {"": ("sys/fs/cgroup", "memory.max"), "memory": ("sys/fs/cgroup/memory", "memory.limit_in_bytes")}
"""By controller (none: version 2 of control groups), where their tree is mounted and which file holds a limit."""


def memory_limit(root: Path = Path("/")) -> int:
    """Bytes that this process may take: the least of what its control groups and those above allow, and the machine."""
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    with suppress(OSError):  # another system than Linux
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, controller, path = line.split(":", 2)
            if controller not in CGROUPS:
                continue
            mount, name = CGROUPS[controller]
            group = Path(path.lstrip("/"))
            for above in (group, *group.parents):
                # "max" is no number; in a container, the path as the host sees it may not be there.
                with suppress(OSError, ValueError):
                    limits.append(int((root / mount / above / name).read_text()))
    return min(limits)


UNITS = ("seconds", "bytes", "ratio", "records")


def table() -> list[Described]:
    """Every metric, in order."""
    rows = []
    for field in _fields():
        row: Mapping[str, Any] = field.metadata
        kind = row["make"].__name__.lower()
        unit = next((unit for unit in UNITS if field.name.endswith(unit)), "")
        name = f"{PREFIX}{field.name}{'_total' if kind == 'counter' else ''}"
        rows.append(Described(name, kind, unit, row["labels"], row["help"], row["remedy"]))
    return rows


def _fields() -> Sequence[dataclasses.Field[Any]]:
    return [field for field in dataclasses.fields(Metrics) if "make" in field.metadata]
