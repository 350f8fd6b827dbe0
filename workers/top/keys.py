"""Waits for a key on a terminal, without the user having to press return."""

from __future__ import annotations

import os
import select
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Waiter(Protocol):
    """Waits."""

    def __call__(self, seconds: float) -> bool:
        """Wait so long, or until q is pressed; return whether it was."""
        ...


def sleep(seconds: float) -> bool:
    """Wait so long; nobody presses a key."""
    time.sleep(seconds)
    return False


@contextmanager
def listening() -> Iterator[Waiter]:
    """In the block, the terminal gives each key at once, without showing it; outside of one, nobody presses any."""
    if not sys.stdin.isatty():
        yield sleep
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)

    def wait(seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if select.select([descriptor], [], [], left)[0]:
                typed = os.read(descriptor, 64)
                if not typed or b"q" in typed.lower():
                    return True
        return False

    try:
        tty.setcbreak(descriptor)
        yield wait
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
