"""Recovery: the ledgers of the partitions at hand, read back from their topic before the first article is judged."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from workers.dedupe import Ledger
from workers.health import Health
from workers.metrics import Metrics
from workers.stages import Output
from workers.topics import LEDGER

log = logging.getLogger(__name__)

STALLED = 60.0
"""Seconds without a single entry after which a load gives up (and the process ends: another may have more luck)."""
FETCHED = 5_000
"""Entries taken at a time."""


class RecoveryStalled(RuntimeError):
    """The broker gave no more entries, though there should be some."""


class Ledgers:
    """The ledgers of this process, by partition, each good for the assignment of partitions under which it was read.

    Whenever partitions change hands (``distrust``), another worker may have written to any of them; then what
    was added to the topic since is read before the ledger is used again.
    """

    def __init__(self, ledgers: dict[int, Ledger], window: int, metrics: Metrics, health: Health) -> None:
        self._ledgers = ledgers
        self._window = window
        self._metrics = metrics
        self._health = health
        self._epoch = 0
        self._mine: set[int] = set()
        self._read_in: dict[int, int] = {}  # the epoch in which the last read of a partition began
        self._read_to: dict[int, int] = {}  # the offset in the ledger's topic up to which it was read

    def distrust(self, mine: Iterable[int] | None = None) -> None:
        """Partitions change hands: read ledgers on before their next use, and let go of all but ``mine``, if given."""
        self._epoch += 1
        if mine is not None:
            self._mine = set(mine)

    async def ready(self, partitions: Collection[int], new_consumer: Callable[[], AIOKafkaConsumer]) -> None:
        """Return once the ledgers of the partitions hold all that was ever written to them.

        To be called between batches: this is also when ledgers are let go, never under a batch that uses them.

        Raises:
            RecoveryStalled: the broker stopped giving entries.
        """
        for partition in self._ledgers.keys() - self._mine - set(partitions):
            self._let_go(partition)
        while stale := [p for p in partitions if self._read_in.get(p) != self._epoch]:
            consumer = new_consumer()
            await consumer.start()
            try:
                for partition in stale:
                    await self._read(partition, consumer)
            finally:
                await consumer.stop()

    def _let_go(self, partition: int) -> None:
        del self._ledgers[partition], self._read_in[partition], self._read_to[partition]
        with suppress(KeyError):
            self._metrics.ledger_entries.remove(str(partition))

    def expired(self, committed: dict[int, int]) -> list[Output]:
        """Deletions for the entries that have left the window below the committed offset of their partition."""
        deletions = []
        for partition, offset in committed.items():
            ledger = self._ledgers[partition]
            for key in ledger.expire(offset):
                deletions.append(Output(LEDGER, key.encode(), None, partition=partition))
            self._metrics.ledger_entries.labels(str(partition)).set(len(ledger))
        return deletions

    async def _read(self, partition: int, consumer: AIOKafkaConsumer) -> None:
        epoch, began = self._epoch, time.monotonic()
        tp = TopicPartition(LEDGER, partition)
        consumer.assign([tp])
        start = max((await consumer.beginning_offsets([tp]))[tp], self._read_to.get(partition, 0))
        end = (await consumer.end_offsets([tp]))[tp]
        if self._read_to.get(partition, 0) > end:
            raise RecoveryStalled(f"{LEDGER}/{partition} ends at {end} and was read up to {self._read_to[partition]}")
        ledger = self._ledgers.get(partition) or Ledger(self._window)
        consumer.seek(tp, start)
        self._show(end - start)
        try:
            await self._read_until(end, tp, ledger, consumer)
        finally:
            self._show(0)
        self._ledgers[partition] = ledger
        self._read_to[partition], self._read_in[partition] = end, epoch
        seconds = round(time.monotonic() - began, 2)
        figures = {"partition": partition, "records": end - start, "entries": len(ledger), "seconds": seconds}
        log.info("ledger read back", extra=figures)

    async def _read_until(self, end: int, tp: TopicPartition, ledger: Ledger, consumer: AIOKafkaConsumer) -> None:
        moved = time.monotonic()
        position = await consumer.position(tp)
        while position < end:
            batches: dict[Any, list[Any]] = await consumer.getmany(tp, timeout_ms=1_000, max_records=FETCHED)
            _take(ledger, [record for records in batches.values() for record in records])
            # The position moves over compacted records and transaction markers too, where no record comes.
            before, position = position, await consumer.position(tp)
            if position > before:
                moved = time.monotonic()
                self._metrics.recovery_remaining.set(max(0, end - position))
            elif time.monotonic() - moved > STALLED:
                raise RecoveryStalled(
                    f"no entry of {LEDGER}/{tp.partition} for {STALLED:.0f} s, at {position} of {end}"
                )
            await asyncio.sleep(0)

    def _show(self, remaining: int) -> None:
        self._health.recovering = remaining > 0
        self._metrics.recovering.set(remaining > 0)
        self._metrics.recovery_remaining.set(remaining)


def _take(ledger: Ledger, records: Iterable[Any]) -> None:
    for record in records:
        if record.value is None:
            ledger.forget(record.key.decode())
        else:
            ledger.load([record.value])
