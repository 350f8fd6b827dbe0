"""What Copydesk changes in Faust's own classes: the ways in which they lose messages."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Mapping
from typing import Any

import faust
from aiokafka.protocol.group import HeartbeatRequest
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from workers.errors import end_process
from workers.observability.metrics import Metrics
from workers.outcomes import ExitCode

log = logging.getLogger(__name__)

UNKNOWN_MEMBER = 25
"""What Kafka answers to a member that it has dropped, or whose static id another process has taken."""


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread, which ends the process once another one has taken its static id.

    aiokafka takes that for an expired session and takes the id back; so would the other, for ever.
    """

    async def on_start(self) -> None:
        """Listen to what the broker answers to heartbeats."""
        await super().on_start()
        instance_id = self.app.conf.consumer_group_instance_id
        if instance_id is None:
            return
        coordinator, session = self._consumer._coordinator, self.app.conf.broker_session_timeout
        send, well = coordinator._send_req, time.monotonic()

        async def listen(request: Any) -> Any:
            nonlocal well
            response = await send(request)
            if isinstance(request, HeartbeatRequest):
                if response.error_code == UNKNOWN_MEMBER and time.monotonic() - well < session:
                    log.critical("another process has taken this static id", extra={"instance_id": instance_id})
                    end_process(ExitCode.MISCONFIGURED)
                if response.error_code == 0:
                    well = time.monotonic()
            return response

        coordinator._send_req = listen


class Consumer(driver.Consumer):
    """Faust's consumer, with its gaps and its first offsets put right, and its commits counted.

    Once ``halted`` is set, nobody handles the messages at hand: neither a rebalance nor the end waits for them.
    """

    metrics: Metrics
    halted = False

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Mark offsets that the broker never delivers as done: Faust counts the one after the gap in, which is not."""
        await super()._add_gap(tp, offset_from, offset_to - 1)

    async def perform_seek(self) -> None:
        """Go to the committed offsets, or to the earliest where nothing was committed: Faust leaves these adrift."""
        await super().perform_seek()
        never_committed = [tp for tp in self.assignment() if not self._committed_offset[tp]]
        if never_committed:
            await self.seek_wait(dict(await self.earliest_offsets(*never_committed)))

    def committed(self, tp: TP) -> int:
        """The offset below which everything was committed; 0 where nothing was."""
        return self._committed_offset.get(tp) or 0

    async def unread(self, topic: str) -> int:
        """How many of the topic's messages the broker has that were not read yet, of the partitions assigned.

        The position of reading goes over transaction markers and deleted messages too, where committed offsets lag.
        """
        mine = [tp for tp in self.assignment() if tp.topic == topic]
        ends = await self.highwaters(*mine)
        return sum([max(0, ends[tp] - (await self.position(tp) or 0)) for tp in mine])

    def _clean_unacked_messages(self) -> None:
        """Called each second by whoever waits for the messages at hand."""
        if self.halted:
            self._unacked_messages.clear()
        super()._clean_unacked_messages()

    async def _commit(self, offsets: Mapping[TP, Any]) -> bool:
        done = bool(await super()._commit(offsets))
        self.metrics.commits.labels("ok" if done else "failed").inc()
        if done:
            self.metrics.last_commit_timestamp_seconds.set(time.time())
        return done


def counting_consumer(metrics: Metrics) -> type[Consumer]:
    """The consumer class whose commits are counted in these metrics (Faust itself makes the instance)."""
    return type("Consumer", (Consumer,), {"metrics": metrics, "__module__": __name__})


class App(faust.App):
    """Faust's app, without directories on disk: there are no tables to keep in them."""

    def _create_directories(self) -> None:
        pass


class Worker(faust.Worker):
    """Faust's worker, with logging left alone and only the signals of a service (SIGUSR2 would start a debugger)."""

    def __init__(self, app: faust.App, **options: Any) -> None:
        super().__init__(app, override_logging=False, redirect_stdouts=False, quiet=True, **options)
        self.spinner = None

    def _install_signal_handlers_unix(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            self.loop.add_signal_handler(number, self._on_sigterm)


async def pause_until_rebalanced(app: faust.App, **_: object) -> None:
    """Keep the flow stopped until Faust resumes it at the end of a rebalance.

    Faust resumes the partitions before it clears the streams' queues: what comes in between would be thrown away and
    yet be marked as done.
    """
    app.consumer.stop_flow()
