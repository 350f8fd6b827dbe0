"""Stories: articles of one event, grouped in one pass by the articles that each is closest to.

Log-TF-IDF vectors and cosine, as in the topic detection and tracking tasks (Allan et al. 1998), over a sliding window;
a story is as close as the mean of its closest members (nearest neighbours keep an event from growing into everything,
as centroids do). All sums are of whole numbers, so that a worker that builds the index anew after a crash gets exactly
the answers that the fallen one gave. A term's rarity is that of the moment its article came.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from workers.dedupe.columns import Column, Keyed, Rows
from workers.dedupe.copies import folded, word_hashes
from workers.dedupe.postings import Arrays, Hashes

Terms = npt.NDArray[np.void]
"""A text's heaviest terms, the heaviest first: rows of ``term`` (a 32-bit hash) and ``weight``."""
TERM = np.dtype([("term", "<u4"), ("weight", "<u2")])

HEAVIEST = 48
"""Terms kept of a text."""
TELLING = 16
"""Of these, the terms by which articles are looked up."""
LATEST = 64
"""Articles that are looked at for each such term: the latest."""
CANDIDATES = 64
"""Articles that are compared in full."""
CLOSEST = 5
"""Members of a story that speak for it."""
SAME = 0.2
"""Mean cosine with these from which an article belongs to the story."""
UNIT = 10_000
"""The length of a text as a vector."""
HEADLINE_COUNTS = 2
"""A word in the headline counts so many times."""
NAMES_COUNT = 2.0
"""A word that is mostly capitalised weighs so many times as much: who and where tell events apart."""
UNSEEN = 4
"""Articles that a term is taken to have been in before the first one: what is new is not yet what is rare."""
FREQUENCIES = 1 << 22
"""Counters of articles by term; terms may share one, which only makes them a little less rare."""


class Frequencies:
    """In how many articles of the window each term is."""

    def __init__(self) -> None:
        # The system hands out its pages only when they are first written to.
        self._counts = np.zeros(FREQUENCIES, np.int64)

    def count(self, terms: Hashes, sign: int) -> None:
        """Count the terms as seen in so many more articles, or fewer; each as often as it is given."""
        np.add.at(self._counts, terms % FREQUENCIES, sign)

    def of(self, terms: Hashes) -> npt.NDArray[np.int64]:
        """The articles that each term is in."""
        return self._counts[terms % FREQUENCIES]

    @property
    def nbytes(self) -> int:
        """The bytes that it takes in memory, at most."""
        return self._counts.nbytes

    def dump(self) -> Arrays:
        """The counters that are not 0."""
        counters = np.flatnonzero(self._counts)
        return {"counters": counters, "counts": self._counts[counters]}

    def restore(self, arrays: Arrays) -> None:
        """Take up counters."""
        self._counts = np.zeros(FREQUENCIES, np.int64)
        self._counts[arrays["counters"]] = arrays["counts"]


class Stories(Rows):
    """The unique articles of the window by their terms and stories, by their positions in the stream."""

    def __init__(self) -> None:
        self._members = Keyed()
        self._terms = Column(TERM, (HEAVIEST,))
        self._stories = Column(np.uint64)
        self._frequencies = Frequencies()
        columns = {"terms": self._terms, "stories": self._stories}
        super().__init__(columns, members=self._members, frequencies=self._frequencies)

    def weigh(self, headline: Sequence[str], body: Sequence[str], hashes: Hashes) -> Terms:
        """The heaviest terms of a text as seen among the articles of the window.

        ``headline`` and ``body`` are words as they are written; ``hashes`` are those of the body's words, folded.
        """
        length = np.fromiter(map(len, body), np.uint32, len(body))
        capital = np.fromiter((word[0].isupper() for word in body), np.bool_, len(body))
        terms, of_term = np.unique(hashes[length > 1], return_inverse=True)
        if not len(terms):
            return np.empty(0, TERM)
        counts = np.bincount(of_term)
        names = 2 * np.bincount(of_term, capital[length > 1]) >= counts
        counts += (HEADLINE_COUNTS - 1) * np.isin(terms, word_hashes(folded(list(headline))))
        # math.log, for numpy's differs in the last bit from one processor to the next.
        occurrence = np.array([1 + math.log(count) for count in counts.tolist()])
        rarity = np.array([math.log(ratio) for ratio in self._rarity(terms).tolist()])
        scored = np.where(names, NAMES_COUNT, 1.0) * occurrence * rarity
        heaviest = np.lexsort((terms, -scored))[:HEAVIEST]
        unit = math.sqrt(math.fsum((scored[heaviest] ** 2).tolist())) or 1.0
        weighed = np.empty(len(heaviest), TERM)
        weighed["term"] = terms[heaviest]
        weighed["weight"] = np.maximum(1, np.rint(UNIT * scored[heaviest] / unit))
        return weighed

    def find(self, terms: Terms) -> int | None:
        """The position of an article of the story that the terms belong to; None where they begin a new one."""
        telling = terms[:TELLING]
        hits, slots = self._postings.find(np.ascontiguousarray(telling["term"]), self._slots.alive, LATEST)
        if not len(slots):
            return None
        candidates, of_candidate = np.unique(slots, return_inverse=True)
        shared = np.bincount(of_candidate, telling["weight"][hits])
        candidates = np.sort(candidates[np.lexsort((-candidates.astype(np.int64), -shared))[:CANDIDATES]])
        products = self._products(terms, candidates)
        stories = self._stories.rows[candidates]
        best, closest = None, SAME * UNIT * UNIT
        for story in dict.fromkeys(stories.tolist()):
            of_story = products[stories == np.uint64(story)]
            nearest = np.sort(of_story)[-CLOSEST:]
            mean = int(nearest.sum()) / len(nearest)
            if mean >= closest and (best is None or mean > closest):
                best, closest = story, mean
        if best is None:
            return None
        return self._slots.position(int(candidates[stories == np.uint64(best)][0]))

    def latest(self, story: str) -> int | None:
        """The position of the story's latest article in the window; None if it has none there."""
        return self._members.latest(_hash(story))

    def extend(self, positions: Sequence[int], stories: Sequence[str], terms: Sequence[bytes]) -> None:
        """Count the articles towards their stories and the frequencies; positions rise, terms are packed (``TERM``)."""
        hashes = [_hash(story) for story in stories]
        self._members.extend(positions, hashes)
        slots = self._slots.extend(positions)
        self._stories.extend(np.array(hashes, np.uint64))
        size = HEAVIEST * TERM.itemsize
        # Texts have fewer terms, and an older version may have kept more.
        rows = np.frombuffer(b"".join(packed[:size].ljust(size, b"\0") for packed in terms), TERM)
        rows = rows.reshape(-1, HEAVIEST)
        self._terms.extend(rows)
        telling = rows[:, :TELLING]
        there = telling["weight"] > 0
        self._postings.extend(telling["term"][there], np.repeat(slots, there.sum(axis=1)))
        self._count(rows, 1)

    def discard(self, position: int) -> None:
        """Undo ``extend`` for the article at the position."""
        self._members.discard(position)
        slot = self._slots.slot(position)
        self._count(self._terms.rows[slot : slot + 1], -1)
        super().discard(position)

    def _count(self, rows: npt.NDArray[np.void], sign: int) -> None:
        """Count the terms of the rows as seen in so many more articles, or fewer."""
        self._frequencies.count(rows["term"][rows["weight"] > 0], sign)

    def _products(self, terms: Terms, slots: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
        """The inner product of the terms with those of each slot."""
        order = np.argsort(terms["term"])
        known, weights = terms["term"][order], terms["weight"][order].astype(np.int64)
        rows = self._terms.rows[slots]
        place = np.minimum(np.searchsorted(known, rows["term"]), len(known) - 1)
        products: npt.NDArray[np.int64] = np.where(known[place] == rows["term"], weights[place] * rows["weight"], 0)
        sums: npt.NDArray[np.int64] = products.sum(axis=1)
        return sums

    def _rarity(self, terms: Hashes) -> npt.NDArray[np.float64]:
        """How many times rarer than in every article each term is, among the window's articles and the one at hand."""
        seen = self._frequencies.of(terms).astype(np.float64)
        return (self._slots.living + 2 + UNSEEN) / (seen + 1 + UNSEEN)


def _hash(story: str) -> int:
    """64 bits for the id of a story; those that are made here hold as many, in hexadecimal digits."""
    digits = story.removeprefix("story-")
    if len(digits) == 16 and digits.isalnum():
        with suppress(ValueError):
            return int(digits, 16)
    return int.from_bytes(blake2b(story.encode(), digest_size=8).digest(), "big")
