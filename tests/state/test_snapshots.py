"""Snapshots: what is put down comes back, and what is no good any more is left alone, with a word in the log."""

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

from tests.dedupe.support import PARAGRAPHS, WINDOW, Delivery, article, enter
from workers.dedupe import Ledger
from workers.state import snapshots
from workers.state.snapshots import Kind, Snapshots

KIND = Kind(topic_id="one", source_topic_ids="two three", partitions=8, window=WINDOW)
STREAM = [Delivery(article(body, offset=i), i, 100 * i) for i, body in enumerate((*PARAGRAPHS, PARAGRAPHS[0]))]
LATER = [Delivery(article(body, offset=i), i, 700) for i, body in enumerate(PARAGRAPHS, len(STREAM))]


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger(WINDOW)
    enter(made, STREAM)
    return made


def test_a_ledger_comes_back_as_it_was_put_down(ledger: Ledger, tmp_path: Path) -> None:
    size = Snapshots(tmp_path, KIND).save(3, ledger.dump(), 99)
    assert [path.stat().st_size for path in tmp_path.iterdir()] == [size]
    loaded = Snapshots(tmp_path, KIND).load(3)
    assert loaded is not None
    assert loaded[1] == 99
    assert len(loaded[0]) == len(ledger)
    assert enter(loaded[0], STREAM + LATER) == enter(ledger, STREAM + LATER)
    assert loaded[0].expire(10**9) == ledger.expire(10**9)


def test_a_ledger_without_entries_comes_back(tmp_path: Path) -> None:
    Snapshots(tmp_path, KIND).save(0, Ledger(WINDOW).dump(), 0)
    loaded = Snapshots(tmp_path, KIND).load(0)
    assert loaded is not None
    assert enter(loaded[0], STREAM) == enter(Ledger(WINDOW), STREAM)


def test_what_happens_to_the_ledger_later_does_not_change_its_picture(ledger: Ledger, tmp_path: Path) -> None:
    arrays = ledger.dump()
    enter(ledger, [*LATER, Delivery(article("The end.", offset=99), 99, 9 * WINDOW)])
    ledger.expire(10**9)
    Snapshots(tmp_path, KIND).save(3, arrays, 99)
    loaded = Snapshots(tmp_path, KIND).load(3)
    assert loaded is not None
    assert len(loaded[0]) == len(STREAM)
    before = Ledger(WINDOW)
    enter(before, STREAM)
    assert enter(loaded[0], LATER) == enter(before, LATER)


def test_a_start_without_a_snapshot_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        assert Snapshots(tmp_path, KIND).load(3) is None
    assert caplog.messages == ["no snapshot; reading the whole topic"]


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Kind)])
def test_a_snapshot_of_anything_else_is_left_alone(
    field: str, ledger: Ledger, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Snapshots(tmp_path, KIND).save(3, ledger.dump(), 99)
    changed: Any = {field: "other" if isinstance(getattr(KIND, field), str) else 7}
    other = dataclasses.replace(KIND, **changed)
    assert Snapshots(tmp_path, other).load(3) is None
    (record,) = caplog.records
    assert field in record.__dict__["why"]


def test_a_snapshot_of_another_partition_is_left_alone(
    ledger: Ledger, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Snapshots(tmp_path, KIND).save(3, ledger.dump(), 99)
    (tmp_path / "ledger-3.npz").rename(tmp_path / "ledger-4.npz")
    assert Snapshots(tmp_path, KIND).load(4) is None
    assert caplog.records[0].__dict__["why"] == "partition is 3, not 4"


def test_a_stale_snapshot_is_left_alone(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Snapshots(tmp_path, KIND).save(3, ledger.dump(), 99)
    now = time.time() + snapshots.OLDEST + 60
    monkeypatch.setattr(time, "time", lambda: now)
    assert Snapshots(tmp_path, KIND).load(3) is None
    assert "stale: 12 hours old" in caplog.records[0].__dict__["why"]


def cut(path: Path, share: float) -> None:
    os.truncate(path, int(path.stat().st_size * share))


def flip(path: Path, share: float) -> None:
    data = bytearray(path.read_bytes())
    data[int(len(data) * share)] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [cut, flip])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.25, 0.5, 0.75, 0.99])
def test_a_torn_snapshot_is_left_alone(
    damage: Callable[[Path, float], None], share: float, ledger: Ledger, tmp_path: Path
) -> None:
    Snapshots(tmp_path, KIND).save(3, ledger.dump(), 99)
    damage(tmp_path / "ledger-3.npz", share)
    loaded = Snapshots(tmp_path, KIND).load(3)
    # A bit that says nothing (the time of a file within) may be another.
    assert loaded is None or enter(loaded[0], LATER) == enter(ledger, LATER)
    assert loaded is None or damage is flip


@contextmanager
def limited_files(size: int) -> Iterator[None]:
    """Within: no file grows beyond the size, as if the disk were full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_where_there_is_no_room_the_snapshot_before_stays(ledger: Ledger, tmp_path: Path) -> None:
    kept = Snapshots(tmp_path, KIND)
    kept.save(3, Ledger(WINDOW).dump(), 5)
    with pytest.raises(OSError, match="File too large"), limited_files(10_000):
        kept.save(3, ledger.dump(), 99)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger-3.npz"]
    loaded = kept.load(3)
    assert loaded is not None
    assert loaded[1] == 5


def test_what_a_killed_process_left_half_done_goes_with_the_next_snapshot(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "ledger-3.npz.12345").write_bytes(b"half")
    (tmp_path / "ledger-33.npz.12345").write_bytes(b"another's")
    Snapshots(tmp_path, KIND).save(3, ledger.dump(), 99)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger-3.npz", "ledger-33.npz.12345"]
