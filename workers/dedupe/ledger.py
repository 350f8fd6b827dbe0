"""The ledger: what was decided of every article, and the same answer again when a message is delivered again.

One entry per raw message. Its verdict depends on nothing but the entries of a lower position in the stream that lie in
the window at that point: not on what a crashed worker left half done, not on what happens to be in memory. So

- a message whose entry is there gets the stored verdict, whoever wrote it;
- entries come into the indexes in the order of the stream, each just before the first message that lies behind it;
- the window ends at the latest message time seen up to that point (never the wall clock), and leaving it is exact;
- entries are deleted from the topic only once the message that ended their window lies below the committed offset, for
  nothing below that is ever delivered again: no message to come can be compared with them, in whichever worker.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence

import msgspec

from schemas import CleanArticle, LedgerEntry, decode, encode
from workers.dedupe.verdicts import Indexed, Indexes


class _Claim(msgspec.Struct, gc=False):
    """Which raw message an entry speaks of, and where in the stream."""

    origin: _Origin
    position: int


class _Origin(msgspec.Struct, gc=False):
    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


AT_ONCE = 200_000
"""Entries that are taken into the indexes at a time, to keep what is needed in passing small."""

_claim = msgspec.json.Decoder(_Claim)
_indexed = msgspec.json.Decoder(Indexed)


class Ledger:
    """The entries of one partition of the clean articles, and the indexes over those in the window.

    ``window`` is in milliseconds of message time.
    """

    def __init__(self, window: int) -> None:
        self._window = window
        self._positions: dict[str, int] = {}  # by key, where the entry is
        self._entries: dict[int, bytes] = {}  # by position, as they are written: a fifth of the room of records
        self._ahead: list[int] = []  # positions that are known, but not yet passed by
        self._in_window: list[tuple[int, int]] = []  # a heap of (time, position)
        self._left: deque[tuple[int, int]] = deque()  # (position that ended its window, position): waits to be deleted
        self._clock = 0
        self._passed = 0
        self._indexes = Indexes(self._entry_at)

    def __len__(self) -> int:
        return len(self._entries)

    def load(self, entries: Iterable[bytes]) -> None:
        """Take in entries that were written before, by whomever, in any order."""
        for entry in entries:
            claim = _claim.decode(entry)
            self._keep(str(claim.origin), claim.position, entry)

    def forget(self, key: str) -> None:
        """Take in a deletion that was written before."""
        # Only what nobody can ask for again is deleted; what is still in the window here leaves it by itself.
        position = self._positions.get(key)
        if position is not None and position >= self._passed:
            self._drop(position, key)

    def enter(self, article: CleanArticle, position: int, time: int) -> LedgerEntry:
        """The entry of the article at the position: the stored one if its message has one, else a new one.

        ``time`` is the message's, in milliseconds. Positions never fall below one that was entered, unless the message
        has an entry already.
        """
        key = entry_key(article.origin)
        stored = self._positions.get(key)
        if stored is not None:
            return self._entry_at(stored)
        self._pass(position, time)
        entry = self._indexes.judge(article, position, time)
        self._keep(key, position, encode(entry))
        return entry

    def expire(self, committed: int) -> list[str]:
        """The keys of the entries that are no longer needed, which are dropped: their window ended below the offset."""
        gone = []
        while self._left and self._left[0][0] < committed:
            _, position = self._left.popleft()
            key = str(_claim.decode(self._entries[position]).origin)
            self._drop(position, key)
            gone.append(key)
        return gone

    def _entry_at(self, position: int) -> LedgerEntry:
        return decode(self._entries[position], LedgerEntry)

    def _keep(self, key: str, position: int, entry: bytes) -> None:
        if key not in self._positions:
            self._positions[key] = position
            self._entries[position] = entry
            self._ahead.append(position)

    def _drop(self, position: int, key: str) -> None:
        del self._entries[position], self._positions[key]

    def _pass(self, position: int, time: int) -> None:
        """Bring the indexes to where the stream is: every entry below the position, the window up to the time."""
        self._passed = max(self._passed, position)
        due = self._due(position)
        for first in range(0, len(due), AT_ONCE):
            self._admit([_indexed.decode(self._entries[at]) for at in due[first : first + AT_ONCE]], position)
        self._clock = max(self._clock, time)
        while self._in_window and self._in_window[0][0] < self._clock - self._window:
            _, gone = heapq.heappop(self._in_window)
            self._indexes.discard(gone)
            self._left.append((position, gone))

    def _admit(self, entries: Sequence[Indexed], position: int) -> None:
        """Take the entries into the indexes, but for those that are out of the window already."""
        self._clock = max(self._clock, *(entry.time for entry in entries))
        in_window = [entry for entry in entries if entry.time >= self._clock - self._window]
        self._indexes.extend(in_window)
        for entry in in_window:
            heapq.heappush(self._in_window, (entry.time, entry.position))
        if len(in_window) < len(entries):
            self._left.extend((position, e.position) for e in entries if e.time < self._clock - self._window)

    def _due(self, position: int) -> list[int]:
        """The positions below this one that have not been passed yet, in order, which they are now."""
        self._ahead.sort()
        count = bisect_left(self._ahead, position)
        due = [at for at in dict.fromkeys(self._ahead[:count]) if at in self._entries]
        del self._ahead[:count]
        return due


def entry_key(origin: object) -> str:
    """The key of a ledger entry: the raw message that it speaks of, so that no two messages ever claim one key."""
    return str(origin)
