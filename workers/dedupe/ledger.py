"""The ledger: what was decided of every article, and the same answer again when a message is delivered again.

One entry per raw message. Its verdict depends on nothing but the entries of a lower position in the stream that lie in
the window at that point: not on what a crashed worker left half done, not on what happens to be in memory. So

- a message whose entry is there gets the stored verdict, whoever wrote it;
- entries come into the indexes in the order of the stream, each just before the first message that lies behind it;
- the window ends at the latest message time seen up to that point (never the wall clock), and leaving it is exact;
- entries are deleted from the topic only once they have left the window *and* lie below the committed offset, for
  nothing below that is ever delivered again.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from schemas import CleanArticle, LedgerEntry
from workers.dedupe.verdicts import Indexes


class Ledger:
    """The entries of one partition of the clean articles, and the indexes over those in the window.

    ``window`` is in milliseconds of message time.
    """

    def __init__(self, window: int) -> None:
        self._window = window
        self._entries: dict[str, LedgerEntry] = {}
        self._ahead: list[tuple[int, str]] = []  # a heap of (position, key): known, but not yet passed by
        self._in_window: list[tuple[int, int, str]] = []  # a heap of (time, slot, key)
        self._left: list[str] = []  # keys that left the window and wait to be deleted
        self._clock = 0
        self._slots = 0
        self._indexes = Indexes()

    def __len__(self) -> int:
        return len(self._entries)

    def load(self, entries: Iterable[LedgerEntry]) -> None:
        """Take in entries that were written before, by whomever, in any order."""
        for entry in entries:
            self._keep(entry)

    def forget(self, key: str) -> None:
        """Take in a deletion that was written before."""
        # Only what nobody can ask for again is deleted, so an entry that is still in the window here stays in the
        # indexes until it leaves by itself.
        self._entries.pop(key, None)

    def enter(self, article: CleanArticle, position: int, time: int) -> LedgerEntry:
        """The entry of the article at the position: the stored one if its message has one, else a new one.

        ``time`` is the message's, in milliseconds. Positions never fall below one that was entered, unless the message
        has an entry already.
        """
        key = entry_key(article.origin)
        if stored := self._entries.get(key):
            return stored
        self._pass(position, time)
        entry = self._indexes.judge(article, position, time)
        self._keep(entry)
        return entry

    def expire(self, committed: int) -> list[str]:
        """The keys of the entries that are no longer needed, which are dropped: out of the window, below the offset."""
        gone = [key for key in self._left if (e := self._entries.get(key)) is None or e.position < committed]
        if gone:
            dropped = set(gone)
            self._left = [key for key in self._left if key not in dropped]
        return [key for key in gone if self._entries.pop(key, None) is not None]

    def _keep(self, entry: LedgerEntry) -> None:
        key = entry_key(entry.origin)
        if key not in self._entries:
            self._entries[key] = entry
            heapq.heappush(self._ahead, (entry.position, key))

    def _pass(self, position: int, time: int) -> None:
        """Bring the indexes to where the stream is: every entry below the position, the window up to the time."""
        while self._ahead and self._ahead[0][0] < position:
            _, key = heapq.heappop(self._ahead)
            if entry := self._entries.get(key):
                self._clock = max(self._clock, entry.time)
                self._indexes.add(self._slots, entry)
                heapq.heappush(self._in_window, (entry.time, self._slots, key))
                self._slots += 1
        self._clock = max(self._clock, time)
        while self._in_window and self._in_window[0][0] < self._clock - self._window:
            _, slot, key = heapq.heappop(self._in_window)
            self._indexes.discard(slot)
            self._left.append(key)


def entry_key(origin: object) -> str:
    """The key of a ledger entry: the raw message that it speaks of, so that no two messages ever claim one key."""
    return str(origin)
