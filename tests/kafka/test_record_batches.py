"""Record batches that aiokafka parses, and those at which it gives up."""

from __future__ import annotations

import gzip
import struct
from dataclasses import dataclass, field

import cramjam
import pytest
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.structs import TopicPartition

from tests.kafka.batches import RawRecord, batch, payload, varint
from workers.kafka import codecs
from workers.kafka.fetcher import FETCH_ATTEMPTS, PartitionProblems
from workers.kafka.record_batches import (
    CONTROL_BIT,
    HEADER,
    HEADERS_LEFT_OUT,
    MAX_HEADERS,
    MAX_SKIPPED_BATCHES,
    TRANSACTIONAL_BIT,
    RecordBatches,
)

GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
THREE = [RawRecord(b"one"), RawRecord(b"two", ((b"a", b"1"), (b"a", None))), RawRecord(None, key=b"k")]


@dataclass
class Problems:
    """Remembers what is skipped; a batch with a wrong checksum is worth ``attempts`` fetches."""

    attempts: int = 1
    found: list[tuple[int, int, str]] = field(default_factory=list)
    left_out: list[tuple[int, int]] = field(default_factory=list)

    def skipped(self, first: int, last: int, cause: str) -> None:
        self.found.append((first, last, cause))

    def headers_left_out(self, offset: int, count: int) -> None:
        self.left_out.append((offset, count))

    def fetch_again(self, base_offset: int) -> bool:
        self.attempts -= 1
        return self.attempts > 0


def read(data: bytes, problems: Problems, start: int = 0) -> tuple[list[tuple[int, bytes | None]], int]:
    """The offsets and values that a consumer gets from the bytes, and the offset of its next fetch."""
    batches = RecordBatches(data)
    batches.problems = problems
    records = PartitionRecords(TopicPartition("t", 0), batches, [], start, None, None, True, READ_COMMITTED)
    return [(record.offset, record.value) for record in records], records.next_fetch_offset


def test_valid_batches_of_every_codec_are_read_as_aiokafka_reads_them() -> None:
    data, expected = b"", []
    for codec in (0, GZIP, SNAPPY, LZ4, ZSTD):
        builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 1 << 20)
        for number in range(40):
            builder.append(number, 1000, b"key", b"value %d " % number * 50, [("name", b"x"), ("name", None)])
        built = bytearray(builder.build())
        struct.pack_into(">q", built, 0, base := 100 * codec)
        data += built
        expected += [(base + number, b"value %d " % number * 50) for number in range(40)]
    problems = Problems()
    assert read(data + data[:50], problems) == (expected, 440)  # the broker cuts off the last batch
    assert problems.found == []


def test_old_batches_are_read_and_skipped_if_they_are_broken() -> None:
    builder = LegacyRecordBatchBuilder(1, 0, 1 << 20)
    builder.append(0, timestamp=1, key=None, value=b"old")
    old = bytes(builder.build())
    problems = Problems()
    assert read(old, problems) == ([(0, b"old")], 1)
    assert read(old[:-1] + b"!", problems) == ([], 1)
    assert problems.found == [(0, 0, "wrong checksum")]


def test_header_names_and_values_survive_as_they_are() -> None:
    headers = ((b"caf\xe9", b"1"), (b"null", None), (b"twice", b"1"), (b"twice", b"2"), ("é".encode(), b""))
    data = batch(payload([RawRecord(b"0"), RawRecord(b"1", headers), RawRecord(b"2")]), 3, base_offset=7)
    batches = RecordBatches(data)
    first, second, third = batches.next_batch()
    assert (first.offset, second.offset, third.offset) == (7, 8, 9)
    assert list(second.headers) == [("caf\\xe9", b"1"), ("null", None), ("twice", b"1"), ("twice", b"2"), ("é", b"")]
    assert (second.value, second.key, second.timestamp, second.timestamp_type) == (b"1", None, 1_700_000_000_000, 0)


def test_record_with_too_many_headers_goes_without_them() -> None:
    most, more = (((b"h", b""),) * count for count in (MAX_HEADERS, MAX_HEADERS + 1))
    three = [RawRecord(b"0", most), RawRecord(b"1", more, key=b"k" * 300), RawRecord(b"2", ((b"a", b"1"),))]
    batches, problems = RecordBatches(batch(payload(three), 3, base_offset=7)), Problems()
    batches.problems = problems
    first, second, third = batches.next_batch()
    assert list(first.headers) == [("h", b"")] * MAX_HEADERS
    assert list(second.headers) == [(HEADERS_LEFT_OUT, str(MAX_HEADERS + 1).encode())]
    assert (second.key, second.value, third.headers) == (b"k" * 300, b"1", (("a", b"1"),))
    assert (problems.left_out, problems.found) == ([(8, MAX_HEADERS + 1)], [])


@pytest.mark.parametrize(
    ("broken", "cause"),
    [
        (b"\0" + varint(0) + varint(1) + varint(900), "a field of 900 bytes"),
        (b"", "index out of bounds"),
        (RawRecord(b"x").encoded(1) + b"more", "4 bytes after the headers"),
        (b"\0" + varint(0) + varint(1) + varint(-1) + varint(-1) + varint(3), "index out of bounds"),
    ],
)
def test_only_the_record_that_cannot_be_parsed_is_skipped(broken: bytes, cause: str) -> None:
    data = batch(payload([RawRecord(b"0"), broken, RawRecord(b"2")]), 3)
    problems = Problems()
    assert read(data, problems) == ([(0, b"0"), (2, b"2")], 3)
    [(first, last, described)] = problems.found
    assert (first, last) == (1, 1)
    assert cause in described


def test_rest_of_a_batch_is_skipped_when_a_length_leads_out_of_it() -> None:
    data = batch(payload([RawRecord(b"0")]) + varint(5000) + b"x", 4)
    problems = Problems()
    assert read(data + batch(payload(THREE), 3, base_offset=4), problems)[0] == [
        (0, b"0"), (4, b"one"), (5, b"two"), (6, None),
    ]  # fmt: skip
    assert problems.found == [(1, 3, "ValueError: a record of 5000 bytes")]


def bomb(codec: int, size: int) -> bytes:
    data = payload([RawRecord(bytes(size))])
    if codec == GZIP:
        return gzip.compress(data)
    if codec == SNAPPY:
        return bytes(cramjam.snappy.compress_raw(data))
    if codec == LZ4:
        return bytes(cramjam.lz4.compress(data))
    return bytes(cramjam.zstd.compress(data))


@pytest.mark.parametrize("codec", [GZIP, SNAPPY, LZ4, ZSTD])
def test_batch_that_cannot_be_decompressed_is_skipped_and_the_next_is_read(codec: int) -> None:
    after = batch(payload(THREE), 3, base_offset=2)
    problems = Problems()
    assert len(read(batch(b"\x00no such data\xff" * 9, 2, attributes=codec) + after, problems)[0]) == 3
    assert len(read(batch(bomb(codec, codecs.MAX_BYTES), 2, attributes=codec) + after, problems)[0]) == 3
    assert [(first, last) for first, last, _ in problems.found] == [(0, 1)] * 2
    assert "more than 67108864 bytes" in problems.found[1][2]
    with pytest.raises(codecs.UndecodableError, match="more than 1000 bytes"):
        codecs.decompress(codec, bomb(codec, 1000), limit=1000)
    assert codecs.decompress(codec, bomb(codec, 1000), limit=1010) == payload([RawRecord(bytes(1000))])


def test_unknown_codec_is_skipped() -> None:
    problems = Problems()
    assert read(batch(payload(THREE), 3, attributes=5), problems) == ([], 3)
    assert problems.found == [(0, 2, "UndecodableError: unknown codec 5")]


def test_batch_with_a_wrong_checksum_is_fetched_again_and_then_skipped() -> None:
    good, damaged = batch(payload(THREE), 3), bytearray(batch(payload(THREE), 3, base_offset=3))
    damaged[-1] ^= 1
    data = good + bytes(damaged) + batch(payload(THREE), 3, base_offset=6)
    problems = Problems(attempts=2)
    assert [offset for offset, _ in read(data, problems)[0]] == [0, 1, 2]
    assert read(data, problems, start=3)[1] == 9
    assert problems.found == [(3, 5, "wrong checksum")]


def test_transactions_are_read_as_aiokafka_reads_them() -> None:
    producer = (77, 0, 0)
    aborted = batch(payload(THREE), 3, attributes=TRANSACTIONAL_BIT, producer=producer)
    marker = batch(
        payload([RawRecord(b"\0\0\0\0\0\0", key=b"\0\0\0\0")]), 1, base_offset=3, producer=producer,
        attributes=TRANSACTIONAL_BIT | CONTROL_BIT,
    )  # fmt: skip
    batches = RecordBatches(aborted + marker + batch(payload(THREE), 3, base_offset=4))
    records = PartitionRecords(TopicPartition("t", 0), batches, [(77, 0)], 0, None, None, True, READ_COMMITTED)
    assert [record.offset for record in records] == [4, 5, 6]
    assert HEADER.size == 61


def test_every_damaged_batch_gets_its_own_attempts() -> None:
    reports: list[tuple[int, int, str]] = []
    problems = PartitionProblems(lambda *report: reports.append(report), lambda offset, count: None)
    assert [problems.fetch_again(5) for _ in range(FETCH_ATTEMPTS)] == [True] * (FETCH_ATTEMPTS - 1) + [False]
    assert problems.fetch_again(9)
    problems.skipped(5, 8, "wrong checksum")
    assert reports == [(5, 8, "wrong checksum")]


def test_gzip_of_several_members_is_read_to_its_end() -> None:
    data = payload(THREE)
    members = gzip.compress(data[:9]) + gzip.compress(data[9:])
    problems = Problems()
    for tail in (b"", b"no member"):
        found, _ = read(batch(members + tail, 3, attributes=GZIP), problems)
        assert found == [(0, b"one"), (1, b"two"), (2, None)]
    assert problems.found == []


def test_rest_of_a_fetch_is_fetched_again_after_many_batches_that_are_skipped() -> None:
    bad = b"".join(batch(b"no gzip", 1, attributes=GZIP, base_offset=offset) for offset in range(100))
    problems = Problems()
    assert read(bad, problems) == ([], MAX_SKIPPED_BATCHES)
    assert [first for first, _, _ in problems.found] == list(range(MAX_SKIPPED_BATCHES))
