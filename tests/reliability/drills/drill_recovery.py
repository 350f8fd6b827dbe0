"""Recovery of a large ledger, from the topic and from a snapshot.

The variable ``DRILL_ENTRIES`` (1,000,000) sets its size. The promises are for an idle machine with two cores.
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
from tests.reliability.drills.report import note
from tests.reliability.drills.run import Figures
from tests.reliability.drills.table import SETTINGS as USUAL
from tests.reliability.faults.partitions import load_seconds
from tests.reliability.faults.workers import kill_one
from tests.reliability.harness.launch import metric
from tests.reliability.harness.prefill import prefill
from tests.reliability.harness.stream import WAIT_TIMEOUT, DrillStream, drill_stream
from workers.outcomes import Stage

pytestmark = [pytest.mark.broker, pytest.mark.process, pytest.mark.slow]

ENTRIES = int(os.environ.get("DRILL_ENTRIES") or 1_000_000)
SEED = 26
WORDS, TERM_HASHES = 400, 48
"""Words and terms of an article."""
LOAD_RATE = 5
"""Articles per second during the recovery."""
MAX_SECONDS_FROM_TOPIC, MAX_SECONDS_FROM_SNAPSHOT = 20.0, 5.0
"""The promised recovery times."""
SETTINGS = dataclasses.replace(USUAL, snapshot_seconds=1)


def test_a_large_ledger_recovers_in_time_and_its_worker_keeps_its_partitions() -> None:
    began = time.monotonic()
    earlier = partial(prefill, count=ENTRIES, seed=SEED, words=WORDS, terms=TERM_HASHES)
    with (
        drill_stream(SETTINGS, (Stage.CLEAN, Stage.DEDUPE), {}, prepare=earlier) as stream,
        # Snapshots are taken between batches, so there must be batches.
        stream.crawler.load(inputs(1_000_000, SEED, bad=0.0), LOAD_RATE),
    ):
        from_topic, size = load(stream)
        stream.wait_until(lambda: any(stream.state.glob("*.snapshot")), WAIT_TIMEOUT, "a snapshot is written")
        kill_one(stream, Stage.DEDUPE, random.Random(SEED))
        from_snapshot, size_after = load(stream)
    notes = (
        f"from the topic {from_topic:.1f} s, {size / 1e9:.1f} GB of memory; "
        f"from a snapshot {from_snapshot:.1f} s, {size_after / 1e9:.1f} GB"
    )
    note(
        Figures(
            f"recovery of {ENTRIES:,} entries",
            len(stream.crawler.sent),
            None,
            None,
            None,
            time.monotonic() - began,
            notes,
        )
    )
    assert from_topic <= MAX_SECONDS_FROM_TOPIC, notes
    assert from_snapshot <= MAX_SECONDS_FROM_SNAPSHOT, notes


def load(stream: DrillStream) -> tuple[float, int]:
    """The seconds of the next ledger load, and the resident bytes of its worker afterwards."""
    before = len(load_seconds(stream))
    stream.wait_until(lambda: len(load_seconds(stream)) > before, WAIT_TIMEOUT, "the ledger is read back")
    [worker] = stream.children(Stage.DEDUPE)
    entries = 'copydesk_ledger_entries{partition="0"}'
    stream.wait_until(lambda: metric(worker, entries) >= ENTRIES, WAIT_TIMEOUT, "the ledger is in use")
    # The load takes longer than a session: without heartbeats there would be another rebalance.
    assert metric(worker, "copydesk_rebalances_total") == 1
    assert worker.process
    return load_seconds(stream)[before], memory(worker.process.pid)
