"""``python -m tests.reliability.harness.worker worker ROLE``: the real ``copydesk worker`` with fault injection.

Environment variables say which faults:

- ``DRILL_SLOW``: seconds added to every message. If set, ledgers are also read slowly.
- ``DRILL_TRIGGERS``: a directory of empty files named ``ROLE.POINT.COUNT[-SUFFIX]``. When a process of the role reaches
  the point for the COUNT-th time or later, it deletes the file and the fault happens.
- ``DRILL_SABOTAGE``: a guarantee to break, one of ``sabotage.SABOTAGES``.

SIGUSR1 prints where the worker's threads and tasks are.
"""

from __future__ import annotations

import asyncio
import os
import resource
import select
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

from aiokafka.errors import UnknownError

import workers.stream.build
import workers.supervisor  # noqa: F401 -- loads, with the line above, every module that has a fault point
from tests.reliability.faults.sabotage import SABOTAGES
from tests.reliability.findings import KILLER
from tests.reliability.harness import stacks
from workers.fault_points import replace_at
from workers.messages import Message, Output
from workers.topics import DEAD_LETTERS, DUPLICATES, LEDGER, UNIQUE

SLOW = float(os.environ.get("DRILL_SLOW") or 0)
TRIGGERS = os.environ.get("DRILL_TRIGGERS")
SABOTAGE = os.environ.get("DRILL_SABOTAGE")

POINTS = ("handled", "sent", "delivered")
"""Points where any role can die as by kill -9: before a batch's first output is sent, after it, and after all outputs
are acknowledged."""
DEAD_LETTER, RECOVERY = "dead_letter", "recovery"
"""Points where some roles can die: after a dead letter is sent, and while a ledger is read back."""
HALF = "half"
"""Dedupe dies after a batch of which only the later half of each partition is written."""
CRASH = "crash"
"""Another part of the worker fails during a batch, and Faust shuts the app down."""
REJECTED = "rejected"
"""The broker rejects an output permanently."""
FETCHING, JOINING = "fetching", "joining"
"""aiokafka fails to take the records of a fetch, or its partitions after it joined the group."""
HANG = "hang"
"""The stage never returns from a batch."""

MIN_HALVED_BATCH = 60
"""Messages that a batch needs so that every partition has two halves."""
FIRST_OUTPUT_TOPICS = (UNIQUE, DUPLICATES)
"""The topics of the first output that dedupe sends for each message."""
FETCH_RECORDS, FETCH_SECONDS = 500, 0.01
"""Ledger entries per fetch, and the seconds added to each: slow enough to kill the worker during recovery."""
MEMORY_LIMIT = 4 * 1024**3
"""Bytes; far more than a worker uses."""
CRASHING_SECONDS = 4.0
"""Seconds that a batch goes on while Faust shuts the worker down."""


class FaultInjector:
    """Slows down, kills and disturbs the worker of this process at the fault points of ``workers``."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._visits: Counter[str] = Counter()
        self._unwritten: Iterator[bool] = repeat(False)  # per message to come: whether its outputs are dropped
        self._dropping = False

    def install(self) -> None:
        """Replace the functions at the fault points."""
        replace_at("handle batch", self._handle)
        replace_at("run batch", self._run_batch)
        replace_at("send output", self._send)
        replace_at("take fetched records", self._fetch)
        replace_at("joined group", self._join)
        if SLOW:
            replace_at("open ledger consumer", self._ledger_consumer)

    def _handle(self, handle: Any) -> Any:
        def handled(runner: object, messages: Sequence[Message]) -> Any:
            # Not time.sleep: it fails under libfaketime.
            select.select([], [], [], SLOW * len(messages))
            if self._is_due(HANG):
                select.select([], [], [])
            for name, kill in KILLS.items():
                if any(KILLER.format(self._stage, name).encode() in (message.value or b"") for message in messages):
                    kill()
            results = handle(runner, messages)
            self._die_at("handled")
            return results

        return handled

    def _run_batch(self, run_batch: Any) -> Any:
        async def run(worker: Any, events: Sequence[Any]) -> None:
            if self._is_due(CRASH):
                await worker.app.crash(RuntimeError("another part of the worker failed"))
                await asyncio.sleep(CRASHING_SECONDS)
            is_halved = len(events) >= MIN_HALVED_BATCH and self._is_due(HALF)
            if is_halved:
                self._unwritten = _earlier_half([event.message.partition for event in events])
            await run_batch(worker, events)
            if is_halved:
                _die()
            self._die_at("delivered")

        return run

    def _send(self, send: Any) -> Any:
        async def sent(sender: object, output: Output) -> Awaitable[object]:
            if output.topic in FIRST_OUTPUT_TOPICS:
                self._dropping = next(self._unwritten)
            if self._dropping:
                return asyncio.sleep(0)
            if self._is_due(REJECTED):
                return _reject()
            acknowledgement: Awaitable[object] = await send(sender, output)
            self._die_at(DEAD_LETTER if output.topic == DEAD_LETTERS else "sent")
            return acknowledgement

        return sent

    def _fetch(self, fetch: Any) -> Any:
        async def fetched(fetcher: Any, assignment: Any, *arguments: Any) -> Any:
            if LEDGER not in {tp.topic for tp in assignment.tps} and self._is_due(FETCHING):
                raise RuntimeError("failed on purpose")
            return await fetch(fetcher, assignment, *arguments)

        return fetched

    def _join(self, join: Any) -> Any:
        async def joined(coordinator: object, *arguments: Any) -> None:
            if self._is_due(JOINING):
                raise RuntimeError("failed on purpose")
            await join(coordinator, *arguments)

        return joined

    def _ledger_consumer(self, new_consumer: Any) -> Any:
        def slow_consumer(*arguments: Any) -> Any:
            consumer = new_consumer(*arguments)
            getmany = consumer.getmany

            async def get_slowly(*partitions: Any, **options: Any) -> Any:
                await asyncio.sleep(FETCH_SECONDS)
                records = await getmany(*partitions, **(options | {"max_records": FETCH_RECORDS}))
                self._die_at(RECOVERY)
                return records

            consumer.getmany = get_slowly
            return consumer

        return slow_consumer

    def _die_at(self, point: str) -> None:
        if self._is_due(point):
            _die()

    def _is_due(self, point: str) -> bool:
        """Whether a trigger for the point is due; deletes it."""
        if not TRIGGERS:
            return False
        self._visits[point] += 1
        for trigger in sorted(Path(TRIGGERS).glob(f"{self._stage}.{point}.*")):
            if self._visits[point] >= int(trigger.name.split(".")[2].split("-")[0]):
                try:
                    trigger.unlink()
                except FileNotFoundError:  # another process was faster
                    continue
                return True
        return False


def _earlier_half(partitions: Sequence[int]) -> Iterator[bool]:
    """For each message of a batch, given its partition: whether it is in the earlier half of that partition."""
    seen, counts = Counter[int](), Counter(partitions)
    for partition in partitions:
        seen[partition] += 1
        yield seen[partition] <= counts[partition] // 2


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _stall() -> None:
    select.select([], [], [])


def _exhaust_memory() -> None:
    """Use more memory than the process may have, which raises MemoryError."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_LIMIT, hard))
    try:
        bytearray(2 * MEMORY_LIMIT)
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


KILLS: dict[str, Callable[[], None]] = {
    "kill -9": _die,
    "a crash": os.abort,
    "a stall": _stall,
    "memory": _exhaust_memory,
}
"""The ways in which an article may end its worker; the kernel ends one that has too little memory by kill -9."""


async def _reject() -> None:
    raise UnknownError("rejected on purpose")


if __name__ == "__main__":
    stacks.print_on_signal()
    if SABOTAGE:
        SABOTAGES[SABOTAGE]()
    FaultInjector(stage=sys.argv[-1]).install()
    from workers.cli import main

    main()
