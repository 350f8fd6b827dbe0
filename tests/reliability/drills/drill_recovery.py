"""The start of a worker with a large ledger: from the topic, and from a snapshot.

``DRILL_ENTRIES`` (1,000,000) says how large. The promises are for a machine with two cores and nothing else to do.
"""

from __future__ import annotations

import dataclasses
import os
import random
import time
from functools import partial

import pytest

from tests.integration.articles import inputs
from tests.reliability.drills.drill_soak import memory
from tests.reliability.drills.play import Figures
from tests.reliability.drills.report import note
from tests.reliability.drills.table import SETTINGS as USUAL
from tests.reliability.faults.partitions import loads
from tests.reliability.faults.workers import kill_one
from tests.reliability.harness.launch import metric
from tests.reliability.harness.prefill import prefill
from tests.reliability.harness.scene import PATIENCE, Scene, scene
from workers.outcomes import Stage

pytestmark = [pytest.mark.broker, pytest.mark.slow]

ENTRIES = int(os.environ.get("DRILL_ENTRIES") or 1_000_000)
SEED = 26
SKETCH, TERMS = 100, 48
"""Hashes of an article of 400 words."""
RATE = 5
"""Articles a second that come in meanwhile."""
FROM_TOPIC, FROM_SNAPSHOT = 20.0, 5.0
"""Seconds in which a ledger is promised to be there."""
SETTINGS = dataclasses.replace(USUAL, snapshot_seconds=1)


def test_a_large_ledger_is_there_in_time_and_its_worker_keeps_its_partitions_meanwhile() -> None:
    began = time.monotonic()
    earlier = partial(prefill, count=ENTRIES, seed=SEED, sketch=SKETCH, terms=TERMS)
    with (
        scene(SETTINGS, (Stage.CLEAN, Stage.DEDUPE), {}, prepare=earlier) as running,
        # Snapshots are made between batches: there must be some.
        running.crawler.load(inputs(1_000_000, SEED, bad=0.0), RATE),
    ):
        from_topic, size = load(running)
        running.await_that(lambda: any(running.state.glob("*.npz")), PATIENCE, "a snapshot is written")
        kill_one(running, Stage.DEDUPE, random.Random(SEED))
        from_snapshot, size_after = load(running)
    notes = (
        f"from the topic {from_topic:.1f} s, {size / 1e9:.1f} GB of memory; "
        f"from a snapshot {from_snapshot:.1f} s, {size_after / 1e9:.1f} GB"
    )
    note(
        Figures(
            f"recovery of {ENTRIES:,} entries",
            len(running.crawler.sent),
            None,
            None,
            None,
            time.monotonic() - began,
            notes,
        )
    )
    assert from_topic <= FROM_TOPIC, notes
    assert from_snapshot <= FROM_SNAPSHOT, notes


def load(running: Scene) -> tuple[float, int]:
    """The seconds of the next load of the ledger, and the bytes of memory that its worker has after it."""
    before = len(loads(running))
    running.await_that(lambda: len(loads(running)) > before, PATIENCE, "the ledger is read back")
    [worker] = running.children(Stage.DEDUPE)
    entries = 'copydesk_ledger_entries{partition="0"}'
    running.await_that(lambda: metric(worker, entries) >= ENTRIES, PATIENCE, "the ledger is in use")
    # The load took longer than a session: a worker that had not sent heartbeats would have been assigned anew.
    assert metric(worker, "copydesk_rebalances_total") == 1
    assert worker.process
    return loads(running)[before], memory(worker.process.pid)
