"""The ledger: it records the verdict on every article, and returns the same verdict when a message is redelivered.

There is one entry per raw message. Its verdict depends only on the entries at lower stream offsets that are within the
window at that point: not on what a crashed worker left half done, and not on what happens to be in memory. Therefore:

- A message that has an entry gets the stored verdict, whoever wrote it.
- Entries are indexed in stream order, each just before the first message at a higher offset.
- The window ends at the highest message time seen so far (the watermark), never at the wall clock, and entries leave it
  exactly at its end.
- An entry is deleted from the topic only once the message that moved it out of the window lies below the committed
  offset. Nothing below that offset is ever delivered again, so no worker can compare a later message with the entry.
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
from workers.dedupe.verdicts import IndexedEntry, Indexes
from workers.errors import OutOfOrderError
from workers.fault_points import fault_point

INDEX_BATCH_ENTRIES = 200_000
"""Entries indexed at a time, which bounds temporary memory."""
MAX_REORDERING_OFFSETS = 10_000
"""An entry this far below the latest offset has arrived for sure: only whole batches overtake each other."""
BYTES_PER_ENTRY = 720
"""Measured bytes in memory per entry beside the indexes: the packed entry, its key, and the tables that find it."""


class _EntryOffset(msgspec.Struct, gc=False):
    """The stream offset of an entry."""

    offset: int = msgspec.field(name="position")  # the record's name for it


_decode_offset = msgspec.json.Decoder(_EntryOffset).decode
_decode_json = msgspec.json.Decoder(IndexedEntry).decode
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(IndexedEntry).decode


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on an article, and the entry to write, or None if its message already has one.

    ``time`` is the message time of the entry, in milliseconds.
    """

    verdict: Verdict
    time: int
    entry: LedgerEntry | None


class Ledger:
    """The entries of one partition of the clean articles, and the indexes over those within the window.

    ``window_ms`` is the length of the window in milliseconds of message time.
    """

    def __init__(self, window_ms: int) -> None:
        self._window_ms = window_ms
        self._offsets: dict[str, int] = {}  # by key: every entry
        self._pending: dict[int, bytes] = {}  # by offset: entries not indexed yet, as JSON
        self._pending_offsets: list[int] = []  # may hold offsets of forgotten entries and duplicates
        self._indexed: dict[int, bytes] = {}  # by offset: the other entries, packed, without sketch and terms
        self._last_indexed = -1
        self._in_window: list[tuple[int, int]] = []  # a heap of (time, offset)
        self._expired: deque[tuple[int, int]] = deque()  # (offset that ended the window, offset), to be deleted
        self._watermark = 0
        self._indexes = Indexes(self._entry_at)

    def __len__(self) -> int:
        return len(self._offsets)

    @property
    def nbytes(self) -> int:
        """Approximate size in memory, in bytes."""
        return self._indexes.stored.nbytes + BYTES_PER_ENTRY * len(self._offsets)

    def load(self, key: str, entry: bytes) -> None:
        """Add an entry that any worker has written before. Entries may come in any order."""
        if key not in self._offsets:
            self._add(key, _decode_offset(entry).offset, entry)

    def forget(self, key: str) -> None:
        """Apply a deletion that any worker has written before."""
        # A deleted entry is never asked for again. If it is indexed here, it goes when it leaves the window.
        if (offset := self._offsets.pop(key, None)) is not None:
            self._pending.pop(offset, None)

    def advance_watermark(self, entry: bytes, offset: int) -> None:
        """Advance the watermark to the time of an entry that is still to be loaded, if the entry lies below the offset.

        Entries that are outside the window when the stream resumes at the offset then need not be indexed.
        """
        decoded = _decode_json(entry)
        if decoded.offset < offset:
            self._watermark = max(self._watermark, decoded.time)

    def index_below(self, offset: int, behind: int = MAX_REORDERING_OFFSETS) -> None:
        """Index the entries below the offset, except the latest ``behind`` offsets, for which more entries may arrive.

        Raises:
            OutOfOrderError: an entry arrived after later ones were indexed.
        """
        self.catch_up(min(offset, max(self._pending_offsets, default=0) - behind))

    def catch_up(self, offset: int) -> None:
        """Index all entries below the offset at which the stream resumes; no new message is below it.

        Raises:
            OutOfOrderError: an entry arrived after later ones were indexed.
        """
        if any(pending < self._last_indexed and pending in self._pending for pending in self._pending_offsets):
            raise OutOfOrderError("an entry arrived after later ones were indexed")
        self._advance(offset, 0)

    @fault_point("judge article")
    def decide(self, article: CleanArticle, offset: int, time: int) -> Decision:
        """The decision on the article at a stream offset: the stored one if its message has an entry.

        ``time`` is the message time in milliseconds. The offset of a message without an entry must not be lower than
        that of any earlier call.
        """
        key = entry_key(article.origin)
        known = self._offsets.get(key)
        if known is not None:
            stored = self._entry_at(known)
            return Decision(stored.verdict, stored.time, None)
        self._advance(offset, time)
        entry = self._indexes.judge(article, offset, time)
        self._add(key, offset, encode(entry))
        return Decision(entry.verdict, time, entry)

    @fault_point("expire entries")
    def expire(self, committed: int) -> list[str]:
        """Drop the entries that a message below the committed offset moved out of the window, and return their keys."""
        dropped = []
        while self._expired and self._expired[0][0] < committed:
            _, offset = self._expired.popleft()
            key = entry_key(self._entry_at(offset).origin)
            del self._indexed[offset]
            if self._offsets.get(key) == offset:  # otherwise another worker has deleted it already
                del self._offsets[key]
                dropped.append(key)
        return dropped

    def dump(self) -> Arrays:
        """The whole state as arrays; later changes to the ledger do not alter them."""
        entries = [*self._indexed.values(), *self._pending.values()]
        return {
            "keys": _bytes("\n".join(self._offsets).encode()),
            "offsets": np.fromiter(self._offsets.values(), np.int64, len(self._offsets)),
            "entries": _bytes(b"".join(entries)),
            "lengths": np.fromiter(map(len, entries), np.int64, len(entries)),
            "indexed": np.fromiter(self._indexed, np.int64, len(self._indexed)),
            "pending": np.fromiter(self._pending, np.int64, len(self._pending)),
            "in_window": _pairs(self._in_window),
            "expired": _pairs(self._expired),
            "window_and_watermark": np.array([self._window_ms, self._watermark], np.int64),
        } | self._indexes.stored.dump()

    @classmethod
    def restored(cls, arrays: Arrays) -> Ledger:
        """Rebuild a ledger from what ``dump`` returned. It takes ownership of the arrays."""
        window_ms, watermark = arrays["window_and_watermark"].tolist()
        ledger = cls(window_ms)
        ledger._watermark = watermark
        keys = arrays["keys"].tobytes().decode().split("\n") if len(arrays["keys"]) else []
        ledger._offsets = dict(zip(keys, arrays["offsets"].tolist(), strict=True))
        entries, ends = arrays["entries"].tobytes(), np.cumsum(arrays["lengths"]).tolist()
        encoded = (entries[start:end] for start, end in pairwise([0, *ends]))
        ledger._indexed = dict(zip(arrays["indexed"].tolist(), encoded, strict=False))
        ledger._last_indexed = max(ledger._indexed, default=-1)
        ledger._pending = dict(zip(arrays["pending"].tolist(), encoded, strict=True))
        ledger._pending_offsets = list(ledger._pending)
        ledger._in_window = list(map(tuple, arrays["in_window"].tolist()))
        ledger._expired = deque(map(tuple, arrays["expired"].tolist()))
        ledger._indexes.stored.restore(arrays)
        return ledger

    def _entry_at(self, offset: int) -> IndexedEntry:
        packed = self._indexed.get(offset)
        return _decode_json(self._pending[offset]) if packed is None else _unpack(packed)

    def _add(self, key: str, offset: int, entry: bytes) -> None:
        self._offsets[key] = offset
        self._pending[offset] = entry
        self._pending_offsets.append(offset)

    @fault_point("advance window")
    def _advance(self, offset: int, time: int) -> None:
        """Index every entry below the stream offset, and move the end of the window to the time."""
        due = self._due(offset)
        for first in range(0, len(due), INDEX_BATCH_ENTRIES):
            batch = due[first : first + INDEX_BATCH_ENTRIES]
            self._index([_decode_json(self._pending[pending]) for pending in batch], offset)
        self._watermark = max(self._watermark, time)
        while self._in_window and self._in_window[0][0] < self._watermark - self._window_ms:
            _, expired = heapq.heappop(self._in_window)
            self._indexes.discard(expired)
            self._expired.append((offset, expired))

    @fault_point("find entries to index")
    def _due(self, offset: int) -> list[int]:
        """Remove and return the pending offsets below the stream offset, in order."""
        self._pending_offsets.sort()
        count = bisect_left(self._pending_offsets, offset)
        due = [pending for pending in dict.fromkeys(self._pending_offsets[:count]) if pending in self._pending]
        del self._pending_offsets[:count]
        return due

    def _index(self, entries: Sequence[IndexedEntry], offset: int) -> None:
        """Index the entries, except those that are already outside the window."""
        self._watermark = max(self._watermark, *(entry.time for entry in entries))
        start = self._watermark - self._window_ms
        in_window = [entry for entry in entries if entry.time >= start]
        self._indexes.extend(in_window)
        self._expired.extend((offset, entry.offset) for entry in entries if entry.time < start)
        for entry in in_window:
            heapq.heappush(self._in_window, (entry.time, entry.offset))
        self._last_indexed = max(self._last_indexed, entries[-1].offset)
        for entry in entries:
            entry.sketch = entry.terms = b""
            del self._pending[entry.offset]
            self._indexed[entry.offset] = _pack(entry)


def entry_key(origin: object) -> str:
    """The key of a ledger entry: the raw message it is about, so that no two messages share a key."""
    return str(origin)


def _bytes(data: bytes) -> Array:
    return np.frombuffer(data, np.uint8)


def _pairs(pairs: Collection[tuple[int, int]]) -> Array:
    return np.array(pairs, np.int64).reshape(-1, 2)
