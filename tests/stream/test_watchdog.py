"""The watchdog's judgement, by a clock of the test's own."""

from __future__ import annotations

import faulthandler
import time
from threading import Event

import pytest

from workers.stream.watchdog import Progress, watch


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def progress(clock: Clock) -> Progress:
    return Progress(300, clock)


def passes(clock: Clock, progress: Progress, seconds: float) -> None:
    """Time passes, and the event loop turns."""
    clock.now += seconds
    progress.loop_ticked()


def test_a_batch_that_is_not_handled_is_a_stall(clock: Clock, progress: Progress) -> None:
    passes(clock, progress, 10_000)
    progress.batch_started(7)
    passes(clock, progress, 299)
    assert progress.stall() is None
    passes(clock, progress, 1)
    assert progress.stall() == "nothing was handled for 300 s; 7 at hand, 0 unread"
    progress.batch_finished()
    assert progress.stall() is None


def test_messages_that_the_broker_has_and_nobody_reads_are_a_stall(clock: Clock, progress: Progress) -> None:
    for _ in range(5):
        progress.backlog_reported(12)
        passes(clock, progress, 75)
    assert progress.stall() == "nothing was handled for 375 s; 0 at hand, 12 unread"


def test_entries_that_come_are_progress_for_as_long_as_they_come(clock: Clock, progress: Progress) -> None:
    progress.batch_started(1)
    for _ in range(100):
        passes(clock, progress, 250)
        progress.advanced()
        assert progress.stall() is None
    passes(clock, progress, 300)
    assert progress.stall()


def test_an_idle_worker_is_never_stalled(clock: Clock, progress: Progress) -> None:
    progress.batch_started(1)
    progress.batch_finished()
    for _ in range(100):
        progress.backlog_reported(0)
        passes(clock, progress, 250)
        assert progress.stall() is None


def test_messages_that_come_after_a_long_idleness_have_not_waited_for_long(clock: Clock, progress: Progress) -> None:
    passes(clock, progress, 10_000)
    progress.backlog_reported(5)
    assert progress.stall() is None
    passes(clock, progress, 299)
    assert progress.stall() is None


def test_a_broker_that_is_away_lets_nothing_wait(clock: Clock, progress: Progress) -> None:
    progress.backlog_reported(5)
    passes(clock, progress, 200)
    progress.backlog_reported(None)
    passes(clock, progress, 10_000)
    assert progress.stall() is None
    progress.backlog_reported(5)
    passes(clock, progress, 299)
    assert progress.stall() is None


def test_an_event_loop_that_hangs_is_a_stall_whatever_waits(clock: Clock, progress: Progress) -> None:
    passes(clock, progress, 0)
    clock.now += 300
    assert progress.stall() == "the event loop has not come round for 300 s"


def test_a_start_that_takes_its_time_is_no_stall(clock: Clock, progress: Progress) -> None:
    clock.now += 10_000
    assert progress.stall() is None


def test_a_worker_that_halted_waits_on_purpose_but_its_loop_must_turn(clock: Clock, progress: Progress) -> None:
    progress.backlog_reported(5)
    progress.paused()
    passes(clock, progress, 10_000)
    assert progress.stall() is None
    clock.now += 300
    assert progress.stall()


def test_the_thread_tells_of_a_stall_once(monkeypatch: pytest.MonkeyPatch) -> None:
    armed: list[float] = []
    monkeypatch.setattr(faulthandler, "dump_traceback_later", lambda seconds, exit: armed.append(seconds))
    told: list[str] = []
    done = Event()

    def give_up(stall: str) -> None:
        told.append(stall)
        done.set()

    progress = Progress(0.2)
    progress.loop_ticked()
    watch(progress, give_up)
    assert done.wait(10)
    time.sleep(0.1)
    assert len(told) == 1
    assert "the event loop has not come round" in told[0]
    assert min(armed) > 0.2  # the timer that needs no thread of Python's comes after the thread


def test_the_thread_lets_a_loop_that_turns_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faulthandler, "dump_traceback_later", lambda seconds, exit: None)
    done = Event()
    clock = Clock()
    progress = Progress(0.5, clock)
    watch(progress, lambda stall: done.set())
    for _ in range(20):
        clock.now += 0.4
        progress.loop_ticked()
        assert not done.wait(0.05)
    clock.now += 0.6
    assert done.wait(10)  # and it was not asleep
