"""The ledger: it records the verdict on every article, and returns the same verdict when a message is read again.

There is one entry per raw message. Its verdict depends only on the entries at lower stream offsets that are within the
window at that point: not on what a crashed worker left half done, and not on what happens to be in memory. Therefore:

- A message that has an entry gets the stored verdict, whoever wrote it.
- Entries are indexed in stream order, each just before the first message at a higher offset.
- The window ends at the highest message time seen so far (the watermark), never at the wall clock, and entries leave it
  exactly at its end. From then on only their verdict is remembered.
- An article that is itself older than the window is *late*: it is compared with nothing and starts a story of its own.
  Its verdict depends on nothing but itself, so it stays the same even when it is no longer remembered.
- A verdict is forgotten, and its entry deleted from the topic, once the watermark has risen by the length of the memory
  since the article was judged, and the message that raised it lies below the committed offset. The memory is longer
  than Kafka keeps the raw message. Whoever reads raw messages again gets the first verdicts; what lies beyond the
  memory is late, so it never becomes a copy of an article that came after it. Only where the messages that moved it
  there are among the last ``MAX_REORDERING_OFFSETS`` is a clean message that is read again judged as if it were new.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import compress, pairwise

import msgspec
import numpy as np

from schemas import CleanArticle, LedgerEntry, Verdict, encode_briefly
from workers.dedupe import remembered
from workers.dedupe.arrays import Array, Arrays
from workers.dedupe.columns import StoredParts
from workers.dedupe.copies import COPY_THRESHOLD
from workers.dedupe.departures import Departures
from workers.dedupe.indexes import IndexedEntry, Indexes
from workers.dedupe.texts import Text
from workers.dedupe.verdicts import Judge, judge_late
from workers.errors import OutOfOrderError
from workers.fault_points import fault_point

INDEX_BATCH_ENTRIES = 3_000
"""Entries indexed at a time: few enough for the processor's cache, and to bound temporary memory."""
MAX_REORDERING_OFFSETS = 10_000
"""An entry this far below the latest offset has arrived for sure: only whole batches overtake each other."""
BYTES_PER_ENTRY = 170
"""Bytes in memory per entry in the window, beside the columns: its key, and what finds it."""
BYTES_PER_REMEMBERED_VERDICT = 260
"""Measured bytes in memory per verdict that is only remembered: the verdict, its key, and what finds it."""

_decode = msgspec.json.Decoder(IndexedEntry).decode
_encode = msgspec.json.Encoder().encode


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

    ``window_ms`` is the length of the window in milliseconds of message time; ``memory_ms`` is how long verdicts are
    remembered, at least for the window; ``copy_threshold`` is the percentage of a text that makes a copy;
    ``copies_off`` are the sources and kinds that are never called copies, as ``COPYDESK_COPIES_OFF`` names them.
    """

    def __init__(
        self,
        window_ms: int,
        memory_ms: int = 0,
        copy_threshold: int = COPY_THRESHOLD,
        copies_off: Collection[str] = (),
    ) -> None:
        self._window_ms = window_ms
        self._memory_ms = max(window_ms, memory_ms)
        self._copy_threshold = copy_threshold
        # By key: the stream offset of an entry that is pending or indexed, or a verdict that is only remembered.
        self._known: dict[str, int | bytes] = {}
        self._order: deque[str] = deque()  # keys, the first to be forgotten first; may hold keys of forgotten entries
        self._pending: dict[int, IndexedEntry] = {}  # by offset: entries not indexed yet
        self._pending_offsets: list[int] = []  # may hold offsets of forgotten entries and duplicates
        self._indexed = remembered.Entries()
        self._last_indexed = -1
        self._departures = Departures()
        self._indexes = Indexes(self._indexed.at, copy_threshold)
        self._columns = StoredParts(
            indexes=self._indexes.stored, entries=self._indexed.stored, departures=self._departures
        )
        self._judge_new = Judge(self._indexes, copies_off)
        self._watermark = 0
        self._committed_watermark = 0
        self._rises: deque[tuple[int, int]] = deque()  # (offset, watermark from there on), not committed yet
        self._resumes_at = 0  # see ``look_ahead``

    def __len__(self) -> int:
        return len(self._known)

    @property
    def nbytes(self) -> int:
        """Approximate size in memory, in bytes."""
        in_window = len(self._pending) + len(self._indexed)
        remembered_only = max(0, len(self._known) - in_window)
        return self._columns.nbytes + BYTES_PER_ENTRY * in_window + BYTES_PER_REMEMBERED_VERDICT * remembered_only

    def load(self, key: str, entry: bytes) -> None:
        """Add an entry that any worker has written before. Entries may come in any order."""
        if key in self._known:
            return
        stored = _decode(entry)
        if stored.offset < self._resumes_at and self._is_late(stored.time):
            self._add(key, remembered.pack(stored.time, stored.verdict))
        else:
            self._add_pending(key, stored)

    def forget(self, key: str) -> None:
        """Apply a deletion that any worker has written before."""
        # A deleted entry is never asked for again. If it is indexed here, it goes when it leaves the window.
        known = self._known.pop(key, None)
        if isinstance(known, int):
            self._pending.pop(known, None)

    def look_ahead(self, entries: Iterable[bytes], offset: int, behind: int = MAX_REORDERING_OFFSETS) -> None:
        """Advance the watermark to the times of the last entries, which are still to be loaded.

        ``offset`` is where the stream resumes. Entries that are outside the window then are only remembered when they
        are loaded. If the stream was set back, it resumes at messages that have entries, up to ``behind`` offsets below
        the latest: until there, nothing is judged.
        """
        stored = [decoded for entry in entries if (decoded := _readable(entry))]
        latest = max((entry.offset for entry in stored), default=0)
        self._resumes_at = max(self._resumes_at, offset, latest - behind)
        below = (entry.time for entry in stored if entry.offset < self._resumes_at)
        self._watermark = max(self._watermark, *below, 0)

    def index_below(self, offset: int, behind: int = MAX_REORDERING_OFFSETS) -> None:
        """Index the entries below the offset, except the latest ``behind`` offsets, for which more entries may arrive.

        Raises:
            OutOfOrderError: an entry arrived after later ones were indexed.
        """
        self._catch_up(min(offset, max(self._pending_offsets, default=0) - behind))

    def catch_up(self, offset: int) -> None:
        """Index all entries below the offset at which the stream resumes; no new message is below it.

        After many entries this takes a second.

        Raises:
            OutOfOrderError: an entry arrived after later ones were indexed.
        """
        self._catch_up(offset)
        self._indexes.settle()

    def prepare(self, articles: Sequence[CleanArticle]) -> list[Text]:
        """The texts of the articles of the next messages, for ``decide``. For many at once this is faster."""
        return self._judge_new.prepare(articles)

    @fault_point("judge article")
    def decide(self, article: CleanArticle, offset: int, time: int, text: Text | None = None) -> Decision:
        """The decision on the article at a stream offset: the stored one if its message has an entry.

        ``time`` is the message time in milliseconds, and ``text`` is what ``prepare`` returned for the article. The
        offset of a message without an entry must not be lower than that of any earlier call, unless it is late.
        """
        key = entry_key(article.origin)
        known = self._known.get(key)
        if known is not None:
            return Decision(*self._stored(known), None)
        self._advance(offset, time)
        entry = self._judge(article, offset, time, text)
        if self._is_late(time):
            self._add(key, remembered.pack(time, entry.verdict))
        else:
            self._add_pending(key, _decode(encode_briefly(entry)))
        return Decision(entry.verdict, time, entry)

    @fault_point("expire entries")
    def expire(self, committed: int) -> list[str]:
        """Forget the verdicts that messages below the committed offset moved out of the memory; return their keys."""
        while self._rises and self._rises[0][0] < committed:
            _, self._committed_watermark = self._rises.popleft()
        start, forgotten = self._memory_start(), []
        while self._order:
            known = self._known.get(self._order[0])
            if isinstance(known, int) or (known is not None and remembered.unpack(known)[0] >= start):
                break
            key = self._order.popleft()
            if known is not None:  # otherwise another worker has deleted it already
                del self._known[key]
                forgotten.append(key)
        return forgotten

    def dump(self) -> Arrays:
        """The whole state as arrays; later changes to the ledger do not alter them."""
        verdicts = [known for known in self._known.values() if isinstance(known, bytes)]
        packed = [*verdicts, *map(_encode, self._pending.values())]
        offsets = (known if isinstance(known, int) else -1 for known in self._known.values())
        return {
            "keys": _bytes("\n".join(self._known).encode()),
            "offsets": np.fromiter(offsets, np.int64, len(self._known)),
            "entries": _bytes(b"".join(packed)),
            "lengths": np.fromiter(map(len, packed), np.int64, len(packed)),
            "pending": np.fromiter(self._pending, np.int64, len(self._pending)),
            "rises": _pairs(self._rises),
            "state": np.array(
                [
                    self._window_ms,
                    self._memory_ms,
                    self._copy_threshold,
                    self._watermark,
                    self._committed_watermark,
                    self._last_indexed,
                    self._resumes_at,
                ],
                np.int64,
            ),
        } | self._columns.dump()

    @classmethod
    def restored(cls, arrays: Arrays, copies_off: Collection[str] = ()) -> Ledger:
        """Rebuild a ledger from what ``dump`` returned. It takes ownership of the arrays."""
        window_ms, memory_ms, copy_threshold, *state = arrays["state"].tolist()
        ledger = cls(window_ms, memory_ms, copy_threshold, copies_off)
        ledger._watermark, ledger._committed_watermark, ledger._last_indexed, ledger._resumes_at = state
        keys = arrays["keys"].tobytes().decode().split("\n") if len(arrays["keys"]) else []
        entries, ends = arrays["entries"].tobytes(), np.cumsum(arrays["lengths"]).tolist()
        packed = (entries[start:end] for start, end in pairwise([0, *ends]))
        offsets = arrays["offsets"]
        ledger._known = dict(zip(keys, offsets.tolist(), strict=True))
        ledger._known.update(zip(compress(keys, (offsets < 0).tolist()), packed, strict=False))
        ledger._order = deque(ledger._known)
        ledger._pending = dict(zip(arrays["pending"].tolist(), map(_decode, packed), strict=True))
        ledger._pending_offsets = list(ledger._pending)
        ledger._rises = deque(map(tuple, arrays["rises"].tolist()))
        ledger._columns.restore(arrays)
        return ledger

    def _catch_up(self, offset: int) -> None:
        self._pending_offsets.sort()
        belated = bisect_left(self._pending_offsets, self._last_indexed)
        if any(pending in self._pending for pending in self._pending_offsets[:belated]):
            raise OutOfOrderError("an entry arrived after later ones were indexed")
        self._advance(offset, 0)

    def _stored(self, known: int | bytes) -> tuple[Verdict, int]:
        """The verdict and the message time of a known entry."""
        if isinstance(known, bytes):
            time, verdict = remembered.unpack(known)
            return verdict, time
        if entry := self._pending.get(known):
            return remembered.verdict_of(entry), entry.time
        entry = self._indexed.at(known)
        return entry.verdict, entry.time

    def _add(self, key: str, known: int | bytes) -> None:
        self._known[key] = known
        self._order.append(key)

    def _add_pending(self, key: str, entry: IndexedEntry) -> None:
        entry.key = key
        self._add(key, entry.offset)
        self._pending[entry.offset] = entry
        self._pending_offsets.append(entry.offset)

    @fault_point("judge new article")
    def _judge(self, article: CleanArticle, offset: int, time: int, text: Text | None) -> LedgerEntry:
        """The entry of an article whose message has none."""
        return (judge_late if self._is_late(time) else self._judge_new.judge)(article, offset, time, text)

    def _is_late(self, time: int) -> bool:
        """Whether a message time is outside the window."""
        return time < self._window_start()

    def _window_start(self) -> int:
        """The message time before which articles are outside the window."""
        return self._watermark - self._window_ms

    @fault_point("start of memory")
    def _memory_start(self) -> int:
        """The message time below which verdicts are forgotten."""
        return self._committed_watermark - self._memory_ms

    @fault_point("advance window")
    def _advance(self, offset: int, time: int) -> None:
        """Index every entry below the stream offset, and move the end of the window to the time."""
        due = self._due(offset)
        for first in range(0, len(due), INDEX_BATCH_ENTRIES):
            self._index([self._pending.pop(pending) for pending in due[first : first + INDEX_BATCH_ENTRIES]])
        self._watermark = max(self._watermark, time)
        if self._watermark > (self._rises[-1][1] if self._rises else self._committed_watermark):
            self._rises.append((offset, self._watermark))
        while (gone := self._departures.pop_before(self._window_start())) is not None:
            leaving = self._indexed.at(gone)
            self._indexes.discard(leaving)
            self._indexed.discard(leaving.offset)
            self._remember(leaving)

    @fault_point("find entries to index")
    def _due(self, offset: int) -> list[int]:
        """Remove and return the pending offsets below the stream offset, in order."""
        self._pending_offsets.sort()
        count = bisect_left(self._pending_offsets, offset)
        due = [pending for pending in dict.fromkeys(self._pending_offsets[:count]) if pending in self._pending]
        del self._pending_offsets[:count]
        return due

    def _index(self, entries: Sequence[IndexedEntry]) -> None:
        """Index the entries; those that are already outside the window are only remembered."""
        self._watermark = max(self._watermark, *(entry.time for entry in entries))
        start = self._window_start()
        in_window = [entry for entry in entries if entry.time >= start]
        self._indexes.extend(in_window)
        self._indexed.extend(in_window)
        self._last_indexed = max(self._last_indexed, entries[-1].offset)
        if len(in_window) < len(entries):
            for entry in entries:
                if entry.time < start:
                    self._remember(entry)
        self._departures.extend([entry.time for entry in in_window], [entry.offset for entry in in_window])

    def _remember(self, entry: IndexedEntry) -> None:
        """Keep only the verdict of an entry that is outside the window."""
        if self._known.get(entry.key) == entry.offset:  # otherwise another worker has deleted it already
            self._known[entry.key] = remembered.pack(entry.time, entry.verdict)


def _readable(entry: bytes) -> IndexedEntry | None:
    """The entry, or None for a record that is not one: whoever loads it says so."""
    try:
        return _decode(entry)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def entry_key(origin: object) -> str:
    """The key of a ledger entry: the raw message it is about, so that no two messages share a key."""
    return str(origin)


def _bytes(data: bytes) -> Array:
    return np.frombuffer(data, np.uint8)


def _pairs(pairs: Collection[tuple[int, int]]) -> Array:
    return np.array(pairs, np.int64).reshape(-1, 2)
