"""Tells somebody at a terminal what a command is doing while it has nothing to show yet."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

SILENCE_SECONDS = 1.0
"""Seconds of silence after which a line is printed."""


@contextmanager
def told_of_waiting(line: str, seconds: float = SILENCE_SECONDS) -> Iterator[Callable[[], None]]:
    """A block that prints the line if it takes long and stderr is a terminal. Call what it gives to end the wait."""
    timer = Timer(seconds, lambda: print(line, file=sys.stderr))  # noqa: T201 -- click is not loaded everywhere
    timer.daemon = True
    if sys.stderr and sys.stderr.isatty():
        timer.start()
    try:
        yield timer.cancel
    finally:
        timer.cancel()
