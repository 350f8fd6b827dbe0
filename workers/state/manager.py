"""Owns the ledgers of a worker: reads them back before the first article, takes snapshots, drops lost ones."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from faust.types import TP

from workers.dedupe import Ledger
from workers.dedupe.arrays import Arrays
from workers.errors import LedgerMissingError, OutOfOrderError, RecoveryStalledError
from workers.fault_points import fault_point
from workers.hooks import WorkerHook
from workers.messages import Output
from workers.observability.health import Health
from workers.observability.metrics import Metrics
from workers.state.changelog import DEFAULT_READ_LIMITS, LedgerReader, ReadLimits
from workers.state.lineage import Lineage
from workers.state.snapshots import Snapshots
from workers.topics import LEDGER

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Held:
    """A ledger, and how far it was read."""

    ledger: Ledger
    epoch: int
    """The epoch in which its last read began."""
    read_to: int
    """The offset in the ledger's topic below which it holds everything."""
    saved_at: float
    """When its last snapshot was begun, by the monotonic clock."""


class LedgerManager(WorkerHook):
    """Owns the ledgers of this process, by partition. A ledger is valid for the assignment under which it was read.

    Whenever partitions change hands (``invalidate``), another worker may have written to any of them. What was added to
    the topic since is then read before the ledger is used again.

    Args:
        new_ledger: makes an empty ledger.
        new_consumer: opens a consumer for the ledger's topic.
        lineage: the topics and languages that every record of the ledger's topic must refer to.
        snapshots: where a load starts; None turns snapshots off.
        snapshot_seconds: the interval between two snapshots of a partition.
        read_limits: how the ledger's topic is read.

    Attributes:
        assigned: the partitions of the last assignment; the ledgers of others are dropped.
    """

    def __init__(
        self,
        new_ledger: Callable[[], Ledger],
        new_consumer: Callable[[], AIOKafkaConsumer],
        *,
        lineage: Lineage,
        metrics: Metrics,
        health: Health,
        snapshots: Snapshots | None = None,
        snapshot_seconds: float = 0.0,
        read_limits: ReadLimits = DEFAULT_READ_LIMITS,
    ) -> None:
        self._new_ledger = new_ledger
        self._new_consumer = new_consumer
        self._metrics = metrics
        self._health = health
        self._lineage = lineage
        self._snapshots = snapshots
        self._snapshot_seconds = snapshot_seconds
        self._read_limits = read_limits
        self._saving: asyncio.Task[None] | None = None
        self._epoch = 0
        self.assigned: set[int] = set()
        self._held: dict[int, _Held] = {}

    @property
    def partitions(self) -> Collection[int]:
        """The partitions that have a ledger here."""
        return self._held.keys()

    def ledger(self, partition: int) -> Ledger:
        """The ledger of the partition.

        Raises:
            LedgerMissingError: the partition has none here; see ``ensure_current``.
        """
        if partition not in self._held:
            raise LedgerMissingError(f"partition {partition} has no ledger in this process")
        return self._held[partition].ledger

    def partitions_assigned(self, partitions: Collection[TP]) -> None:
        """Invalidate the ledgers; keep those of the assigned partitions."""
        self.invalidate({tp.partition for tp in partitions})

    def partitions_revoked(self) -> None:
        """Invalidate the ledgers."""
        self.invalidate()

    @fault_point("invalidate ledgers")
    def invalidate(self, assigned: Iterable[int] | None = None) -> None:
        """Have every ledger catch up before its next use. If ``assigned`` is given, drop all other ledgers."""
        self._epoch += 1
        if assigned is not None:
            self.assigned = set(assigned)

    async def ensure_current(self, committed: Mapping[int, int]) -> None:
        """Return once the ledgers of the partitions hold everything that was ever written to them.

        ``committed`` has the offset at which each partition continues. Call it between batches: this is also when
        ledgers are dropped and snapshots taken, never while a batch uses them.

        Raises:
            RecoveryStalledError: the broker stopped sending entries.
            StaleLedgerError: the ledger refers to other topics or languages.
        """
        for partition in self._held.keys() - self.assigned - committed.keys():
            self._let_go(partition)
        while stale := [p for p in committed if p not in self._held or self._held[p].epoch != self._epoch]:
            async with self._new_consumer() as consumer:
                for partition in stale:
                    await self._recover(partition, committed[partition], consumer)
        if self._snapshots and (due := self._due(committed)) is not None:
            self._held[due].saved_at = time.monotonic()
            try:
                async with self._new_consumer() as consumer:
                    await self._begin_snapshot(due, self._snapshots, consumer)
            except KafkaError as error:
                # Snapshot failures are not fatal; retry at the next interval.
                self.snapshot_failed(due, error)

    def tombstones(self, committed: Mapping[int, int]) -> list[Output]:
        """Deletions of the entries that may be forgotten, given the committed offset of each partition."""
        deletions = []
        for partition, offset in committed.items():
            ledger = self.ledger(partition)
            for key in ledger.expire(offset):
                deletions.append(Output(LEDGER, key.encode(), None, partition=partition))
            self._metrics.ledger_entries.labels(str(partition)).set(len(ledger))
            self._metrics.ledger_bytes.labels(str(partition)).set(ledger.nbytes)
        return deletions

    async def snapshot_done(self) -> None:
        """Return once the snapshot that is being written is complete, or has failed."""
        if self._saving:
            await self._saving

    @fault_point("snapshot failed")
    def snapshot_failed(self, partition: int, error: Exception) -> None:
        """Count and log that a snapshot was not written."""
        self._metrics.snapshots.labels("failed").inc()
        log.warning("snapshot not written; the previous one remains", extra={"partition": partition, "why": str(error)})

    def _let_go(self, partition: int) -> None:
        del self._held[partition]
        for gauge in (self._metrics.ledger_entries, self._metrics.ledger_bytes):
            with suppress(KeyError):
                gauge.remove(str(partition))

    async def _recover(self, partition: int, committed: int, consumer: AIOKafkaConsumer) -> None:
        epoch, started = self._epoch, time.monotonic()
        self._health.is_recovering = True
        self._metrics.recovering.set(1)
        gc.disable()  # loading creates only long-lived objects; repeated GC passes cost 25 % of the time
        try:
            ledger, read_to = await self._start_of(partition)
            entries_before, start = len(ledger), read_to
            try:
                ledger, read_to = await self._catch_up(partition, ledger, read_to, committed, consumer)
            except OutOfOrderError:
                log.warning("ledger entries out of order; indexing after all are read", extra={"partition": partition})
                ledger, read_to, entries_before, start = self._new_ledger(), 0, 0, 0
                ledger, read_to = await self._catch_up(
                    partition, ledger, read_to, committed, consumer, index_while_reading=False
                )
        finally:
            gc.enable()
            self._health.is_recovering = False
            self._metrics.recovering.set(0)
        saved_at = self._held[partition].saved_at if partition in self._held else started
        self._held[partition] = _Held(ledger, epoch, read_to, saved_at)
        log.info(
            "ledger read back",
            extra={
                "partition": partition,
                "entries_before": entries_before,
                "records": read_to - start,
                "entries": len(ledger),
                "seconds": round(time.monotonic() - started, 2),
            },
        )

    async def _start_of(self, partition: int) -> tuple[Ledger, int]:
        """The ledger to continue from, and the offset to read from: what is held here, a snapshot, or nothing."""
        if held := self._held.get(partition):
            return held.ledger, held.read_to
        snapshot = await asyncio.to_thread(self._snapshots.load, partition) if self._snapshots else None
        return snapshot or (self._new_ledger(), 0)

    async def _catch_up(
        self,
        partition: int,
        ledger: Ledger,
        read_to: int,
        committed: int,
        consumer: AIOKafkaConsumer,
        *,
        index_while_reading: bool = True,
    ) -> tuple[Ledger, int]:
        """What ``_read_on`` returns, indexed up to the committed offset."""
        early = committed if index_while_reading else None
        ledger, read_to = await self._read_on(partition, ledger, read_to, consumer, early)
        # In a thread: it may take seconds, and the event loop must stay responsive.
        await asyncio.to_thread(ledger.catch_up, committed)
        return ledger, read_to

    async def _read_on(
        self, partition: int, ledger: Ledger, read_to: int, consumer: AIOKafkaConsumer, committed: int | None = None
    ) -> tuple[Ledger, int]:
        """The ledger with what its topic holds from the offset on, and the offset to which it was read."""
        reader = LedgerReader(consumer, self._lineage, self._metrics, self._read_limits)
        end = await reader.end(partition)
        if read_to > end and partition in self._held:
            raise RecoveryStalledError(f"{LEDGER}/{partition} ends at {end} and was read up to {read_to}")
        if read_to > end:
            log.warning("snapshot not used; it is ahead of the topic", extra={"partition": partition, "end": end})
            ledger, read_to = self._new_ledger(), 0
        await reader.read(partition, ledger, read_to, end, committed)
        return ledger, max(read_to, end)

    def _due(self, partitions: Iterable[int]) -> int | None:
        """The partition whose snapshot is due, if one can be taken now."""
        if self._saving and not self._saving.done():
            return None
        oldest = min(partitions, key=lambda partition: self._held[partition].saved_at)
        return oldest if time.monotonic() - self._held[oldest].saved_at >= self._snapshot_seconds else None

    async def _begin_snapshot(self, partition: int, snapshots: Snapshots, consumer: AIOKafkaConsumer) -> None:
        """Copy the ledger's state now, between batches; the file is written while the stream goes on."""
        held = self._held[partition]
        # Read back what this process itself wrote, so that the offset says exactly what the snapshot holds.
        _, held.read_to = await self._read_on(partition, held.ledger, held.read_to, consumer)
        arrays = await asyncio.to_thread(held.ledger.dump)
        self._saving = asyncio.create_task(self._save(partition, snapshots, arrays, held.read_to))

    async def _save(self, partition: int, snapshots: Snapshots, arrays: Arrays, read_to: int) -> None:
        started = time.monotonic()
        try:
            size = await asyncio.to_thread(snapshots.save, partition, arrays, read_to)
        except OSError as error:
            self.snapshot_failed(partition, error)
        else:
            self._metrics.snapshots.labels("ok").inc()
            seconds = round(time.monotonic() - started, 2)
            log.info("snapshot written", extra={"partition": partition, "bytes": size, "seconds": seconds})
