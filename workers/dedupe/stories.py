"""Stories: groups of articles about one event, formed in one pass over the stream.

Articles are compared by the cosine of log-TF-IDF vectors over a sliding window, as in the topic detection and tracking
tasks (Allan et al. 1998). The similarity of a story is the mean over its nearest members. With centroids, one story
absorbs unrelated articles; with nearest neighbours it does not. All sums are of integers, so that a worker that
rebuilds the index after a crash gets exactly the same verdicts. The rarity of a term is fixed when its article arrives.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from workers.dedupe.columns import Column, StoredParts
from workers.dedupe.groups import distinct, groups
from workers.dedupe.postings import Arrays, Hashes
from workers.dedupe.rows import RowIndex
from workers.dedupe.words import Words, word_hashes

Terms = npt.NDArray[np.void]
"""A text's heaviest terms, the heaviest first: rows of ``term`` (a 32-bit hash) and ``weight``."""
TERM = np.dtype([("term", "<u4"), ("weight", "<u2")])
"""One packed term."""

TERMS_PER_TEXT = 48
"""Terms kept of a text."""
LOOKUP_TERMS = 16
"""Heaviest terms of a text, by which candidates are found."""
MAX_ARTICLES_PER_TERM = 64
"""Latest articles found per lookup term."""
MAX_CANDIDATES = 64
"""Articles compared in full."""
NEAREST_MEMBERS = 5
"""A story's similarity is the mean over this many of its nearest members."""
STORY_THRESHOLD = 0.2
"""Mean cosine with the nearest members from which an article belongs to a story."""
VECTOR_LENGTH = 10_000
"""Euclidean length of the vector of a text, in units of weight."""
HEADLINE_WEIGHT = 2
"""A word in the headline counts as this many occurrences."""
NAME_WEIGHT = 2.0
"""Weight of a word that is mostly capitalised, as a multiple: names of people and places tell events apart."""
PRIOR_ARTICLES = 4
"""Articles that every term is assumed to have occurred in already, so that a new term does not look rare."""
FREQUENCY_COUNTERS = 1 << 22
"""Counters of articles by term. Terms may share a counter, which only makes them seem a little less rare."""


class Frequencies:
    """The number of articles within the window that contain each term."""

    def __init__(self) -> None:
        # The operating system allocates a page only when it is first written to.
        self._counts = np.zeros(FREQUENCY_COUNTERS, np.int64)

    def count(self, terms: Hashes, sign: int) -> None:
        """Add ``sign`` (1 or -1) to the counter of every term."""
        np.add.at(self._counts, terms % FREQUENCY_COUNTERS, sign)

    def of(self, terms: Hashes) -> npt.NDArray[np.int64]:
        """The number of articles that contain each term."""
        return self._counts[terms % FREQUENCY_COUNTERS]

    @property
    def nbytes(self) -> int:
        """Maximum size in memory, in bytes."""
        return self._counts.nbytes

    def dump(self) -> Arrays:
        """The counters that are not 0, and their values."""
        counters = np.flatnonzero(self._counts)
        return {"counters": counters, "counts": self._counts[counters]}

    def restore(self, arrays: Arrays) -> None:
        """Replace the counters."""
        self._counts = np.zeros(FREQUENCY_COUNTERS, np.int64)
        self._counts[arrays["counters"]] = arrays["counts"]


class Stories:
    """The unique articles within the window, by terms, story and stream offset."""

    def __init__(self) -> None:
        self._terms = Column(TERM, (TERMS_PER_TEXT,))
        self._rows = RowIndex(terms=self._terms)  # the key of each is its story
        self._frequencies = Frequencies()
        self.stored = StoredParts(rows=self._rows.stored, frequencies=self._frequencies)

    def __len__(self) -> int:
        return len(self._rows)

    def weigh(self, headline: str, body: Words) -> Terms:
        """The heaviest terms of a text, weighted by how rare they are among the articles within the window.

        ``headline`` holds case-folded words.
        """
        is_term = body.lengths > 1
        hashes = body.hashes[is_term]
        if not len(hashes):
            return np.empty(0, TERM)
        order, starts = groups(hashes)
        terms = hashes[order[starts]]
        counts = np.diff(starts, append=len(order))
        is_name = 2 * np.add.reduceat(body.capitalised[is_term][order], starts, dtype=np.intp) >= counts
        in_headline = distinct(word_hashes(headline))
        at = np.minimum(terms.searchsorted(in_headline), len(terms) - 1)
        counts[at[terms[at] == in_headline]] += HEADLINE_WEIGHT - 1
        occurrence = 1 + _logarithms(counts)
        rarity = _logarithms(self._rarity(terms))
        scored = np.where(is_name, NAME_WEIGHT, 1.0) * occurrence * rarity
        heaviest = np.lexsort((terms, -scored))[:TERMS_PER_TEXT]
        length = math.sqrt(math.fsum((scored[heaviest] ** 2).tolist())) or 1.0
        weighted = np.empty(len(heaviest), TERM)
        weighted["term"] = terms[heaviest]
        weighted["weight"] = np.maximum(1, np.rint(VECTOR_LENGTH * scored[heaviest] / length))
        return weighted

    def find(self, terms: Terms) -> int | None:
        """The offset of an article in the story that the terms belong to, or None if they start a new story."""
        lookup = terms[:LOOKUP_TERMS]
        hits, slots = self._rows.find(np.ascontiguousarray(lookup["term"]), MAX_ARTICLES_PER_TERM)
        if not len(slots):
            return None
        order, starts = groups(slots)
        candidates = slots[order[starts]]
        shared = np.add.reduceat(lookup["weight"][hits[order]], starts, dtype=np.int64)
        candidates = np.sort(candidates[np.lexsort((-candidates.astype(np.int64), -shared))[:MAX_CANDIDATES]])
        products = self._products(terms, candidates).tolist()
        members: dict[int, list[int]] = {}  # of each story, the positions among the candidates
        for position, story in enumerate(self._rows.keys[candidates].tolist()):
            members.setdefault(story, []).append(position)
        first, similarity = None, STORY_THRESHOLD * VECTOR_LENGTH * VECTOR_LENGTH
        for positions in members.values():
            nearest = sorted(products[position] for position in positions)[-NEAREST_MEMBERS:]
            mean = sum(nearest) / len(nearest)
            if mean >= similarity and (first is None or mean > similarity):
                first, similarity = positions[0], mean
        return None if first is None else self._rows.slots.offset(int(candidates[first]))

    def latest(self, story: str) -> int | None:
        """The offset of the latest article of a story within the window, or None."""
        slot = self._rows.latest(_story_hash(story))
        return None if slot is None else self._rows.slots.offset(slot)

    def extend(self, offsets: Sequence[int], stories: Sequence[str], terms: Sequence[bytes]) -> None:
        """Add articles and count their terms; offsets must rise, and terms are packed (``TERM``)."""
        story_hashes = np.array([_story_hash(story) for story in stories], np.uint64)
        size = TERMS_PER_TEXT * TERM.itemsize
        # Short texts have fewer terms, and an older version may have kept more.
        rows = np.frombuffer(b"".join(packed[:size].ljust(size, b"\0") for packed in terms), TERM)
        rows = rows.reshape(-1, TERMS_PER_TEXT)
        lookup = rows[:, :LOOKUP_TERMS]
        used = lookup["weight"] > 0
        self._rows.extend(offsets, story_hashes, lookup["term"][used], used.sum(axis=1), terms=rows)
        self._count(rows, 1)

    def discard(self, offset: int) -> None:
        """Remove the article at an offset, which must be in the index, and uncount its terms."""
        slot = self._rows.slots.slot(offset)
        self._count(self._terms.rows[slot : slot + 1], -1)
        self._rows.discard(offset)

    def _count(self, rows: npt.NDArray[np.void], sign: int) -> None:
        """Add ``sign`` to the counters of all terms in the rows."""
        self._frequencies.count(rows["term"][rows["weight"] > 0], sign)

    def _products(self, terms: Terms, slots: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
        """The inner products of the terms with the terms of each slot."""
        order = np.argsort(terms["term"])
        ordered, weights = terms["term"][order], terms["weight"][order].astype(np.int64)
        rows = self._terms.rows[slots]
        at = np.minimum(np.searchsorted(ordered, rows["term"]), len(ordered) - 1)
        products: npt.NDArray[np.int64] = np.where(ordered[at] == rows["term"], weights[at] * rows["weight"], 0)
        sums: npt.NDArray[np.int64] = products.sum(axis=1)
        return sums

    def _rarity(self, terms: Hashes) -> npt.NDArray[np.float64]:
        """The inverse document frequency of each term before the logarithm, counting the current article too."""
        articles = self._frequencies.of(terms).astype(np.float64)
        return (len(self._rows) + 2 + PRIOR_ARTICLES) / (articles + 1 + PRIOR_ARTICLES)


def _logarithms(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    # math.log: that of numpy differs in the last bit between processors.
    return np.array(list(map(math.log, values.tolist())))


def _story_hash(story: str) -> int:
    """64 bits for a story id. Ids from this module already hold 64 bits, as hexadecimal digits."""
    digits = story.removeprefix("story-")
    if len(digits) == 16 and digits.isalnum():
        with suppress(ValueError):
            return int(digits, 16)
    return int.from_bytes(blake2b(story.encode(), digest_size=8).digest(), "big")
