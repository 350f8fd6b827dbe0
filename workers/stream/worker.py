"""The life of a worker: one stage's Faust app reads batches, has them run, and acknowledges them.

``build`` creates a worker. This module takes batches, holds back their acknowledgement, and finally releases their
offsets for Faust to commit.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NoReturn

import faust
from faust.types import TP, EventT, StreamT

from workers.errors import StaleLedgerError, end_process
from workers.fault_points import fault_point
from workers.hooks import WorkerHook
from workers.messages import Headers, Message, Output
from workers.observability.metrics import Metrics
from workers.outcomes import ExitCode
from workers.stages import StageSpec
from workers.state.manager import LedgerManager
from workers.stream.crash_guard import CrashGuard
from workers.stream.dead_letter_limit import DeadLetterLimit
from workers.stream.faust_fixes import App
from workers.stream.runner import Runner

if TYPE_CHECKING:
    from workers.observability.tracing import Traces

log = logging.getLogger(__name__)

BATCH_LINGER_SECONDS = 0.1
"""Seconds that a batch waits to fill up."""
TICK_SECONDS = 1.0
"""Seconds between two heartbeats of the event loop."""


class StageWorker:
    """Reads one stage's topic, has each batch run, and acknowledges it once the broker has its outputs.

    Args:
        dead_letter_limit: pauses the worker once too many messages are refused.
        crash_guard: finds the messages that end every worker.
        ledgers: the ledgers of the input partitions, for a stage that keeps them.
        hooks: further observers of the worker, called in this order.
    """

    def __init__(
        self,
        stage: StageSpec,
        app: App,
        runner: Runner,
        *,
        metrics: Metrics,
        dead_letter_limit: DeadLetterLimit,
        crash_guard: CrashGuard,
        ledgers: LedgerManager | None = None,
        hooks: Sequence[WorkerHook] = (),
        traces: Traces | None = None,
    ) -> None:
        self.stage = stage
        self.app = app
        self.runner = runner
        self.ledgers = ledgers
        self.traces = traces
        self._metrics = metrics
        self._dead_letter_limit = dead_letter_limit
        self.crash_guard = crash_guard
        self._hooks: Sequence[WorkerHook] = (dead_letter_limit, *([ledgers] if ledgers else []), *hooks)
        topic = app.topic(stage.input_topic, key_type=bytes, value_type=bytes)
        app.agent(topic, name=str(stage.name), concurrency=1)(self._read_stream)
        app.on_rebalance_complete.connect(self._rebalance_complete)
        app.on_partitions_assigned.connect(self._partitions_assigned)
        app.on_partitions_revoked.connect(self._partitions_revoked)
        app.task(self._tick)

    async def _read_stream(self, stream: StreamT[bytes]) -> None:
        async for events in stream.take_events(self.stage.batch_size, within=BATCH_LINGER_SECONDS):
            for event in events:
                # Faust acknowledges in a `finally`. A second reference holds that back until the outputs are
                # acknowledged.
                event.message.incref()
            if self._dead_letter_limit.is_exceeded():
                await self._halt()
            await self._run_or_end(events)

    async def _run_or_end(self, events: Sequence[EventT]) -> None:
        """Run the events in parts, and acknowledge each part once it is done."""
        rest, part = events, events
        try:
            for length in await self.crash_guard.parts([message_of(event) for event in events]):
                part, rest = rest[:length], rest[length:]
                await self.run_batch(part)
                for event in part:
                    event.ack()
                self.crash_guard.acknowledged([message_of(event) for event in part])
        except StaleLedgerError as error:
            log.critical(str(error))
            self.fail(ExitCode.MISCONFIGURED)
        except Exception:
            log.exception(
                "the batch failed; ending without acknowledging it",
                extra={
                    "stage": self.stage.name,
                    **asdict(message_of(part[0]).origin),
                    "messages": len(part),
                },
            )
            self.fail(ExitCode.FAILED)

    @fault_point("run batch")
    async def run_batch(self, events: Sequence[EventT]) -> None:
        """Return once the broker has acknowledged every output of the events."""
        messages = [message_of(event) for event in events]
        for hook in self._hooks:
            hook.batch_started(messages)
        tombstones: list[Output] = []
        if self.ledgers:
            partitions = sorted({message.partition for message in messages})
            committed = {p: self.app.consumer.committed(TP(self.stage.input_topic, p)) for p in partitions}
            await self.ledgers.ensure_current(committed)
            # Only now: a snapshot must hold every entry that is not yet deleted from the topic.
            tombstones = self.ledgers.tombstones(committed)
        results = await self.runner.run(
            messages, tombstones, lambda part: self.crash_guard.handle(part, self.runner.handle_in_thread)
        )
        for hook in self._hooks:
            hook.batch_finished(messages, results)

    @fault_point("end after failure")
    def fail(self, code: ExitCode) -> NoReturn:
        """End the process at once: the batch must not be acknowledged."""
        end_process(code)

    async def _halt(self) -> None:
        """Wait until the process is stopped. Nothing more is handled, and no message read so far is acknowledged."""
        self.app.consumer.halted = True
        for hook in self._hooks:
            hook.paused()
        self._metrics.halted.labels(self.stage.name).set(1)
        log.error(
            "halted: too many messages were refused, which suggests a fault in Copydesk; fix it (or raise "
            "COPYDESK_DEAD_LETTER_LIMIT) and restart the worker, which continues where this one stopped",
            extra={
                "stage": self.stage.name,
                "percent_refused": round(self._dead_letter_limit.percent_refused, 1),
            },
        )
        await asyncio.Event().wait()

    async def _partitions_assigned(self, app: faust.App, assigned: set[TP], **_: object) -> None:
        partitions = {tp for tp in assigned if tp.topic == self.stage.input_topic}
        log.info(
            "partitions assigned",
            extra={"stage": self.stage.name, "partitions": sorted(tp.partition for tp in partitions)},
        )
        self.crash_guard.forget()
        for hook in self._hooks:
            hook.partitions_assigned(partitions)

    async def _partitions_revoked(self, app: faust.App, revoked: set[TP], **_: object) -> None:
        for hook in self._hooks:
            hook.partitions_revoked()

    async def _rebalance_complete(self, app: faust.App, **_: object) -> None:
        self.pause_until_rebalanced()

    @fault_point("pause until rebalanced")
    def pause_until_rebalanced(self) -> None:
        """Keep the flow stopped until Faust resumes it at the end of a rebalance.

        Faust resumes the partitions before it clears the streams' queues. A message that arrives in between would be
        discarded and yet marked as done.
        """
        self.app.consumer.stop_flow()

    async def _tick(self) -> None:
        try:
            while not self.app.should_stop:
                due = time.monotonic() + TICK_SECONDS
                await asyncio.sleep(TICK_SECONDS)
                self._metrics.event_loop_lag_seconds.set(max(0.0, time.monotonic() - due))
                for hook in self._hooks:
                    hook.loop_ticked(self.app.consumer)
        finally:
            # If no batch is running at shutdown, Faust cancels this task during the sleep.
            for hook in self._hooks:
                hook.stopping()


def message_of(event: EventT) -> Message:
    """The message of an event of our ``Consumer``; a missing timestamp counts as 0."""
    message = event.message
    return Message(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp=int(message.timestamp or 0),  # Faust's own are floats, as in its tests
        key=message.key,
        value=message.value,
        headers=_headers(message.headers),
    )


def _headers(headers: Any) -> Headers:
    """The headers with names that can be sent: a lone surrogate, which has no UTF-8 encoding, is escaped."""
    items = headers.items() if hasattr(headers, "items") else headers or ()
    return tuple((name.encode(errors="backslashreplace").decode(), value) for name, value in items)
