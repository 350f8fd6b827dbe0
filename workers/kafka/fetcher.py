"""aiokafka's fetcher, which goes on where aiokafka raises, and reports what no consumer of it gets to see.

aiokafka has no place for another fetcher, so importing this module replaces four names in aiokafka's modules.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer import consumer as consumer_module
from aiokafka.consumer import fetcher as fetcher_module

from workers.fault_points import fault_point
from workers.kafka.record_batches import Problems, RecordBatches
from workers.kafka.record_sizes import memory_of
from workers.observability.metrics import Metrics

log = logging.getLogger(__name__)

UNPARSABLE, OUT_OF_RANGE = "unparsable", "out_of_range"
"""Reasons for which records are skipped."""
MAX_UNPACKED_BYTES = 8 * 1024 * 1024
"""Memory of the records that one call returns, but for the last of them: as much as a fetch, however well it is
compressed."""
FETCH_ATTEMPTS = 3
"""How often a batch with a wrong checksum is fetched before it is skipped: the network may have damaged it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Offsets that are passed over; between ``first`` and ``last`` inclusive, there may be markers and gaps."""

    topic: str
    partition: int
    first: int
    last: int
    reason: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadersLeftOut:
    """A record that is read without its headers, because it has so many."""

    topic: str
    partition: int
    offset: int
    headers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """The partition is read again from an offset below the former one, at which the broker has nothing."""

    topic: str
    partition: int
    former: int
    offset: int


class Room:
    """How much memory the records of one call may still take, over all partitions."""

    left = MAX_UNPACKED_BYTES


class ConsumerRecord(msgspec.Struct, gc=False):
    """A record as aiokafka has it, which takes a third of the time to make."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    checksum: int | None
    serialized_key_size: int
    serialized_value_size: int
    headers: Sequence[tuple[str, bytes | None]]


class PartitionRecords(fetcher_module.PartitionRecords):  # type: ignore[misc]
    """The records of one partition, iterated without a call for each."""

    def __iter__(self) -> Iterator[ConsumerRecord]:
        records: Iterator[ConsumerRecord] = self._records_iterator
        return records


class FetchResult(fetcher_module.FetchResult):  # type: ignore[misc]
    """The records of one partition, unpacked only as far as there is ``room``; aiokafka only counts them."""

    room = Room()
    """The fetcher sets its own; a fetch that arrives after its assignment has ended keeps this one, and yields none."""
    _partition_records: Any

    @fault_point("bound unpacked records")
    def getall(self, max_records: int | None = None) -> list[Any]:
        """The next records: at least one if there is any room."""
        if self.room.left <= 0 or not self.has_more() or not self.check_assignment(self._topic_partition):
            return []
        records = []
        for record in self._partition_records:
            records.append(record)
            self.room.left -= memory_of(record)
            if self.room.left <= 0 or len(records) == max_records:
                self._update_position()
                return records
        self._update_position()
        self._partition_records = None
        return records


class Fetcher(fetcher_module.Fetcher):  # type: ignore[misc]
    """aiokafka's fetcher, with bounded memory and with reports to ``on_skipped``, ``on_headers`` and ``on_reset``.

    Unparsable records are skipped. A fetch from an offset that the broker does not have (any more) continues with the
    earliest that it has.
    """

    on_skipped: Callable[[Skipped], None]
    on_headers: Callable[[HeadersLeftOut], None]
    on_reset: Callable[[Reset], None]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.on_skipped = lambda skipped: None
        self.on_headers = lambda headers: None
        self.on_reset = lambda reset: None
        self._out_of_range: dict[TopicPartition, int] = {}
        self._problems: dict[TopicPartition, PartitionProblems] = {}
        self._room = Room()

    @fault_point("take fetched records")
    async def _proc_fetch_request(self, assignment: Any, node_id: int, request: Any) -> bool:
        has_data = bool(await super()._proc_fetch_request(assignment, node_id, request))
        if not assignment.active:
            return has_data
        for topic, partitions in request.topics:
            for partition, offset, _ in partitions:
                tp = TopicPartition(topic, partition)
                if assignment.state_value(tp).awaiting_reset:
                    self._out_of_range[tp] = offset
                if isinstance(result := self._records.get(tp), FetchResult):
                    # No batch was parsed yet.
                    result.room = self._room
                    result._partition_records._records.problems = self._problems_of(tp)
        return has_data

    async def fetched_records(self, partitions: Any, timeout: float = 0, max_records: int | None = None) -> Any:
        """The next records by partition, in bounded memory."""
        self._room.left = MAX_UNPACKED_BYTES
        return await super().fetched_records(partitions, timeout, max_records)

    async def _update_fetch_positions(self, assignment: Any, node_id: int, tps: Any) -> bool:
        has_error = bool(await super()._update_fetch_positions(assignment, node_id, tps))
        if assignment.active:
            for tp in tps:
                state = assignment.state_value(tp)
                if state.has_valid_position and (former := self._out_of_range.pop(tp, None)) is not None:
                    self._report_out_of_range(tp, former, state.position)
        return has_error

    @fault_point("report out of range")
    def _report_out_of_range(self, tp: TopicPartition, former: int, offset: int) -> None:
        if offset > former:
            self.on_skipped(
                Skipped(
                    topic=tp.topic, partition=tp.partition, first=former, last=offset - 1, reason=OUT_OF_RANGE,
                    cause="the broker deleted these offsets before they were read",
                )
            )  # fmt: skip
        elif offset < former:
            self.on_reset(Reset(topic=tp.topic, partition=tp.partition, former=former, offset=offset))

    def _problems_of(self, tp: TopicPartition) -> PartitionProblems:
        if tp not in self._problems:
            self._problems[tp] = PartitionProblems(
                partial(self._report_unparsable, tp), partial(self._report_headers, tp)
            )
        return self._problems[tp]

    def _report_unparsable(self, tp: TopicPartition, first: int, last: int, cause: str) -> None:
        self.on_skipped(
            Skipped(
                topic=tp.topic, partition=tp.partition, first=first, last=last, reason=UNPARSABLE, cause=cause
            )
        )  # fmt: skip

    def _report_headers(self, tp: TopicPartition, offset: int, count: int) -> None:
        self.on_headers(HeadersLeftOut(topic=tp.topic, partition=tp.partition, offset=offset, headers=count))


class PartitionProblems(Problems):
    """The problems of one partition: reports what is skipped, and remembers how often a batch was fetched."""

    def __init__(self, report: Callable[[int, int, str], None], report_headers: Callable[[int, int], None]) -> None:
        self._report, self._report_headers = report, report_headers
        self._damaged_at, self._attempts = -1, 0

    def skipped(self, first: int, last: int, cause: str) -> None:
        """Report the skipped records."""
        self._report(first, last, cause)

    def headers_left_out(self, offset: int, count: int) -> None:
        """Report the record and how many headers it had."""
        self._report_headers(offset, count)

    def fetch_again(self, base_offset: int) -> bool:
        """Whether to fetch the batch at the offset, whose checksum is wrong, once more before it is skipped."""
        if base_offset != self._damaged_at:
            self._damaged_at, self._attempts = base_offset, 0
        self._attempts += 1
        return self._attempts < FETCH_ATTEMPTS


def report_to(
    consumer: AIOKafkaConsumer, metrics: Metrics, on_reset: Callable[[Reset], None] = lambda reset: None
) -> None:
    """Log and count what the started consumer leaves out; call ``on_reset`` when it reads a partition again."""

    def skipped(skip: Skipped) -> None:
        metrics.records_skipped.labels(skip.topic, skip.reason).inc(skip.last - skip.first + 1)
        log.error("records skipped", extra=asdict(skip))

    def reset(reset: Reset) -> None:
        log.error("the partition ends below the offset to read next; reading it again", extra=asdict(reset))
        on_reset(reset)

    def headers_left_out(left_out: HeadersLeftOut) -> None:
        metrics.headers_left_out.labels(left_out.topic).inc()
        log.warning("a record is read without its headers: there are too many", extra=asdict(left_out))

    fetcher = consumer._fetcher
    fetcher.on_skipped, fetcher.on_reset, fetcher.on_headers = skipped, reset, headers_left_out


consumer_module.Fetcher = Fetcher
fetcher_module.ConsumerRecord = ConsumerRecord
fetcher_module.FetchResult = FetchResult
fetcher_module.PartitionRecords = PartitionRecords
fetcher_module.MemoryRecords = RecordBatches
