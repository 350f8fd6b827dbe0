"""Recovery: the ledgers of the partitions at hand, read back from their topic before the first article is judged."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from workers.dedupe import Ledger
from workers.dedupe.postings import Arrays
from workers.errors import OutOfOrderError, RecoveryStalledError
from workers.messages import Output
from workers.observability.health import Health
from workers.observability.metrics import Metrics
from workers.state.changelog import DEFAULT_READ_LIMITS, LedgerReader, ReadLimits
from workers.state.snapshots import Snapshots
from workers.topics import LEDGER

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Held:
    """How far a ledger was read."""

    epoch: int
    """The epoch in which its last read began."""
    read_to: int
    """The offset in the ledger's topic below which it holds everything."""
    saved: float
    """When its last snapshot was begun, by the monotonic clock."""


class LedgerManager:
    """The ledgers of this process, by partition, each good for the assignment of partitions under which it was read.

    Whenever partitions change hands (``invalidate``), another worker may have written to any of them; then what
    was added to the topic since is read before the ledger is used again.

    Every entry must carry ``source_topic_ids`` in its header ``SOURCE_TOPIC_IDS``. A load starts from ``snapshots``,
    which are written every ``snapshot_seconds``; None turns them off.
    """

    def __init__(
        self,
        ledgers: dict[int, Ledger],
        window: int,
        metrics: Metrics,
        health: Health,
        source_topic_ids: bytes = b"",
        snapshots: Snapshots | None = None,
        snapshot_seconds: float = 0.0,
        read_limits: ReadLimits = DEFAULT_READ_LIMITS,
    ) -> None:
        self._ledgers = ledgers
        self._window = window
        self._metrics = metrics
        self._health = health
        self._source_topic_ids = source_topic_ids
        self._snapshots = snapshots
        self._snapshot_seconds = snapshot_seconds
        self._read_limits = read_limits
        self._saving: asyncio.Task[None] | None = None
        self._epoch = 0
        self._mine: set[int] = set()
        self._held: dict[int, _Held] = {}

    def invalidate(self, mine: Iterable[int] | None = None) -> None:
        """Partitions change hands: read ledgers on before their next use, and let go of all but ``mine``, if given."""
        self._epoch += 1
        if mine is not None:
            self._mine = set(mine)

    async def ensure_current(self, committed: Mapping[int, int], new_consumer: Callable[[], AIOKafkaConsumer]) -> None:
        """Return once the ledgers of the partitions hold all that was ever written to them.

        ``committed`` gives each partition's offset at which the stream goes on. To be called between batches: this is
        also when ledgers are let go and snapshots made, never under a batch that uses them.

        Raises:
            RecoveryStalledError: the broker stopped giving entries.
            StaleLedgerError: news-raw or news-clean was deleted and made anew.
        """
        for partition in self._ledgers.keys() - self._mine - committed.keys():
            self._let_go(partition)
        while stale := [p for p in committed if p not in self._held or self._held[p].epoch != self._epoch]:
            async with new_consumer() as consumer:
                for partition in stale:
                    await self._recover(partition, committed[partition], consumer)
        if self._snapshots and (due := self._due(committed)) is not None:
            self._held[due].saved = time.monotonic()
            try:
                async with new_consumer() as consumer:
                    await self._begin_snapshot(due, self._snapshots, consumer)
            except KafkaError as error:
                # A snapshot is worth no worker's end: the next one is tried when it is due.
                self._failed(due, error)

    def tombstones(self, committed: Mapping[int, int]) -> list[Output]:
        """Deletions for the entries that have left the window below the committed offset of their partition."""
        deletions = []
        for partition, offset in committed.items():
            ledger = self._ledgers[partition]
            for key in ledger.expire(offset):
                deletions.append(Output(LEDGER, key.encode(), None, partition=partition))
            self._metrics.ledger_entries.labels(str(partition)).set(len(ledger))
            self._metrics.ledger_bytes.labels(str(partition)).set(ledger.nbytes)
        return deletions

    def _let_go(self, partition: int) -> None:
        del self._ledgers[partition], self._held[partition]
        for gauge in (self._metrics.ledger_entries, self._metrics.ledger_bytes):
            with suppress(KeyError):
                gauge.remove(str(partition))

    async def _recover(self, partition: int, committed: int, consumer: AIOKafkaConsumer) -> None:
        epoch, began = self._epoch, time.monotonic()
        self._health.recovering = True
        self._metrics.recovering.set(1)
        gc.disable()  # it would look again and again at what is here to stay, a quarter of the time
        try:
            ledger, read_to = await self._begin(partition)
            before, start = len(ledger), read_to
            try:
                ledger, read_to = await self._catch_up(partition, ledger, read_to, committed, consumer)
            except OutOfOrderError:
                log.warning("entries out of order; indexing when all are read", extra={"partition": partition})
                ledger, read_to, before, start = Ledger(self._window), 0, 0, 0
                ledger, read_to = await self._catch_up(partition, ledger, read_to, committed, consumer, early=False)
        finally:
            gc.enable()
            self._health.recovering = False
            self._metrics.recovering.set(0)
        saved = self._held[partition].saved if partition in self._held else began
        self._ledgers[partition], self._held[partition] = ledger, _Held(epoch, read_to, saved)
        log.info(
            "ledger read back",
            extra={
                "partition": partition,
                "at_hand": before,
                "records": read_to - start,
                "entries": len(ledger),
                "seconds": round(time.monotonic() - began, 2),
            },
        )

    async def _begin(self, partition: int) -> tuple[Ledger, int]:
        """The ledger to read on from, and the offset at which to go on."""
        if partition in self._ledgers:
            return self._ledgers[partition], self._held[partition].read_to
        found = await asyncio.to_thread(self._snapshots.load, partition) if self._snapshots else None
        return found or (Ledger(self._window), 0)

    async def _catch_up(
        self,
        partition: int,
        ledger: Ledger,
        read_to: int,
        committed: int,
        consumer: AIOKafkaConsumer,
        *,
        early: bool = True,
    ) -> tuple[Ledger, int]:
        """What ``_read_on`` gives, indexed up to the committed offset; ``early``: as far as possible while reading."""
        ledger, read_to = await self._read_on(partition, ledger, read_to, consumer, committed if early else None)
        # In a thread, for it may take seconds in which the event loop must turn.
        await asyncio.to_thread(ledger.catch_up, committed)
        return ledger, read_to

    async def _read_on(
        self, partition: int, ledger: Ledger, read_to: int, consumer: AIOKafkaConsumer, committed: int | None = None
    ) -> tuple[Ledger, int]:
        """The ledger with what its topic holds from the offset on, and the offset to which it does."""
        reader = LedgerReader(consumer, self._source_topic_ids, self._metrics, self._read_limits)
        end = await reader.end(partition)
        if read_to > end and partition in self._ledgers:
            raise RecoveryStalledError(f"{LEDGER}/{partition} ends at {end} and was read up to {read_to}")
        if read_to > end:
            log.warning("snapshot not used; it goes beyond the topic", extra={"partition": partition, "end": end})
            ledger, read_to = Ledger(self._window), 0
        await reader.read(partition, ledger, read_to, end, committed)
        return ledger, max(read_to, end)

    def _due(self, partitions: Iterable[int]) -> int | None:
        """The partition whose snapshot is due, if one can be made now."""
        if self._saving and not self._saving.done():
            return None
        oldest = min(partitions, key=lambda partition: self._held[partition].saved)
        return oldest if time.monotonic() - self._held[oldest].saved >= self._snapshot_seconds else None

    async def _begin_snapshot(self, partition: int, snapshots: Snapshots, consumer: AIOKafkaConsumer) -> None:
        """Take the picture now, between batches; the file is written while the stream goes on."""
        ledger, held = self._ledgers[partition], self._held[partition]
        # What this process wrote itself comes back too, so that the offset says what the picture holds.
        _, held.read_to = await self._read_on(partition, ledger, held.read_to, consumer)
        arrays = await asyncio.to_thread(ledger.dump)
        self._saving = asyncio.create_task(self._save(partition, snapshots, arrays, held.read_to))

    async def _save(self, partition: int, snapshots: Snapshots, arrays: Arrays, read_to: int) -> None:
        began = time.monotonic()
        try:
            size = await asyncio.to_thread(snapshots.save, partition, arrays, read_to)
        except OSError as error:
            self._failed(partition, error)
        else:
            self._metrics.snapshots.labels("ok").inc()
            seconds = round(time.monotonic() - began, 2)
            log.info("snapshot written", extra={"partition": partition, "bytes": size, "seconds": seconds})

    def _failed(self, partition: int, error: Exception) -> None:
        self._metrics.snapshots.labels("failed").inc()
        log.warning("snapshot not written; the one before stays", extra={"partition": partition, "why": str(error)})
