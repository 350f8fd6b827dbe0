"""Faults of the ledgers' snapshots: each leaves dedupe to start again with what is there, for they are only a cache."""

from __future__ import annotations

import os
import random
import re
import time
from pathlib import Path

from tests.reliability.faults.workers import kill_one
from tests.reliability.harness.scene import PATIENCE, Scene
from workers.outcomes import Stage


def wipe_snapshots(scene: Scene, chance: random.Random) -> None:
    """The dedupe worker dies, and its snapshots are gone."""
    _await_snapshot(scene)
    kill_one(scene, Stage.DEDUPE, chance)
    for path in _snapshots(scene):
        path.unlink(missing_ok=True)
    _await_another(scene, "no snapshot; reading the whole topic")


def tear_snapshots(scene: Scene, chance: random.Random) -> None:
    """The dedupe worker dies, and each snapshot ends somewhere in the middle."""
    _await_snapshot(scene)
    kill_one(scene, Stage.DEDUPE, chance)
    for path in _snapshots(scene):
        os.truncate(path, int(path.stat().st_size * chance.uniform(0.05, 0.95)))
    _await_another(scene, "torn: ")


def bring_back_old_snapshots(scene: Scene, chance: random.Random) -> None:
    """The dedupe worker dies, and its snapshots are those of a while ago."""
    _await_snapshot(scene)
    kept = [(path, path.read_bytes()) for path in _snapshots(scene)]  # one that is being written has another name
    time.sleep(chance.uniform(3, 6))
    kill_one(scene, Stage.DEDUPE, chance)
    before = len(scene.log)
    for path, content in kept:
        path.write_bytes(content)
    scene.await_that(
        lambda: re.search(r'"ledger read back".*"entries_before":[1-9]', scene.log[before:]),
        PATIENCE,
        "a load begins with a snapshot",
    )


def fill_the_disk(scene: Scene, chance: random.Random) -> None:
    """The snapshots grow beyond their disk, and the dedupe worker works on; it dies twice meanwhile."""
    for _ in range(2):
        _await_another(scene, "snapshot not written")
        [worker] = scene.children(Stage.DEDUPE)
        process = worker.process
        _await_another(scene, "snapshot not written")
        assert worker.process is process, "a full disk ends no worker"
        kill_one(scene, Stage.DEDUPE, chance)


def _snapshots(scene: Scene) -> list[Path]:
    return sorted(scene.state.glob("ledger-*.npz"))


def _await_snapshot(scene: Scene) -> None:
    for _ in range(2):  # the first may be of a ledger without entries
        _await_another(scene, "snapshot written")


def _await_another(scene: Scene, said: str) -> None:
    """Return once the workers have said it once more."""
    before = scene.log.count(said)
    scene.await_that(lambda: scene.log.count(said) > before, PATIENCE, f"the workers say: {said}")


SNAPSHOT_FAULTS = (wipe_snapshots, tear_snapshots, bring_back_old_snapshots, fill_the_disk)
