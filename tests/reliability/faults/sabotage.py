"""Sabotage: each function disables one safeguard in the workers of this process. One table, ``SABOTAGES``, lists them.

A drill must find each of them (``mutants.py`` says which). Otherwise nothing shows that the safeguard is needed.
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
from workers.stream import faust_app
from workers.stream.delivery import Failure
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


def fail_every_commit() -> None:
    """Let every commit fail."""

    async def refused(*_: object) -> bool:
        return False

    replace_at("commit offsets", lambda commit: refused)


def drop_the_second_reference() -> None:
    """Do not hold back Faust's own acknowledgement, which it does in a ``finally``."""

    def unheld(run_batch: Any) -> Any:
        async def run(worker: Any, events: Sequence[Any]) -> None:
            for event in events:
                event.message.refcount -= 1
            await run_batch(worker, events)

        return run

    replace_at("run batch", unheld)


def leave_failures_to_faust() -> None:
    """Raise the error of a failed batch instead of ending the process: Faust acknowledges the batch and goes on."""

    def reraise(worker: object, code: int) -> None:
        error = sys.exc_info()[1]
        assert error
        raise error

    drop_the_second_reference()
    replace_at("end after failure", lambda fail: reraise)


def ignore_failed_deliveries() -> None:
    """Acknowledge a batch even if the broker rejected its outputs."""

    def careless(deliver: Any) -> Any:
        async def delivered(runner: object, outgoing: Sequence[Any]) -> list[Any]:
            with suppress(Exception):
                await deliver(runner, outgoing)
            return []

        return delivered

    replace_at("deliver outputs", careless)


def skip_waiting_for_deliveries() -> None:
    """Acknowledge a batch once its outputs are in the producer's buffer."""

    async def hasty(runner: Any, outgoing: Sequence[Any]) -> list[Any]:
        for sending in outgoing:
            await runner.send(sending.output)
        return []

    replace_at("deliver outputs", lambda deliver: hasty)


def write_no_ledger_entries() -> None:
    """Send no ledger entries."""

    def forgetful(send: Any) -> Any:
        async def sent(sender: object, output: Any) -> Awaitable[object]:
            if output.topic == LEDGER:
                return asyncio.sleep(0)
            acknowledgement: Awaitable[object] = await send(sender, output)
            return acknowledgement

        return sent

    replace_at("send output", forgetful)


def judge_redelivered_articles_again() -> None:
    """Judge a redelivered message instead of repeating its verdict: it may become a copy of itself."""

    def naive(decide: Any) -> Any:
        def decided(ledger: Any, article: Any, *place: int) -> Any:
            ledger.forget(entry_key(article.origin))
            return decide(ledger, article, *place)

        return decided

    replace_at("judge article", naive)


def compare_with_later_articles() -> None:
    """Compare an article with every entry of the ledger, also with later ones."""
    replace_at("find entries to index", lambda find: lambda ledger, offset: find(ledger, sys.maxsize))


def recover_no_ledger() -> None:
    """Start with an empty ledger."""
    replace_at("apply ledger records", lambda apply: lambda *_: None)


def skip_the_end_of_the_ledger() -> None:
    """Read back all ledger entries except the last hundred."""

    def short(read_blocks: Any) -> Any:
        async def blocks(reader: object, tp: Any, end: int, *arguments: Any) -> AsyncIterator[list[Any]]:
            async for block in read_blocks(reader, tp, end, *arguments):
                yield [record for record in block if record.offset < end - 100]

        return blocks

    replace_at("read ledger blocks", short)


def load_only_the_snapshot() -> None:
    """Start from a snapshot without the entries written since."""

    def trusting(read: Any) -> Any:
        async def from_the_start_only(
            reader: object, partition: int, ledger: object, start: int, *more: object
        ) -> None:
            if start == 0:
                await read(reader, partition, ledger, start, *more)

        return from_the_start_only

    replace_at("read ledger", trusting)


def exit_when_a_snapshot_fails() -> None:
    """Exit when a snapshot cannot be written."""

    def fatal(snapshot_failed: Any) -> Any:
        def ended(manager: object, partition: int, error: Exception) -> None:
            snapshot_failed(manager, partition, error)
            os._exit(1)

        return ended

    replace_at("snapshot failed", fatal)


def reuse_stale_ledgers() -> None:
    """Reuse a ledger when its partition returns, without the entries that other workers wrote in between."""

    def trusting(manager: Any, assigned: Any = None) -> None:
        manager.assigned |= set(assigned or ())

    replace_at("invalidate ledgers", lambda invalidate: trusting)


def keep_expired_entries() -> None:
    """Keep entries that have left the window."""
    replace_at("expire entries", lambda expire: lambda ledger, committed: [])


def forget_at_the_end_of_the_window() -> None:
    """Forget a verdict as soon as its article has left the window."""
    replace_at("start of memory", lambda start: lambda ledger: ledger._committed_watermark - ledger._window_ms)


def compare_late_articles() -> None:
    """Compare an article that is older than the window with those within it, which came before it but are later."""
    replace_at("judge new article", lambda judge: lambda ledger, *article: ledger._judge_new.judge(*article))


def use_the_wall_clock() -> None:
    """End the window at the current time, not at the latest message time."""
    replace_at(
        "advance window", lambda advance: lambda ledger, offset, _: advance(ledger, offset, int(time.time() * 1000))
    )


def commit_only_messages() -> None:
    """Do not commit past offsets without a message until a message follows, as Faust does."""

    def noted(note: Any) -> Any:
        def messages_only(consumer: object, fetched: Any) -> None:
            fetched.positions = {tp: records[-1].offset + 1 for tp, records in fetched.items()}
            note(consumer, fetched)

        return messages_only

    replace_at("note fetched offsets", noted)


def commit_what_was_fetched() -> None:
    """Commit up to where the fetches are, whether or not the messages are handled."""

    def noted(note: Any) -> Any:
        def positions_only(consumer: object, fetched: Any) -> None:
            note(consumer, type(fetched)({}, fetched.positions))

        return positions_only

    replace_at("note fetched offsets", noted)


def read_uncommitted() -> None:
    """Read what transactions wrote, whether or not they are committed."""
    remove_at("read committed")


def decompress_nothing() -> None:
    """Skip every compressed batch."""

    def fail(*_: object) -> None:
        raise ValueError("no codec is installed")

    replace_at("decompress", lambda decompress: fail)


def end_at_bad_records() -> None:
    """Raise at a record that aiokafka cannot parse, as it does."""

    def fail(*_: object) -> None:
        raise ValueError("a record cannot be parsed")

    replace_at("parse bad records", lambda parse: fail)


def unpack_every_header() -> None:
    """Let aiokafka make objects of the headers of a record, however many there are."""
    replace_at("bound headers", lambda count: lambda batch, start: 0)


def only_count_records() -> None:
    """Unpack as many records at a time as aiokafka does, whatever their size."""
    remove_at("bound unpacked records")


def reset_silently() -> None:
    """Do not report offsets that the broker deleted before they were read."""
    replace_at("report out of range", lambda report: lambda *_: None)


def look_for_no_new_partitions() -> None:
    """Ask the broker for the partitions of a topic once, and then no more for an hour."""
    faust_app.METADATA_MAX_AGE_MS = 3_600_000


def log_every_repetition() -> None:
    """Log every message of a library, however often it is repeated."""
    replace_at("suppress repeats", lambda suppress: lambda *_: True)


def seek_as_faust_does() -> None:
    """Do not seek to the start of partitions without a commit."""

    async def sought_nothing(consumer: object) -> dict[object, int]:
        return {}

    replace_at("seek to start", lambda seek: sought_nothing)


def keep_consuming_while_rebalancing() -> None:
    """Let messages arrive during a rebalance."""
    replace_at("pause until rebalanced", lambda pause: lambda worker: None)


def reclaim_the_static_id() -> None:
    """Take a static id back whenever another process takes it."""
    replace_at("watch static id", lambda watch: lambda thread: None)


def install_no_signal_handlers() -> None:
    """Let SIGTERM kill the process at once, in the middle of a batch."""
    replace_at("handle signals", lambda install: lambda worker: signal.signal(signal.SIGTERM, signal.SIG_DFL))


def disable_the_watchdog() -> None:
    """Start no watchdog: a stalled worker stays up."""
    replace_at("start watchdog", lambda start: lambda progress: None)


def overlook_what_ends_the_reading() -> None:
    """Stay up when aiokafka has stopped fetching or has left the group."""
    replace_at("watch reading", lambda watch: lambda thread: None)


def ignore_crash_marks() -> None:
    """Start as if no worker had ended before."""
    replace_at("find crash mark", lambda found: lambda guard, first, metadata: found(guard, first, ""))


def disable_the_dead_letter_limit() -> None:
    """Never halt, however many messages are refused."""
    replace_at("dead letter limit", lambda is_exceeded: lambda limit: False)


def ignore_the_topic_size_limit() -> None:
    """Send outputs that exceed the size limit of their topic."""
    replace_at("topic size limit", lambda max_bytes: lambda runner, topic: sys.maxsize)


def ignore_the_dead_letter_size_limit() -> None:
    """Write dead letters that exceed the size limit of their topic."""
    replace_at("dead letter size limit", lambda max_bytes: lambda runner: sys.maxsize)


def delay_each_refusal() -> None:
    """Add 50 ms to every refusal: more than an article takes on a busy machine."""

    def slow(refuse: Any) -> Any:
        def refused(runner: object, *arguments: object) -> object:
            time.sleep(0.05)
            return refuse(runner, *arguments)

        return refused

    replace_at("refuse message", slow)


def end_on_a_stray_record() -> None:
    """Let a stray record of the ledger topic end the worker."""

    def fatal(reader: object, partition: int, offset: int, error: Exception) -> None:
        raise error

    replace_at("skip stray record", lambda skip: fatal)


def trust_every_message_time() -> None:
    """Believe the time of every raw message, also one that is far ahead."""
    replace_at("message time", lambda time: property(lambda message: message.raw_time or message.written))


def end_on_a_refused_output() -> None:
    """Take an output that the broker refuses for good as a failure of the broker."""
    replace_at(
        "classify failure",
        lambda classify: lambda error: Failure.PERMANENT if classify(error) is Failure.REFUSED else classify(error),
    )


def skip_the_topic_check() -> None:
    """Start even if topics are missing or have the wrong partition count."""
    replace_at("find topic drift", lambda find: lambda *_: [])


def skip_the_language_check() -> None:
    """Start even if the ledger was written for other languages."""
    replace_at("find language drift", lambda find: lambda *_: [])


def restart_no_broker() -> None:
    """Start no embedded Kafka again that has died."""
    replace_at("restart Kafka", lambda restart: lambda supervisor: None)


def report_no_outage() -> None:
    """Count the broker as up whether it answers or not."""
    replace_at("report broker", lambda report: lambda probe, is_up: report(probe, True))


def outlive_the_parent() -> None:
    """Let a worker run on when the supervisor is killed."""
    replace_at("end with parent", lambda end: lambda: None)


SABOTAGES: dict[str, Callable[[], None]] = {
    sabotage.__name__.replace("_", " ").replace("faust", "Faust"): sabotage
    for sabotage in (
        acknowledge_early, fail_every_commit, drop_the_second_reference, leave_failures_to_faust,
        ignore_failed_deliveries, skip_waiting_for_deliveries, write_no_ledger_entries,
        judge_redelivered_articles_again, compare_with_later_articles, recover_no_ledger, reuse_stale_ledgers,
        skip_the_end_of_the_ledger, load_only_the_snapshot, exit_when_a_snapshot_fails, keep_expired_entries,
        forget_at_the_end_of_the_window, compare_late_articles,
        use_the_wall_clock, commit_only_messages, commit_what_was_fetched, read_uncommitted, decompress_nothing,
        end_at_bad_records, unpack_every_header, only_count_records, reset_silently,
        look_for_no_new_partitions, log_every_repetition, seek_as_faust_does,
        keep_consuming_while_rebalancing, reclaim_the_static_id,
        install_no_signal_handlers, disable_the_watchdog, overlook_what_ends_the_reading,
        disable_the_dead_letter_limit, ignore_crash_marks,
        delay_each_refusal, ignore_the_topic_size_limit, ignore_the_dead_letter_size_limit, end_on_a_stray_record,
        trust_every_message_time, end_on_a_refused_output, skip_the_topic_check, skip_the_language_check,
        restart_no_broker, outlive_the_parent, report_no_outage,
    )
}  # fmt: skip
