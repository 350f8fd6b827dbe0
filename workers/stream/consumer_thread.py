"""The thread in which Faust's consumer talks to Kafka: it ends the process where Faust would wait for ever.

The classes log under this module's name, which ``observability.logs`` keeps at WARNING like Faust itself.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, ConsumerStoppedError, IllegalStateError
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from mode.threads import QueueServiceThread

from workers.errors import end_process
from workers.fault_points import fault_point
from workers.kafka.fetcher import Reset, report_to
from workers.outcomes import ExitCode

if TYPE_CHECKING:
    from workers.stream.faust_fixes import Consumer

log = logging.getLogger(__name__)

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
