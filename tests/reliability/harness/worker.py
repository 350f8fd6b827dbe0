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
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

from aiokafka.errors import UnknownError

import workers.stream.worker
from tests.reliability.faults.sabotage import SABOTAGES
from workers.messages import Message, Output
from workers.stream.runner import HandlerResult
from workers.stream.worker import StageWorker
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

MANY = 60
"""Messages of a batch that has two halves worth speaking of in every partition."""
FIRST = (UNIQUE, DUPLICATES)
"""Where the first output of each message of dedupe goes."""
FEW, FETCH = 500, 0.01
"""Entries of a ledger that are read at a time, and the seconds that it takes: long enough to be caught at it."""
AT_HAND = 4.0
"""Seconds that a batch is at hand while another part of the worker fails."""


class Rigged(StageWorker):
    """The pipeline, slower, mortal and unlucky."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._passed: Counter[str] = Counter()
        self._unwritten: Iterator[bool] = repeat(False)  # of each message to come: whether its outputs go nowhere
        self._dropping = False
        quick = self.runner.handler

        def handler(messages: Sequence[Message]) -> Sequence[HandlerResult]:
            # Not time.sleep: under libfaketime it fails.
            select.select([], [], [], SLOW * len(messages))
            if self._comes_to(HANG):
                select.select([], [], [])
            answers = quick(messages)
            self._die_at("handled")
            return answers

        self.runner.handler = handler

    async def _run(self, events: Any) -> None:
        if self._comes_to(CRASH):
            await self.app.crash(RuntimeError("another part of the worker failed"))
            await asyncio.sleep(AT_HAND)
        halved = len(events) >= MANY and self._comes_to(HALF)
        if halved:
            self._unwritten = _earlier_half([event.message.partition for event in events])
        await super()._run(events)
        if halved:
            _die()
        self._die_at("delivered")

    async def _send(self, output: Output, timestamp: int) -> Any:
        if output.topic in FIRST:
            self._dropping = next(self._unwritten)
        if self._dropping:
            return asyncio.sleep(0)
        if self._comes_to(REFUSED):
            return _refuse()
        delivery = await super()._send(output, timestamp)
        self._die_at(DEAD_LETTER if output.topic == DEAD_LETTERS else "sent")
        return delivery

    def _ledger_consumer(self) -> Any:
        consumer = super()._ledger_consumer()
        if not SLOW:
            return consumer
        getmany = consumer.getmany

        async def slowly(*places: Any, **options: Any) -> Any:
            await asyncio.sleep(FETCH)
            found = await getmany(*places, **(options | {"max_records": FEW}))
            self._die_at(RECOVERY)
            return found

        consumer.getmany = slowly
        return consumer

    def _die_at(self, point: str) -> None:
        if self._comes_to(point):
            _die()

    def _comes_to(self, point: str) -> bool:
        """Whether there is a token for this time at the point, which is taken away."""
        if not TOKENS:
            return False
        self._passed[point] += 1
        for token in sorted(Path(TOKENS).glob(f"{self.stage}.{point}.*")):
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
    workers.stream.worker.StageWorker = Rigged  # type: ignore[misc]
    if SABOTAGE:
        SABOTAGES[SABOTAGE]()
    from workers.cli import main

    main()
