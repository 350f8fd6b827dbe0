"""Parses the record batches of a fetch as aiokafka does, and goes on where aiokafka raises.

aiokafka ends its consumer at the first record that it cannot parse, again after each restart. Here a header name that
is not UTF-8 is decoded with backslash escapes, a record that cannot be parsed is skipped, and so is a batch of which
nothing can be parsed. A record with more than ``MAX_HEADERS`` headers, which would take all memory, goes without them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.legacy_records import LegacyRecordBatch
from aiokafka.record.util import decode_varint as decode_varint_fast  # in C, so it may read past the end
from aiokafka.record.util import decode_varint_py as decode_varint

from workers.fault_points import fault_point
from workers.kafka import codecs

LENGTH, LOG_OVERHEAD, MAGIC = 8, 12, 16
"""Where a batch has its length and its format, and where the bytes begin that the length counts."""
MIN_BATCH = 26
"""Bytes of the smallest batch, of the oldest format."""
HEADER = struct.Struct(">qiibIhiqqqhii")
"""The header of a batch of format 2: base offset, length, leader epoch, magic, checksum, attributes, last offset delta,
first and last timestamp, producer id and epoch, base sequence, number of records."""
ATTRIBUTES = struct.Struct(">h")
ATTRIBUTES_AT = 21
MAX_VARINT_BYTES = 10
"""The most bytes of a number of variable length."""
MAX_SKIPPED_BATCHES = 3
"""The most batches of a fetch that are skipped at a time. Each may take a tenth of a second, and nothing else runs."""
MAX_HEADERS = 10_000
"""The most headers of a record that are unpacked. Kafka sets no limit, and 60 MB of headers take 8 GB as objects."""
HEADERS_LEFT_OUT = "__copydesk.headers_left_out"
"""The header of a record with more headers, in their place: how many there were."""
CODEC_BITS, LOG_APPEND_TIME_BIT, TRANSACTIONAL_BIT, CONTROL_BIT = 0x07, 0x08, 0x10, 0x20


class Problems(Protocol):
    """Hears about what cannot be parsed."""

    def skipped(self, first: int, last: int, cause: str) -> None:
        """The records from the first to the last offset are skipped."""

    def headers_left_out(self, offset: int, count: int) -> None:
        """The record at the offset has too many headers; it goes on without them."""

    def fetch_again(self, base_offset: int) -> bool:
        """Whether the batch at the offset, whose checksum is wrong, is to be fetched again rather than skipped."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record that aiokafka's parser rejects, with the attributes of aiokafka's own."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    checksum: None = None


class RecordBatches:
    """The batches in the bytes of a fetch, with the interface of aiokafka's ``MemoryRecords``."""

    problems: Problems | None = None

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0
        self._skipped = 0
        self._batch: Batch | None = None
        self._next = self._read()

    def size_in_bytes(self) -> int:
        """The size of the fetch."""
        return len(self._data)

    def has_next(self) -> bool:
        """Whether there is another batch, whole and not to be fetched again.

        After many that were skipped there is none, and the rest is fetched again.
        """
        if self._batch and self._batch.was_skipped:
            self._skipped += 1
            self._batch = None
        if self._skipped >= MAX_SKIPPED_BATCHES:
            return False
        if self._next and self.problems and not self._next.intact and self.problems.fetch_again(self._next.base_offset):
            self._next = None
        return self._next is not None

    def next_batch(self) -> Batch:
        """The next batch."""
        assert self._next, "there is no batch"
        self._batch, self._next = self._next, self._read()
        self._batch.problems = self.problems
        return self._batch

    def _read(self) -> Batch | None:
        if len(self._data) - self._position < MIN_BATCH:
            return None
        (length,) = struct.unpack_from(">i", self._data, self._position + LENGTH)
        end = self._position + LOG_OVERHEAD + length
        if end > len(self._data):  # the broker cuts off the last batch of a fetch
            return None
        data, self._position = self._data[self._position : end], end
        return Batch(data)


class Batch:
    """A batch, with the interface of aiokafka's batches. Iterating it raises nothing."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.problems: Problems | None = None
        self.was_skipped = False
        (self.base_offset,) = struct.unpack_from(">q", data)
        self.producer_id: int | None
        if data[MAGIC] < 2:
            self._parser: Any = LegacyRecordBatch(data, data[MAGIC])
            self.next_offset, self.producer_id = self._parser.next_offset, None
            self._attributes = self._count = 0
        else:
            self._parser = DefaultRecordBatch(data)
            header = HEADER.unpack_from(data)
            self._attributes, self.next_offset = header[5], self.base_offset + header[6] + 1
            self._first_timestamp, self._max_timestamp, self.producer_id = header[7:10]
            self._count = header[12]
        self.intact = bool(self._parser.validate_crc())

    @property
    def is_transactional(self) -> bool:
        """Whether it belongs to a transaction."""
        return bool(self._attributes & TRANSACTIONAL_BIT)

    @property
    def is_control_batch(self) -> bool:
        """Whether it holds the end of a transaction instead of messages."""
        return bool(self._attributes & CONTROL_BIT)

    def validate_crc(self) -> bool:
        """True: a batch with a wrong checksum is skipped like any other that cannot be parsed."""
        return True

    def __next__(self) -> Any:
        """The record of a control batch."""
        return next(iter(self._parser))

    def __iter__(self) -> Iterator[Any]:
        if not self.intact:
            self._skip_all("wrong checksum")
            return
        try:
            self._decompress()
        except Exception as error:  # noqa: BLE001 -- each codec has its own errors, and none may end the worker
            self._skip_all(_described(error))
            return
        if self._data[MAGIC] < 2:
            yield from self._old_records()
            return
        parser, position, offset = iter(self._parser), HEADER.size, self.base_offset - 1
        last_fast = len(self._data) - MAX_VARINT_BYTES
        for number in range(self._count):
            begin = position
            try:
                decode = decode_varint_fast if 0 <= begin <= last_fast else decode_varint
                length, start = decode(self._data, begin)
                position = start + length
                has_many = length > 2 * MAX_HEADERS and self._header_count(start) > MAX_HEADERS  # each takes two bytes
                record = None if has_many else next(parser)
            except Exception:  # noqa: BLE001 -- whatever aiokafka's parser raises, the rest is parsed here
                record = None
            if record is None:
                yield from self._parse_from(number, begin, offset)
                return
            offset = record.offset
            yield record

    def _old_records(self) -> Iterator[Any]:
        try:
            yield from self._parser
        except Exception:  # noqa: BLE001 -- whatever aiokafka's parser raises
            self._skip(self.base_offset, "an old batch that aiokafka cannot parse")

    def _decompress(self) -> None:
        if codec := self._attributes & CODEC_BITS:
            self._attributes -= codec
            header = bytearray(self._data[: HEADER.size])
            ATTRIBUTES.pack_into(header, ATTRIBUTES_AT, self._attributes)
            self._data = bytes(header) + codecs.decompress(codec, self._data[HEADER.size :])
            self._parser = DefaultRecordBatch(self._data)

    @fault_point("bound headers")
    def _header_count(self, start: int) -> int:
        """The number of headers of the record that starts there, after its length."""
        position = start + 1  # after the attributes
        for _ in range(2):  # the timestamp and the offset
            _, position = decode_varint(self._data, position)
        for _ in range(2):  # the key and the value
            length, position = decode_varint(self._data, position)
            position += max(0, length)
        count: int = decode_varint(self._data, position)[0]
        return count

    @fault_point("parse bad records")
    def _parse_from(self, number: int, position: int, offset: int) -> Iterator[Record]:
        """Parse the records from the ``number``-th on, which begins at the position; the one before had the offset."""
        view = memoryview(self._data)
        for _ in range(number, self._count):
            try:
                length, start = decode_varint(self._data, position)
                position = start + length
                if length < 0 or position > len(self._data):
                    raise ValueError(f"a record of {length} bytes")
            except (ValueError, IndexError) as error:
                self._skip(offset + 1, _described(error))
                return
            try:
                record = self._parse_record(view[start:position])
            except (ValueError, IndexError) as error:
                offset += 1  # offsets have gaps only after compaction
                self._skip(offset, _described(error), offset)
                continue
            offset = record.offset
            yield record

    def _parse_record(self, data: memoryview) -> Record:
        timestamp_delta, position = decode_varint(data, 1)  # after the attributes, which are unused
        offset_delta, position = decode_varint(data, position)
        key, position = _field(data, position)
        value, position = _field(data, position)
        count, position = decode_varint(data, position)
        headers: list[tuple[str, bytes | None]] = []
        if count > MAX_HEADERS:
            headers.append((HEADERS_LEFT_OUT, str(count).encode()))
            if self.problems:
                self.problems.headers_left_out(self.base_offset + offset_delta, count)
        else:
            for _ in range(count):
                name, position = _field(data, position)
                header, position = _field(data, position)
                headers.append(((name or b"").decode(errors="backslashreplace"), header))
            if position != len(data):
                raise ValueError(f"{len(data) - position} bytes after the headers")
        is_append_time = bool(self._attributes & LOG_APPEND_TIME_BIT)
        return Record(
            offset=self.base_offset + offset_delta,
            timestamp=self._max_timestamp if is_append_time else self._first_timestamp + timestamp_delta,
            timestamp_type=int(is_append_time),
            key=key,
            value=value,
            headers=tuple(headers),
        )

    def _skip_all(self, cause: str) -> None:
        self.was_skipped = True
        self._skip(self.base_offset, cause)

    def _skip(self, first: int, cause: str, last: int | None = None) -> None:
        last = self.next_offset - 1 if last is None else last
        if self.problems and first <= last:
            self.problems.skipped(first, last, cause)


def _field(data: memoryview, position: int) -> tuple[bytes | None, int]:
    """The bytes at the position, whose length is in front, and the position after them."""
    length, position = decode_varint(data, position)
    if length < 0:
        return None, position
    if position + length > len(data):
        raise ValueError(f"a field of {length} bytes")
    return bytes(data[position : position + length]), position + length


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
