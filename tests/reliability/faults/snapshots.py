"""Faults of the ledgers' snapshots. Snapshots are only a cache, so dedupe must recover from any of these."""

from __future__ import annotations

import os
import random
import re
import time
from pathlib import Path

from tests.reliability.faults.workers import kill_one
from tests.reliability.findings import FULL_DISK_ENDS_NO_WORKER
from tests.reliability.harness.stream import WAIT_TIMEOUT, DrillStream
from workers.outcomes import Stage


def wipe_snapshots(stream: DrillStream, rng: random.Random) -> None:
    """Kill the dedupe worker and delete its snapshots."""
    _wait_for_snapshot(stream)
    kill_one(stream, Stage.DEDUPE, rng)
    for path in _snapshots(stream):
        path.unlink(missing_ok=True)
    _wait_for_log(stream, "no snapshot; reading the whole topic")


def tear_snapshots(stream: DrillStream, rng: random.Random) -> None:
    """Kill the dedupe worker and truncate each of its snapshots."""
    _wait_for_snapshot(stream)
    kill_one(stream, Stage.DEDUPE, rng)
    for path in _snapshots(stream):
        os.truncate(path, int(path.stat().st_size * rng.uniform(0.05, 0.95)))
    _wait_for_log(stream, "torn: ")


def bring_back_old_snapshots(stream: DrillStream, rng: random.Random) -> None:
    """Kill the dedupe worker and put back snapshots from a few seconds earlier."""
    _wait_for_snapshot(stream)
    old = [(path, path.read_bytes()) for path in _snapshots(stream)]  # unfinished snapshots have other names
    time.sleep(rng.uniform(3, 6))
    kill_one(stream, Stage.DEDUPE, rng)
    before = len(stream.log)
    for path, content in old:
        path.write_bytes(content)
    stream.wait_until(
        lambda: re.search(r'"ledger read back".*"entries_before":[1-9]', stream.log[before:]),
        WAIT_TIMEOUT,
        "a load starts from a snapshot",
    )


def fill_the_disk(stream: DrillStream, rng: random.Random) -> None:
    """Wait until the snapshots outgrow their disk. The dedupe worker must go on; it is killed after each round."""
    for _ in range(2):
        _wait_for_log(stream, "snapshot not written")
        workers = stream.children(Stage.DEDUPE)
        assert workers, FULL_DISK_ENDS_NO_WORKER
        [worker] = workers
        process = worker.process
        _wait_for_log(stream, "snapshot not written")
        assert worker.process is process, FULL_DISK_ENDS_NO_WORKER
        kill_one(stream, Stage.DEDUPE, rng)


def _snapshots(stream: DrillStream) -> list[Path]:
    return sorted(stream.state.glob("ledger-*.snapshot"))


def _wait_for_snapshot(stream: DrillStream) -> None:
    for _ in range(2):  # the first may be of an empty ledger
        _wait_for_log(stream, "snapshot written")


def _wait_for_log(stream: DrillStream, text: str) -> None:
    """Return once the workers have logged the text once more."""
    before = stream.log.count(text)
    stream.wait_until(lambda: stream.log.count(text) > before, WAIT_TIMEOUT, f"the workers log {text!r}")


SNAPSHOT_FAULTS = (wipe_snapshots, tear_snapshots, bring_back_old_snapshots, fill_the_disk)
