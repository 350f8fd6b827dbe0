"""The watchdog: ends a worker that has messages but handles none, and prints the stack of every thread to stderr.

It runs in its own thread, because a hanging event loop cannot detect that it hangs. If native code holds the
interpreter lock, so that no Python thread runs, a timer of ``faulthandler`` ends the process instead. It needs no lock,
and the exit code is then 1.
"""

from __future__ import annotations

import faulthandler
import logging
import sys
import time
from collections.abc import Callable, Collection, Sequence
from threading import Thread, Timer
from typing import NoReturn

from faust.types import TP

from workers.errors import end_process
from workers.hooks import ConsumerState, WorkerHook
from workers.messages import Message, Result
from workers.outcomes import ExitCode

log = logging.getLogger(__name__)

REPORT_TIMEOUT = 10.0
"""Seconds for writing the stacks and the log. Then the process ends without them: stderr itself may hang."""


class Progress(WorkerHook):
    """A worker's progress: written by its event loop, judged by the watchdog.

    A worker stalls in one of two ways. Either messages wait (those of the current batch, or those that the broker is
    known to have) and nothing advances, or the event loop does not tick. A broker that does not answer stalls nothing:
    sending has its own timeouts.
    """

    def __init__(self, stall_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.stall_seconds = stall_seconds
        self._clock = clock
        self._in_batch = 0
        self._unread = 0
        self._advanced_at = clock()
        self._ticked_at = clock() + stall_seconds  # once more: joining the group waits for the batches of others
        self._paused = False

    def batch_started(self, messages: Sequence[Message]) -> None:
        """Note how many messages the batch has."""
        self._expect_work(len(messages), self._unread)

    def advanced(self) -> None:
        """Note that part of the work is done: of a batch, or of what must be read before it."""
        self._advanced_at = self._clock()

    def batch_finished(self, messages: Sequence[Message], results: Sequence[Result]) -> None:
        """Note that the batch is done."""
        self._in_batch = 0
        self.advanced()

    def backlog_reported(self, unread: int | None) -> None:
        """Note how many messages the broker has for this worker; None if it did not answer."""
        self._expect_work(self._in_batch, unread or 0)

    def partitions_assigned(self, partitions: Collection[TP]) -> None:
        """Note that the event loop is responsive."""
        self._ticked_at = self._clock()

    def loop_ticked(self, consumer: ConsumerState) -> None:
        """Note that the event loop is responsive."""
        self._ticked_at = self._clock()

    def paused(self) -> None:
        """Watch only the event loop from now on: the worker stopped consuming on purpose."""
        self._paused = True

    @property
    def idle_seconds(self) -> float:
        """Seconds since anything advanced."""
        return self._clock() - self._advanced_at

    def stall(self) -> str | None:
        """What is wrong, in a few words; None if nothing is."""
        if (silent := self._clock() - self._ticked_at) >= self.stall_seconds:
            return f"the event loop has not ticked for {silent:.0f} s"
        if (self._in_batch or self._unread) and not self._paused and self.idle_seconds >= self.stall_seconds:
            return (
                f"nothing was handled for {self.idle_seconds:.0f} s; "
                f"{self._in_batch} in the current batch, {self._unread} unread"
            )
        return None

    def _expect_work(self, in_batch: int, unread: int) -> None:
        if not (self._in_batch or self._unread):
            self._advanced_at = self._clock()  # until now nothing waited
        self._in_batch, self._unread = in_batch, unread


def exit_after(seconds: float) -> None:
    """Have ``faulthandler`` end the process after this time, unless this is called again before."""
    faulthandler.dump_traceback_later(seconds, exit=True)


def watch(
    progress: Progress,
    give_up: Callable[[str], None] | None = None,
    set_deadline: Callable[[float], None] = exit_after,
) -> None:
    """Return at once; from now on a stall ends the process (or calls ``give_up``, once).

    While nothing stalls, ``set_deadline`` is called with the seconds until the process ends if no Python thread runs.
    """
    interval = min(5.0, progress.stall_seconds / 20)

    def run() -> None:
        while (stall := progress.stall()) is None:
            set_deadline(progress.stall_seconds + 2 * interval)
            time.sleep(interval)
        (give_up or end_stalled)(stall)

    Thread(target=run, name="watchdog", daemon=True).start()


def end_stalled(stall: str) -> NoReturn:
    """End the process, after printing the stacks of all threads and a line in the log."""
    timer = Timer(REPORT_TIMEOUT, end_process, (ExitCode.STALLED,), {"flush": False})
    timer.daemon = True
    timer.start()
    faulthandler.dump_traceback(file=sys.stderr, all_threads=True)
    log.critical(
        "stalled; ending without acknowledging anything", extra={"stall": stall, "exit_code": ExitCode.STALLED}
    )
    end_process(ExitCode.STALLED)
