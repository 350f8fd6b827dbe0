"""The ledgers' topic, read: entries and deletions from an offset to its end, into a ledger."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from workers.dedupe import Ledger
from workers.errors import RecoveryStalledError, StaleLedgerError
from workers.fault_points import fault_point
from workers.kafka.security import client_options
from workers.observability.metrics import Metrics
from workers.settings import Settings
from workers.topics import CLEAN, LEDGER, RAW

log = logging.getLogger(__name__)

STALLED = 60.0
"""Seconds without a single entry after which a load gives up (and the process ends: another may have more luck)."""
PROGRESS_LOG_SECONDS = 5.0
"""Seconds between two lines on how far a load is."""
FETCHED = 5_000
"""Entries fetched at a time."""
BLOCK = 20_000
"""Entries that are indexed at a time, at least: as they were read they take twice the memory."""
BLOCKS = 7
"""Times at most that it is done for a topic: each leaves a segment in the indexes, which must be few."""
SOURCE_TOPIC_IDS = "__copydesk.topics"
"""The header of an entry that says, by their ids, in which raw and clean topics it speaks of offsets."""


class LedgerConsumer(AIOKafkaConsumer):
    """aiokafka's consumer; calls ``advanced`` whenever entries arrive."""

    def __init__(self, advanced: Callable[[], None], **options: Any) -> None:
        super().__init__(**options)
        self._advanced = advanced

    async def getmany(self, *partitions: Any, **options: Any) -> Any:
        """The next records by partition."""
        records = await super().getmany(*partitions, **options)
        if records:
            self._advanced()
        return records


@fault_point("open ledger consumer")
def ledger_consumer(settings: Settings, bootstrap: str, advanced: Callable[[], None]) -> LedgerConsumer:
    """A consumer for reading a ledger's topic in bulk; ``advanced`` is called whenever entries arrive."""
    return LedgerConsumer(
        advanced,
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        max_partition_fetch_bytes=8 * 1024 * 1024,
        fetch_max_bytes=64 * 1024 * 1024,
        # An empty fetch blocks the following request for 500 ms by default.
        fetch_max_wait_ms=20,
        request_timeout_ms=30_000,
        **client_options(settings),
    )


class LedgerReader:
    """Reads the topic by the consumer, which nobody else uses.

    ``source_topic_ids`` is what the header ``SOURCE_TOPIC_IDS`` of every entry must be.
    """

    def __init__(self, consumer: AIOKafkaConsumer, source_topic_ids: bytes, metrics: Metrics) -> None:
        self._consumer = consumer
        self._source_topic_ids = source_topic_ids
        self._metrics = metrics

    async def end(self, partition: int) -> int:
        """The offset at which the partition ends now."""
        tp = TopicPartition(LEDGER, partition)
        return int((await self._consumer.end_offsets([tp]))[tp])

    @fault_point("read ledger")
    async def read(self, partition: int, ledger: Ledger, start: int, end: int, committed: int | None = None) -> None:
        """Have the ledger take in what the partition holds from one offset to another.

        With ``committed``, an empty ledger indexes the entries of a long topic below this offset while more are read.

        Raises:
            RecoveryStalledError: the broker stopped giving entries.
            StaleLedgerError: news-raw or news-clean was deleted and made anew.
            OutOfOrderError: an entry came after later ones had been indexed.
        """
        tp = TopicPartition(LEDGER, partition)
        self._consumer.assign([tp])
        first = max((await self._consumer.beginning_offsets([tp]))[tp], start)
        settling = committed if not len(ledger) and end - first > BLOCK else None
        if settling is not None:
            self._consumer.seek(tp, max(first, end - FETCHED))
            await self._advance_watermark(tp, ledger, settling)
        self._consumer.seek(tp, first)
        try:
            async for records in self._blocks(tp, end, max(BLOCK, (end - first) // BLOCKS)):
                # In a thread, for it may take seconds in which the event loop must turn.
                await asyncio.to_thread(self._take, ledger, records, settling)
        finally:
            self._metrics.recovery_remaining_records.set(0)

    async def _advance_watermark(self, tp: TopicPartition, ledger: Ledger, committed: int) -> None:
        """Tell the ledger what stands last in its topic, where the consumer is."""
        for records in (await self._consumer.getmany(tp, timeout_ms=1_000, max_records=FETCHED)).values():
            for record in records:
                if record.value is not None:
                    ledger.advance_watermark(record.value, committed)

    @fault_point("read ledger blocks")
    async def _blocks(self, tp: TopicPartition, end: int, size: int) -> AsyncIterator[list[Any]]:
        """What the topic holds from where the consumer is to the end, in blocks of that size or a little more."""
        block: list[Any] = []
        moved = told = time.monotonic()
        position = await self._consumer.position(tp)
        while position < end:
            batches: dict[Any, list[Any]] = await self._consumer.getmany(tp, timeout_ms=1_000, max_records=FETCHED)
            block.extend(chain.from_iterable(batches.values()))
            # The position moves over compacted records and transaction markers too, where no record comes.
            before, position = position, await self._consumer.position(tp)
            remaining = max(0, end - position)
            if position > before:
                moved = time.monotonic()
                self._metrics.recovery_remaining_records.set(remaining)
            elif time.monotonic() - moved > STALLED:
                raise RecoveryStalledError(
                    f"no entry of {LEDGER}/{tp.partition} for {STALLED:g} s, at {position} of {end}"
                )
            if time.monotonic() - told > PROGRESS_LOG_SECONDS:
                told = time.monotonic()
                log.info("reading the ledger back", extra={"partition": tp.partition, "remaining": remaining})
            if len(block) >= size:
                yield block
                block, moved = [], time.monotonic()
            await asyncio.sleep(0)
        yield block

    @fault_point("apply ledger records")
    def _take(self, ledger: Ledger, records: Iterable[Any], settling: int | None) -> None:
        for record in records:
            for name, value in record.headers:
                if name == SOURCE_TOPIC_IDS and value != self._source_topic_ids:
                    raise StaleLedgerError(
                        f"{RAW} or {CLEAN} was deleted and recreated: {LEDGER}/{record.partition} refers to topics "
                        f"with the ids {value.decode()}, but theirs are {self._source_topic_ids.decode()}. Its offsets "
                        f"mean other messages now: delete {LEDGER} and run `copydesk topics apply`; the window then "
                        "starts empty"
                    )
            key = record.key.decode()
            if record.value is None:
                ledger.forget(key)
            else:
                ledger.load(key, record.value)
        if settling is not None:
            ledger.settle(settling)
