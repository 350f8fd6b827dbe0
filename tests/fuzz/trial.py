"""One trial: an input, how long it took and what was wrong."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LONGEST = 1.0
"""Seconds of processor time that an input may take."""

_HERE = str(Path(__file__).parents[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is tried with bytes: ``check`` raises nothing but ``allowed``, whatever they are.

    ``weight`` is its part of all inputs, ``most`` the longest input in bytes.
    """

    name: str
    check: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]
    allowed: tuple[type[Exception], ...] = ()
    weight: float = 1.0
    most: int = 4_000


@dataclass(frozen=True, slots=True)
class Trial:
    """How an input fared; ``fault`` is None where all was well, and alike for inputs that fail in one place."""

    seconds: float
    fault: str | None


def attempt(target: Target, data: bytes) -> Trial:
    """The trial of an input. What is slow gets a second chance, for it may have been the first to load something."""
    first = _once(target, data)
    return first if first.fault != "slow" else _once(target, data)


def _once(target: Target, data: bytes) -> Trial:
    fault = None
    start = time.process_time()
    try:
        target.check(data)
    except target.allowed:
        pass
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is what we look for
        fault = _place(error)
    seconds = time.process_time() - start
    return Trial(seconds, "slow" if fault is None and seconds > LONGEST else fault)


def _place(error: Exception) -> str:
    """The kind of the error and the innermost line of ours that it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(_HERE) and "site-packages" not in frame.filename]
    last = ours[-1]
    return f"{type(error).__name__} at {Path(last.filename).relative_to(_HERE)}:{last.lineno}: {str(error)[:200]}"
