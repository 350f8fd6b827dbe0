"""Which files a command line means: files, folders, patterns and standard input."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Callable, Iterator, Sequence

from workers.files import STDIN, display_name

Report = Callable[[str], None]
"""Is called with a line about a file that cannot be read."""


def find(names: Sequence[str], report: Report, output: str | None = None) -> list[str]:
    """The files that are meant, each once, in the order of the names; those of a folder or pattern are sorted.

    Hidden files in folders are left out, and so is the file that the command writes to.

    Args:
        names: files, folders (with all below them), patterns, and ``-`` for standard input.
        report: is called for what does not exist or cannot be read.
        output: the file that the command writes to.
    """
    written = _identity(output) if output else None
    found: dict[str, None] = {}
    for name in names:
        if name == STDIN or os.path.lexists(name):
            paths = [name]
        elif glob.has_magic(name):
            paths = sorted(glob.glob(name, recursive=True))
            if not paths:
                report(f"no file matches {display_name(name)}")
        else:
            report(f"{display_name(name)} does not exist")
            continue
        for path in paths:
            if os.path.isdir(path):
                found.update((file, None) for file in _below(path, report) if not written or _identity(file) != written)
            else:
                found[path] = None
    return list(found)


def total_bytes(files: Sequence[str]) -> int | None:
    """The bytes of all files together; None if that is unknown, as for a pipe."""
    total = 0
    for file in files:
        try:
            status = os.fstat(0) if file == STDIN else os.stat(file)
        except OSError:
            continue  # it is reported when it is its turn
        if not stat.S_ISREG(status.st_mode):
            return None
        total += status.st_size
    return total


def _below(folder: str, report: Report) -> Iterator[str]:
    """The files below a folder that are not hidden, sorted within their folder."""
    empty = True

    def unreadable(error: OSError) -> None:
        nonlocal empty
        empty = False
        report(f"{display_name(str(error.filename))} cannot be read: {error.strerror}")

    for path, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = os.path.join(path, name)
            if not name.startswith(".") and not _is_special(file):
                empty = False
                yield file
    if empty:
        report(f"{display_name(folder)} has no files, or only hidden ones")


def _is_special(file: str) -> bool:
    """Whether it is a pipe, socket or device, which reading would wait for; a broken link is reported later."""
    try:
        mode = os.stat(file).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode)


def _identity(file: str) -> tuple[int, int] | None:
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_dev, status.st_ino
