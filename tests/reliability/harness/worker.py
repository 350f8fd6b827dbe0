"""``python -m tests.reliability.harness.worker worker ROLE``: the real command, with a rigged pipeline inside.

The environment says how it is rigged: ``DRILL_SLOW`` (seconds that every message takes; where it is given, ledgers are
read slowly, too), ``DRILL_TOKENS`` (a directory of tokens ``role.point.count-anything``: at the count-th time that a
process of the role comes to the point, it takes the token away and something happens to it), ``DRILL_SABOTAGE`` (a
guarantee broken on purpose, see ``sabotage.py``).
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Iterator, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

from aiokafka.errors import UnknownError

import workers.stream.build  # noqa: F401 -- loads every module that has a fault point
from tests.reliability.faults.sabotage import SABOTAGES
from workers.fault_points import replace_at
from workers.messages import Message, Output
from workers.topics import DEAD_LETTERS, DUPLICATES, UNIQUE

SLOW = float(os.environ.get("DRILL_SLOW") or 0)
TOKENS = os.environ.get("DRILL_TOKENS")
SABOTAGE = os.environ.get("DRILL_SABOTAGE")

POINTS = ("handled", "sent", "delivered")
"""Where every role can die as by kill -9: before a batch's first output is sent, after it, after the last was
acknowledged."""
DEAD_LETTER, RECOVERY = "dead_letter", "recovery"
"""Where some can: after a dead letter was sent, and amid the load of a ledger."""
HALF = "half"
"""Dedupe dies after a batch of which only the later half of each partition was written."""
CRASH = "crash"
"""Another part of the worker fails while a batch is at hand, and the app comes down by itself."""
REFUSED = "refused"
"""The broker refuses an output for good."""
HANG = "hang"
"""The stage hangs over a batch for ever."""

MIN_HALVED_BATCH = 60
"""Messages of a batch that has two halves worth speaking of in every partition."""
FIRST = (UNIQUE, DUPLICATES)
"""Where the first output of each message of dedupe goes."""
FETCH_RECORDS, FETCH_SECONDS = 500, 0.01
"""Entries of a ledger that are read at a time, and the seconds that it takes: long enough to be caught at it."""
CRASHING_SECONDS = 4.0
"""Seconds that a batch is at hand while another part of the worker fails."""


class Rigging:
    """Makes the workers of this process slower, mortal and unlucky, at the fault points of ``workers``."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._passed: Counter[str] = Counter()
        self._unwritten: Iterator[bool] = repeat(False)  # for each message to come: whether its outputs go nowhere
        self._dropping = False

    def install(self) -> None:
        """Replace the functions at the fault points."""
        replace_at("handle batch", self._handle)
        replace_at("run batch", self._run_batch)
        replace_at("send output", self._send)
        if SLOW:
            replace_at("open ledger consumer", self._ledger_consumer)

    def _handle(self, handle: Any) -> Any:
        def handled(runner: object, messages: Sequence[Message]) -> Any:
            # Not time.sleep: under libfaketime it fails.
            select.select([], [], [], SLOW * len(messages))
            if self._comes_to(HANG):
                select.select([], [], [])
            results = handle(runner, messages)
            self._die_at("handled")
            return results

        return handled

    def _run_batch(self, run_batch: Any) -> Any:
        async def run(worker: Any, events: Sequence[Any]) -> None:
            if self._comes_to(CRASH):
                await worker.app.crash(RuntimeError("another part of the worker failed"))
                await asyncio.sleep(CRASHING_SECONDS)
            halved = len(events) >= MIN_HALVED_BATCH and self._comes_to(HALF)
            if halved:
                self._unwritten = _earlier_half([event.message.partition for event in events])
            await run_batch(worker, events)
            if halved:
                _die()
            self._die_at("delivered")

        return run

    def _send(self, send: Any) -> Any:
        async def sent(sender: object, output: Output, timestamp: int) -> Awaitable[object]:
            if output.topic in FIRST:
                self._dropping = next(self._unwritten)
            if self._dropping:
                return asyncio.sleep(0)
            if self._comes_to(REFUSED):
                return _refuse()
            acknowledgement: Awaitable[object] = await send(sender, output, timestamp)
            self._die_at(DEAD_LETTER if output.topic == DEAD_LETTERS else "sent")
            return acknowledgement

        return sent

    def _ledger_consumer(self, new_consumer: Any) -> Any:
        def slow_consumer(*arguments: Any) -> Any:
            consumer = new_consumer(*arguments)
            getmany = consumer.getmany

            async def slowly(*partitions: Any, **options: Any) -> Any:
                await asyncio.sleep(FETCH_SECONDS)
                records = await getmany(*partitions, **(options | {"max_records": FETCH_RECORDS}))
                self._die_at(RECOVERY)
                return records

            consumer.getmany = slowly
            return consumer

        return slow_consumer

    def _die_at(self, point: str) -> None:
        if self._comes_to(point):
            _die()

    def _comes_to(self, point: str) -> bool:
        """Whether there is a token for this time at the point; it is then taken away."""
        if not TOKENS:
            return False
        self._passed[point] += 1
        for token in sorted(Path(TOKENS).glob(f"{self._stage}.{point}.*")):
            if self._passed[point] >= int(token.name.split(".")[2].split("-")[0]):
                try:
                    token.unlink()
                except FileNotFoundError:  # another process was faster
                    continue
                return True
        return False


def _earlier_half(partitions: Sequence[int]) -> Iterator[bool]:
    """Of each message, given the partitions of a batch: whether it is in the earlier half of its partition."""
    seen, counts = Counter[int](), Counter(partitions)
    for partition in partitions:
        seen[partition] += 1
        yield seen[partition] <= counts[partition] // 2


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def _refuse() -> None:
    raise UnknownError("refused on purpose")


if __name__ == "__main__":
    if SABOTAGE:
        SABOTAGES[SABOTAGE]()
    Rigging(stage=sys.argv[-1]).install()
    from workers.cli import main

    main()
