"""One trial: runs a target with an input, and measures its time and its fault."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MAX_SECONDS = 1.0
"""The processor time that an input may take."""

_HERE = str(Path(__file__).parents[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What to run with bytes: whatever they are, ``check`` may raise only ``allowed``.

    ``weight`` is the target's share of all inputs, ``max_bytes`` the length of its longest input.
    """

    name: str
    check: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]
    allowed: tuple[type[Exception], ...] = ()
    weight: float = 1.0
    max_bytes: int = 4_000


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of an input; ``fault`` is None without a fault, and equal for inputs that fail in one place."""

    seconds: float
    fault: str | None


def attempt(target: Target, data: bytes, max_seconds: float = MAX_SECONDS) -> Trial:
    """Run a target with an input; a slow one runs twice, because the first run may have loaded something."""
    first = _once(target, data, max_seconds)
    return first if first.fault != "slow" else _once(target, data, max_seconds)


def _once(target: Target, data: bytes, max_seconds: float) -> Trial:
    fault = None
    start = time.process_time()
    try:
        target.check(data)
    except target.allowed:
        pass
    except Exception as error:  # noqa: BLE001 -- any exception is a fault
        fault = _place(error)
    seconds = time.process_time() - start
    return Trial(seconds, "slow" if fault is None and seconds > max_seconds else fault)


def _place(error: Exception) -> str:
    """Return the type of the error and the innermost of our own lines that it passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(_HERE) and "site-packages" not in frame.filename]
    last = ours[-1]
    return f"{type(error).__name__} at {Path(last.filename).relative_to(_HERE)}:{last.lineno}: {str(error)[:200]}"
