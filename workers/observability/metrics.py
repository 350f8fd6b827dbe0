"""All metrics: a table for workers, one for ``copydesk run``. Base units, closed label sets, one registry per process.

Each row holds the metric's help and, where a value can be bad, the remedy. ``deploy/metrics.md`` is generated from it.
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

from schemas import StoryChangeKind
from workers import __version__
from workers.outcomes import Stage
from workers.settings import Settings
from workers.topics import topics

# The _created series would double the number of series, and nothing reads them.
disable_created_metrics()  # type: ignore[no-untyped-call]

_NAME_PREFIX = "copydesk_"
_LATENCY_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600)
_DURATION_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_REBALANCE_BUCKETS = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_AGE_BUCKETS = (60, 300, 900, 3600, 4 * 3600, 24 * 3600, 3 * 24 * 3600, 7 * 24 * 3600)
_SHARE_BUCKETS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
_TOPIC_NAMES = tuple(topic.name for topic in topics(Settings()))
_RESTART = "Check the log. If it does not recover, restart the worker; it resumes from its committed offsets."


def _row(
    make: Callable[..., Any],
    help: str,
    *labels: str,
    remedy: str = "",
    from_zero: Sequence[str] = (),
    **options: object,
) -> Any:
    """A row of the table: a dataclass field with everything needed to create and describe its metric.

    ``from_zero`` are label values whose series exist from the start. Prometheus sees no increase in a series that first
    appears with the value 1.
    """
    metadata = {
        "make": make, "help": help, "labels": labels, "remedy": remedy, "from_zero": from_zero, "options": options,
    }  # fmt: skip
    return dataclasses.field(init=False, metadata=metadata)


@dataclass(eq=False)
class _Table:
    """The metrics of a process: creates them from the rows of a subclass, in a registry of their own."""

    registry: CollectorRegistry = dataclasses.field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        for field in _fields(type(self)):
            row = field.metadata
            metric = row["make"](
                _NAME_PREFIX + field.name, row["help"], row["labels"], registry=self.registry, **row["options"]
            )
            setattr(self, field.name, metric)
            for value in row["from_zero"]:
                metric.labels(value)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)


@dataclass(eq=False)
class Metrics(_Table):
    """Every metric of a worker process."""

    records_consumed: Counter = _row(Counter, "Messages read.", "topic")
    consumed_bytes: Counter = _row(Counter, "Bytes of the values read.", "topic")
    articles: Counter = _row(
        Counter, "Messages that left the stage, each counted once; reason is empty except for dead letters.",
        "stage", "outcome", "reason",
    )  # fmt: skip
    dead_letters: Counter = _row(
        Counter, "Messages refused, by reason.", "stage", "reason",
        remedy="`copydesk dead-letters list` says why. internal_error is a bug in Copydesk.",
    )  # fmt: skip
    records_skipped: Counter = _row(
        Counter,
        "Offsets passed over without an outcome: unparsable, out_of_range (deleted before they were read), or stray "
        "(not an entry of the ledger).",
        "topic", "reason",
        remedy="The log names the offsets. unparsable and stray: find the producer. "
        "out_of_range: raise the topic's retention.",
    )  # fmt: skip
    headers_left_out: Counter = _row(
        Counter, "Records that were read without their headers, because they have more than 10,000.", "topic",
        remedy="The log names them. Find the producer.",
    )  # fmt: skip
    halted: Gauge = _row(
        Gauge, "1 once the worker has stopped consuming because it refused too many messages.", "stage",
        remedy="Fix the cause (a deploy of Copydesk or a crawler) and restart the worker; it resumes where it stopped.",
    )  # fmt: skip
    stage_duration_seconds: Histogram = _row(
        Histogram, "Processing time of a message in the stage: the batch's time divided by its messages.",
        "stage", buckets=_DURATION_BUCKETS,
        remedy="Add workers, up to one per partition.",
    )  # fmt: skip
    end_to_end_latency_seconds: Histogram = _row(
        Histogram, "Time from the raw message's timestamp until the broker acknowledged its final outcome.", "outcome",
        buckets=_LATENCY_BUCKETS,
        remedy="Find the stage that is behind with copydesk_consumer_lag_seconds, and add workers to it.",
    )  # fmt: skip
    article_age_seconds: Histogram = _row(
        Histogram, "Time from an article's publication date, if it has one, until it was cleaned.",
        buckets=_AGE_BUCKETS,
        remedy="Crawl more often, or find the source that sends old articles.",
    )  # fmt: skip
    consumer_lag_records: Gauge = _row(
        Gauge, "Messages not yet processed.", "topic", "partition", remedy="Add workers, up to one per partition."
    )
    consumer_lag_seconds: Gauge = _row(
        Gauge, "Age of the oldest message not yet processed; 0 if there is none.", "topic", "partition",
        remedy="Add workers, up to one per partition.",
    )  # fmt: skip
    open_transaction_seconds: Gauge = _row(
        Gauge, "Time for which the same producer's transaction has been open; no message behind it can be read.",
        "topic", "partition",
        remedy="Find its producer with Kafka's kafka-transactions.sh; if the producer is gone, abort the transaction.",
    )  # fmt: skip
    inflight_records: Gauge = _row(Gauge, "Messages in the current batch.")
    produced: Counter = _row(Counter, "Messages that the broker acknowledged.", "topic")
    produce_retries: Counter = _row(
        Counter, "Messages sent again because the broker did not acknowledge them in time.", "topic",
        from_zero=_TOPIC_NAMES,
        remedy="Check the brokers: in-sync replicas, disks, network.",
    )  # fmt: skip
    outputs_refused: Counter = _row(
        Counter, "Outputs that the broker refuses for a reason that lies in them, such as their size.", "topic",
        from_zero=_TOPIC_NAMES,
        remedy="Run copydesk topics check: the topic's max.message.bytes is probably smaller than in the table.",
    )  # fmt: skip
    produce_duration_seconds: Histogram = _row(
        Histogram, "Time from sending a batch's outputs until the last was acknowledged.", buckets=_DURATION_BUCKETS,
        remedy="Check the brokers: in-sync replicas, disks, network.",
    )  # fmt: skip
    broker_up: Gauge = _row(
        Gauge, "1 while Kafka answers; 0 once the worker is idle and its request for the end offsets fails.",
        remedy="Check the brokers and the network. Nothing is lost: messages wait in Kafka.",
    )  # fmt: skip
    commits: Counter = _row(
        Counter, "Offset commits.", "result", from_zero=("ok", "failed"),
        remedy="Check the brokers and the log.",
    )  # fmt: skip
    last_commit_timestamp_seconds: Gauge = _row(
        Gauge, "Unix time of the last offset commit; 0 before the first one.", remedy=_RESTART
    )
    rebalances: Counter = _row(
        Counter, "Rebalances: how often partitions were assigned.",
        remedy="Find the worker that keeps joining and leaving; raise COPYDESK_SESSION_TIMEOUT on slow machines.",
    )  # fmt: skip
    rebalance_duration_seconds: Histogram = _row(
        Histogram, "Time from the revocation of partitions until the next assignment.", buckets=_REBALANCE_BUCKETS,
        remedy="A worker is slow to finish its batch, or one was killed and its session has to time out.",
    )  # fmt: skip
    partitions_assigned: Gauge = _row(
        Gauge, "Partitions assigned to this process.", remedy="0 for a long time means more workers than partitions."
    )
    recovering: Gauge = _row(Gauge, "1 while a ledger is read back.", remedy=_RESTART)
    recovery_remaining_records: Gauge = _row(Gauge, "Ledger entries still to be read back.", remedy=_RESTART)
    snapshots: Counter = _row(
        Counter, "Attempts to write a ledger snapshot, by result.", "result", from_zero=("ok", "failed"),
        remedy="Free space in COPYDESK_STATE_DIR. Until then only the next start takes longer.",
    )  # fmt: skip
    ledger_entries: Gauge = _row(Gauge, "Articles in the ledgers of this process.", "partition")
    ledger_bytes: Gauge = _row(
        Gauge, "Memory of a ledger, including its indexes.", "partition",
        remedy="Give the process more memory, or shorten COPYDESK_WINDOW_HOURS.",
    )  # fmt: skip
    dedupe_verdicts: Counter = _row(Counter, "Dedupe verdicts, by kind.", "kind")
    story_changes: Counter = _row(
        Counter, "Stories that lost articles to another one, by kind: merged or split.", "kind",
        from_zero=tuple(StoryChangeKind),
    )  # fmt: skip
    removed_spans: Counter = _row(Counter, "Spans removed from the raw text.", "category")
    field_warnings: Counter = _row(
        Counter, "Fields of raw messages that could not be used and were dropped; field is one of ours, encoding "
        "(bytes were replaced) or unknown (a key that looks like one of ours).", "field",
        remedy="Read the warnings of some articles: they name field, value and problem. Map other keys with "
        "COPYDESK_FIELDS.",
    )  # fmt: skip
    removed_text_ratio: Histogram = _row(
        Histogram, "Share of an article's raw text that cleaning removed.", buckets=_SHARE_BUCKETS,
        remedy="Compare by source: a crawler may send whole pages instead of articles.",
    )  # fmt: skip
    source_articles: Counter = _row(
        Counter, "Articles cleaned, or judged by dedupe, by source; all but the busiest sources count as other.",
        "stage", "source", "language",
        remedy="A source that falls silent or changes its language was probably redesigned.",
    )  # fmt: skip
    source_characters: Counter = _row(Counter, "Characters of raw text, by source.", "source")
    source_removed_characters: Counter = _row(
        Counter, "Characters removed by cleaning, by source.", "source",
        remedy="If the share jumps, the source was probably redesigned: check the crawler's extraction.",
    )  # fmt: skip
    source_undated: Counter = _row(
        Counter, "Articles without a publication date, by source.", "source",
        remedy="If the share jumps, the crawler no longer finds the date.",
    )  # fmt: skip
    source_copies: Counter = _row(
        Counter, "Articles found to be copies, by source.", "source",
        remedy="If the share jumps, the crawler sends the same articles again under new URLs.",
    )  # fmt: skip
    entities: Counter = _row(Counter, "Entities found, each counted once per article.", "type")
    model_loaded: Gauge = _row(
        Gauge, "1 if the language's model is loaded; 0 if its entities come from the lexicon alone.", "language",
        remedy="Install the package that COPYDESK_MODELS names, and restart the worker.",
    )  # fmt: skip
    event_loop_lag_seconds: Gauge = _row(
        Gauge,
        "How late the event loop's last heartbeat was.",
        remedy="The machine is overloaded or swapping.",
    )
    memory_limit_bytes: Gauge = _row(
        Gauge, "Memory limit of the process: the lowest limit of its control groups, or the machine's memory.",
        remedy="If process_resident_memory_bytes comes close, raise the limit or shorten COPYDESK_WINDOW_HOURS.",
    )  # fmt: skip
    build_info: Gauge = _row(Gauge, "Always 1; labelled with the versions that run.", "version", "python")

    def __post_init__(self) -> None:
        super().__post_init__()
        self.build_info.labels(__version__, platform.python_version()).set(1)
        self.memory_limit_bytes.set(memory_limit())
        self.broker_up.set(1)  # the worker has talked to the broker before it creates its metrics


@dataclass(eq=False)
class RunMetrics(_Table):
    """The metrics of ``copydesk run`` itself. Those of Kafka and the disk exist only with the embedded Kafka."""

    role_restarts: Counter = _row(
        Counter, "Processes of `copydesk run` that ended and were started again; role kafka is the embedded Kafka.",
        "role", from_zero=(*Stage, "kafka"),
        remedy="Read the log: it says with which exit code each ended, and why Kafka did.",
    )  # fmt: skip
    embedded_kafka_up: Gauge = _row(
        Gauge, "1 while the embedded Kafka of `copydesk run` runs and answers.",
        remedy="It is restarted until it stays up. The log says why it does not: a full disk, or its port is taken.",
    )  # fmt: skip
    disk_free_bytes: Gauge = _row(
        Gauge, "Free space of the disk that holds COPYDESK_DATA_DIR.",
        remedy="Free space, enlarge the disk or lower COPYDESK_RETENTION_BYTES. Kafka ends when the disk is full.",
    )  # fmt: skip
    disk_size_bytes: Gauge = _row(Gauge, "Size of the disk that holds COPYDESK_DATA_DIR.")

    def watch_kafka(self, is_up: Callable[[], float], free: Callable[[], float], size: Callable[[], float]) -> None:
        """Ask these functions for the values at each scrape."""
        self.embedded_kafka_up.set_function(is_up)
        self.disk_free_bytes.set_function(free)
        self.disk_size_bytes.set_function(size)

    def without_kafka(self) -> None:
        """Serve nothing about an embedded Kafka: there is none."""
        for metric in (self.embedded_kafka_up, self.disk_free_bytes, self.disk_size_bytes):
            self.registry.unregister(metric)


@dataclass(frozen=True, slots=True)
class MetricDescription:
    """A row of the table for documentation. ``name`` is the name in Prometheus."""

    name: str
    type: str
    unit: str
    labels: tuple[str, ...]
    help: str
    remedy: str


_CGROUPS = {"": ("sys/fs/cgroup", "memory.max"), "memory": ("sys/fs/cgroup/memory", "memory.limit_in_bytes")}
"""The mount point and the limit's file of each control group hierarchy, by controller; version 2 has the key ``""``."""


def memory_limit(root: Path = Path("/")) -> int:
    """The memory limit of this process in bytes: the lowest of its control groups, their parents and the machine."""
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    with suppress(OSError):  # not Linux
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, controller, path = line.split(":", 2)
            if controller not in _CGROUPS:
                continue
            mount, name = _CGROUPS[controller]
            group = Path(path.lstrip("/"))
            for ancestor in (group, *group.parents):
                # The limit may be "max"; in a container, the host's path may not exist.
                with suppress(OSError, ValueError):
                    limits.append(int((root / mount / ancestor / name).read_text()))
    return min(limits)


_UNITS = ("seconds", "bytes", "ratio", "records")


def table() -> list[MetricDescription]:
    """Every metric, in the order of the tables: those of a worker, then those of `copydesk run`."""
    rows = []
    for field in (*_fields(Metrics), *_fields(RunMetrics)):
        row: Mapping[str, Any] = field.metadata
        kind = row["make"].__name__.lower()
        unit = next((unit for unit in _UNITS if field.name.endswith(unit)), "")
        name = f"{_NAME_PREFIX}{field.name}{'_total' if kind == 'counter' else ''}"
        rows.append(MetricDescription(name, kind, unit, row["labels"], row["help"], row["remedy"]))
    return rows


def _fields(table: type[_Table]) -> Sequence[dataclasses.Field[Any]]:
    return [field for field in dataclasses.fields(table) if "make" in field.metadata]
