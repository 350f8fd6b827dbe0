"""A soak: many windows of articles at full speed, after which no worker has grown and no verdict is wrong.

The variable ``DRILL_WINDOWS`` (28) sets their number. Windows follow message times, so a day of them takes minutes.
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
from tests.reliability.checker.checker import check_history
from tests.reliability.checker.history import History
from tests.reliability.drills.report import note
from tests.reliability.drills.run import BrokenGuaranteeError, figures
from tests.reliability.drills.table import LANGUAGES
from tests.reliability.drills.table import SETTINGS as USUAL
from tests.reliability.findings import ENTRIES_KEPT
from tests.reliability.harness.cluster import alter
from tests.reliability.harness.stream import DrillStream, drill_stream
from workers.outcomes import Stage
from workers.stages import STAGES
from workers.topics import HOUR, LEDGER, RAW, memory_ms

pytestmark = [pytest.mark.broker, pytest.mark.process, pytest.mark.slow]

WINDOWS = int(os.environ.get("DRILL_WINDOWS") or 28)
ARTICLES_PER_WINDOW = 2_000
ROLES = (Stage.CLEAN, Stage.DEDUPE)
"""Without enrich, which keeps no state and is ten times slower."""
MEASURED_WINDOWS = 15
"""The last windows, over which memory must not grow. Before, caches and the allocator's pools fill; in clean for ten
windows."""
MAX_GROWTH = 0.005
"""The share by which a worker's memory may grow per window; a ledger that deleted nothing would grow twice as fast."""
TIMEOUT = 900
"""Seconds for the whole soak."""
SETTINGS = dataclasses.replace(USUAL, window_hours=1, raw_retention_hours=1, partitions=2)
MEMORY_WINDOWS = memory_ms(SETTINGS) // HOUR
"""Windows whose verdicts are remembered."""


@dataclass(frozen=True, slots=True)
class Size:
    """A measurement of a worker: its resident bytes, and how many messages its stage had committed."""

    stage: str
    committed: int
    bytes: int


def test_no_worker_grows_from_window_to_window() -> None:
    soak()


def soak(windows: int = WINDOWS, sabotage: str = "") -> None:
    """Run the soak over this many windows.

    Raises:
        AssertionError: a worker or the ledger grows, or a promise is broken.
    """
    began = time.monotonic()
    with drill_stream(SETTINGS, ROLES, {"DRILL_SABOTAGE": sabotage}, prepare=keep_articles) as stream:
        stream.crawler.publish_at(articles(windows))
        sizes = list(measure(stream))
        stream.wait_for_commits(60)
        history = stream.collect_history()
    growth = {stage: growth_of([size for size in sizes if size.stage == stage], windows) for stage in ROLES}
    for stage, (mean, share) in growth.items():
        stream.figures[f"{stage} memory"] = f"{mean / 2**20:.0f} MB, {share:+.2%} a window"
    kept = entries_kept(history)
    stream.figures[ENTRIES_KEPT] = f"{kept:,} of {len(history.sent):,}, {ARTICLES_PER_WINDOW:,} a window"
    assert kept < (MEMORY_WINDOWS + 1) * ARTICLES_PER_WINDOW, stream.figures
    assert all(share < MAX_GROWTH for _, share in growth.values()), stream.figures
    result = check_history(history)
    if result.findings:
        raise BrokenGuaranteeError(result)
    note(figures(f"soak over {windows} windows", stream, result, time.monotonic() - began))


def articles(windows: int) -> Iterator[tuple[Input, int]]:
    """The articles of this many windows with their timestamps; the last window ends now."""
    first = int(time.time() * 1000) - windows * HOUR
    for number, one in enumerate(inputs(windows * ARTICLES_PER_WINDOW, 25, words=30, languages=LANGUAGES)):
        yield one, first + number * HOUR // ARTICLES_PER_WINDOW


def keep_articles(bootstrap: str) -> None:
    """Let Kafka keep the articles: it deletes messages with times as old as theirs every five minutes."""
    alter(bootstrap, RAW, {"retention.ms": "-1"})


def measure(stream: DrillStream) -> Iterator[Size]:
    """Measure the workers a few times per second until all input is committed."""
    deadline, needed = time.monotonic() + TIMEOUT, len(stream.monitor.samples) + 2
    while len(stream.monitor.samples) < needed or not stream.all_committed:
        assert time.monotonic() < deadline, stream.progress
        if stream.monitor.samples:
            committed = stream.monitor.samples[-1].committed
            for child in stream.supervisor.children:
                done = sum(at for (topic, _), at in committed.items() if topic == STAGES[child.stage].input_topic)
                if child.process:
                    yield Size(child.stage, done, memory(child.process.pid))
        time.sleep(0.3)


def memory(process: int) -> int:
    """The resident set of the process, in bytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def growth_of(sizes: Sequence[Size], count: int) -> tuple[float, float]:
    """The mean size in the last windows, and the growth per window as a share of it."""
    total = max(size.committed for size in sizes)
    windows: defaultdict[int, list[int]] = defaultdict(list)
    for size in sizes:
        windows[size.committed * count // (total + 1)].append(size.bytes)
    last = {window: fmean(found) for window, found in windows.items() if window >= count - MEASURED_WINDOWS}
    mean = fmean(last.values())
    return mean, linear_regression(list(last), list(last.values())).slope / mean


def entries_kept(history: History) -> int:
    """The number of ledger entries that compaction leaves."""
    last = {record.key: record.value for record in history.of(LEDGER)}
    return sum(value is not None for value in last.values())
