"""Runs the selected drills a few at a time, and prints a table of their figures after the tests.

A drill mostly waits, so several run in parallel (``DRILL_AT_ONCE``, 3), each with its own Kafka.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.reliability.drills import report
from tests.reliability.drills.run import Figures, run
from tests.reliability.drills.table import FAKE_CLOCK, FAKETIME, Drill
from tests.reliability.harness.launch import may_mount

AT_ONCE = int(os.environ.get("DRILL_AT_ONCE") or 3)


def missing_requirement(drill: Drill) -> str | None:
    """What the drill needs and this machine lacks; None if it can run."""
    if drill.environment is FAKE_CLOCK and FAKETIME is None:
        return "libfaketime is not installed (Debian: apt-get install libfaketime)"
    if drill.disk_kib and not may_mount():
        return "this user cannot mount a private disk (user namespaces are off)"
    return None


@pytest.fixture(scope="session")
def pending_figures(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Future[Figures]]]:
    """The future figures of every selected drill, by title."""
    selected = [item.callspec.params.get("drill") for item in request.session.items if hasattr(item, "callspec")]
    pool = ThreadPoolExecutor(AT_ONCE)
    yield {
        drill.title: pool.submit(run, drill)
        for drill in selected
        if isinstance(drill, Drill) and not missing_requirement(drill)
    }
    pool.shutdown(cancel_futures=True)


@pytest.fixture
def figures_of(pending_figures: Mapping[str, Future[Figures]]) -> Callable[[Drill], Figures]:
    """A function that waits for a drill and returns its figures."""

    def wait(drill: Drill) -> Figures:
        if reason := missing_requirement(drill):
            pytest.skip(reason)
        return pending_figures[drill.title].result()

    return wait


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of results if any drill ran."""
    if report.ROWS:
        terminalreporter.section("reliability drills")
        terminalreporter.write_line(report.table(report.ROWS))
