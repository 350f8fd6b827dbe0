"""Builds a worker from its stage and settings, and runs it until it ends."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, NoReturn, cast

from faust.types import TP

from workers.dedupe import Ledger
from workers.errors import LedgerMissingError
from workers.fault_points import fault_point
from workers.hooks import WorkerHook
from workers.observability.consumer_lag import ConsumerLag
from workers.observability.health import Health, serve_when_free
from workers.observability.metrics import Metrics
from workers.observability.systemd import Notifier
from workers.settings import Settings
from workers.stages import StageContext, StageSpec
from workers.state import changelog
from workers.state.lineage import Lineage
from workers.state.manager import LedgerManager
from workers.state.snapshots import SnapshotIdentity, Snapshots
from workers.stream import recreated_topics
from workers.stream.broker_probe import BrokerProbe
from workers.stream.crash_guard import CrashGuard
from workers.stream.crash_marks import CrashMarks
from workers.stream.dead_letter_limit import DeadLetterLimit
from workers.stream.faust_app import FaustSender, faust_app
from workers.stream.faust_fixes import Consumer, Worker, counting_consumer
from workers.stream.runner import Runner
from workers.stream.watchdog import Progress, watch
from workers.stream.worker import StageWorker
from workers.topics import CLEAN, HOUR, LEDGER, RAW, memory_ms, topics

if TYPE_CHECKING:
    from workers.observability.tracing import Traces

log = logging.getLogger(__name__)


class RebalanceMetrics(WorkerHook):
    """Counts rebalances and measures how long they take."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._revoked_at: float | None = None

    def partitions_assigned(self, partitions: Collection[TP]) -> None:
        """Count the rebalance and the assigned partitions."""
        self._metrics.rebalances.inc()
        if self._revoked_at is not None:
            self._metrics.rebalance_duration_seconds.observe(time.monotonic() - self._revoked_at)
            self._revoked_at = None
        self._metrics.partitions_assigned.set(len(partitions))

    def partitions_revoked(self) -> None:
        """Note when the rebalance began."""
        self._revoked_at = time.monotonic()


@fault_point("build worker")
def build_worker(
    stage: StageSpec,
    settings: Settings,
    bootstrap: str,
    topic_ids: Mapping[str, str],
    *,
    metrics: Metrics,
    health: Health,
    progress: Progress | None = None,
) -> StageWorker:
    """A worker of the stage, not connected yet. ``topic_ids`` are Kafka's ids of the stream's topics, by name.

    Raises:
        SettingsError: there is no disk space for a model, or traces are not set up.
    """
    progress = progress or Progress(settings.stall_seconds)
    lineage = Lineage.of(topic_ids, settings.shards)
    ledgers = None
    if stage.keeps_ledgers:
        ledgers = LedgerManager(
            partial(
                Ledger,
                settings.window_hours * HOUR,
                memory_ms(settings),
                settings.copy_threshold,
                settings.copies_off,
            ),
            partial(changelog.ledger_consumer, settings, bootstrap, metrics, progress.advanced),
            metrics=metrics,
            health=health,
            lineage=lineage,
            snapshots=_snapshots(settings, topic_ids, lineage),
            snapshot_seconds=settings.snapshot_seconds,
        )
    handler = stage.make_handler(
        StageContext(
            settings=settings,
            ledger_of=ledgers.ledger if ledgers else _no_ledger,
            models_loaded=partial(_report_models, settings, metrics),
            no_model=_report_language,
        )
    )
    app = faust_app(stage.name, settings, bootstrap)
    app.transport.Consumer = counting_consumer(metrics)
    traces = _traces(stage.name, settings)
    sender = FaustSender(app, lineage)
    runner = Runner(
        stage.name, handler, sender, {topic.name: topic for topic in topics(settings)}, metrics, traces=traces
    )
    metrics.halted.labels(stage.name).set(0)
    dead_letter_limit = DeadLetterLimit(settings.dead_letter_limit, settings.dead_letter_window)
    worker = StageWorker(
        stage,
        app,
        runner,
        metrics=metrics,
        dead_letter_limit=dead_letter_limit,
        crash_guard=CrashGuard(
            stage.name,
            stage.input_topic,
            CrashMarks(settings.crash_limit, stage.batch_size),
            lambda: cast(Consumer, app.consumer),
        ),
        ledgers=ledgers,
        hooks=[
            progress,
            ConsumerLag(stage.input_topic, metrics),
            health,
            RebalanceMetrics(metrics),
            Notifier(os.environ.get("NOTIFY_SOCKET"), health),
        ],
        traces=traces,
    )
    probe = BrokerProbe(progress, metrics, health, lambda: app.consumer.unread(stage.input_topic))

    async def probe_broker() -> None:
        await probe.run(lambda: app.should_stop)

    app.task(probe_broker)
    return worker


def run_worker(stage: StageSpec, settings: Settings, bootstrap: str, topic_ids: Mapping[str, str]) -> NoReturn:
    """Run a worker until a signal or a failure ends it: exit code 0 after SIGTERM or SIGINT, another otherwise.

    Raises:
        SettingsError: the metrics port is taken, the host is not an address of this machine, or see ``build_worker``.
    """
    metrics, health = Metrics(), Health()
    wanted = stage.metrics_port if settings.metrics_port is None else settings.metrics_port
    port = serve_when_free(settings, wanted, metrics.registry, health)
    progress = Progress(settings.stall_seconds)
    worker = build_worker(stage, settings, bootstrap, topic_ids, metrics=metrics, health=health, progress=progress)
    log.info("starting", extra={"stage": stage.name, "broker": bootstrap, "metrics_port": port, "pid": os.getpid()})
    start_watchdog(progress)
    if stage.keeps_ledgers:
        sources = {name: topic_ids[name] for name in (RAW, CLEAN) if name in topic_ids}
        recreated_topics.watch(settings, bootstrap, sources)
    try:
        Worker(worker.app).execute_from_commandline()
    finally:
        if worker.traces is not None:
            worker.traces.close()
    raise AssertionError("execute_from_commandline raises SystemExit")


@fault_point("start watchdog")
def start_watchdog(progress: Progress) -> None:
    """Have the watchdog end the process when the worker stalls."""
    watch(progress)


def _snapshots(settings: Settings, topic_ids: Mapping[str, str], lineage: Lineage) -> Snapshots | None:
    if settings.state_dir is None:
        return None
    identity = SnapshotIdentity(
        topic_id=topic_ids[LEDGER],
        source_topic_ids=lineage.source_topic_ids,
        shards=" ".join(lineage.shards),
        window_ms=settings.window_hours * HOUR,
        memory_ms=memory_ms(settings),
        copy_threshold=settings.copy_threshold,
    )
    return Snapshots(settings.state_dir, identity, settings.copies_off)


def _no_ledger(partition: int) -> Ledger:
    raise LedgerMissingError(f"this stage keeps no ledgers, but the ledger of partition {partition} was requested")


def _report_models(settings: Settings, metrics: Metrics, loaded: Collection[str], problems: Collection[str]) -> None:
    for problem in problems:
        log.warning("a model is missing or slow", extra={"problem": problem})
    for language in settings.models:
        metrics.model_loaded.labels(language).set(language in loaded)


def _report_language(language: str, has_rules: bool) -> None:
    if language == "und":  # nothing can be installed for it
        return
    found_by = "the names and patterns of the language" if has_rules else "the general lexicon and rules"
    log.warning(
        "articles arrive in a language without a model; name a spaCy package for it in COPYDESK_MODELS to find more",
        extra={"language": language, "found_by": found_by},
    )


def _traces(stage: str, settings: Settings) -> Traces | None:
    if settings.traces == "off":
        return None
    from workers.observability.tracing import otlp_traces  # loads OpenTelemetry, if it is installed

    return otlp_traces(stage)
