"""A soak: many windows' worth of articles at full speed, after which no worker has grown and no verdict is wrong.

``DRILL_WINDOWS`` (28) says how many. Windows go by the messages' own times, so a day of them passes in minutes.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, linear_regression

import pytest

from tests.integration.articles import Input, inputs
from tests.reliability.checker.checker import examine
from tests.reliability.checker.history import History
from tests.reliability.drills.play import Broken, figures
from tests.reliability.drills.report import note
from tests.reliability.drills.table import LANGUAGES
from tests.reliability.drills.table import SETTINGS as USUAL
from tests.reliability.harness.scene import Scene, scene
from workers.outcomes import Stage
from workers.stages import STAGES
from workers.topics import HOUR, LEDGER

pytestmark = [pytest.mark.broker, pytest.mark.slow]

WINDOWS = int(os.environ.get("DRILL_WINDOWS") or 28)
EACH = 2_000
"""Articles in a window."""
ROLES = (Stage.CLEAN, Stage.DEDUPE)
"""Enrich remembers nothing and is ten times slower."""
LAST = 15
"""The windows over which nothing may grow: before, caches and the allocator's pools fill, clean's for ten windows."""
GROWTH = 0.005
"""The share of its memory by which a worker may grow from window to window: a ledger that let nothing go would grow
by twice as much."""
SECONDS = 900
"""Seconds that all of it may take."""
SETTINGS = dataclasses.replace(USUAL, window_hours=1, partitions=2)


@dataclass(frozen=True, slots=True)
class Size:
    """How much memory a worker has, and how many messages it has committed."""

    stage: str
    committed: int
    bytes: int


def test_no_worker_grows_from_window_to_window() -> None:
    soak()


def soak(windows: int = WINDOWS, sabotage: str = "") -> None:
    """Play the soak over so many windows.

    Raises:
        AssertionError: a worker grows, the ledger does, or a promise is broken.
    """
    began = time.monotonic()
    with scene(SETTINGS, ROLES, {"DRILL_SABOTAGE": sabotage}) as running:
        running.crawler.publish_at(articles(windows))
        sizes = list(watched(running))
        running.await_commits(60)
        history = running.end()
    growth = {stage: growth_of([size for size in sizes if size.stage is stage], windows) for stage in ROLES}
    for stage, (mean, share) in growth.items():
        running.figures[f"{stage} memory"] = f"{mean / 2**20:.0f} MB, {share:+.2%} a window"
    kept = entries_kept(history)
    running.figures["entries kept"] = f"{kept:,} of {len(history.sent):,}, {EACH:,} a window"
    assert kept < 2 * EACH, running.figures
    assert all(share < GROWTH for _, share in growth.values()), running.figures
    verdict = examine(history)
    if verdict.findings:
        raise Broken(verdict)
    note(figures(f"soak over {windows} windows", running, verdict, time.monotonic() - began))


def articles(windows: int) -> Iterator[tuple[Input, int]]:
    """The articles of so many windows with their times, the last of which is now."""
    first = int(time.time() * 1000) - windows * HOUR
    for number, one in enumerate(inputs(windows * EACH, 25, words=30, languages=LANGUAGES)):
        yield one, first + number * HOUR // EACH


def watched(running: Scene) -> Iterator[Size]:
    """The sizes of the workers, a few times a second, until all is through."""
    deadline, fresh = time.monotonic() + SECONDS, len(running.watch.samples) + 2
    while len(running.watch.samples) < fresh or not running.done:
        assert time.monotonic() < deadline, running.progress
        if running.watch.samples:
            committed = running.watch.samples[-1].committed
            for child in running.supervisor.children:
                done = sum(at for (topic, _), at in committed.items() if topic == STAGES[child.stage].input_topic)
                if child.process:
                    yield Size(child.stage, done, memory(child.process.pid))
        time.sleep(0.3)


def memory(process: int) -> int:
    """The bytes of memory that the process has (its resident set)."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def growth_of(sizes: Sequence[Size], count: int) -> tuple[float, float]:
    """The mean size in the last windows, and the share of it by which it grew from one to the next."""
    total = max(size.committed for size in sizes)
    windows: defaultdict[int, list[int]] = defaultdict(list)
    for size in sizes:
        windows[size.committed * count // (total + 1)].append(size.bytes)
    last = {window: fmean(found) for window, found in windows.items() if window >= count - LAST}
    mean = fmean(last.values())
    return mean, linear_regression(list(last), list(last.values())).slope / mean


def entries_kept(history: History) -> int:
    """How many entries compaction leaves of the ledger."""
    last = {record.key: record.value for record in history.of(LEDGER)}
    return sum(value is not None for value in last.values())
