"""Keys end the live view."""

from __future__ import annotations

import os
import pty
import termios
from io import StringIO

import pytest

from workers.top import keys


def test_q_ends_the_waiting_and_the_terminal_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    with os.fdopen(master, "wb", buffering=0) as keyboard, os.fdopen(slave) as terminal:
        monkeypatch.setattr("sys.stdin", terminal)
        with keys.listening() as wait:
            keyboard.write(b"x")
            assert not wait(0.05)
            keyboard.write(b"xq")
            assert wait(5)
        assert termios.tcgetattr(slave) == before


def test_without_a_terminal_nobody_presses_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("q"))
    with keys.listening() as wait:
        assert not wait(0.01)
