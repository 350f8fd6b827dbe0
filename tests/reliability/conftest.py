"""Prints the table of what was measured after the tests."""

from __future__ import annotations

import pytest

from tests.reliability import report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the table of results, if a drill was run."""
    if report.ROWS:
        terminalreporter.section("reliability drills")
        terminalreporter.write_line(report.table(report.ROWS))
