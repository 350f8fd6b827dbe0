"""The index of stories: finds the story of an article among the unique articles within the window.

All sums are of integers, so that a worker that rebuilds the index after a crash gets exactly the same verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from workers.dedupe.arrays import Arrays, Hashes
from workers.dedupe.columns import Column, StoredParts
from workers.dedupe.groups import starts_of_runs
from workers.dedupe.rows import RowIndex
from workers.dedupe.stories.compact import HASH_BITS, CompactWords, compact, hashes_of, shortened, weights_of
from workers.dedupe.stories.likeness import likeness
from workers.dedupe.stories.placement import STORY_THRESHOLD, Placement, place
from workers.dedupe.stories.regrouping import Regrouping, story_key, story_keys
from workers.dedupe.stories.terms import (
    DATES_FLAG,
    LEAD_FLAG,
    TERM,
    TERMS_PER_TEXT,
    WEIGHT_BITS,
    Occurrences,
    Terms,
    parted,
    weigh,
)

LOOKUP_TERMS = 16
"""Heaviest terms of a text, by which candidates are found."""
MAX_ARTICLES_PER_TERM = 64
"""Latest articles found per lookup term."""
MAX_CANDIDATES = 32
"""Articles compared in full."""
_WEIGHT_BITS, _SLOT_BITS = np.uint64(16), np.uint64(32)
_ROW_BYTES = TERMS_PER_TEXT * TERM.itemsize


class Frequencies:
    """The number of articles within the window that contain each term, by its shortened hash.

    Terms may share a hash, which only makes them seem a little less rare.
    """

    def __init__(self) -> None:
        # The operating system allocates a page only when it is first written to.
        self._counts = np.zeros(1 << HASH_BITS, np.int32)

    def count(self, terms: Hashes, sign: int) -> None:
        """Add ``sign`` (1 or -1) to the counter of every term."""
        np.add.at(self._counts, terms.astype(np.intp), np.int32(sign))  # with other types it is much slower

    def of(self, terms: Hashes) -> npt.NDArray[np.int32]:
        """The number of articles that contain each term."""
        counts: npt.NDArray[np.int32] = self._counts[terms]
        return counts

    @property
    def nbytes(self) -> int:
        """Maximum size in memory, in bytes."""
        return self._counts.nbytes

    def dump(self) -> Arrays:
        """The counters that are not 0, and their values."""
        counters = np.flatnonzero(self._counts).astype(np.uint32)
        return {"counters": counters, "counts": self._counts[counters]}

    def restore(self, arrays: Arrays) -> None:
        """Replace the counters."""
        self._counts = np.zeros(1 << HASH_BITS, np.int32)
        self._counts[arrays["counters"]] = arrays["counts"]


class Stories:
    """The unique articles within the window, by terms, story and stream offset."""

    def __init__(self) -> None:
        self._words = Column(np.uint32, (TERMS_PER_TEXT,))
        self._dates = Column(np.uint32)
        self._rows = RowIndex(words=self._words, dates=self._dates)  # the key of each is its story
        self._frequencies = Frequencies()
        self.regrouping = Regrouping()
        self.stored = StoredParts(rows=self._rows.stored, frequencies=self._frequencies, regrouping=self.regrouping)

    def __len__(self) -> int:
        return len(self._rows)

    def weigh(self, text: Occurrences) -> Terms:
        """The terms of a text, weighted by how rare they are in the language and among the articles in the window."""
        return weigh(text, len(self._rows), lambda terms: self._frequencies.of(shortened(terms)))

    def prefetch(self, texts: Sequence[Occurrences]) -> None:
        """Search for the words of several texts at once, before each is compared."""
        self._rows.prefetch(np.concatenate([text.terms for text in texts]))

    def find(self, terms: Terms) -> int | None:
        """The offset of an article in the story that the terms belong to, or None if they start a new story."""
        return self.place(terms).member

    def place(self, terms: Terms, is_apart: Callable[[int], bool] | None = None) -> Placement:
        """Where an article with the terms belongs; articles are stream offsets.

        It is in no story of an article that ``is_apart``, however alike they are.
        """
        dates, words = parted(terms)
        candidates = self._candidates(words)
        if is_apart:
            candidates = self._without(is_apart, candidates)
        if not len(candidates):
            return Placement()
        named, rows = self._dates.rows[candidates], self._words.rows.take(candidates, axis=0)
        scores = likeness(dates, compact(words), named, rows).tolist()
        if max(scores) < STORY_THRESHOLD:
            return Placement()
        offsets = self._rows.slots.offsets(candidates).tolist()
        stories = self._keys_of(candidates)

        def scores_of(number: int) -> list[int]:
            scores: list[int] = likeness(int(named[number]), _without_padding(rows[number]), named, rows).tolist()
            return scores

        return place(scores, stories, scores_of).at(offsets)

    def _without(self, is_apart: Callable[[int], bool], slots: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """The slots without those of the stories of articles that are apart."""
        stories = self._keys_of(slots)
        apart = {story for slot, story in zip(slots, stories, strict=True) if is_apart(self._rows.slots.offset(slot))}
        return slots[[story not in apart for story in stories]]

    def _keys_of(self, slots: npt.NDArray[np.intp]) -> list[int]:
        """The keys of the stories to which the articles in these slots belong now."""
        return self.regrouping.keys_of(self._rows.slots.offsets(slots).tolist(), self._rows.keys[slots].tolist())

    def _candidates(self, words: Terms) -> npt.NDArray[np.intp]:
        """The slots of the articles with the heaviest words in common, in order."""
        lookup = words[:LOOKUP_TERMS]
        hits, slots = self._rows.find(lookup["term"].copy(), MAX_ARTICLES_PER_TERM)
        if not len(slots):
            return np.empty(0, np.intp)
        # Slots and weights in one number: sorting numbers is faster than sorting places by them.
        found = slots.astype(np.uint64) << _WEIGHT_BITS | (lookup["weight"] & WEIGHT_BITS)[hits]
        found.sort()
        starts = starts_of_runs(found >> _WEIGHT_BITS)
        shared = np.add.reduceat(found & WEIGHT_BITS, starts)
        candidates = shared << _SLOT_BITS | found[starts] >> _WEIGHT_BITS  # of equals, the latest
        if len(candidates) > MAX_CANDIDATES:
            candidates = np.partition(candidates, -MAX_CANDIDATES)[-MAX_CANDIDATES:]
        return np.sort(candidates.astype(np.uint32)).astype(np.intp)

    def likeness_to(self, offset: int, others: Sequence[int]) -> list[int]:
        """The likeness of an article to each of some others, by their offsets, which must be in the index."""
        slot, slots = self._rows.slots.slot(offset), [self._rows.slots.slot(other) for other in others]
        own, rows = _without_padding(self._words.rows[slot]), self._words.rows[slots]
        scores = likeness(int(self._dates.rows[slot]), own, self._dates.rows[slots], rows)
        found: list[int] = scores.tolist()
        return found

    def shared_lead(self, offset: int, text: Occurrences) -> float | None:
        """The share of the lead of an article, by weight, that another text has too; None if it is not in the index."""
        if not self.has(offset):
            return None
        words = self._words.rows[self._rows.slots.slot(offset)]
        weights = weights_of(words)
        lead = (weights & WEIGHT_BITS) * (weights & LEAD_FLAG > 0)
        return float(lead[np.isin(hashes_of(words), shortened(text.terms))].sum() / max(1, lead.sum()))

    def has(self, offset: int) -> bool:
        """Whether there is an article at the offset."""
        return self._rows.slots.has(offset)

    def members(self, story: str) -> Iterator[int]:
        """Yield the offsets of the articles whose verdict names the story, the latest first."""
        for slot in self._rows.all(story_key(story)):
            yield self._rows.slots.offset(slot)

    def latest(self, story: str) -> int | None:
        """The offset of the latest article of a story within the window, or None."""
        slot = self._rows.latest(story_key(story))
        return None if slot is None else self._rows.slots.offset(slot)

    def extend(self, offsets: Sequence[int], stories: Sequence[str], terms: Sequence[bytes]) -> None:
        """Add articles and count their terms; offsets must rise, and terms are packed (``TERM``)."""
        named, rows = _rows_of(terms)
        words = compact(rows)
        of_lookup = words[:, :LOOKUP_TERMS] > 0
        lookup = rows["term"][:, :LOOKUP_TERMS][of_lookup]
        self._rows.extend(offsets, story_keys(stories), lookup, of_lookup.sum(axis=1), words=words, dates=named)
        self._frequencies.count(hashes_of(_without_padding(words)), 1)

    def settle(self) -> None:
        """Do what the next look-up would do first, which takes a while after many articles."""
        self._rows.settle()

    def discard(self, offset: int) -> None:
        """Remove the article at an offset, which must be in the index, and uncount its terms."""
        words = _without_padding(self._words.rows[self._rows.slots.slot(offset)])
        self._frequencies.count(hashes_of(words), -1)
        self._rows.discard(offset)


def _without_padding(words: CompactWords) -> CompactWords:
    """The words that are no padding, end to end."""
    return words[words > 0]


def _rows_of(packed: Sequence[bytes]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.void]]:
    """The mask of dates of each text, and its words in a row of equal length, padded with zeros."""
    firsts = np.frombuffer(b"".join([terms[: TERM.itemsize].ljust(TERM.itemsize, b"\0") for terms in packed]), TERM)
    is_mask = firsts["weight"] == DATES_FLAG
    starts = (TERM.itemsize * is_mask).tolist()
    # Short texts have fewer words, and an older version may have kept more.
    rows = [
        terms[start : start + _ROW_BYTES].ljust(_ROW_BYTES, b"\0") for terms, start in zip(packed, starts, strict=True)
    ]
    masks: npt.NDArray[np.uint32] = firsts["term"] * is_mask
    return masks, np.frombuffer(b"".join(rows), TERM).reshape(len(packed), TERMS_PER_TEXT)
