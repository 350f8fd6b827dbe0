"""Reads the ledger topic: loads entries and deletions between two offsets into a ledger."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas import InvalidRecordError
from workers.dedupe import Ledger
from workers.dedupe.ledger import MAX_REORDERING_OFFSETS
from workers.errors import RecoveryStalledError, StaleLedgerError
from workers.fault_points import fault_point
from workers.kafka.fetcher import MAX_UNPACKED_BYTES, report_to
from workers.kafka.record_sizes import memory_of
from workers.kafka.security import client_options
from workers.messages import Headers
from workers.observability.logs import safe_message
from workers.observability.metrics import Metrics
from workers.settings import Settings
from workers.state.entries import check_entry, key_of
from workers.state.lineage import Lineage
from workers.topics import LEDGER

log = logging.getLogger(__name__)

LOOK_AHEAD_RECORDS = MAX_REORDERING_OFFSETS + 5_000
"""Records at the end of the topic from which a load learns where the window is."""
STRAY = "stray"
"""Why a record of the ledger topic was skipped: somebody else has written it."""
MAX_LOGGED_STRAYS = 50
"""Stray records that are logged in one load; all are counted."""
MAX_ENTRY_BYTES = 1024 * 1024
"""A hundred times the largest entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLimits:
    """How a ledger topic is read."""

    stall_timeout_seconds: float = 60.0
    """Time without progress after which a load gives up and the process ends; a restart may succeed."""
    progress_log_seconds: float = 5.0
    """Time between two progress log lines."""
    fetch_records: int = 5_000
    """Records per fetch, at most."""
    min_block_records: int = 5_000
    """Records indexed at a time, at least. Those that are not indexed yet take three times the memory."""


DEFAULT_READ_LIMITS = ReadLimits()


class LedgerConsumer(AIOKafkaConsumer):
    """An aiokafka consumer that calls ``on_records`` whenever records arrive, and reports what it skips."""

    def __init__(self, metrics: Metrics, on_records: Callable[[], None], **options: Any) -> None:
        super().__init__(**options)
        self._options = options
        self._metrics = metrics
        self._on_records = on_records

    async def start(self) -> None:
        """Connect to Kafka."""
        await super().start()
        report_to(self, self._metrics)

    async def end_offsets(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """The ends of the log, also behind an open transaction: our entries there must be waited for."""
        consumer = AIOKafkaConsumer(**self._options | {"isolation_level": "read_uncommitted"})
        try:
            await consumer.start()
            return dict(await consumer.end_offsets(partitions))
        finally:
            await consumer.stop()

    async def getmany(self, *partitions: Any, **options: Any) -> Any:
        """The next records by partition."""
        records = await super().getmany(*partitions, **options)
        if records:
            self._on_records()
        return records


@fault_point("open ledger consumer")
def ledger_consumer(
    settings: Settings, bootstrap: str, metrics: Metrics, on_records: Callable[[], None]
) -> LedgerConsumer:
    """A consumer for reading a ledger's topic in bulk; ``on_records`` is called whenever entries arrive."""
    return LedgerConsumer(
        metrics,
        on_records,
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=MAX_UNPACKED_BYTES,  # each fetch costs a millisecond besides
        # An empty fetch blocks the following request for 500 ms by default.
        fetch_max_wait_ms=20,
        request_timeout_ms=30_000,
        **client_options(settings),
    )


class LedgerReader:
    """Reads the ledger topic with a consumer that nobody else uses.

    Only Copydesk writes headers with the ``lineage``: they show that an entry is ours. Others are skipped.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        lineage: Lineage,
        metrics: Metrics,
        limits: ReadLimits = DEFAULT_READ_LIMITS,
    ) -> None:
        self._consumer = consumer
        self._lineage = lineage
        self._metrics = metrics
        self._limits = limits
        self._strays = 0
        self._is_any_ours = False
        self._foreign: list[tuple[int, StaleLedgerError]] = []  # offsets of the first: strays, unless nothing is ours

    async def end(self, partition: int) -> int:
        """The current end offset of the partition."""
        tp = TopicPartition(LEDGER, partition)
        return int((await self._consumer.end_offsets([tp]))[tp])

    @fault_point("read ledger")
    async def read(self, partition: int, ledger: Ledger, start: int, end: int, committed: int | None = None) -> None:
        """Load the records of the partition from ``start`` to ``end`` into the ledger.

        If ``committed`` is given, the ledger is empty and the topic is long, entries below that stream offset are
        indexed while more are read.

        Raises:
            RecoveryStalledError: the broker stopped sending entries.
            StaleLedgerError: the records refer to other topics or languages. A few such among ours are strays.
            OutOfOrderError: an entry arrived after later ones were indexed.
        """
        tp = TopicPartition(LEDGER, partition)
        self._consumer.assign([tp])
        first = max((await self._consumer.beginning_offsets([tp]))[tp], start)
        if first >= end:
            return
        limits = self._limits
        index_below = committed if not len(ledger) and end - first > limits.min_block_records else None
        if index_below is not None:
            await self._look_ahead(tp, ledger, max(first, end - LOOK_AHEAD_RECORDS), end, index_below)
        self._consumer.seek(tp, first)
        ours = self._lineage.headers(partition)
        try:
            async for records in self._blocks(tp, end, limits.min_block_records, partial(self._is_entry, ours)):
                # Less than a tenth of a second's work. A thread would only wait for the interpreter lock.
                self._apply(ledger, records, index_below)
        finally:
            self._metrics.recovery_remaining_records.set(0)
        if self._foreign and not self._is_any_ours and not len(ledger):
            raise self._foreign[0][1]
        for offset, error in self._foreign:
            self._skip(partition, offset, error)

    async def _look_ahead(self, tp: TopicPartition, ledger: Ledger, start: int, end: int, committed: int) -> None:
        """Tell the ledger the times of the topic's last records, to spare it what is older than the window."""
        self._consumer.seek(tp, start)
        ours = self._lineage.headers(tp.partition)
        blocks = self._blocks(tp, end, end - start, lambda record: bool(record.headers == ours and record.value))
        ledger.look_ahead([record.value async for block in blocks for record in block], committed)

    @fault_point("read ledger blocks")
    async def _blocks(
        self, tp: TopicPartition, end: int, size: int, is_wanted: Callable[[Any], bool]
    ) -> AsyncIterator[list[Any]]:
        """The wanted records from the consumer's offset to the end, in blocks of at least the size except the last.

        The others may be of any size, and are forgotten at once.
        """
        block: list[Any] = []
        progressed = logged = time.monotonic()
        offset = await self._consumer.position(tp)
        while offset < end:
            batches: dict[Any, list[Any]] = await self._consumer.getmany(
                tp, timeout_ms=1_000, max_records=self._limits.fetch_records
            )
            block.extend(filter(is_wanted, chain.from_iterable(batches.values())))
            # The offset also moves over compacted records and transaction markers, for which no record arrives.
            previous, offset = offset, await self._consumer.position(tp)
            remaining = max(0, end - offset)
            if offset > previous:
                progressed = time.monotonic()
                self._metrics.recovery_remaining_records.set(remaining)
            elif time.monotonic() - progressed > self._limits.stall_timeout_seconds:
                raise RecoveryStalledError(
                    f"no entry of {LEDGER}/{tp.partition} for {self._limits.stall_timeout_seconds:g} s, "
                    f"at offset {offset} of {end}"
                )
            if time.monotonic() - logged > self._limits.progress_log_seconds:
                logged = time.monotonic()
                log.info("reading the ledger back", extra={"partition": tp.partition, "remaining": remaining})
            if len(block) >= size:
                yield block
                block, progressed = [], time.monotonic()
            await asyncio.sleep(0)
        yield block

    @fault_point("apply ledger records")
    def _apply(self, ledger: Ledger, records: Sequence[Any], index_below: int | None) -> None:
        for record in records:
            try:
                if record.value is None:
                    ledger.forget(record.key.decode())
                else:
                    ledger.load(record.key.decode(), record.value)
                self._is_any_ours = True
            except (InvalidRecordError, msgspec.DecodeError, UnicodeDecodeError) as error:
                self._skip(record.partition, record.offset, error)
        if index_below is not None:
            ledger.index_below(index_below)

    def _is_entry(self, ours: Headers, record: Any) -> bool:
        """Whether the record is an entry with ``ours`` as headers, or a deletion; what is not is noted."""
        # Checking the contents of each, too, would take twice the time.
        if record.headers == ours and record.key:
            return True
        try:
            self._check(record)
        except StaleLedgerError as error:
            if len(self._foreign) < MAX_LOGGED_STRAYS:
                self._foreign.append((record.offset, error))
            else:
                self._metrics.records_skipped.labels(LEDGER, STRAY).inc()
            return False
        except InvalidRecordError as error:
            self._skip(record.partition, record.offset, error)
            return False
        return True

    def _check(self, record: Any) -> None:
        """Return if the record is an entry, or the deletion of one, and refers to the current topics.

        Raises:
            InvalidRecordError: it is something else, or somebody else has written it.
            StaleLedgerError: it refers to other topics or another language.
        """
        if (size := memory_of(record)) > MAX_ENTRY_BYTES:
            raise InvalidRecordError(f"{size:,} bytes, and no entry takes more than {MAX_ENTRY_BYTES:,}")
        key = key_of(record.key)
        if record.value is not None:
            check_entry(key, record.value)
        self._lineage.check(record.partition, record.headers)

    @fault_point("skip stray record")
    def _skip(self, partition: int, offset: int, error: Exception) -> None:
        """Count and log a record that is not an entry of ours."""
        self._metrics.records_skipped.labels(LEDGER, STRAY).inc()
        self._strays += 1
        if self._strays > MAX_LOGGED_STRAYS:
            return
        log.warning(
            "skipped a record that is not a ledger entry of ours",
            extra={
                "topic": LEDGER,
                "partition": partition,
                "offset": offset,
                "why": safe_message(error),
            },
        )
