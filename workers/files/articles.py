"""The articles in files of any kind."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from workers.errors import UnreadableFileError
from workers.files import STDIN, display_name
from workers.files.finding import Report

_LINE_SUFFIXES = (".jsonl", ".ndjson", ".jsonlines", ".ldjson")
_PACKED_SUFFIXES = (".gz", ".zst", ".zstd")


class RawInput(NamedTuple):
    """A raw article in a file; ``place`` says where (``line 7``), and is empty if it is the whole file."""

    name: str
    value: bytes
    place: str = ""

    def __str__(self) -> str:
        return f"{self.name}, {self.place}" if self.place else self.name


def refuse(problem: str) -> None:
    """End the command because a file cannot be read.

    Raises:
        UnreadableFileError: always.
    """
    raise UnreadableFileError(problem)


def articles(
    files: Iterable[str], report: Report = refuse, advance: Callable[[int], object] = lambda count: None
) -> Iterator[RawInput]:
    """Each raw article in the files.

    An article above the limit is cut to one byte more than allowed, so that clean refuses it. Of a damaged file comes
    what is before the damage.

    Args:
        files: their names, and ``-`` for standard input.
        report: is called for a file that cannot be read to its end; by default that is an error.
        advance: is called with the number of bytes that were read.

    Raises:
        UnreadableFileError: a file cannot be read, unless there is a ``report``.
    """
    return chain.from_iterable(articles_in(file, report, advance) for file in files)


def articles_in(file: str, report: Report, advance: Callable[[int], object]) -> Iterator[RawInput]:
    """Each raw article in one file. Arguments as for ``articles``."""
    name = display_name(file)
    try:
        if file == STDIN and not sys.stdin:
            report(f"{name} is closed")
        elif file == STDIN:
            yield from _read(file, name, sys.stdin.buffer, report, advance)
        else:
            with open(file, "rb", buffering=0) as raw:
                yield from _read(file, name, raw, report, advance)
    except FileNotFoundError:
        report(f"{name} {'is a broken symbolic link' if os.path.islink(file) else 'does not exist'}")
    except OSError as error:
        report(f"{name} cannot be read: {error.strerror or error}")


def _read(file: str, name: str, raw: Any, report: Report, advance: Callable[[int], object]) -> Iterator[RawInput]:
    # Imported late: they load the whole clean stage.
    from workers.clean.input.reading import MAX_BYTES
    from workers.files.parts import parts
    from workers.files.recognising import Hint
    from workers.files.unpacking import Unpacked

    hint = Hint.PIPE if file == STDIN else Hint.LINES if _is_named_like_lines(file) else Hint.NONE
    # Read what is there now, rather than wait for as much as was asked for.
    unpacked = Unpacked(getattr(raw, "read1", raw.read), advance)
    place, problem = "", ""
    found = parts(unpacked, hint, MAX_BYTES)
    while True:
        try:
            place, value = next(found)
        except StopIteration:
            break
        except ValueError as error:
            problem = str(error)
            break
        yield RawInput(name, value[: MAX_BYTES + 1], place)
    if problem := unpacked.damage or problem:
        report(f"{name}: {problem}; " + (f"what follows {place} was not read" if place else "nothing of it was read"))


def _is_named_like_lines(file: str) -> bool:
    stem, suffix = os.path.splitext(file.lower())
    return (os.path.splitext(stem)[1] if suffix in _PACKED_SUFFIXES else suffix) in _LINE_SUFFIXES
