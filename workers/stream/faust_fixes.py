"""Subclasses of Faust's classes that fix ways in which Faust loses messages.

The classes log under this module's name, which ``observability.logs`` keeps at WARNING like Faust itself.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

import faust
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, Message
from faust.types.transports import ConsumerCallback

from workers.errors import end_process
from workers.fault_points import fault_point
from workers.observability.metrics import Metrics
from workers.outcomes import ExitCode
from workers.stream.read_ahead import ReadAhead

log = logging.getLogger(__name__)

METADATA_TIMEOUT = 60.0
"""Seconds in which the broker must answer what concerns strings beside committed offsets, as for a delivery."""
UNKNOWN_MEMBER = 25
"""Kafka's error code for a member that it dropped, or whose static id another process took."""


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread; ends the process when another process takes its static id.

    aiokafka mistakes that for an expired session and takes the id back; the other process does the same, endlessly.
    """

    @fault_point("watch static id")
    async def on_start(self) -> None:
        """Watch the broker's answers to heartbeats."""
        await super().on_start()
        instance_id = self.app.conf.consumer_group_instance_id
        if instance_id is None:
            return
        coordinator, session_timeout = self._consumer._coordinator, self.app.conf.broker_session_timeout
        send, last_accepted = coordinator._send_req, time.monotonic()

        async def send_and_watch(request: Any) -> Any:
            nonlocal last_accepted
            response = await send(request)
            if isinstance(request, HeartbeatRequest):
                if response.error_code == UNKNOWN_MEMBER and time.monotonic() - last_accepted < session_timeout:
                    log.critical(
                        "another process joined with the same COPYDESK_INSTANCE_ID; give each process its own",
                        extra={"instance_id": instance_id},
                    )
                    end_process(ExitCode.MISCONFIGURED)
                if response.error_code == 0:
                    last_accepted = time.monotonic()
            return response

        coordinator._send_req = send_and_watch

    async def fetch_metadata(self, partitions: Collection[TP]) -> dict[TP, str]:
        """The string beside the committed offset of each partition that has one."""
        coordinator = self._ensure_consumer()._coordinator
        committed = await coordinator.fetch_committed_offsets([TopicPartition(*tp) for tp in partitions])
        return {TP(*place): found.metadata for place, found in committed.items()}

    async def commit_with_metadata(self, offsets: Mapping[TP, OffsetAndMetadata]) -> None:
        """Commit each offset with its string, unless the partition now belongs to another worker."""
        with suppress(CommitFailedError, IllegalStateError):
            await self._ensure_consumer().commit({TopicPartition(*tp): each for tp, each in offsets.items()})


class Consumer(driver.Consumer):
    """Faust's consumer, with gaps and first offsets corrected, commits counted, and strings beside committed offsets.

    Once ``halted`` is set, the messages read so far are not handled; no rebalance or shutdown waits for them.
    """

    metrics: Metrics
    halted = False
    callback: ConsumerCallback

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._commit_lock = asyncio.Lock()
        self._with_metadata: dict[TP, int] = {}
        self._read_ahead = ReadAhead()
        self._deliver, self.callback = self.callback, self._deliver_when_room

    async def _deliver_when_room(self, message: Message) -> None:
        await self._read_ahead.take(len(message.value or b""))
        await self._deliver(message)

    def ack(self, message: Message) -> bool:
        """Mark the message as done, which makes room for others."""
        was_acked = message.acked
        result = bool(super().ack(message))
        if message.acked and not was_acked:
            self._read_ahead.free(len(message.value or b""))
        return result

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    @fault_point("mark gap")
    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Mark offsets that the broker never delivers as done. Faust also counts the offset after the gap."""
        await super()._add_gap(tp, offset_from, offset_to - 1)

    @fault_point("seek to start")
    async def perform_seek(self) -> None:
        """Seek to the committed offsets, or to the earliest offset if nothing was committed. Faust skips the latter."""
        self._with_metadata.clear()
        self._read_ahead.reset()
        await super().perform_seek()
        never_committed = [tp for tp in self.assignment() if not self._committed_offset[tp]]
        if never_committed:
            await self.seek_wait(dict(await self.earliest_offsets(*never_committed)))

    def committed(self, tp: TP) -> int:
        """The offset below which everything is committed; 0 if nothing is."""
        return self._committed_offset.get(tp) or 0

    async def unread(self, topic: str) -> int:
        """How many of the topic's messages in the assigned partitions the broker has and this consumer has not read.

        Counted from the read position, which passes transaction markers and deleted messages; committed offsets do not.
        """
        partitions = [tp for tp in self.assignment() if tp.topic == topic]
        ends = await self.highwaters(*partitions)
        return sum([max(0, ends[tp] - (await self.position(tp) or 0)) for tp in partitions])

    def _clean_unacked_messages(self) -> None:
        """Faust calls this each second while it waits for the messages read so far."""
        if self.halted:
            self._unacked_messages.clear()
        super()._clean_unacked_messages()

    async def fetch_metadata(self, partitions: Collection[TP]) -> dict[TP, str]:
        """The string beside the committed offset of each partition that has one."""
        async with asyncio.timeout(METADATA_TIMEOUT):
            found: dict[TP, str] = await self._thread.call_thread(self._thread.fetch_metadata, partitions)
        return found

    async def commit_with_metadata(self, offsets: Mapping[TP, tuple[int, str]]) -> None:
        """Commit each offset with a string, which stays until a higher offset is committed.

        Raises:
            TimeoutError: the broker did not answer in time.
        """
        async with asyncio.timeout(METADATA_TIMEOUT), self._commit_lock:
            self._with_metadata |= {tp: offset for tp, (offset, _) in offsets.items()}
            marked = {tp: OffsetAndMetadata(*each) for tp, each in offsets.items()}
            await self._thread.call_thread(self._thread.commit_with_metadata, marked)

    @fault_point("commit offsets")
    async def _commit(self, offsets: Mapping[TP, Any]) -> bool:
        """Commit the offsets without a string, except where that would erase one: those are committed already."""
        async with self._commit_lock:
            new = {tp: offset for tp, offset in offsets.items() if offset > self._with_metadata.get(tp, -1)}
            if not new:
                return True
            done = bool(await super()._commit(new))
        self.metrics.commits.labels("ok" if done else "failed").inc()
        if done:
            self.metrics.last_commit_timestamp_seconds.set(time.time())
        return done


def counting_consumer(metrics: Metrics) -> type[Consumer]:
    """The consumer class that counts its commits in these metrics. Faust creates the instance itself."""
    return type("Consumer", (Consumer,), {"metrics": metrics, "__module__": __name__})


class App(faust.App):
    """Faust's app without directories on disk: there are no tables to keep in them."""

    def _create_directories(self) -> None:
        pass


class Worker(faust.Worker):
    """Faust's worker, which leaves logging alone and handles only a service's signals (SIGUSR2 starts a debugger)."""

    def __init__(self, app: faust.App, **options: Any) -> None:
        super().__init__(app, override_logging=False, redirect_stdouts=False, quiet=True, **options)
        self.spinner = None

    @fault_point("handle signals")
    def _install_signal_handlers_unix(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            self.loop.add_signal_handler(number, self._on_sigterm)
