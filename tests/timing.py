"""Measures the processor time of work, whatever else the machine is doing."""

from __future__ import annotations

import time
from collections.abc import Callable

ROUNDS = 3


def seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The least processor seconds of several rounds: the first may load a model, and any may be disturbed."""

    def once() -> float:
        started = time.process_time()
        work()
        return time.process_time() - started

    return min(once() for _ in range(rounds))
