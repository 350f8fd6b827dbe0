"""How long work takes, whatever else the machine does meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable

ROUNDS = 3


def seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The processor time of the work, the least of some rounds: the first may load a model, any may be disturbed."""

    def once() -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    return min(once() for _ in range(rounds))
