"""Output appears under its name only when it is complete."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workers.errors import UnwritableFileError
from workers.files.aside import written_aside


def write(name: Path, data: bytes = b"new") -> None:
    with written_aside(str(name)) as file:
        file.write(data)


def test_the_old_file_is_there_until_the_new_one_is_complete(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("old")
    file.chmod(0o640)
    with written_aside(str(file)) as out:
        out.write(b"new")
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_an_interrupt_leaves_nothing_behind(tmp_path: Path, error: type[BaseException]) -> None:
    (tmp_path / "x").write_text("old")

    def interrupted() -> None:
        with written_aside(str(tmp_path / "x")) as out:
            out.write(b"new")
            raise error

    with pytest.raises(error):
        interrupted()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("x", "old")]


def test_links_stay_links_and_other_names_keep_what_they_had(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    target = tmp_path / "data" / "x"
    target.write_text("old")
    (tmp_path / "link").symlink_to("data/x")
    os.link(target, tmp_path / "other")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (target.read_text(), (tmp_path / "other").read_text()) == ("new", "old")
    (tmp_path / "dangling").symlink_to("data/y")
    write(tmp_path / "dangling")
    assert (tmp_path / "data" / "y").read_text() == "new"


def test_pipes_and_devices_are_written_directly(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write(pipe)
        assert os.read(reader, 10) == b"new"
    finally:
        os.close(reader)
    write(Path("/dev/null"))
    assert Path("/dev/null").is_char_device()


def test_what_cannot_be_written_is_an_error_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UnwritableFileError, match=r"/nope/x cannot be written: No such file or directory"):
        write(tmp_path / "nope" / "x")
    with pytest.raises(UnwritableFileError, match="/dev/full cannot be written: No space left on device"):
        write(Path("/dev/full"), b"x" * 100_000)
