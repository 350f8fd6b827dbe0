"""The metrics: one table. Base units, closed label sets, one registry and one port per process."""

from __future__ import annotations

import platform

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from schemas import CleanArticle, Duplicate, EnrichedArticle, UniqueArticle
from workers import __version__

# Each series would be there twice for a time that nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]

_LATENCY = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600)
_DURATION = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """Every metric of a worker process, ready to be set."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry if registry is not None else CollectorRegistry()

        def counter(name: str, help: str, *labels: str) -> Counter:
            return Counter(f"copydesk_{name}", help, labels, registry=self.registry)

        def gauge(name: str, help: str, *labels: str) -> Gauge:
            return Gauge(f"copydesk_{name}", help, labels, registry=self.registry)

        def histogram(name: str, help: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(f"copydesk_{name}", help, labels, registry=self.registry, buckets=buckets)

        self.records_consumed = counter("records_consumed", "Messages read.", "topic")
        self.consumed_bytes = counter("consumed_bytes", "Bytes of the values read.", "topic")
        self.articles = counter(
            "articles", "Messages that left the stage, each once; reason is empty but for dead letters.",
            "stage", "outcome", "reason",
        )  # fmt: skip
        self.dead_letters = counter("dead_letters", "Messages refused, by reason.", "stage", "reason")
        self.stage_duration = histogram(
            "stage_duration_seconds",
            "Time that the stage took for an article: its share of the batch.",
            _DURATION,
            "stage",
        )
        self.end_to_end_latency = histogram(
            "end_to_end_latency_seconds", "From the raw message's timestamp to its final outcome being acknowledged.",
            _LATENCY, "outcome",
        )  # fmt: skip
        self.produced = counter("produced", "Messages that the broker acknowledged.", "topic")
        self.produce_retries = counter(
            "produce_retries", "Messages sent again because the broker did not acknowledge them in time.", "topic"
        )
        self.produce_duration = histogram(
            "produce_duration_seconds", "From sending a batch's outputs until the last was acknowledged.", _DURATION
        )
        self.inflight = gauge("inflight_records", "Messages of the batch at hand.")
        self.lag_records = gauge("consumer_lag_records", "Messages not yet processed.", "topic", "partition")
        self.lag_seconds = gauge(
            "consumer_lag_seconds",
            "Age of the oldest message not yet processed; 0 when there is none.",
            "topic",
            "partition",
        )
        self.halted = gauge("halted", "1 once the worker stopped consuming, for too much was refused.", "stage")
        self.commits = counter("commits", "Commits of offsets.", "result")
        self.last_commit = gauge("last_commit_timestamp_seconds", "When offsets were last committed, since 1970.")
        self.rebalances = counter("rebalances", "Times that partitions were assigned anew.")
        self.partitions_assigned = gauge("partitions_assigned", "Partitions that this process reads.")
        self.recovering = gauge("recovering", "1 while a ledger is read back.")
        self.recovery_remaining = gauge("recovery_remaining_records", "Ledger entries still to be read back.")
        self.snapshots = counter("snapshots", "Snapshots of ledgers, by whether they were written.", "result")
        self.ledger_entries = gauge("ledger_entries", "Articles in the ledgers of this process.", "partition")
        self.verdicts = counter("dedupe_verdicts", "Verdicts on articles.", "kind")
        self.removed_spans = counter("removed_spans", "Spans that cleaning took out of the raw text.", "category")
        self.removed_ratio = histogram(
            "removed_text_ratio", "Share of an article's raw text that cleaning took out.",
            (0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9),
        )  # fmt: skip
        self.entities = counter("entities", "Entities found, once per article.", "type")
        self.event_loop_lag = gauge("event_loop_lag_seconds", "How late the event loop was at its last heartbeat.")
        build = gauge("build_info", "1; the labels say what runs.", "version", "python")
        build.labels(__version__, platform.python_version()).set(1)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)

    def observe(self, record: CleanArticle | Duplicate) -> None:
        """Count what the record tells of the stage that made it."""
        match record:
            case EnrichedArticle():
                for entity in record.entities:
                    self.entities.labels(entity.type).inc()
            case UniqueArticle():
                self.verdicts.labels("new" if record.revision == 1 else "revision").inc()
            case Duplicate():
                self.verdicts.labels(record.kind).inc()
            case CleanArticle():
                removed = 0
                for span in record.removed:
                    self.removed_spans.labels(span.category).inc()
                    removed += span.end - span.start
                self.removed_ratio.observe(removed / max(1, removed + len(record.body)))
