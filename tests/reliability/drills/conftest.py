"""Runs the drills that were asked for a few at a time, and prints the table of what was measured after the tests.

A drill mostly waits, so several run at a time (``DRILL_AT_ONCE``, 3), each on a Kafka of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.reliability.drills import report
from tests.reliability.drills.play import Figures, run
from tests.reliability.drills.table import FAKETIME, TWISTED, Drill
from tests.reliability.harness.launch import may_mount

AT_ONCE = int(os.environ.get("DRILL_AT_ONCE") or 3)


def missing(drill: Drill) -> str | None:
    """What the drill needs and is not there."""
    if drill.environment is TWISTED and FAKETIME is None:
        return "libfaketime is not installed (Debian: apt-get install libfaketime)"
    if drill.disk and not may_mount():
        return "this user may not mount a disk of its own (user namespaces are off)"
    return None


@pytest.fixture(scope="session")
def running(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Future[Figures]]]:
    """The figures to come of every drill that was asked for, by its title."""
    asked = [item.callspec.params.get("drill") for item in request.session.items if hasattr(item, "callspec")]
    pool = ThreadPoolExecutor(AT_ONCE)
    yield {drill.title: pool.submit(run, drill) for drill in asked if isinstance(drill, Drill) and not missing(drill)}
    pool.shutdown(cancel_futures=True)


@pytest.fixture
def play_out(running: Mapping[str, Future[Figures]]) -> Callable[[Drill], Figures]:
    """Gives the figures of a drill once it is over."""

    def wait(drill: Drill) -> Figures:
        if why := missing(drill):
            pytest.skip(why)
        return running[drill.title].result()

    return wait


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the table of results, if a drill was run."""
    if report.ROWS:
        terminalreporter.section("reliability drills")
        terminalreporter.write_line(report.table(report.ROWS))
