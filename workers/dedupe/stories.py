"""Stories: articles of one event, grouped in one pass by the centroid that each is closest to.

Log-TF-IDF vectors and cosine, as in the topic detection and tracking tasks (Allan et al. 1998), over a sliding window:
document frequencies and centroids are sums over the articles in the window, in whole numbers, so that a worker that
builds them anew after a crash has exactly those that the fallen one had, to the last bit. A term's rarity is that of
the moment its article came, so that a centroid's length can be kept up to date rather than computed at each look.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

Terms = Mapping[int, int]
"""A text's heaviest terms: 32-bit hash to weight, in ten-thousandths of the text's length as a vector."""

HEAVIEST = 64
"""Terms kept of a text."""
TELLING = 16
"""Of these, the terms by which stories are looked up."""
COMMON = 2_000
"""A term that more stories have is not looked up."""
CANDIDATES = 24
"""Stories that are compared in full."""
SAME = 0.22
"""Cosine from which an article belongs to a story."""
UNIT = 10_000
HEADLINE_COUNTS = 2
"""A word in the headline counts so many times."""
NAMES_COUNT = 2.0
"""A word that is mostly capitalised weighs so many times as much: who and where tell events apart."""
UNSEEN = 4
"""Articles that a term is taken to have been in before the first one: what is new is not yet what is rare."""


class Membership(NamedTuple):
    """What an article knew of its story: the so-manieth article of it, and when the first one came (RFC 3339)."""

    articles: int
    first_seen: str


@dataclass(slots=True)
class _Centroid:
    """The sum of the terms of a story's articles in the window, and those articles, by slot."""

    terms: dict[int, int] = field(default_factory=dict)
    square: int = 0
    """The squared length of ``terms``."""
    members: dict[int, Membership] = field(default_factory=dict)


class Stories:
    """The stories of the window and the document frequencies of their articles."""

    def __init__(self) -> None:
        self._centroids: dict[str, _Centroid] = {}
        self._with_term: defaultdict[int, set[str]] = defaultdict(set)
        self._frequency: Counter[int] = Counter()
        self._articles = 0

    def __len__(self) -> int:
        return len(self._centroids)

    def weigh(self, headline: Iterable[str], body: Iterable[str]) -> dict[int, int]:
        """The heaviest terms of a text, by hash, as seen among the articles of the window; words keep their case."""
        counts: Counter[str] = Counter()
        capitals: Counter[str] = Counter()
        for word in body:
            folded = word.casefold()
            counts[folded] += 1
            capitals[folded] += word[0].isupper()
        for folded in {word.casefold() for word in headline}:
            counts[folded] += HEADLINE_COUNTS - 1
        weights: dict[int, float] = {}
        for folded, count in counts.items():
            if len(folded) > 1:
                name = NAMES_COUNT if 2 * capitals[folded] >= count else 1.0
                weights[crc32(folded.encode())] = name * (1 + math.log(count))
        scored = {term: weight * self._rarity(term) for term, weight in weights.items()}
        heaviest = heapq.nsmallest(HEAVIEST, scored, key=lambda term: (-scored[term], term))
        length = math.sqrt(math.fsum(scored[term] ** 2 for term in heaviest)) or 1.0
        return {term: max(1, round(UNIT * scored[term] / length)) for term in heaviest}

    def find(self, terms: Terms) -> str | None:
        """The id of the story that the terms belong to, None where they begin a new one."""
        best, closest = None, SAME
        length = math.sqrt(sum(weight * weight for weight in terms.values())) or 1.0
        for story in self._candidates(terms):
            centroid = self._centroids[story]
            product = sum(weight * centroid.terms.get(term, 0) for term, weight in terms.items())
            cosine = product / (length * math.sqrt(centroid.square))
            if cosine > closest:
                best, closest = story, cosine
        return best

    def latest(self, story: str) -> Membership | None:
        """What the latest of the story's articles in the window knew of it; None for a story that is not there."""
        centroid = self._centroids.get(story)
        return max(centroid.members.values()) if centroid else None

    def add(self, slot: int, story: str, membership: Membership, terms: Terms) -> None:
        """Count the article towards its story and the frequencies."""
        centroid = self._centroids.setdefault(story, _Centroid())
        centroid.members[slot] = membership
        for term, weight in terms.items():
            sum_before = centroid.terms.get(term, 0)
            centroid.terms[term] = sum_before + weight
            centroid.square += weight * (2 * sum_before + weight)
            self._with_term[term].add(story)
            self._frequency[term] += 1
        self._articles += 1

    def discard(self, slot: int, story: str, terms: Terms) -> None:
        """Undo ``add``; a story without articles is forgotten."""
        centroid = self._centroids[story]
        del centroid.members[slot]
        for term, weight in terms.items():
            sum_before = centroid.terms[term]
            centroid.terms[term] = sum_before - weight
            centroid.square -= weight * (2 * sum_before - weight)
            if sum_before == weight:
                del centroid.terms[term]
                self._with_term[term].discard(story)
                if not self._with_term[term]:
                    del self._with_term[term]
            self._frequency[term] -= 1
            if not self._frequency[term]:
                del self._frequency[term]
        if not centroid.members:
            del self._centroids[story]
        self._articles -= 1

    def _rarity(self, term: int) -> float:
        """The inverse document frequency of a term among the window's articles and the one at hand."""
        return math.log((self._articles + 2 + UNSEEN) / (self._frequency.get(term, 0) + 1 + UNSEEN))

    def _candidates(self, terms: Terms) -> list[str]:
        """The stories that share the most weight of the most telling terms, in a settled order."""
        shared: defaultdict[str, int] = defaultdict(int)
        for term in heapq.nsmallest(TELLING, terms, key=lambda term: (-terms[term], term)):
            stories = self._with_term.get(term, ())
            if len(stories) <= COMMON:
                for story in stories:
                    shared[story] += terms[term]
        return heapq.nsmallest(CANDIDATES, shared, key=lambda story: (-shared[story], story))
