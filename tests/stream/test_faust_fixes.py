"""What the consumer commits, with a fake in place of the thread that fetches."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.errors import ConsumerStoppedError
from aiokafka.structs import OffsetAndMetadata
from faust.types import TP
from mode.utils.logging import CompositeLogger

from workers.observability.metrics import Metrics
from workers.stream.consumer_thread import AnsweringThread, ConsumerThread, Fetched
from workers.stream.faust_fixes import Consumer
from workers.stream.offsets import PartitionOffsets
from workers.stream.read_ahead import ReadAhead

PARTITION = TP("news-raw", 0)


@dataclass
class Record:
    offset: int


@dataclass
class Thread:
    """Answers every fetch with the same records. Something may happen during a commit or a seek."""

    fetched: Fetched
    during_commit: Callable[[], None] = lambda: None
    during_seek: Callable[[], None] = lambda: None
    returned: Fetched | None = None
    committed: list[int] = field(default_factory=list)

    async def getmany(self, active_partitions: Any, timeout: float) -> Fetched:
        return self.fetched

    def return_unread(self, fetched: Fetched) -> None:
        self.returned = fetched

    def assignment(self) -> set[TP]:
        return {PARTITION}

    async def commit(self, offsets: Mapping[TP, int]) -> bool:
        self.during_commit()
        self.committed += offsets.values()
        return True

    async def commit_with_metadata(self, offsets: Mapping[TP, OffsetAndMetadata]) -> None:
        self.committed += [each.offset for each in offsets.values()]

    async def call_thread(self, call: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        return await call(*arguments)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        self.during_seek()
        return {PARTITION: 9}


def consumer(offsets: list[int], position: int) -> Consumer:
    """A consumer that has committed up to 4 and whose fetches answer with these offsets."""
    made = object.__new__(Consumer)  # without an app
    made._thread = Thread(Fetched({PARTITION: [Record(offset) for offset in offsets]}, {PARTITION: position}))  # type: ignore[assignment]
    made._offsets = {PARTITION: PartitionOffsets(4)}
    made._acked, made._acked_index = defaultdict(list), defaultdict(set)
    made._committed_offset = defaultdict(lambda: None, {PARTITION: 4})
    made._read_offset = defaultdict(lambda: None, {PARTITION: 4})
    made._with_metadata, made._committing = {}, dict(made._offsets)
    made.flow_active, made.in_transaction = True, False
    made._commit_lock, made._seek_lock = asyncio.Lock(), asyncio.Lock()
    made._read_ahead, made._rewound = ReadAhead(), {}
    made.metrics, made.log = Metrics(), CompositeLogger(logging.getLogger(__name__))
    flushed = SimpleNamespace(flush=lambda: asyncio.sleep(0))
    ignored = SimpleNamespace(on_commit=list, on_tp_commit=list)
    made.app = SimpleNamespace(
        producer=flushed, tables=ignored, monitor=ignored, _start_span_from_rebalancing=lambda _: nullcontext()
    )
    made.diag = SimpleNamespace(set_flag=id, unset_flag=id)
    made._active_partitions, made._paused_partitions, made._gap = None, set(), {}
    return made


def fetch(made: Consumer) -> None:
    asyncio.run(made._getmany({PARTITION}, 1.0))


def test_messages_hold_the_offset_back_until_they_are_acknowledged_and_markers_do_not() -> None:
    made = consumer([4, 6], position=9)
    fetch(made)
    assert made._new_offset(PARTITION) is None
    made._acked[PARTITION].append(4)
    assert made._new_offset(PARTITION) == 6
    made._acked[PARTITION].append(6)
    assert made._new_offset(PARTITION) == 9
    assert made._acked[PARTITION] == []
    assert set(made._filter_tps_with_pending_acks()) == {PARTITION}


def test_fetch_that_a_rebalance_overtakes_is_returned_unread() -> None:
    made = consumer([4, 6], position=9)
    made.flow_active = False
    assert asyncio.run(made._getmany({PARTITION}, 1.0)) is None, "Faust would seek"
    assert made.done_to(PARTITION) == 4
    assert made._thread.returned == {PARTITION: [Record(4), Record(6)]}


@pytest.mark.parametrize(("position", "next_offset"), [(9, 4), (3, 3)], ids=["as fetched", "sought since"])
def test_next_fetch_begins_with_records_that_were_returned(position: int, next_offset: int) -> None:
    async def next_position() -> int:
        subscription = SubscriptionState()
        subscription.assign_from_user([PARTITION])
        state = subscription.subscription.assignment.state_value(PARTITION)
        state.seek(position)
        thread = object.__new__(ConsumerThread)
        thread._consumer = SimpleNamespace(_subscription=subscription, seek=lambda _, offset: state.seek(offset))
        thread._return_unread(Fetched({PARTITION: [Record(4), Record(6)]}, {PARTITION: 9}))
        return int(state.position)

    assert asyncio.run(next_position()) == next_offset


def test_partition_that_was_not_sought_yet_is_not_committed() -> None:
    made = consumer([4, 6], position=9)
    made._offsets.clear()
    fetch(made)
    assert made._new_offset(PARTITION) is None


def test_partition_that_lost_its_end_is_read_and_committed_from_the_lower_offset() -> None:
    made = consumer([1, 2], position=3)
    made._with_metadata[PARTITION] = 9
    made.rewound(PARTITION, 1)
    fetch(made)
    assert made.done_to(PARTITION) == 1
    made._acked[PARTITION] += [1, 2]
    assert made._new_offset(PARTITION) == 3
    assert PARTITION not in made._with_metadata, "a commit waits for the former offset"


def test_commit_that_a_reset_overtakes_does_not_count() -> None:
    made = consumer([0, 1], position=2)
    made._thread.during_commit = lambda: made.rewound(PARTITION, 0)
    asyncio.run(made._commit_offsets({PARTITION: 9}))
    fetch(made)
    made._acked[PARTITION] += [0, 1]
    assert made._new_offset(PARTITION) == 2


def test_reset_that_overtakes_the_seek_to_a_committed_offset_beyond_the_end_counts() -> None:
    made = consumer([1, 2], position=3)
    made._thread.during_seek = lambda: made.rewound(PARTITION, 1)
    asyncio.run(made.perform_seek())
    fetch(made)
    made._acked[PARTITION] += [1, 2]
    assert made._new_offset(PARTITION) == 3


def test_messages_of_a_fetch_are_not_dropped_for_those_of_an_earlier_one() -> None:
    made = consumer([1, 2], position=3)
    made._read_offset[PARTITION] = 9  # a message from before a reset was still handed on
    fetch(made)
    assert made._read_offset[PARTITION] is None


def test_reset_of_an_earlier_assignment_does_not_count_after_another_seek() -> None:
    made = consumer([], position=9)
    made.rewound(PARTITION, 1)
    asyncio.run(made.perform_seek())
    fetch(made)
    assert made.done_to(PARTITION) == 9


class EndingQueue:
    """Takes a call just before its thread ends, too late to make it."""

    async def call(self, promise: asyncio.Future[Any], *_: object) -> asyncio.Future[Any]:
        return promise


def test_calls_are_refused_once_the_thread_has_ended() -> None:
    async def calls() -> None:
        thread = AnsweringThread()
        await thread.start()
        assert await thread.call_thread(asyncio.sleep, 0, "done") == "done"
        await thread.stop()
        with pytest.raises(ConsumerStoppedError):
            await thread.call_thread(asyncio.sleep, 0)
        thread._method_queue = EndingQueue()
        with pytest.raises(ConsumerStoppedError):
            async with asyncio.timeout(10):
                await thread.call_thread(asyncio.sleep, 0)

    asyncio.run(calls())


def test_commit_that_the_thread_does_not_live_to_see_has_failed() -> None:
    def ends() -> None:
        raise ConsumerStoppedError

    made = consumer([4], 5)
    made._thread = Thread(Fetched({}, {}), during_commit=ends)  # type: ignore[assignment]
    assert not asyncio.run(made._commit({PARTITION: 5}))


def test_commits_are_over_once_a_partition_is_revoked() -> None:
    events = []

    async def wait_for_nothing(revoked: set[TP]) -> None:
        """What Faust does in a worker that is stopping."""

    async def commit(*_: object) -> bool:
        await asyncio.sleep(0.1)
        events.append("committed")
        return True

    async def rebalance() -> None:
        made = consumer([4], 5)
        made._on_partitions_revoked = wait_for_nothing
        made._thread.commit = made._thread.call_thread = commit  # type: ignore[method-assign,assignment]
        committing = asyncio.ensure_future(made._commit({PARTITION: 5}))
        await asyncio.sleep(0)
        await made.on_partitions_revoked({PARTITION})
        events.append("revoked")
        await committing
        await made._commit({PARTITION: 5})
        await made.commit_with_metadata({PARTITION: (4, "")})

    asyncio.run(rebalance())
    assert events == ["committed", "revoked"]


def test_a_commit_that_a_rebalance_overtakes_while_outputs_are_flushed_is_given_up() -> None:
    made = consumer([4], 5)

    async def rebalance() -> None:
        made._offsets = {PARTITION: PartitionOffsets(9)}  # another worker had it meanwhile

    made.app.producer.flush = rebalance
    asyncio.run(made._commit_offsets({PARTITION: 5}))
    assert made._thread.committed == []


def test_a_string_beside_the_offset_lowers_no_commit() -> None:
    made = consumer([], 5)
    for offset in (3, 4):
        asyncio.run(made.commit_with_metadata({PARTITION: (offset, "")}))
    assert made._thread.committed == [4]
