"""Which messages are handled alone, and which are given up: ``CrashMarks`` and its guard."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

import pytest
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from workers.errors import LedgerMissingError, RejectedError
from workers.messages import HandlerResult, Message
from workers.outcomes import Reason
from workers.stream.crash_guard import CrashGuard
from workers.stream.crash_marks import MAX_PART_BYTES, CrashMarks, Mark, read_mark
from workers.topics import UNIQUE

BATCH = 5


def message(offset: int, partition: int = 0, size: int = 1) -> Message:
    return Message(UNIQUE, partition, offset, 0, b"x" * size)


def lengths(marks: CrashMarks, messages: Sequence[Message]) -> list[int]:
    """The lengths of the parts, each acknowledged before the next is taken."""
    start, taken = 0, []
    for length in marks.parts(messages):
        marks.acknowledged(messages[start : start + length])
        start += length
        taken.append(length)
    return taken


def new(metadata: str, limit: int = 3) -> CrashMarks:
    """The marks of a worker that found this beside the committed offset of partition 0."""
    marks = CrashMarks(limit, BATCH)
    marks.found(0, metadata)
    return marks


@pytest.mark.parametrize("falls", [0, 1, 12])
def test_a_mark_is_read_back(falls: int) -> None:
    assert read_mark(Mark(falls).metadata) == Mark(falls)


@pytest.mark.parametrize("metadata", ["", "3", "falls=", "falls=-1", "falls=²", '{"falls": 1}', "owner=jon"])
def test_metadata_of_others_is_no_mark(metadata: str) -> None:
    assert read_mark(metadata) is None


def test_only_the_first_messages_after_an_assignment_are_marked() -> None:
    marks = new("")
    first, second = [message(7), message(8)], [message(9)]
    assert marks.before(first) == {0: (7, Mark(0))}
    assert marks.after(first) == {}
    marks.acknowledged(first)
    assert marks.before(second) == {}


def test_after_a_fall_as_many_messages_as_a_batch_has_are_handled_alone() -> None:
    assert lengths(new(Mark(0).metadata), [message(offset) for offset in range(8)]) == [1] * BATCH + [3]


def test_a_suspect_partition_does_not_slow_down_the_others() -> None:
    marks = new(Mark(0).metadata)
    marks.found(1, "")
    batch = [message(0, 1), message(1, 1), message(0, 0), message(2, 1), message(3, 1)]
    assert lengths(marks, batch) == [2, 1, 2]


def test_a_message_handled_alone_is_counted_only_while_it_is_handled() -> None:
    marks = new(Mark(1).metadata)
    assert marks.before([message(7)]) == {0: (7, Mark(2))}
    assert marks.after([message(7)]) == {0: (7, Mark(1))}
    marks.acknowledged([message(7)])
    assert marks.before([message(8)]) == {0: (8, Mark(1))}
    assert marks.after([message(8)]) == {0: (8, Mark(0))}


def test_parts_are_bounded_by_bytes_and_a_larger_message_is_a_part_of_its_own() -> None:
    sizes = [MAX_PART_BYTES // 2, MAX_PART_BYTES // 2, 1, 3 * MAX_PART_BYTES, 1, 1]
    assert lengths(new(""), [message(offset, size=size) for offset, size in enumerate(sizes)]) == [2, 1, 1, 2]


class Kafka:
    """The committed offset and metadata of one partition, and what became of its messages."""

    def __init__(self, end: int) -> None:
        self.end = end
        self.offset = 0
        self.metadata = ""
        self.refused: list[int] = []
        self.falls: Counter[int] = Counter()
        self.falls_after_progress: Counter[int] = Counter()

    async def fetch_metadata(self, partitions: Collection[TP]) -> Mapping[TP, str]:
        return {TP(UNIQUE, 0): self.metadata}

    async def commit_with_metadata(self, offsets: Mapping[TP, tuple[int, str]]) -> None:
        ((offset, self.metadata),) = offsets.values()
        assert offset >= self.offset, "a commit must not go back"
        self.offset = offset


class Fall(BaseException):
    """The worker ends here, as by kill -9."""


def guard_of(kafka: Kafka, limit: int) -> CrashGuard:
    return CrashGuard("enrich", UNIQUE, CrashMarks(limit, BATCH), lambda: kafka)


async def run_worker(kafka: Kafka, limit: int, killers: Collection[int], batch_sizes: Sequence[int]) -> None:
    """Work until the end of the partition, with batches of these sizes in turn; raises ``Fall`` at a killer."""
    guard, turn, began = guard_of(kafka, limit), 0, kafka.offset

    async def handle(part: Sequence[Message]) -> list[HandlerResult]:
        if falling := [each.offset for each in part if each.offset in killers]:
            kafka.falls[falling[0]] += 1
            kafka.falls_after_progress[falling[0]] += kafka.offset > began
            raise Fall
        return [ValueError()] * len(part)

    while kafka.offset < kafka.end:
        last = min(kafka.end, kafka.offset + batch_sizes[turn % len(batch_sizes)])
        batch, start = [message(offset) for offset in range(kafka.offset, last)], 0
        for length in await guard.parts(batch):
            part = batch[start : start + length]
            (result, *_) = await guard.handle(part, handle)
            if isinstance(result, RejectedError):
                assert result.reason is Reason.KILLED_WORKER
                kafka.refused.append(part[0].offset)
            guard.acknowledged(part)
            start += length
            kafka.offset, kafka.metadata = batch[start - 1].offset + 1, ""
        turn += 1


@given(
    st.sets(st.integers(0, 30), max_size=6),
    st.integers(1, 4),
    st.lists(st.integers(1, BATCH), min_size=1, max_size=3),
)
def test_killers_are_refused_after_a_few_falls_and_innocent_messages_never(
    killers: set[int], limit: int, batch_sizes: list[int]
) -> None:
    kafka = Kafka(end=31)
    while kafka.offset < kafka.end:
        with suppress(Fall):
            asyncio.run(run_worker(kafka, limit, killers, batch_sizes))
    assert kafka.refused == sorted(killers)
    for killer, falls in kafka.falls.items():
        assert limit <= falls <= limit + 2 + kafka.falls_after_progress[killer]


def test_a_failure_that_is_not_the_messages_fault_takes_the_mark_back() -> None:
    kafka = Kafka(end=1)
    kafka.metadata = Mark(1).metadata

    async def fail(part: Sequence[Message]) -> Sequence[HandlerResult]:
        assert kafka.metadata == Mark(2).metadata
        raise error

    async def scenario() -> None:
        guard = guard_of(kafka, 3)
        assert list(await guard.parts([message(0)])) == [1]
        await guard.handle([message(0)], fail)

    for error, left in ((LedgerMissingError(), Mark(1)), (MemoryError(), Mark(2))):
        kafka.metadata = Mark(1).metadata
        with pytest.raises(type(error)):
            asyncio.run(scenario())
        assert kafka.metadata == left.metadata
