"""How much of a fetch is unpacked at a time."""

from __future__ import annotations

from types import SimpleNamespace

from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.structs import TopicPartition

from tests.kafka.batches import RawRecord, batch, payload
from workers.kafka.fetcher import FetchResult, Room
from workers.kafka.record_batches import RecordBatches
from workers.kafka.record_sizes import HEADER_BYTES


def result(records: list[RawRecord], room: Room) -> FetchResult:
    """A fetch with these records, in a partition that is read from offset 0."""
    data = batch(payload(records), len(records))
    place, state = TopicPartition("t", 0), SimpleNamespace(paused=False, position=0)
    state.consumed_to = lambda position: setattr(state, "position", position)
    unpacked = PartitionRecords(place, RecordBatches(data), [], 0, None, None, True, READ_COMMITTED)
    assignment = SimpleNamespace(active=True, state_value=lambda place: state)
    made = FetchResult(place, assignment=assignment, partition_records=unpacked, backoff=0)
    made.room = room
    return made


def test_records_are_unpacked_until_they_take_all_room_over_all_partitions() -> None:
    room = Room()
    room.left = HEADER_BYTES + 32
    first = result([RawRecord(b"v" * 30), RawRecord(b"v", ((b"h", None),)), RawRecord(b"3", key=b"k" * 30)], room)
    second = result([RawRecord(b"4")], room)
    assert [record.offset for record in first.getall()] == [0, 1]
    room.left = 1
    assert [record.offset for record in first.getall()] == [2]
    assert second.getall() == []
    assert second.has_more()
    room.left = 1
    assert (first.getall(), first.has_more()) == ([], False)
    assert [record.value for record in second.getall()] == [b"4"]


def test_no_more_records_are_unpacked_than_were_asked_for() -> None:
    read = result([RawRecord(b"1"), RawRecord(b"2"), RawRecord(b"3")], Room())
    assert [len(read.getall(max_records=2)), len(read.getall(max_records=2))] == [2, 1]
    assert read.getall(max_records=2) == []


def test_fetch_that_arrives_after_its_assignment_has_ended_yields_nothing() -> None:
    ended = SimpleNamespace(active=False)
    unpacked = PartitionRecords(TopicPartition("t", 0), RecordBatches(b""), [], 0, None, None, True, READ_COMMITTED)
    late = FetchResult(TopicPartition("t", 0), assignment=ended, partition_records=unpacked, backoff=0)
    assert late.getall() == []
