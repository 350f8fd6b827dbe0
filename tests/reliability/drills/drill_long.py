"""A long mixed run: many kills and every other fault over many articles, at seeded points of its progress.

``DRILL_ARTICLES`` (100,000), ``DRILL_KILLS`` (100) and ``DRILL_SEED`` (1) say how long.
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
from tests.reliability.drills.play import figures, settle
from tests.reliability.drills.report import note
from tests.reliability.drills.table import LANGUAGES, TWO_EACH
from tests.reliability.faults import FAULTS
from tests.reliability.faults.workers import kill_one
from tests.reliability.harness.scene import NO_MODEL, Scene, scene
from workers.outcomes import Stage
from workers.settings import Settings

pytestmark = [pytest.mark.broker, pytest.mark.slow]

ARTICLES = int(os.environ.get("DRILL_ARTICLES") or 100_000)
KILLS = int(os.environ.get("DRILL_KILLS") or 100)
SEED = int(os.environ.get("DRILL_SEED") or 1)
OTHERS = ("stop_longer_than_the_session", "kill_the_broker", "reset_connections", "black_hole", "restart_each_in_turn")
MOST_REPEATS = 0.05
"""The share of the messages that may come out more than once (held to on runs of full length)."""
TRICKLE = 25
"""Articles a second that are sent beside the backlog, so that there is always something to resume with."""
BETWEEN = 600.0
"""Seconds that the stream has from one fault to the next."""


def test_nothing_is_lost_in_a_long_run_of_mixed_faults() -> None:
    began, chance = time.monotonic(), random.Random(SEED)
    with scene(Settings(models=NO_MODEL), TWO_EACH, {}, proxied=True) as running:
        events: list[Callable[[], None]] = [partial(FAULTS[name], running, chance) for name in OTHERS]
        events += [partial(kill_one, running, chance.choice(list(Stage)), chance) for _ in range(KILLS)]
        chance.shuffle(events)
        marks = sorted(chance.uniform(0.02, 0.95) * ARTICLES for _ in events)
        workload = inputs(10 * ARTICLES, SEED, words=30, languages=LANGUAGES)
        running.crawler.publish(islice(workload, ARTICLES))
        with running.crawler.load(workload, TRICKLE):
            for mark, event in zip(marks, events, strict=True):
                running.await_that(partial(came_out, running, mark), BETWEEN, f"{mark:.0f} messages come out")
                event()
        verdict = settle(running, seconds=1800)
    running.figures["kill -9"] = str(KILLS)
    note(figures("long mixed run", running, verdict, time.monotonic() - began))
    if ARTICLES >= 1000 * KILLS:
        assert verdict.repeats <= MOST_REPEATS * verdict.inputs


def came_out(running: Scene, mark: float) -> bool:
    """Whether so many messages have come out."""
    return len(running.watch.arrived) >= mark
