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
    """What was sent of a file: its first articles, without those that failed.

    Attributes:
        articles: how many of its first articles were sent or failed.
        failed: the numbers of those that failed, from 1.
        is_all: whether the file has no more articles.
        size, modified_ns: how the file looked before it was read.
    """

    articles: int
    is_all: bool
    size: int
    modified_ns: int
    failed: tuple[int, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether nothing of the file is left to send."""
        return self.is_all and not self.failed

    def has(self, number: int) -> bool:
        """Whether the article with this number, from 1, was sent."""
        return number <= self.articles and number not in self.failed


def journal_file(folder: Path, broker: str, names: Sequence[str]) -> Path:
    """Where the journal of a command is, which is known by its broker and its files."""
    arguments = [broker, *(os.path.abspath(name) for name in names)]
    return folder / f"{sha256(json.dumps(arguments).encode()).hexdigest()[:16]}.jsonl"


class Journal:
    """A file with a line for each step; of a file's lines, the last counts.

    The articles of a file are counted in order. Those that the broker did not take are noted, so that the next run
    tries them again. Nothing is written before the broker has answered, so that no article is skipped that was not
    sent.
    """

    def __init__(self, stream: TextIO, sent: dict[str, Sent]) -> None:
        self._sent = sent
        self._stream = stream
        self._started: dict[str, Sent] = {}
        self._file = ""
        self._articles = 0
        self._failed: set[int] = set()
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

    def started(self, file: str) -> Sent:
        """What was sent of a file that is about to be read; nothing, if it has changed since."""
        # As it is before reading: what is written to it from now on may not be read, and must not count as sent.
        look = _look(file)
        sent = self._sent.get(os.path.abspath(file))
        if sent is None or (sent.size, sent.modified_ns) != look:
            sent = Sent(0, False, *look)
        self._started[file] = sent
        return sent

    def settled(self, file: str, number: int, *, is_sent: bool) -> None:
        """Note that the article with this number was sent or failed; those before it in the file are settled, too."""
        if file != self._file:
            if self._file:
                self._note(is_all=True)
            before = self._started[file]
            self._file, self._articles, self._failed = file, before.articles, set(before.failed)
        self._articles = max(self._articles, number)
        if is_sent:
            self._failed.discard(number)
        else:
            self._failed.add(number)
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
        before = self._started[self._file]
        failed = tuple(sorted(self._failed))
        self._write(self._file, Sent(self._articles, is_all, before.size, before.modified_ns, failed))
        if is_all:
            del self._started[self._file]

    def _write(self, file: str, sent: Sent) -> None:
        row = {"file": os.path.abspath(file), "articles": sent.articles, "all": sent.is_all, "failed": sent.failed}
        self._stream.write(json.dumps(row | {"size": sent.size, "modified_ns": sent.modified_ns}) + "\n")


def _read(path: Path) -> dict[str, Sent]:
    sent: dict[str, Sent] = {}
    for line in path.read_text("utf-8", "replace").splitlines():
        try:
            row: dict[str, Any] = json.loads(line)
            failed = tuple(map(int, row.get("failed", ())))
            sent[row["file"]] = Sent(
                int(row["articles"]), bool(row["all"]), int(row["size"]), int(row["modified_ns"]), failed
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # the line that a crash cut off
    return sent


def _look(file: str) -> tuple[int, int]:
    """The size and the time of the last change; zeros for a file that is gone."""
    try:
        status = os.stat(file)
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns
