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
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec
import numpy as np

from schemas import CleanArticle, LedgerEntry, Verdict, encode
from workers.dedupe.postings import Array, Arrays
from workers.dedupe.verdicts import Entry, Indexes
from workers.errors import OutOfOrderError
from workers.fault_points import fault_point

AT_ONCE = 200_000
"""Entries that are taken into the indexes at a time, to keep what is needed in passing small."""
SETTLED = 10_000
"""Positions behind the latest entry where none is expected any more: deliveries overtake each other by batches."""
BYTES_PER_ENTRY = 720
"""Bytes in memory for an entry beside the indexes: packed, its key, and the tables that find it. (Measured.)"""


class _Place(msgspec.Struct, gc=False):
    """Where in the stream an entry is."""

    position: int


_place = msgspec.json.Decoder(_Place)
_written = msgspec.json.Decoder(Entry)
_pack = msgspec.msgpack.Encoder().encode
_packed = msgspec.msgpack.Decoder(Entry)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of an article, and the entry to write; None if its message has one already."""

    verdict: Verdict
    time: int
    entry: LedgerEntry | None


class Ledger:
    """The entries of one partition of the clean articles, and the indexes over those in the window.

    ``window`` is in milliseconds of message time.
    """

    def __init__(self, window: int) -> None:
        self._window = window
        self._positions: dict[str, int] = {}  # by key, where the entry is
        self._ahead: dict[int, bytes] = {}  # by position, what is known but not yet passed by: as it is written
        self._order: list[int] = []  # the positions of these, and of some that were forgotten
        self._passed: dict[int, bytes] = {}  # by position, the other entries: without what the indexes have of them
        self._last = -1  # the highest position passed
        self._in_window: list[tuple[int, int]] = []  # a heap of (time, position)
        self._left: deque[tuple[int, int]] = deque()  # (position that ended its window, position): waits to be deleted
        self._clock = 0
        self._indexes = Indexes(self._entry_at)

    def __len__(self) -> int:
        return len(self._positions)

    @property
    def nbytes(self) -> int:
        """The bytes that the ledger takes in memory, about."""
        return self._indexes.nbytes + BYTES_PER_ENTRY * len(self._positions)

    def load(self, key: str, entry: bytes) -> None:
        """Take in an entry that was written before, by whomever; they may come in any order."""
        if key not in self._positions:
            self._keep(key, _place.decode(entry).position, entry)

    def forget(self, key: str) -> None:
        """Take in a deletion that was written before."""
        # Only what nobody can ask for again is deleted; what is in the window here leaves it by itself.
        if (position := self._positions.pop(key, None)) is not None:
            self._ahead.pop(position, None)

    def advance_watermark(self, entry: bytes, position: int) -> None:
        """Have the window end no earlier than by an entry that is yet to be loaded, if it lies below the position.

        So what has left the window when the stream goes on at the position need not be indexed first.
        """
        found = _written.decode(entry)
        if found.position < position:
            self._clock = max(self._clock, found.time)

    def settle(self, position: int, behind: int = SETTLED) -> None:
        """Index what lies below the position and so far behind the latest entry; more is to be loaded.

        Raises:
            OutOfOrderError: an entry was loaded that should have been indexed before.
        """
        self.catch_up(min(position, max(self._order, default=0) - behind))

    def catch_up(self, position: int) -> None:
        """Index what lies below the position, at which the stream will go on: nothing below it comes as new.

        Raises:
            OutOfOrderError: an entry was loaded that should have been indexed before.
        """
        if any(at < self._last and at in self._ahead for at in self._order):
            raise OutOfOrderError("an entry came after later ones had been indexed")
        self._pass(position, 0)

    @fault_point("judge article")
    def decide(self, article: CleanArticle, position: int, time: int) -> Decision:
        """What is decided of the article at the position: what was before if its message has an entry.

        ``time`` is the message's, in milliseconds. Positions never fall below one that was entered, unless the message
        has an entry already.
        """
        key = entry_key(article.origin)
        known = self._positions.get(key)
        if known is not None:
            stored = self._entry_at(known)
            return Decision(stored.verdict, stored.time, None)
        self._pass(position, time)
        entry = self._indexes.judge(article, position, time)
        self._keep(key, position, encode(entry))
        return Decision(entry.verdict, time, entry)

    @fault_point("expire entries")
    def expire(self, committed: int) -> list[str]:
        """The keys of the entries that are no longer needed, which are dropped: their window ended below the offset."""
        gone = []
        while self._left and self._left[0][0] < committed:
            _, position = self._left.popleft()
            key = entry_key(self._entry_at(position).origin)
            del self._passed[position]
            if self._positions.get(key) == position:  # else somebody has deleted it before
                del self._positions[key]
                gone.append(key)
        return gone

    def dump(self) -> Arrays:
        """All that the ledger knows, as arrays that later changes leave alone."""
        entries = [*self._passed.values(), *self._ahead.values()]
        return {
            "keys": _bytes("\n".join(self._positions).encode()),
            "positions": np.fromiter(self._positions.values(), np.int64, len(self._positions)),
            "entries": _bytes(b"".join(entries)),
            "lengths": np.fromiter(map(len, entries), np.int64, len(entries)),
            "passed": np.fromiter(self._passed, np.int64, len(self._passed)),
            "ahead": np.fromiter(self._ahead, np.int64, len(self._ahead)),
            "in_window": _pairs(self._in_window),
            "left": _pairs(self._left),
            "marks": np.array([self._window, self._clock], np.int64),
        } | self._indexes.dump()

    @classmethod
    def restored(cls, arrays: Arrays) -> Ledger:
        """The ledger of which ``dump`` gave the arrays, which become its own."""
        window, clock = arrays["marks"].tolist()
        ledger = cls(window)
        ledger._clock = clock
        keys = arrays["keys"].tobytes().decode().split("\n") if len(arrays["keys"]) else []
        ledger._positions = dict(zip(keys, arrays["positions"].tolist(), strict=True))
        entries, ends = arrays["entries"].tobytes(), np.cumsum(arrays["lengths"]).tolist()
        each = (entries[start:end] for start, end in pairwise([0, *ends]))
        ledger._passed = dict(zip(arrays["passed"].tolist(), each, strict=False))
        ledger._last = max(ledger._passed, default=-1)
        ledger._ahead = dict(zip(arrays["ahead"].tolist(), each, strict=True))
        ledger._order = list(ledger._ahead)
        ledger._in_window = list(map(tuple, arrays["in_window"].tolist()))
        ledger._left = deque(map(tuple, arrays["left"].tolist()))
        ledger._indexes.restore(arrays)
        return ledger

    def _entry_at(self, position: int) -> Entry:
        packed = self._passed.get(position)
        return _written.decode(self._ahead[position]) if packed is None else _packed.decode(packed)

    def _keep(self, key: str, position: int, entry: bytes) -> None:
        self._positions[key] = position
        self._ahead[position] = entry
        self._order.append(position)

    @fault_point("advance window")
    def _pass(self, position: int, time: int) -> None:
        """Bring the indexes to where the stream is: every entry below the position, the window up to the time."""
        due = self._due(position)
        for first in range(0, len(due), AT_ONCE):
            self._admit([_written.decode(self._ahead[at]) for at in due[first : first + AT_ONCE]], position)
        self._clock = max(self._clock, time)
        while self._in_window and self._in_window[0][0] < self._clock - self._window:
            _, gone = heapq.heappop(self._in_window)
            self._indexes.discard(gone)
            self._left.append((position, gone))

    @fault_point("find entries to index")
    def _due(self, position: int) -> list[int]:
        """The positions below this one that have not been passed yet, in order."""
        self._order.sort()
        count = bisect_left(self._order, position)
        due = [at for at in dict.fromkeys(self._order[:count]) if at in self._ahead]
        del self._order[:count]
        return due

    def _admit(self, entries: Sequence[Entry], position: int) -> None:
        """Take the entries into the indexes, but for those that are out of the window already."""
        self._clock = max(self._clock, *(entry.time for entry in entries))
        in_window = [entry for entry in entries if entry.time >= self._clock - self._window]
        self._indexes.extend(in_window)
        self._left.extend((position, entry.position) for entry in entries if entry.time < self._clock - self._window)
        for entry in in_window:
            heapq.heappush(self._in_window, (entry.time, entry.position))
        self._last = max(self._last, entries[-1].position)
        for entry in entries:
            entry.sketch = entry.terms = b""
            del self._ahead[entry.position]
            self._passed[entry.position] = _pack(entry)


def entry_key(origin: object) -> str:
    """The key of a ledger entry: the raw message that it speaks of, so that no two messages ever claim one key."""
    return str(origin)


def _bytes(data: bytes) -> Array:
    return np.frombuffer(data, np.uint8)


def _pairs(pairs: Collection[tuple[int, int]]) -> Array:
    return np.array(pairs, np.int64).reshape(-1, 2)
