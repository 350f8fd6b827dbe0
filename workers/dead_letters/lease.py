"""Keeps two replays of one filter from running at once: both would send the same letters.

A replay writes who it is, and until when it expects to be there, beside the offset that its group commits. Kafka keeps
that note with the offset, so it needs no right and no topic of its own. A replay that was killed leaves a note that is
over after a while.
"""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from secrets import token_hex

from workers.errors import BrokerUnreachableError, ReplayStoppedError

SECONDS = 60.0
"""How long a note counts. It is renewed with each commit."""
PARTITION = 0
"""The partition of the dead letters whose commits have the note."""
_NOTE = re.compile(r"(.+) until (\d{1,13})")


class Lease:
    """The right to replay; its ``commit`` keeps it. Use ``leased``.

    Args:
        read_note: returns the note beside the last commit of ``PARTITION``; an empty text if there is none.
        write: commits offsets by partition, with a note.
        offset: the offset that ``PARTITION`` starts with.
        seconds: how long the right lasts after each commit.
    """

    def __init__(
        self,
        read_note: Callable[[], str],
        write: Callable[[Mapping[int, int], str], None],
        offset: int,
        seconds: float = SECONDS,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._read_note, self._write_offsets = read_note, write
        self._offset, self._seconds, self._now = offset, seconds, now
        self._me = f"process {os.getpid()} on {socket.gethostname()}, {token_hex(4)}"

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Commit the offsets, and keep the right.

        Raises:
            ReplayStoppedError: another replay has it; nothing is committed.
        """
        self._check()
        self._write(offsets, f"{self._me} until {int(1000 * (self._now() + self._seconds))}")

    def take(self) -> None:
        """Take the right. Raises as ``commit``."""
        self.commit({})
        self._check()

    def give_back(self) -> None:
        """Let the next replay begin."""
        self._check()
        self._write({}, "")

    def _write(self, offsets: Mapping[int, int], note: str) -> None:
        self._offset = offsets.get(PARTITION, self._offset)
        self._write_offsets({PARTITION: self._offset, **offsets}, note)

    def _check(self) -> None:
        found = _NOTE.fullmatch(self._read_note())
        if found and found[1] != self._me and int(found[2]) > 1000 * self._now():
            raise ReplayStoppedError(
                f"another replay of this filter is running ({found[1].rpartition(',')[0]}), and both would send the "
                f"same letters; wait for its end, or for {self._seconds:g} s if it was killed"
            )


@contextmanager
def leased(
    read_note: Callable[[], str], write: Callable[[Mapping[int, int], str], None], offset: int, rate: float | None
) -> Iterator[Lease]:
    """The right to replay at the rate, for the block. Arguments and errors as for ``Lease``."""
    lease = Lease(read_note, write, offset, max(SECONDS, 3 / rate) if rate else SECONDS)
    lease.take()
    try:
        yield lease
    finally:
        with suppress(BrokerUnreachableError, ReplayStoppedError):  # the note is over soon
            lease.give_back()
