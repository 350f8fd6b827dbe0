"""The watchdog: ends a worker that has messages to handle and handles none, with every thread's stack on stderr.

It lives in a thread of its own, since an event loop that hangs cannot notice that it does. Where code holds the
interpreter's lock, so that no thread of Python's runs, a timer of ``faulthandler``, which needs none, takes its place;
the exit code is then 1.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import time
from collections.abc import Callable
from threading import Thread, Timer
from typing import NoReturn

from workers.errors import end_process
from workers.outcomes import ExitCode

log = logging.getLogger(__name__)

LAST_WORDS = 10.0
"""Seconds for the stacks and the log; then the process ends without, for stderr may be what hangs."""


class Progress:
    """What is known of a worker's progress: written by its event loop, judged by the watchdog.

    A stall is one of two: messages wait (those at hand, or those that the broker is known to have) and nothing moves;
    or the event loop, once it has begun to turn, does not come round. A broker that does not answer lets nothing wait:
    what is sent has timeouts of its own.
    """

    def __init__(self, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.patience = patience
        self._clock = clock
        self._at_hand = 0
        self._unread = 0
        self._moved = clock()
        self._turned: float | None = None  # joining the group may take minutes, and comes before
        self._resting = False

    def batch_started(self, messages: int) -> None:
        """A batch is at hand."""
        self._waits(messages, self._unread)

    def advanced(self) -> None:
        """Part of the work is done, of a batch or of what must be read before it."""
        self._moved = self._clock()

    def batch_finished(self) -> None:
        """The batch is done."""
        self._at_hand = 0
        self.advanced()

    def backlog_reported(self, unread: int | None) -> None:
        """The broker says how many messages it has for this worker; None: it does not say."""
        self._waits(self._at_hand, unread or 0)

    def loop_ticked(self) -> None:
        """The event loop has come round."""
        self._turned = self._clock()

    def paused(self) -> None:
        """The worker has stopped consuming on purpose: from now on, only the event loop is watched."""
        self._resting = True

    @property
    def quiet(self) -> float:
        """Seconds since something moved."""
        return self._clock() - self._moved

    def stall(self) -> str | None:
        """What is wrong, in a few words; None if nothing is."""
        if self._turned is not None and (silent := self._clock() - self._turned) >= self.patience:
            return f"the event loop has not come round for {silent:.0f} s"
        if (self._at_hand or self._unread) and not self._resting and self.quiet >= self.patience:
            return f"nothing was handled for {self.quiet:.0f} s; {self._at_hand} at hand, {self._unread} unread"
        return None

    def _waits(self, at_hand: int, unread: int) -> None:
        if not (self._at_hand or self._unread):
            self._moved = self._clock()  # what did not wait until now has not waited for long
        self._at_hand, self._unread = at_hand, unread


def watch(progress: Progress, give_up: Callable[[str], None] | None = None) -> None:
    """Return at once; from now on a stall ends the process (or is told to ``give_up``, once)."""
    tick = min(5.0, progress.patience / 20)

    def run() -> None:
        while (stall := progress.stall()) is None:
            faulthandler.dump_traceback_later(progress.patience + 2 * tick, exit=True)
            time.sleep(tick)
        (give_up or end_stalled)(stall)

    Thread(target=run, name="watchdog", daemon=True).start()


def end_stalled(stall: str) -> NoReturn:
    """End the process, after the stacks of all its threads and a line in the log."""
    last = Timer(LAST_WORDS, os._exit, (ExitCode.STALLED,))
    last.daemon = True
    last.start()
    faulthandler.dump_traceback(file=sys.stderr, all_threads=True)
    log.critical(
        "stalled; ending without acknowledging anything", extra={"stall": stall, "exit_code": ExitCode.STALLED}
    )
    end_process(ExitCode.STALLED)
