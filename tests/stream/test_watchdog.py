"""When the watchdog reports a stall, with a fake clock."""

from __future__ import annotations

import time
from threading import Event

import pytest

from tests.fakes import NO_CONSUMER
from workers.messages import Message
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


def tick(progress: Progress) -> None:
    progress.loop_ticked(NO_CONSUMER)


def advance(clock: Clock, progress: Progress, seconds: float) -> None:
    """Advance the clock; the event loop stays responsive."""
    clock.now += seconds
    tick(progress)


def start_batch(progress: Progress, size: int) -> None:
    progress.batch_started([Message("news-raw", 0, offset, 0, b"") for offset in range(size)])


def test_a_batch_that_is_not_handled_is_a_stall(clock: Clock, progress: Progress) -> None:
    advance(clock, progress, 10_000)
    start_batch(progress, 7)
    advance(clock, progress, 299)
    assert progress.stall() is None
    advance(clock, progress, 1)
    assert progress.stall() == "nothing was handled for 300 s; 7 in the current batch, 0 unread"
    progress.batch_finished([], [])
    assert progress.stall() is None


def test_unread_messages_at_the_broker_are_a_stall(clock: Clock, progress: Progress) -> None:
    for _ in range(5):
        progress.backlog_reported(12)
        advance(clock, progress, 75)
    assert progress.stall() == "nothing was handled for 375 s; 0 in the current batch, 12 unread"


def test_a_worker_that_advances_is_not_stalled(clock: Clock, progress: Progress) -> None:
    start_batch(progress, 1)
    for _ in range(100):
        advance(clock, progress, 250)
        progress.advanced()
        assert progress.stall() is None
    advance(clock, progress, 300)
    assert progress.stall()


def test_an_idle_worker_is_never_stalled(clock: Clock, progress: Progress) -> None:
    start_batch(progress, 1)
    progress.batch_finished([], [])
    for _ in range(100):
        progress.backlog_reported(0)
        advance(clock, progress, 250)
        assert progress.stall() is None


def test_a_stall_is_counted_from_when_messages_began_to_wait(clock: Clock, progress: Progress) -> None:
    advance(clock, progress, 10_000)
    progress.backlog_reported(5)
    assert progress.stall() is None
    advance(clock, progress, 299)
    assert progress.stall() is None


def test_an_absent_broker_is_not_a_stall(clock: Clock, progress: Progress) -> None:
    progress.backlog_reported(5)
    advance(clock, progress, 200)
    progress.backlog_reported(None)
    advance(clock, progress, 10_000)
    assert progress.stall() is None
    progress.backlog_reported(5)
    advance(clock, progress, 299)
    assert progress.stall() is None


def test_a_hanging_event_loop_is_a_stall_even_without_messages(clock: Clock, progress: Progress) -> None:
    advance(clock, progress, 0)
    clock.now += 300
    assert progress.stall() == "the event loop has not ticked for 300 s"


def test_only_a_start_that_takes_twice_as_long_is_a_stall(clock: Clock, progress: Progress) -> None:
    clock.now += 599
    assert progress.stall() is None
    clock.now += 1
    assert progress.stall()


def test_only_the_event_loop_of_a_paused_worker_is_watched(clock: Clock, progress: Progress) -> None:
    progress.backlog_reported(5)
    progress.paused()
    advance(clock, progress, 10_000)
    assert progress.stall() is None
    clock.now += 300
    assert progress.stall()


def test_the_watchdog_reports_a_stall_once() -> None:
    deadlines: list[float] = []
    stalls: list[str] = []
    done = Event()

    def give_up(stall: str) -> None:
        stalls.append(stall)
        done.set()

    progress = Progress(0.2)
    tick(progress)
    watch(progress, give_up, deadlines.append)
    assert done.wait(10)
    time.sleep(0.1)
    assert len(stalls) == 1
    assert "the event loop has not ticked" in stalls[0]
    assert min(deadlines) > 0.2  # faulthandler's timer must fire only after the watchdog's thread


def test_the_watchdog_reports_nothing_while_the_loop_ticks() -> None:
    done = Event()
    clock = Clock()
    progress = Progress(0.5, clock)
    watch(progress, lambda stall: done.set(), lambda seconds: None)
    for _ in range(20):
        clock.now += 0.4
        tick(progress)
        assert not done.wait(0.05)
    clock.now += 0.6
    assert done.wait(10)  # the watchdog was running all along
