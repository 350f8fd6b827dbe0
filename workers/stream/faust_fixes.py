"""Subclasses of Faust's classes that fix ways in which Faust loses messages.

The classes log under this module's name, which ``observability.logs`` keeps at WARNING like Faust itself.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any

import faust
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, ConsumerStoppedError, IllegalStateError
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, Message
from faust.types.transports import ConsumerCallback
from mode.threads import QueueServiceThread

import workers.kafka.coordinator  # noqa: F401 -- refuses commits that a rebalance has overtaken
from workers.errors import end_process
from workers.fault_points import fault_point
from workers.kafka.fetcher import Reset, report_to
from workers.kafka.record_sizes import memory_of
from workers.observability.metrics import Metrics
from workers.outcomes import ExitCode
from workers.stream.offsets import PartitionOffsets
from workers.stream.read_ahead import ReadAhead

log = logging.getLogger(__name__)

METADATA_TIMEOUT = 60.0
"""Seconds in which the broker must answer what concerns strings beside committed offsets, as for a delivery."""
UNKNOWN_MEMBER = 25
"""Kafka's error code for a member that it dropped, or whose static id another process took."""
READ_COMMITTED = "read_committed"


class Fetched(dict[TP, Any]):
    """The records of a fetch by partition, and where the next fetch of each assigned partition starts."""

    def __init__(self, records: Mapping[TP, Any], positions: Mapping[TP, int]) -> None:
        super().__init__(records)
        self.positions = positions


class AnsweringThread(QueueServiceThread):
    """A thread that refuses the calls for which it ends too early. Faust waits for their results for ever."""

    abstract = True

    async def call_thread(self, fun: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """The result of the function, called in the thread.

        Raises:
            ConsumerStoppedError: the thread has ended.
        """
        try:
            call = await self.method_queue.call(self.parent_loop.create_future(), fun, *arguments, **options)
        except RuntimeError as error:  # its event loop is closed
            raise ConsumerStoppedError from error
        end = asyncio.ensure_future(self._shutdown.wait())
        try:
            await asyncio.wait({call, end}, return_when=asyncio.FIRST_COMPLETED)
            if not call.done():
                raise ConsumerStoppedError
            return call.result()
        finally:
            call.cancel()
            end.cancel()


class ConsumerThread(AnsweringThread, driver.AIOKafkaConsumerThread):
    """Faust's consumer thread, which reads committed transactions only and says how far each fetch came.

    It ends the process when another process takes its static id. aiokafka mistakes that for an expired session and
    takes the id back; the other process does the same, endlessly. It also ends the process when aiokafka stops fetching
    or has left the group because of an error. Faust never asks for that error, and would wait for ever.
    """

    consumer: Consumer

    async def on_start(self) -> None:
        """Watch what is skipped, errors that end the reading, and the broker's answers to heartbeats."""
        await super().on_start()
        report_to(self._consumer, self.consumer.metrics, self._on_reset)
        self._watch_reading()
        self._watch_static_id()

    @fault_point("read committed")
    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:
        """Faust chooses ``read_committed`` only together with its own transactions."""
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = READ_COMMITTED
        return consumer

    def highwater(self, tp: TP) -> int | None:
        """The offset before which everything could be read at the last fetch: the last stable offset."""
        stable: int | None = self._ensure_consumer().last_stable_offset(tp)
        return stable

    def log_end(self, tp: TP) -> int | None:
        """The end of the partition at the last fetch."""
        end: int | None = self._ensure_consumer().highwater(tp)
        return end

    async def _fetch_records(self, consumer: AIOKafkaConsumer, *arguments: Any, **options: Any) -> Fetched:
        records = await super()._fetch_records(consumer, *arguments, **options)
        # Without an await since the fetch, everything below these offsets was in it or in an earlier one.
        return Fetched(records, positions_of(consumer))

    def return_unread(self, fetched: Fetched) -> None:
        """Have the next fetch begin with these records again, unless their partitions are sought before."""
        with suppress(RuntimeError):  # the thread has ended
            self.thread_loop.call_soon_threadsafe(self._return_unread, fetched)

    def _return_unread(self, fetched: Fetched) -> None:
        consumer = self._ensure_consumer()
        positions = positions_of(consumer)
        for tp, records in fetched.items():
            if positions.get(tp) == fetched.positions.get(tp):
                consumer.seek(TopicPartition(*tp), records[0].offset)

    def _on_reset(self, reset: Reset) -> None:
        tp = TP(reset.topic, reset.partition)
        self.consumer.loop.call_soon_threadsafe(self.consumer.rewound, tp, reset.offset)

    @fault_point("watch reading")
    def _watch_reading(self) -> None:
        coordinator = self._consumer._coordinator
        coordinator.on_error = self._end_reading
        for task in (coordinator._coordination_task, self._consumer._fetcher.error_future):
            task.add_done_callback(self._end_if_failed)

    def _end_if_failed(self, task: asyncio.Task[object]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self._end_reading(error)

    def _end_reading(self, error: BaseException) -> None:
        log.critical("the Kafka client stopped reading; ending the worker", extra={"error": repr(error)})
        end_process(ExitCode.FAILED)

    @fault_point("watch static id")
    def _watch_static_id(self) -> None:
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


def positions_of(consumer: AIOKafkaConsumer) -> dict[TP, int]:
    """The offsets at which the consumer's next fetches start. A partition that is being reset has none."""
    subscription = consumer._subscription.subscription
    assignment = subscription and subscription.assignment
    if assignment is None or not assignment.active:
        return {}
    states = {TP(tp.topic, tp.partition): assignment.state_value(tp) for tp in assignment.tps}
    return {tp: state.position for tp, state in states.items() if state.has_valid_position}


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
