"""A run of publish goes on where the last one stopped, and leaves nothing out."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.files.journal import Journal, journal_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "a.jsonl").write_text("1\n2\n3\n")
    return tmp_path / "a.jsonl"


def opened(file: Path, *, resume: bool = True) -> Journal:
    return Journal.open(file.parent / "notes" / "x.jsonl", resume)


def sent(file: Path) -> tuple[int, bool] | None:
    """What a later run knows of the file."""
    journal = opened(file)
    state = journal.started(str(file))
    journal.close(is_all=False)
    return (state.articles, state.is_all) if state.articles else None


def test_a_later_run_knows_what_was_sent(file: Path) -> None:
    journal = opened(file, resume=False)
    other = str(file.with_name("b.txt"))
    for name, number in ((str(file), 1), (str(file), 3), (other, 1)):
        journal.started(name)
        journal.settled(name, number, is_sent=True)
    journal.close(is_all=False)
    assert sent(file) == (3, True)
    again = opened(file)
    state = again.started(other)
    assert (state.articles, state.is_all) == (1, False)
    again.close(is_all=True)
    assert sent(file) == (3, True)
    again = opened(file, resume=False)
    assert again.started(str(file)).articles == 0
    again.close(is_all=False)


def test_a_file_that_has_changed_is_sent_from_its_start(file: Path) -> None:
    journal = opened(file, resume=False)
    journal.started(str(file))
    file.write_text("1\n2\n3\n4\n")  # written to while it is read: the end may not have been seen
    journal.settled(str(file), 3, is_sent=True)
    journal.close(is_all=True)
    assert sent(file) is None


def test_a_line_that_a_crash_cut_off_does_not_count(file: Path) -> None:
    journal = opened(file, resume=False)
    journal.started(str(file))
    journal.settled(str(file), 2, is_sent=True)
    journal.close(is_all=False)
    notes = file.parent / "notes" / "x.jsonl"
    for torn in (b'{"file": "', b"\xff\n[1]\nnull\n7\n"):
        notes.write_bytes(notes.read_bytes() + torn)
        assert sent(file) == (2, False)


def test_a_command_is_known_by_its_broker_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here = journal_file(tmp_path, "x:1", ["a", "b\udcff"])
    assert here == journal_file(tmp_path, "x:1", [f"{tmp_path}/a", f"{tmp_path}/b\udcff"])
    assert here != journal_file(tmp_path, "x:2", ["a", "b\udcff"])
    assert here != journal_file(tmp_path, "x:1", ["a"])
