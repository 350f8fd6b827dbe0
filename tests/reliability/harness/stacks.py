"""Where the threads and tasks of a worker are, for a drill in which it hangs."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

INNERMOST = 4
"""Calls shown of each thread and task."""
PREFIX = "where "
"""Starts each line."""


def print_on_signal() -> None:
    """Have SIGUSR1 print to stderr, in one line each, where the threads and tasks of this process are."""
    signal.signal(signal.SIGUSR1, lambda *_: sys.stderr.write("".join(f"{PREFIX}{line}\n" for line in _lines())))


def _lines() -> Iterator[str]:
    frames = sys._current_frames()
    for thread in threading.enumerate():
        yield f"thread {thread.name}: {_innermost(_called_by(frames.get(thread.ident or 0)))}"
    for task in [each for each in gc.get_objects() if isinstance(each, asyncio.Task) and not each.done()]:
        yield f"task: {_innermost(list(_awaited(task.get_coro()))[::-1])}"


def _called_by(frame: FrameType | None) -> Sequence[FrameType]:
    """The frame and its callers."""
    frames = []
    while frame:
        frames.append(frame)
        frame = frame.f_back
    return frames


def _awaited(awaitable: Any) -> Iterator[FrameType]:
    """The frames of a suspended coroutine and of what it awaits, outermost first."""
    while awaitable is not None:
        kind = next((prefix for prefix in ("cr", "gi", "ag") if hasattr(awaitable, f"{prefix}_frame")), None)
        if kind is None:
            return
        if frame := getattr(awaitable, f"{kind}_frame"):
            yield frame
        awaitable = getattr(awaitable, "gi_yieldfrom" if kind == "gi" else f"{kind}_await")


def _innermost(frames: Sequence[FrameType]) -> str:
    calls = (f"{each.f_code.co_name} ({Path(each.f_code.co_filename).name}:{each.f_lineno})" for each in frames)
    return " < ".join(list(calls)[:INNERMOST])
