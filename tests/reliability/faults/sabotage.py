"""Sabotage: each guarantee broken on purpose, by disabling one remedy in the workers. One table, ``SABOTAGES``.

A drill must find each of them (``mutants.py`` says which); otherwise nothing shows that the remedy is needed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from workers.dedupe import entry_key
from workers.fault_points import remove_at, replace_at
from workers.topics import LEDGER


def acknowledge_early() -> None:
    """Acknowledge a batch before it is handled."""

    def hasty(run_batch: Any) -> Any:
        async def run(worker: Any, events: Sequence[Any]) -> None:
            for event in events:
                event.ack()
                event.ack()
            await run_batch(worker, events)

        return run

    replace_at("run batch", hasty)


def commit_nothing() -> None:
    """Let every commit fail."""

    async def refused(*_: object) -> bool:
        return False

    replace_at("commit offsets", lambda commit: refused)


def hold_nothing() -> None:
    """Rely on Faust's own acknowledgement, in a ``finally``."""

    def unheld(run_batch: Any) -> Any:
        async def run(worker: Any, events: Sequence[Any]) -> None:
            for event in events:
                event.message.refcount -= 1
            await run_batch(worker, events)

        return run

    replace_at("run batch", unheld)


def leave_failures_to_faust() -> None:
    """Hold nothing, and raise what made a batch fail: Faust acknowledges the batch and goes on."""

    def raise_it(worker: object, code: int) -> None:
        error = sys.exc_info()[1]
        assert error
        raise error

    hold_nothing()
    replace_at("end after failure", lambda fail: raise_it)


def go_on_after_failed_deliveries() -> None:
    """Acknowledge a batch whether its outputs were accepted or not."""

    def careless(deliver: Any) -> Any:
        async def delivered(runner: object, outgoing: Sequence[Any]) -> None:
            with suppress(Exception):
                await deliver(runner, outgoing)

        return delivered

    replace_at("deliver outputs", careless)


def await_no_delivery() -> None:
    """Acknowledge a batch once its outputs are in the producer's buffer."""

    async def hasty(runner: Any, outgoing: Sequence[Any]) -> None:
        for output, timestamp in outgoing:
            await runner._send(output, timestamp)

    replace_at("deliver outputs", lambda deliver: hasty)


def forget_the_claim() -> None:
    """Write nothing into the ledger."""

    def forgetful(send: Any) -> Any:
        async def sent(sender: object, output: Any, timestamp: int) -> Awaitable[object]:
            if output.topic == LEDGER:
                return asyncio.sleep(0)
            acknowledgement: Awaitable[object] = await send(sender, output, timestamp)
            return acknowledgement

        return sent

    replace_at("send output", forgetful)


def ignore_the_claim() -> None:
    """Judge a message again that has an entry already: it may become its own copy."""

    def naive(decide: Any) -> Any:
        def decided(ledger: Any, article: Any, *place: int) -> Any:
            ledger._offsets.pop(entry_key(article.origin), None)
            return decide(ledger, article, *place)

        return decided

    replace_at("judge article", naive)


def compare_with_later_articles() -> None:
    """Compare an article with everything in the ledger, wherever it stands in the stream."""
    replace_at("find entries to index", lambda find: lambda ledger, offset: find(ledger, sys.maxsize))


def read_no_ledger() -> None:
    """Start with an empty ledger."""
    replace_at("apply ledger records", lambda apply: lambda *_: None)


def leave_the_end_of_the_ledger() -> None:
    """Start with all entries except the latest hundred."""

    def short(read_blocks: Any) -> Any:
        async def blocks(reader: object, tp: Any, end: int, size: int) -> AsyncIterator[list[Any]]:
            async for block in read_blocks(reader, tp, end, size):
                yield [record for record in block if record.offset < end - 100]

        return blocks

    replace_at("read ledger blocks", short)


def trust_snapshots_alone() -> None:
    """Continue from a snapshot as it is, without what was written since."""

    def trusting(read: Any) -> Any:
        async def from_the_start_only(
            reader: object, partition: int, ledger: object, start: int, *more: object
        ) -> None:
            if start == 0:
                await read(reader, partition, ledger, start, *more)

        return from_the_start_only

    replace_at("read ledger", trusting)


def need_every_snapshot() -> None:
    """End when a snapshot cannot be written."""

    def fatal(snapshot_failed: Any) -> Any:
        def ended(manager: object, partition: int, error: Exception) -> None:
            snapshot_failed(manager, partition, error)
            os._exit(1)

        return ended

    replace_at("snapshot failed", fatal)


def trust_old_ledgers() -> None:
    """Continue with a ledger when its partition comes back, without what others wrote to it meanwhile."""

    def trusting(manager: Any, assigned: Any = None) -> None:
        manager._assigned.update(assigned or ())

    replace_at("invalidate ledgers", lambda invalidate: trusting)


def delete_nothing() -> None:
    """Keep entries that have left the window."""
    replace_at("expire entries", lambda expire: lambda ledger, committed: [])


def end_the_window_by_the_wall_clock() -> None:
    """Measure an article's age from now, not from the other articles."""
    replace_at(
        "advance window", lambda advance: lambda ledger, offset, _: advance(ledger, offset, int(time.time() * 1000))
    )


def count_gaps_as_faust_does() -> None:
    """Treat the message after a gap as part of the gap."""
    remove_at("mark gap")


def seek_as_faust_does() -> None:
    """Leave partitions without a commit where they are."""
    remove_at("seek to start")


def let_the_flow_go() -> None:
    """Let messages arrive while a rebalance is under way."""
    replace_at("pause until rebalanced", lambda pause: lambda worker: None)


def fight_for_the_static_id() -> None:
    """Take a static id back whenever another process has taken it."""
    remove_at("watch static id")


def handle_no_signal() -> None:
    """Die of SIGTERM, in the middle of a batch."""
    replace_at("handle signals", lambda install: lambda worker: signal.signal(signal.SIGTERM, signal.SIG_DFL))


def have_no_watchdog() -> None:
    """Hang for ever."""
    replace_at("start watchdog", lambda start: lambda progress: None)


def refuse_without_limit() -> None:
    """Write any number of dead letters."""
    replace_at("dead letter limit", lambda is_exceeded: lambda limit: False)


def send_whatever_its_size() -> None:
    """Send outputs that are larger than their topic takes."""
    replace_at("topic size limit", lambda max_bytes: lambda runner, topic: sys.maxsize)


def keep_dead_letters_whole() -> None:
    """Write dead letters that are larger than their topic takes."""
    replace_at("dead letter size limit", lambda max_bytes: lambda runner: sys.maxsize)


def refuse_slowly() -> None:
    """Take a moment over every message that is refused."""

    def slow(refuse: Any) -> Any:
        def refused(runner: object, *arguments: object) -> object:
            time.sleep(0.02)
            return refuse(runner, *arguments)

        return refused

    replace_at("refuse message", slow)


def start_without_topics() -> None:
    """Start whatever the topics are."""
    replace_at("find topic drift", lambda find: lambda *_: [])


SABOTAGES: dict[str, Callable[[], None]] = {
    sabotage.__name__.replace("_", " ").replace("faust", "Faust"): sabotage
    for sabotage in (
        acknowledge_early, commit_nothing, hold_nothing, leave_failures_to_faust, go_on_after_failed_deliveries,
        await_no_delivery, forget_the_claim, ignore_the_claim, compare_with_later_articles, read_no_ledger,
        trust_old_ledgers, leave_the_end_of_the_ledger, trust_snapshots_alone, need_every_snapshot, delete_nothing,
        end_the_window_by_the_wall_clock, count_gaps_as_faust_does, seek_as_faust_does, let_the_flow_go,
        fight_for_the_static_id, handle_no_signal, have_no_watchdog, refuse_without_limit, refuse_slowly,
        send_whatever_its_size, keep_dead_letters_whole, start_without_topics,
    )
}  # fmt: skip
