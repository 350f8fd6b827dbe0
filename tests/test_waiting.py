"""Somebody at a terminal is told what a command does while it is silent."""

from __future__ import annotations

import io
import sys
import time

import pytest

from workers.waiting import told_of_waiting


@pytest.mark.parametrize(
    ("is_terminal", "seconds", "is_ended", "told"),
    [
        (True, 0.0, False, "Loading ...\n"),
        (True, 60.0, False, ""),
        (True, 0.2, True, ""),
        (False, 0.0, False, ""),
    ],
)
def test_a_long_wait_is_told_on_a_terminal(
    is_terminal: bool, seconds: float, is_ended: bool, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stderr = io.StringIO()
    monkeypatch.setattr(stderr, "isatty", lambda: is_terminal)
    monkeypatch.setattr(sys, "stderr", stderr)
    with told_of_waiting("Loading ...", seconds) as end:
        if is_ended:
            end()
        time.sleep(0.3)
    assert stderr.getvalue() == told
