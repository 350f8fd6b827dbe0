"""Sabotage: each guarantee broken on purpose, by taking one remedy out of the workers. One table, ``SABOTAGES``.

A drill must find each of them (``mutants.py`` says which), else nothing shows that the remedy is needed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import workers.kafka.topic_admin
import workers.stream.delivery
import workers.stream.runner
import workers.stream.worker
from schemas import CleanArticle
from workers.dedupe import Decision, Ledger, entry_key
from workers.messages import Message, Output, Result
from workers.outcomes import Stage
from workers.state.changelog import LedgerReader
from workers.state.manager import LedgerManager
from workers.stream.dead_letter_limit import DeadLetterLimit
from workers.stream.dead_letters import dead_letter
from workers.stream.faust_fixes import Consumer, ConsumerThread, Worker
from workers.stream.runner import Runner
from workers.stream.worker import StageWorker
from workers.topics import LEDGER


def swap(owner: object, name: str, replacement: object) -> None:
    """Put the replacement in the place of what must be there: a sabotage that changes nothing proves nothing."""
    assert hasattr(owner, name), f"{owner} has no {name} any more"
    setattr(owner, name, replacement)


def acknowledge_early() -> None:
    """Acknowledge a batch before it is handled."""
    run = StageWorker._run

    async def hasty(self: StageWorker, events: Sequence[Any]) -> None:
        for event in events:
            event.ack()
            event.ack()
        await run(self, events)

    swap(StageWorker, "_run", hasty)


def commit_nothing() -> None:
    """Acknowledge to nobody: every commit fails."""

    async def refused(*_: object) -> bool:
        return False

    swap(Consumer, "_commit", refused)


def hold_nothing() -> None:
    """Let Faust's own acknowledgement, in a ``finally``, suffice."""
    run = StageWorker._run

    async def unheld(self: StageWorker, events: Sequence[Any]) -> None:
        for event in events:
            event.message.refcount -= 1
        await run(self, events)

    swap(StageWorker, "_run", unheld)


def leave_failures_to_faust() -> None:
    """Hold nothing, and raise what made a batch fail: Faust acknowledges the batch, and goes on."""

    def raise_it(code: int) -> None:
        error = sys.exc_info()[1]
        assert error
        raise error

    hold_nothing()
    swap(workers.stream.worker, "end_process", raise_it)


def go_on_after_failed_deliveries() -> None:
    """Acknowledge a batch whether its outputs were taken or not."""
    deliver = workers.stream.delivery.deliver

    async def careless(*arguments: Any, **options: Any) -> None:
        with suppress(Exception):
            await deliver(*arguments, **options)

    swap(workers.stream.runner, "deliver", careless)


def await_no_delivery() -> None:
    """Acknowledge a batch once its outputs are in the producer's buffer."""

    async def hasty(outputs: Sequence[Any], send: Callable[[Any], Any], **options: Any) -> None:
        for output in outputs:
            await send(output)

    swap(workers.stream.runner, "deliver", hasty)


def forget_the_claim() -> None:
    """Write nothing into the ledger."""
    send = StageWorker._send

    async def forgetful(self: StageWorker, output: Output, timestamp: int) -> Any:
        return asyncio.sleep(0) if output.topic == LEDGER else await send(self, output, timestamp)

    swap(StageWorker, "_send", forgetful)


def ignore_the_claim() -> None:
    """Judge a message anew that has an entry already: it may be its own copy."""
    decide = Ledger.decide

    def naive(self: Ledger, article: CleanArticle, offset: int, time: int) -> Decision:
        self._offsets.pop(entry_key(article.origin), None)
        return decide(self, article, offset, time)

    swap(Ledger, "decide", naive)


def compare_with_later_articles() -> None:
    """Compare an article with all that the ledger holds, wherever it stands in the stream."""
    due = Ledger._due
    swap(Ledger, "_due", lambda self, offset: due(self, sys.maxsize))


def read_no_ledger() -> None:
    """Begin with an empty ledger."""
    swap(LedgerReader, "_apply", lambda self, ledger, records, settle_below: None)


def leave_the_end_of_the_ledger() -> None:
    """Begin with all but the latest hundred entries."""
    blocks = LedgerReader._blocks

    async def short(self: LedgerReader, tp: Any, end: int, size: int) -> AsyncIterator[list[Any]]:
        async for block in blocks(self, tp, end, size):
            yield [record for record in block if record.offset < end - 100]

    swap(LedgerReader, "_blocks", short)


def trust_snapshots_alone() -> None:
    """Go on with a snapshot as it is, without what was written since."""
    read = LedgerReader.read

    async def trusting(
        self: LedgerReader, partition: int, ledger: Ledger, start: int, end: int, committed: int | None = None
    ) -> None:
        if start == 0:
            await read(self, partition, ledger, start, end, committed)

    swap(LedgerReader, "read", trusting)


def need_every_snapshot() -> None:
    """End when a snapshot cannot be written."""
    failed = LedgerManager._failed

    def final(self: LedgerManager, partition: int, error: Exception) -> None:
        failed(self, partition, error)
        os._exit(1)

    swap(LedgerManager, "_failed", final)


def trust_old_ledgers() -> None:
    """Go on with a ledger when its partition comes back, without what others wrote to it meanwhile."""

    def trusting(self: LedgerManager, mine: Iterable[int] | None = None) -> None:
        self._mine.update(mine or ())

    swap(LedgerManager, "distrust", trusting)


def delete_nothing() -> None:
    """Keep what has left the window."""
    swap(Ledger, "expire", lambda self, committed: [])


def end_the_window_by_the_wall_clock() -> None:
    """Take an article for as old as it is now, not as it is beside the others."""
    advance = Ledger._advance
    swap(Ledger, "_advance", lambda self, offset, _: advance(self, offset, int(time.time() * 1000)))


def count_gaps_as_faust_does() -> None:
    """Take the message after a gap for part of the gap."""
    assert "_add_gap" in vars(Consumer)
    del Consumer._add_gap


def seek_as_faust_does() -> None:
    """Leave partitions without a commit where they are."""
    assert "perform_seek" in vars(Consumer)
    del Consumer.perform_seek


async def _let_it_flow(*_: object, **__: object) -> None:
    pass


def let_the_flow_go() -> None:
    """Let messages come in while a rebalance is under way."""
    swap(workers.stream.worker, "hold_flow", _let_it_flow)


def fight_for_the_static_id() -> None:
    """Take a static id back whenever another process has taken it."""
    assert "on_start" in vars(ConsumerThread)
    del ConsumerThread.on_start


def handle_no_signal() -> None:
    """Die of SIGTERM, amid whatever is at hand."""
    swap(Worker, "_install_signal_handlers_unix", lambda self: signal.signal(signal.SIGTERM, signal.SIG_DFL))


def have_no_watchdog() -> None:
    """Hang for ever."""
    swap(workers.stream.worker, "watch", lambda progress: None)


def refuse_without_limit() -> None:
    """Write any number of dead letters."""
    swap(DeadLetterLimit, "exceeded", False)


def send_whatever_its_size() -> None:
    """Send outputs that are larger than their topic takes."""
    swap(Runner, "_room", lambda self, output: sys.maxsize)


def keep_dead_letters_whole() -> None:
    """Write dead letters that are larger than their topic takes."""

    def whole(message: Message, stage: Stage, error: Exception, now: float, room: int) -> Output:
        return dead_letter(message, stage, error, now, sys.maxsize)

    swap(workers.stream.runner, "dead_letter", whole)


def refuse_slowly() -> None:
    """Take a moment over every message that is refused."""
    refused = Runner._refused

    def slowly(self: Runner, *arguments: Any) -> Result:
        time.sleep(0.02)
        return refused(self, *arguments)

    swap(Runner, "_refused", slowly)


def start_without_topics() -> None:
    """Start whatever the topics are."""
    swap(workers.kafka.topic_admin, "_drifts", lambda *_: [])


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
