"""What `copydesk publish` has sent of which file, so that a later run can go on from there."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self, TextIO

SAVE_SECONDS = 1.0
"""How often the journal is written: after a crash, so much may be sent again."""


@dataclass(frozen=True, slots=True)
class Sent:
    """How many articles of a file were sent, whether these are all, and how the file looked then."""

    articles: int
    is_all: bool
    size: int
    modified_ns: int


def journal_file(folder: Path, broker: str, names: Sequence[str]) -> Path:
    """Where the journal of a command is, which is known by its broker and its files."""
    arguments = [broker, *(os.path.abspath(name) for name in names)]
    return folder / f"{sha256(json.dumps(arguments).encode()).hexdigest()[:16]}.jsonl"


class Journal:
    """A file with a line for each step; of a file's lines, the last counts.

    The articles of a file are counted in order, whether the broker took them or not. Nothing is written before the
    broker has answered, so that no article is skipped that was not sent.
    """

    def __init__(self, stream: TextIO, sent: dict[str, Sent]) -> None:
        self._sent = sent
        self._stream = stream
        self._looks: dict[str, tuple[int, int]] = {}
        self._file = ""
        self._articles = 0
        self._due = time.monotonic() + SAVE_SECONDS

    @classmethod
    def open(cls, path: Path, resume: bool) -> Self:
        """The journal in that file; a new one, unless it is to be resumed.

        Raises:
            OSError: it cannot be read or written.
        """
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        sent = _read(path) if resume and path.exists() else {}
        stream = path.open("w", encoding="utf-8")
        journal = cls(stream, sent)
        for file, state in sent.items():
            journal._write(file, state)
        stream.flush()
        return journal

    def started(self, file: str) -> Sent | None:
        """What was sent of a file that is about to be read; None if nothing was, or if it has changed since."""
        # As it is before reading: what is written to it from now on may not be read, and must not count as sent.
        look = self._looks[file] = _look(file)
        sent = self._sent.get(os.path.abspath(file))
        return sent if sent and (sent.size, sent.modified_ns) == look else None

    def settled(self, file: str, articles: int) -> None:
        """Note that the first so many articles of the file are settled."""
        if self._file and file != self._file:
            self._note(is_all=True)
        self._file, self._articles = file, articles
        if time.monotonic() >= self._due:
            self._note(is_all=False)
            self.flush()

    def close(self, is_all: bool) -> None:
        """Note the last file; ``is_all``: it was read to its end."""
        if self._file:
            self._note(is_all)
        self._stream.close()

    def flush(self) -> None:
        """Write what is noted."""
        self._stream.flush()
        self._due = time.monotonic() + SAVE_SECONDS

    def _note(self, is_all: bool) -> None:
        self._write(self._file, Sent(self._articles, is_all, *self._looks[self._file]))
        if is_all:
            del self._looks[self._file]

    def _write(self, file: str, sent: Sent) -> None:
        row = {"file": os.path.abspath(file), "articles": sent.articles, "all": sent.is_all}
        self._stream.write(json.dumps(row | {"size": sent.size, "modified_ns": sent.modified_ns}) + "\n")


def _read(path: Path) -> dict[str, Sent]:
    sent: dict[str, Sent] = {}
    for line in path.read_text("utf-8", "replace").splitlines():
        try:
            row: dict[str, Any] = json.loads(line)
            sent[row["file"]] = Sent(int(row["articles"]), bool(row["all"]), int(row["size"]), int(row["modified_ns"]))
        except (ValueError, KeyError, TypeError):
            continue  # the line that a crash cut off
    return sent


def _look(file: str) -> tuple[int, int]:
    """The size and the time of the last change; zeros for a file that is gone."""
    try:
        status = os.stat(file)
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns
