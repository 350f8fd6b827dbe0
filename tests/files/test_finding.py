"""Which files are meant: files, folders, patterns, names of any bytes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workers.files import display_name
from workers.files.finding import find, total_bytes


@pytest.fixture
def crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        "crawl/b.json",
        "crawl/a/z.txt",
        "crawl/a/.hidden",
        "crawl/.git/config",
        "crawl/a/10.html",
        "empty/.x",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    os.mkfifo("crawl/pipe")
    return tmp_path


def found(*names: str, output: str | None = None) -> tuple[list[str], list[str]]:
    problems: list[str] = []
    return find(names, problems.append, output), problems


@pytest.mark.usefixtures("crawl")
def test_folders_are_read_with_all_below_them_but_hidden_files_and_pipes() -> None:
    everything = ["crawl/b.json", "crawl/a/10.html", "crawl/a/z.txt"]
    assert found("crawl") == (everything, [])
    assert found("crawl/b.json", "crawl", "-") == ([*everything, "-"], [])
    assert found("crawl", output="crawl/b.json") == (everything[1:], [])
    assert found("crawl/b.json", output="crawl/b.json") == (["crawl/b.json"], [])


@pytest.mark.usefixtures("crawl")
def test_patterns_are_sorted_and_name_each_file_once() -> None:
    assert found("crawl/*.json") == (["crawl/b.json"], [])
    assert sorted(found("crawl/**")[0]) == ["crawl/a/10.html", "crawl/a/z.txt", "crawl/b.json", "crawl/pipe"]
    Path("crawl/[1].json").touch()
    assert found("crawl/[1].json") == (["crawl/[1].json"], [])


@pytest.mark.usefixtures("crawl")
def test_what_is_not_there_is_told() -> None:
    files, problems = found("empty", "gone.json", "*.warc", "", "crawl/b.json")
    assert files == ["crawl/b.json"]
    assert problems == [
        "empty has no files, or only hidden ones", "gone.json does not exist", "no file matches *.warc",
        "'' does not exist",
    ]  # fmt: skip


@pytest.mark.usefixtures("crawl")
def test_the_size_of_a_pipe_is_unknown() -> None:
    assert total_bytes(["crawl/b.json", "crawl/a/z.txt", "gone"]) == 2
    assert total_bytes(["crawl/b.json", "crawl/pipe"]) is None


def test_names_of_any_bytes_can_be_printed() -> None:
    assert display_name("crawl/Zürich.json") == "crawl/Zürich.json"
    assert display_name(os.fsdecode(b"a\xff\x1b[31m\n.json")) == "a\\xff\\x1b[31m\\n.json"
    assert display_name("-") == "stdin"
