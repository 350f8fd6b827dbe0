"""Subclasses of Faust's classes that fix ways in which Faust loses messages.

The classes log under this module's name, which ``observability.logs`` keeps at WARNING like Faust itself.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import faust
from aiokafka.errors import ConsumerStoppedError
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, Message
from faust.types.transports import ConsumerCallback

import workers.kafka.coordinator  # noqa: F401 -- refuses commits that a rebalance has overtaken
from workers.fault_points import fault_point
from workers.kafka.record_sizes import memory_of
from workers.observability.metrics import Metrics
from workers.stream.consumer_thread import ConsumerThread, Fetched
from workers.stream.offsets import PartitionOffsets
from workers.stream.read_ahead import ReadAhead

METADATA_TIMEOUT = 60.0
"""Seconds in which the broker must answer what concerns strings beside committed offsets, as for a delivery."""


class Consumer(driver.Consumer):
    """Faust's consumer, with its own account of what may be committed, first offsets corrected, and commits counted.

    Faust finds out about offsets without a message only when a message follows, and then lists each of them. This one
    also writes strings beside committed offsets, and bounds the memory of what is read ahead.

    Once ``halted`` is set, the messages read so far are not handled; no rebalance or shutdown waits for them.
    """

    metrics: Metrics
    halted = False
    callback: ConsumerCallback
    _thread: ConsumerThread

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._offsets: dict[TP, PartitionOffsets] = {}
        self._commit_lock, self._seek_lock = asyncio.Lock(), asyncio.Lock()
        self._with_metadata: dict[TP, int] = {}
        self._committing: Mapping[TP, PartitionOffsets] = {}
        self._rewound: dict[TP, int] = {}
        self._read_ahead = ReadAhead()
        self._deliver, self.callback = self.callback, self._deliver_counted

    async def _deliver_counted(self, message: Message) -> None:
        self._read_ahead.take(memory_of(message))
        await self._deliver(message)

    def ack(self, message: Message) -> bool:
        """Mark the message as done, which makes room for others."""
        was_acked = message.acked
        result = bool(super().ack(message))
        if message.acked and not was_acked:
            self._read_ahead.free(memory_of(message))
        return result

    def _to_message(self, tp: TP, record: Any) -> Message:
        """The message with Kafka's own timestamp. In Faust's seconds, one in nanoseconds would lose its last digits."""
        message: Message = super()._to_message(tp, record)
        message.timestamp = record.timestamp
        return message

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:
        """The next records by partition; None, not to be read, while the flow is stopped for a rebalance.

        Faust seeks all partitions for records that it does not read. That may come after the seek of the rebalance, and
        so fall among messages that are being handled.
        """
        fetched = Fetched({}, {})
        if await self._read_ahead.has_room(timeout):
            fetched = await super()._getmany(active_partitions, timeout)
        if self.flow_active:
            self.note_fetched(fetched)
            return fetched
        self._thread.return_unread(fetched)
        return None

    @fault_point("note fetched offsets")
    def note_fetched(self, fetched: Fetched) -> None:
        """Note the messages of a fetch before any of them is handed on: none can be committed past unhandled.

        Faust drops messages below the last one that it saw; it must not where the partition is read again from there.
        """
        for tp, position in fetched.positions.items():
            self._read_offset[tp] = None
            if offsets := self._offsets.get(tp):
                offsets.fetched((record.offset for record in fetched.get(tp, ())), position)

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Do nothing: ``note_fetched`` covers gaps."""

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return (tp for tp in self._offsets if topics is None or tp in topics or tp.topic in topics)

    def _new_offset(self, tp: TP) -> int | None:
        done_to = self.done_to(tp)
        return done_to if done_to > self.committed(tp) else None

    def done_to(self, tp: TP) -> int:
        """The offset below which everything is acknowledged, or has no message."""
        if (offsets := self._offsets.get(tp)) is None:
            return self.committed(tp)
        offsets.done(self._acked[tp])  # where Faust's streams collect them
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        return offsets.done_to

    async def perform_seek(self) -> None:
        """Seek to the committed offsets, or to the earliest offset if nothing was committed. Faust skips the latter.

        One rebalance may begin while another still seeks; the offsets of both must not mix.
        """
        async with self._seek_lock:
            self._with_metadata.clear()
            self._rewound.clear()
            self._read_ahead.reset()
            await super().perform_seek()
            earliest = await self._seek_to_start()
            self._offsets = {
                tp: PartitionOffsets(self.committed(tp) or earliest.get(tp, 0)) for tp in self.assignment()
            }
            for tp, offset in self._rewound.items():  # the fetches after the seek may be ahead of this method
                self.rewound(tp, offset)

    @fault_point("seek to start")
    async def _seek_to_start(self) -> Mapping[TP, int]:
        """The earliest offsets of partitions without a commit, which are sought."""
        never_committed = [tp for tp in self.assignment() if not self._committed_offset[tp]]
        if not never_committed:
            return {}
        earliest = dict(await self.earliest_offsets(*never_committed))
        await self.seek_wait(earliest)
        return earliest

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Commit what is done in the partitions, and forget them.

        A commit under way must be over, which Faust does not see to in a worker that is stopping: once this one has
        joined the group again, Kafka would let it lower what the next owner of a partition has committed.
        """
        for tp in revoked:
            self.done_to(tp)  # before Faust forgets what is acknowledged
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self._offsets.pop(tp, None)
        async with self._commit_lock:
            pass

    def rewound(self, tp: TP, offset: int) -> None:
        """Note that the partition is read again from a lower offset: it ends below the committed one."""
        self._rewound[tp] = offset
        if tp in self._offsets:
            self._committed_offset[tp] = offset or None
            self._offsets[tp] = PartitionOffsets(offset)
            self._with_metadata.pop(tp, None)

    def log_end(self, tp: TP) -> int | None:
        """The end of the partition at the last fetch, also behind an open transaction; None before the first."""
        return self._thread.log_end(tp)

    def committed(self, tp: TP) -> int:
        """The offset below which everything is committed; 0 if nothing is."""
        return self._committed_offset.get(tp) or 0

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Do nothing: the watchdog finds stalls. Faust mistakes an open transaction for one, and logs it forever."""

    async def unread(self, topic: str) -> int:
        """How many of the topic's messages in the assigned partitions can be read, and this consumer has not.

        Messages behind the start of an open transaction cannot be read.
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

        Partitions that were revoked are left out, and those of which more is committed: a message may come twice.

        Raises:
            TimeoutError: the broker did not answer in time.
        """
        async with asyncio.timeout(METADATA_TIMEOUT), self._commit_lock:
            marked = {
                tp: OffsetAndMetadata(*each)
                for tp, each in offsets.items()
                if tp in self._offsets and each[0] >= self.committed(tp)
            }
            self._with_metadata |= {tp: each.offset for tp, each in marked.items()}
            if marked:
                await self._thread.call_thread(self._thread.commit_with_metadata, marked)

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:
        """Commit, and forget what a partition that was sought meanwhile had committed: it may be another topic's."""
        self._committing = dict(self._offsets)
        done = bool(await super()._commit_offsets(offsets, start_new_transaction))
        for tp in offsets:
            if self._offsets.get(tp) is not self._committing.get(tp):
                self._committed_offset[tp] = None
        return done

    @fault_point("commit offsets")
    async def _commit(self, offsets: Mapping[TP, Any]) -> bool:
        """Commit the offsets without a string, except where that would erase one: those are committed already.

        Partitions that were revoked are left out, also if they were assigned again: Faust waits for outputs first, and
        another worker may have committed more meanwhile.
        """
        async with self._commit_lock:
            new = {
                tp: offset
                for tp, offset in offsets.items()
                if (counted := self._offsets.get(tp)) is not None
                and counted is self._committing.get(tp)
                and offset > self._with_metadata.get(tp, -1)
            }
            if not new:
                return True
            try:
                done = bool(await super()._commit(new))
            except ConsumerStoppedError:  # the worker is ending
                done = False
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
