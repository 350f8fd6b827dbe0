"""Snapshots: a saved ledger is restored as it was; an unusable snapshot is ignored with a log line that says why."""

from __future__ import annotations

import dataclasses
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.dedupe.support import PARAGRAPHS, WINDOW, Delivery, article, decide
from workers.dedupe import Ledger
from workers.state.snapshots import MAX_AGE_SECONDS, SnapshotIdentity, Snapshots

MEMORY = 5 * WINDOW
IDENTITY = SnapshotIdentity(
    topic_id="one", source_topic_ids="two three", shards="en de other", window_ms=WINDOW, memory_ms=MEMORY
)
NOW = 3 * WINDOW
STREAM = [
    Delivery(article("Long ago.", offset=99), 0, 0),  # only remembered
    *(Delivery(article(body, offset=i), i, NOW + 100 * i) for i, body in enumerate((*PARAGRAPHS, PARAGRAPHS[0]), 1)),
]
LATER = [Delivery(article(body, offset=i), i, NOW + 800) for i, body in enumerate(PARAGRAPHS, len(STREAM))]


@pytest.fixture
def ledger() -> Ledger:
    filled = Ledger(WINDOW, MEMORY)
    decide(filled, STREAM)
    return filled


def test_a_loaded_ledger_equals_the_saved_one(ledger: Ledger, tmp_path: Path) -> None:
    size = Snapshots(tmp_path, IDENTITY).save(3, ledger.dump(), 99)
    assert [path.stat().st_size for path in tmp_path.iterdir()] == [size]
    loaded = Snapshots(tmp_path, IDENTITY).load(3)
    assert loaded is not None
    assert loaded[1] == 99
    assert len(loaded[0]) == len(ledger)
    assert decide(loaded[0], STREAM + LATER) == decide(ledger, STREAM + LATER)
    assert loaded[0].expire(10**9) == ledger.expire(10**9)


def test_an_empty_ledger_can_be_saved_and_loaded(tmp_path: Path) -> None:
    Snapshots(tmp_path, IDENTITY).save(0, Ledger(WINDOW).dump(), 0)
    loaded = Snapshots(tmp_path, IDENTITY).load(0)
    assert loaded is not None
    assert decide(loaded[0], STREAM) == decide(Ledger(WINDOW), STREAM)


def test_later_changes_to_a_ledger_do_not_change_its_dump(ledger: Ledger, tmp_path: Path) -> None:
    arrays = ledger.dump()
    decide(ledger, [*LATER, Delivery(article("The end.", offset=98), 98, 9 * WINDOW)])
    ledger.expire(10**9)
    Snapshots(tmp_path, IDENTITY).save(3, arrays, 99)
    loaded = Snapshots(tmp_path, IDENTITY).load(3)
    assert loaded is not None
    assert len(loaded[0]) == len(STREAM)
    unchanged = Ledger(WINDOW)
    decide(unchanged, STREAM)
    assert decide(loaded[0], LATER) == decide(unchanged, LATER)


def test_a_missing_snapshot_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        assert Snapshots(tmp_path, IDENTITY).load(3) is None
    assert caplog.messages == ["no snapshot; reading the whole topic"]


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(SnapshotIdentity)])
def test_a_snapshot_with_another_identity_is_ignored(
    field: str, ledger: Ledger, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Snapshots(tmp_path, IDENTITY).save(3, ledger.dump(), 99)
    changed: Any = {field: "other" if isinstance(getattr(IDENTITY, field), str) else 99}
    other = dataclasses.replace(IDENTITY, **changed)
    assert Snapshots(tmp_path, other).load(3) is None
    (record,) = caplog.records
    assert field in record.__dict__["why"]


def test_a_snapshot_of_another_partition_is_ignored(
    ledger: Ledger, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Snapshots(tmp_path, IDENTITY).save(3, ledger.dump(), 99)
    (tmp_path / "ledger-3.snapshot").rename(tmp_path / "ledger-4.snapshot")
    assert Snapshots(tmp_path, IDENTITY).load(4) is None
    assert caplog.records[0].__dict__["why"] == "partition is 3, not 4"


def test_a_stale_snapshot_is_ignored(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Snapshots(tmp_path, IDENTITY).save(3, ledger.dump(), 99)
    now = time.time() + MAX_AGE_SECONDS + 60
    monkeypatch.setattr(time, "time", lambda: now)
    assert Snapshots(tmp_path, IDENTITY).load(3) is None
    assert "stale: 12 hours old" in caplog.records[0].__dict__["why"]


def cut(path: Path, share: float) -> None:
    os.truncate(path, int(path.stat().st_size * share))


def flip(path: Path, share: float) -> None:
    data = bytearray(path.read_bytes())
    data[int(len(data) * share)] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [cut, flip])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.25, 0.5, 0.75, 0.99])
def test_a_torn_snapshot_is_ignored(
    damage: Callable[[Path, float], None], share: float, ledger: Ledger, tmp_path: Path
) -> None:
    Snapshots(tmp_path, IDENTITY).save(3, ledger.dump(), 99)
    damage(tmp_path / "ledger-3.snapshot", share)
    assert Snapshots(tmp_path, IDENTITY).load(3) is None


@contextmanager
def limited_files(size: int) -> Iterator[None]:
    """Stop files from growing beyond the size, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_keeps_the_previous_snapshot(ledger: Ledger, tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path, IDENTITY)
    snapshots.save(3, Ledger(WINDOW).dump(), 5)
    with pytest.raises(OSError, match="File too large"), limited_files(10_000):
        snapshots.save(3, ledger.dump(), 99)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger-3.snapshot"]
    loaded = snapshots.load(3)
    assert loaded is not None
    assert loaded[1] == 5


def test_saving_removes_partial_files_of_killed_processes_and_snapshots_in_the_format_of_before(
    ledger: Ledger, tmp_path: Path
) -> None:
    (tmp_path / "ledger-3.npz").write_bytes(b"a zip archive")
    (tmp_path / "ledger-3.snapshot.12345").write_bytes(b"partial")
    (tmp_path / "ledger-33.snapshot.12345").write_bytes(b"another's")
    Snapshots(tmp_path, IDENTITY).save(3, ledger.dump(), 99)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger-3.snapshot", "ledger-33.snapshot.12345"]
