"""The standard streams of a command: whatever is wrong with them, it ends with one line or goes on."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, TextIO

from workers.errors import UnwritableFileError


def prepare() -> None:
    """Make stdout and stderr safe to print to, unless something else has replaced them.

    What their encoding lacks is escaped. A closed descriptor is taken, so that no file or connection gets its number
    and is written to by mistake.
    """
    for number in (0, 1, 2):
        _take_if_closed(number)
    if sys.stdout is sys.__stdout__:
        sys.stdout = _safe(sys.stdout, _Stdout(1, "wb", closefd=False))
    if sys.stderr is sys.__stderr__:
        sys.stderr = _safe(sys.stderr, _Stderr(2, "wb", closefd=False))


class _Stdout(io.FileIO):
    """Raises ``UnwritableFileError`` where it cannot be written; a closed pipe stays ``BrokenPipeError``."""

    _failed = False

    def write(self, data: Any) -> int:
        """Write some of the data, and return how many bytes; after a failure, drop it: Python flushes when it exits."""
        if self._failed:
            return len(data)
        try:
            return super().write(data)
        except BrokenPipeError:
            self._failed = True
            raise
        except OSError as error:
            self._failed = True
            raise UnwritableFileError(f"stdout cannot be written: {error.strerror or error}") from None


class _Stderr(io.FileIO):
    """Drops what cannot be written: there is nobody to tell."""

    def write(self, data: Any) -> int:
        """Write some of the data, and return how many bytes."""
        try:
            return super().write(data)
        except OSError:
            return len(data)


def _safe(stream: TextIO | None, raw: io.FileIO) -> TextIO:
    """A text stream like the old one, which is None if it is closed."""
    if stream is not None:
        stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding if stream else "utf-8",
        errors="backslashreplace",
        line_buffering=raw.isatty() or raw.fileno() == 2,
    )


def _take_if_closed(number: int) -> None:
    """Open the null device under a descriptor that is closed, for the wrong direction, so that its use is an error."""
    try:
        os.fstat(number)
    except OSError:
        null = os.open(os.devnull, os.O_RDONLY if number else os.O_WRONLY)
        if null != number:
            os.dup2(null, number)
            os.close(null)
