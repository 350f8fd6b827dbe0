"""The pipeline, wired: a Faust app for one role, reading one topic and running one stage."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any, NoReturn

import faust
from aiokafka import AIOKafkaConsumer
from faust.types import TP, EventT, StreamT

from workers.clean.fields import language
from workers.dedupe import Ledger
from workers.enrich import Enricher
from workers.enrich.recogniser import load_recognisers
from workers.errors import SettingsError, StaleLedgerError, end_process
from workers.kafka.security import client_options
from workers.messages import Message, Output
from workers.observability.consumer_lag import Lag
from workers.observability.health import Health, serve
from workers.observability.metrics import Metrics
from workers.observability.systemd import Notifier
from workers.outcomes import ExitCode, Outcome, Stage
from workers.settings import METRICS_PORTS, PREFIX, Settings
from workers.stages import Dedupe, clean_stage, enrich_stage
from workers.state.changelog import SOURCE_TOPIC_IDS, LedgerConsumer
from workers.state.manager import LedgerManager
from workers.state.snapshots import SnapshotIdentity, Snapshots
from workers.stream.dead_letter_limit import DeadLetterLimit
from workers.stream.faust_app import faust_app
from workers.stream.faust_fixes import Worker, counting_consumer, pause_until_rebalanced
from workers.stream.runner import Handler, Runner, per_batch, per_message
from workers.stream.watchdog import Progress, watch
from workers.topics import CLEAN, HOUR, LEDGER, RAW, UNIQUE, topics

if TYPE_CHECKING:
    from workers.observability.tracing import Traces

log = logging.getLogger(__name__)

INPUT = {Stage.CLEAN: RAW, Stage.DEDUPE: CLEAN, Stage.ENRICH: UNIQUE}
BATCH = {Stage.CLEAN: 200, Stage.DEDUPE: 500, Stage.ENRICH: 32}
"""Messages at a time: few where each costs much, so that a batch stays well within a rebalance's patience."""
BATCH_LINGER_SECONDS = 0.1
"""Seconds that a batch waits to fill up."""
IDLE_PROBE_SECONDS = 15.0
"""Seconds in which nothing moves after which the broker is asked whether it is there, and what waits."""


class StageWorker:
    """One role's app, runner and state. ``topic_ids`` are Kafka's ids of the topics, by name."""

    def __init__(
        self,
        stage: Stage,
        settings: Settings,
        bootstrap: str,
        metrics: Metrics,
        health: Health,
        topic_ids: Mapping[str, str],
    ) -> None:
        self.stage = stage
        self.settings = settings
        self.bootstrap = bootstrap
        self.metrics = metrics
        self.health = health
        self.notifier = Notifier(os.environ.get("NOTIFY_SOCKET"))
        self.source_topic_ids = f"{topic_ids.get(RAW)} {topic_ids.get(CLEAN)}".encode()
        self.app = faust_app(stage, settings, bootstrap)
        self.progress = Progress(settings.stall_seconds)
        self.dead_letters = DeadLetterLimit(settings.dead_letter_limit, settings.dead_letter_window)
        metrics.halted.labels(stage).set(0)
        self.lag = Lag(INPUT[stage], metrics)
        self.revoked_at: float | None = None
        self.ledgers: LedgerManager | None = None
        self.traces = _traces(stage, settings)
        self.runner = Runner(
            stage,
            self._handler(topic_ids),
            self._send,
            {topic.name: topic for topic in topics(settings)},
            metrics,
            traces=self.traces,
        )
        self._wire()

    def _handler(self, topic_ids: Mapping[str, str]) -> Handler:
        match self.stage:
            case Stage.CLEAN:
                try:
                    language.load()
                except OSError as error:
                    # In a message's hands it would be that message's fault, and every other's.
                    raise SettingsError(
                        f"the language model cannot be unpacked into {gettempdir()} ({error.strerror}): "
                        "make 100 MB of room there, or set TMPDIR to a directory that has it"
                    ) from None
                return per_message(clean_stage(self.settings))
            case Stage.DEDUPE:
                ledgers: dict[int, Ledger] = {}
                window = self.settings.window_hours * HOUR
                self.ledgers = LedgerManager(
                    ledgers,
                    window,
                    self.metrics,
                    self.health,
                    self.source_topic_ids,
                    self._snapshots(window, topic_ids),
                    self.settings.snapshot_seconds,
                )
                return per_message(Dedupe(ledgers).handle)
            case Stage.ENRICH:
                recognisers, missing = load_recognisers(self.settings.models)
                for name in missing:
                    log.warning("model not found; its language gets the lexicon alone", extra={"model": name})
                for code in self.settings.models:
                    self.metrics.model_loaded.labels(code).set(code in recognisers)
                return per_batch(enrich_stage(Enricher(recognisers)))

    def _snapshots(self, window: int, topic_ids: Mapping[str, str]) -> Snapshots | None:
        if self.settings.state_dir is None:
            return None
        identity = SnapshotIdentity(
            topic_id=topic_ids[LEDGER],
            source_topic_ids=self.source_topic_ids.decode(),
            partitions=len(self.settings.shards),
            window_ms=window,
        )
        return Snapshots(self.settings.state_dir, identity)

    def _wire(self) -> None:
        app = self.app
        topic = app.topic(INPUT[self.stage], key_type=bytes, value_type=bytes)
        app.agent(topic, name=self.stage.value, concurrency=1)(self._agent)
        app.on_rebalance_complete.connect(pause_until_rebalanced)
        app.on_partitions_assigned.connect(self._assigned)
        app.on_partitions_revoked.connect(self._revoked)
        app.task(self._beat)
        app.task(self._ask)

        app.transport.Consumer = counting_consumer(self.metrics)

    async def _agent(self, stream: StreamT[bytes]) -> None:
        async for events in stream.take_events(BATCH[self.stage], within=BATCH_LINGER_SECONDS):
            for event in events:
                # Held until the outputs are acknowledged: Faust's own acknowledgement, in a `finally`, no longer
                # suffices.
                event.message.incref()
            if self.dead_letters.exceeded:
                await self._halt()
            try:
                await self._run(events)
            except StaleLedgerError as error:
                log.critical(str(error))
                end_process(ExitCode.MISCONFIGURED)
            except Exception:
                first = asdict(_message(events[0]).origin)
                log.exception(
                    "the batch failed; ending without acknowledging it",
                    extra={"stage": self.stage.value, **first, "messages": len(events)},
                )
                end_process(ExitCode.FAILED)
            for event in events:
                event.ack()

    async def _run(self, events: Sequence[EventT]) -> None:
        messages = [_message(event) for event in events]
        self.progress.batch_started(len(messages))
        self.lag.takes(messages)
        first: list[Output] = []
        if self.ledgers:
            partitions = sorted({message.partition for message in messages})
            committed = {p: self.app.consumer.committed(TP(CLEAN, p)) for p in partitions}
            await self.ledgers.ensure_current(committed, self._ledger_consumer)
            # Only now: a snapshot must hold whatever was not yet deleted from the topic.
            first = self.ledgers.tombstones(committed)
        results = await self.runner.run(messages, first)
        self.lag.finishes(messages)
        self.dead_letters.count(result.outcome is Outcome.DEAD_LETTER for result in results)
        self.progress.batch_finished()

    async def _halt(self) -> None:
        """Wait for the end of the process: nothing more is handled, and nothing at hand is acknowledged."""
        self.health.halted = self.app.consumer.halted = True
        self.metrics.halted.labels(self.stage).set(1)
        self.progress.paused()
        log.error(
            "halted: so many messages are refused that the fault is likely ours; mend it (or raise "
            "COPYDESK_DEAD_LETTER_LIMIT) and start the worker again, which goes on where this one was",
            extra={"stage": self.stage.value, "percent_refused": round(self.dead_letters.share, 1)},
        )
        await asyncio.Event().wait()

    async def _send(self, output: Output, timestamp: int) -> Any:
        headers = (
            [*output.headers, (SOURCE_TOPIC_IDS, self.source_topic_ids)]
            if output.topic == LEDGER
            else list(output.headers)
        )
        return await self.app.producer.send(
            output.topic, output.key, output.value, output.partition, timestamp / 1000, headers
        )

    def _ledger_consumer(self) -> AIOKafkaConsumer:
        return LedgerConsumer(
            self.progress.advanced,
            bootstrap_servers=self.bootstrap,
            enable_auto_commit=False,
            max_partition_fetch_bytes=8 * 1024 * 1024,
            fetch_max_bytes=64 * 1024 * 1024,
            # The next question waits behind a fetch that finds nothing, half a second by default.
            fetch_max_wait_ms=20,
            request_timeout_ms=30_000,
            **client_options(self.settings),
        )

    async def _assigned(self, app: faust.App, assigned: set[TP], **_: object) -> None:
        self.progress.loop_ticked()
        mine = {tp for tp in assigned if tp.topic == INPUT[self.stage]}
        if self.ledgers:
            self.ledgers.invalidate(tp.partition for tp in mine)
        self.health.assigned = True
        log.info(
            "partitions assigned", extra={"stage": self.stage.value, "partitions": sorted(tp.partition for tp in mine)}
        )
        self.metrics.rebalances.inc()
        if self.revoked_at is not None:
            self.metrics.rebalance_duration_seconds.observe(time.monotonic() - self.revoked_at)
            self.revoked_at = None
        self.metrics.partitions_assigned.set(len(mine))
        self.lag.keep(mine)

    async def _revoked(self, app: faust.App, revoked: set[TP], **_: object) -> None:
        self.revoked_at = time.monotonic()
        if self.ledgers:
            self.ledgers.invalidate()

    async def _beat(self) -> None:
        try:
            while not self.app.should_stop:
                due = time.monotonic() + 1.0
                await asyncio.sleep(1.0)
                self.metrics.event_loop_lag_seconds.set(max(0.0, time.monotonic() - due))
                self.health.beat()
                self.notifier.tell(self.health)
                self.progress.loop_ticked()
                self.lag.measure(self.app.consumer, time.time())
        finally:
            self.health.stopping = True
            self.notifier.stops()  # a worker with nothing at hand is cancelled here before it comes round

    async def _ask(self) -> None:
        """Ask the broker what waits, whenever nothing has moved for a while."""
        period = min(IDLE_PROBE_SECONDS, self.settings.stall_seconds / 4)
        while not self.app.should_stop:
            await asyncio.sleep(period)
            if self.progress.quiet < period:
                self.metrics.broker_up.set(1)
                continue
            answer = asyncio.ensure_future(self.app.consumer.unread(INPUT[self.stage]))
            await asyncio.wait({answer}, timeout=period)
            if not answer.done():
                self._hears(None)
            try:
                self._hears(await answer)
            except Exception:  # noqa: BLE001 -- whatever keeps the broker from answering, it does not say what waits
                self._hears(None)

    def _hears(self, unread: int | None) -> None:
        self.progress.backlog_reported(unread)
        self.metrics.broker_up.set(unread is not None)


def run_worker(stage: Stage, settings: Settings, bootstrap: str, topic_ids: Mapping[str, str]) -> NoReturn:
    """Run a role until a signal or a failure ends it: exit code 0 after SIGTERM or SIGINT, another otherwise.

    Raises:
        SettingsError: the port of the metrics is taken, the host is not ours, or there can be no traces.
    """
    metrics, health = Metrics(), Health()
    wanted = METRICS_PORTS[stage] if settings.metrics_port is None else settings.metrics_port
    try:
        port = serve(metrics, health, settings.metrics_host, wanted)
    except OSError as error:
        raise SettingsError(
            f"{PREFIX}METRICS_PORT={wanted} at {PREFIX}METRICS_HOST={settings.metrics_host!r} can not be had "
            f"({error.strerror}): give a port that no other process has, and an address of this machine"
        ) from None
    pipeline = StageWorker(stage, settings, bootstrap, metrics, health, topic_ids)
    log.info("starting", extra={"stage": stage.value, "broker": bootstrap, "metrics_port": port, "pid": os.getpid()})
    watch(pipeline.progress)
    try:
        Worker(pipeline.app).execute_from_commandline()
    finally:
        if pipeline.traces is not None:
            pipeline.traces.close()
    raise AssertionError("the worker ends by SystemExit")


def _traces(stage: Stage, settings: Settings) -> Traces | None:
    if settings.traces == "off":
        return None
    from workers.observability.tracing import exported  # which loads OpenTelemetry, if it is there

    return exported(stage)


def _message(event: EventT) -> Message:
    message = event.message
    return Message(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp=round(message.timestamp * 1000) if message.timestamp and message.timestamp > 0 else 0,
        key=message.key,
        value=message.value,
        headers=_headers(message.headers),
    )


def _headers(headers: Any) -> tuple[tuple[str, bytes], ...]:
    items = headers.items() if hasattr(headers, "items") else headers or ()
    return tuple((name, value or b"") for name, value in items)
