"""A long mixed run: many kills and all kinds of other faults over many articles, at seeded points of its progress.

The variables ``DRILL_ARTICLES`` (100,000), ``DRILL_KILLS`` (100) and ``DRILL_SEED`` (1) set its size.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from functools import partial
from itertools import islice

import pytest

from tests.integration.articles import inputs
from tests.reliability.drills.report import note
from tests.reliability.drills.run import figures, finish_and_check
from tests.reliability.drills.table import LANGUAGES, TWO_EACH
from tests.reliability.faults import FAULTS
from tests.reliability.faults.workers import kill_one
from tests.reliability.harness.stream import NO_MODEL, DrillStream, drill_stream
from workers.outcomes import Stage
from workers.settings import Settings

pytestmark = [pytest.mark.broker, pytest.mark.process, pytest.mark.slow]

ARTICLES = int(os.environ.get("DRILL_ARTICLES") or 100_000)
KILLS = int(os.environ.get("DRILL_KILLS") or 100)
SEED = int(os.environ.get("DRILL_SEED") or 1)
OTHER_FAULTS = (
    "freeze_longer_than_the_session",
    "kill_broker",
    "reset_connections",
    "black_hole",
    "restart_each_in_turn",
)
MAX_REPEATS = 0.05
"""The share of messages that may come out more than once; checked only with 1,000 articles or more per kill."""
LOAD_RATE = 25
"""Articles per second on top of the backlog, so that output can always resume after a fault."""
FAULT_INTERVAL_TIMEOUT = 600.0
"""Seconds that the stream has to make progress from one fault to the next."""


def test_nothing_is_lost_in_a_long_run_of_mixed_faults() -> None:
    began, rng = time.monotonic(), random.Random(SEED)
    with drill_stream(Settings(models=NO_MODEL), TWO_EACH, {}, proxied=True) as stream:
        events: list[Callable[[], None]] = [partial(FAULTS[name], stream, rng) for name in OTHER_FAULTS]
        events += [partial(kill_one, stream, rng.choice(list(Stage)), rng) for _ in range(KILLS)]
        rng.shuffle(events)
        marks = sorted(rng.uniform(0.02, 0.95) * ARTICLES for _ in events)
        workload = inputs(10 * ARTICLES, SEED, words=30, languages=LANGUAGES)
        stream.crawler.publish(islice(workload, ARTICLES))
        with stream.crawler.load(workload, LOAD_RATE):
            for mark, event in zip(marks, events, strict=True):
                stream.wait_until(
                    partial(came_out, stream, mark), FAULT_INTERVAL_TIMEOUT, f"{mark:.0f} messages come out"
                )
                event()
        result = finish_and_check(stream, seconds=1800)
    stream.figures["kill -9"] = str(KILLS)
    note(figures("long mixed run", stream, result, time.monotonic() - began))
    if ARTICLES >= 1000 * KILLS:
        assert result.repeats <= MAX_REPEATS * result.inputs


def came_out(stream: DrillStream, mark: float) -> bool:
    """Whether at least ``mark`` messages have come out."""
    return len(stream.monitor.arrived) >= mark
