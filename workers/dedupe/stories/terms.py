"""The terms of a text: its heaviest words with their weights, as a ledger entry stores them.

A weight grows with how often the word occurs and how rare it is, both in the language at large and among the articles
within the window. The rarity is fixed when the article arrives.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from workers.dedupe.arrays import Hashes
from workers.dedupe.groups import starts_of_runs
from workers.dedupe.stories import background, dates
from workers.dedupe.words import Words

Terms = npt.NDArray[np.void]
"""The mask of the dates of a text if it names any, then its heaviest words, the heaviest first: rows of ``TERM``."""
TERM = np.dtype([("term", "<u4"), ("weight", "<u2")])
"""One packed term: a hash, or the mask of dates; and its weight, with flags in the upper bits (``*_FLAG``)."""

Floats = npt.NDArray[np.float64]
CountsOf = Callable[[Hashes], npt.NDArray[np.int32]]

WEIGHT_BITS = np.uint16(0x0FFF)
LEAD_FLAG = np.uint16(0x1000)
NAME_FLAG = np.uint16(0x2000)
NUMBER_FLAG = np.uint16(0x4000)
DATES_FLAG = np.uint16(0x8000)

TERMS_PER_TEXT = 64
"""Words kept of a text."""
VECTOR_LENGTH = 4_000
"""Euclidean length of the vector of a text, in units of weight."""
LEAD_WORDS = 60
"""First words of the body that are, with the headline, the lead of a text: they say what happened."""
LEAD_WEIGHT = 1.5
"""Weight of a word in the lead, as a multiple."""
BACKGROUND_ARTICLES = 1_000
"""Articles in the window from which it says more about the rarity of a word than the language at large."""
MAX_CAPITALISED = 0.6
"""Share of capitalised words above which capitals mark no names, as in a text all in capitals. Neither do they where
pairs of characters are more."""
SINGLE_PAIR_FREQUENCY = 0.5
"""What a pair of characters counts that occurs once: it may be the end of one word and the start of the next."""
STAND_INS = 16
"""Heaviest words that stand in for names where capitals mark none, as in Chinese or Arabic."""

_TEXT_SHIFT, _HASH_SHIFT = np.uint64(56), np.uint64(24)
_PLACE_BITS = np.uint64((1 << 24) - 1)


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The distinct words of a text, in the order of their hashes, and how they occur.

    Attributes:
        terms: their hashes.
        background: how many of ``BACKGROUND_ARTICLES`` contain each.
        frequency: one more than the logarithm of how often each occurs, less for a pair that occurs once.
        lead: a factor for each: ``LEAD_WEIGHT`` in the lead, 1 elsewhere.
        flags: the flags of each in a weight.
        has_names: whether capitals mark names; otherwise no word has the flag of a name.
        dates: the mask of the dates that the text names.
    """

    terms: Hashes
    background: Floats
    frequency: Floats
    lead: Floats
    flags: npt.NDArray[np.uint16]
    has_names: bool
    dates: int


def occurrences(headline: Words, body: Words, language: str) -> Occurrences:
    """Those of a text in a language."""
    return occurrences_of([(headline, body)], language)[0]


def occurrences_of(texts: Sequence[tuple[Words, Words]], language: str) -> list[Occurrences]:
    """Those of each of up to 256 texts, pairs of a headline and a body. This is faster than one by one."""
    parts = [part for text in texts for part in text]
    upper = np.concatenate([part.capitalised for part in parts])
    numeric = np.concatenate([part.numeric for part in parts])
    hashes = np.concatenate([part.terms for part in parts])
    is_pair = np.concatenate([part.pairs for part in parts])
    sizes = np.array([len(headline) + len(body) for headline, body in texts])
    ends = sizes.cumsum()
    starts = ends - sizes
    place = ((np.concatenate([part.lengths for part in parts]) > 1) | numeric | is_pair).nonzero()[0]
    # By text, by hash, by place: sorting numbers is faster than sorting places by them.
    text = ends.searchsorted(place, side="right").astype(np.uint64)
    ordered = text << _TEXT_SHIFT | hashes[place].astype(np.uint64) << _HASH_SHIFT | place.astype(np.uint64)
    ordered.sort()
    place = (ordered & _PLACE_BITS).astype(np.intp)
    runs = starts_of_runs(ordered >> _HASH_SHIFT)
    first = place[runs]
    text = (ordered[runs] >> _TEXT_SHIFT).astype(np.intp)
    terms = hashes[first]
    counts = np.append(runs[1:], len(place)) - runs
    capitals = np.append(0, upper[place].cumsum())
    capitalised = 2 * (capitals[runs + counts] - capitals[runs]) >= counts
    number = numeric[first]
    leads = starts + [len(headline) + LEAD_WORDS for headline, _ in texts]
    in_lead = first < leads[text]
    capitals, in_pairs = (np.append(0, each.cumsum()) for each in (upper, is_pair))
    capitals, in_pairs = (each[ends] - each[starts] for each in (capitals, in_pairs))
    has_names = (capitals > in_pairs) & (capitals <= MAX_CAPITALISED * sizes)
    name = capitalised & ~number & has_names[text]
    frequency = np.ones(len(terms))
    repeated = (counts > 1).nonzero()[0]
    frequency[repeated] += _logarithms(counts[repeated])
    frequency[is_pair[first] & (counts == 1)] = SINGLE_PAIR_FREQUENCY
    common = BACKGROUND_ARTICLES * background.shares(terms, language)
    lead = np.where(in_lead, LEAD_WEIGHT, 1.0)
    flags = LEAD_FLAG * in_lead | NAME_FLAG * name | NUMBER_FLAG * number
    masks = dates.masks(text, terms, capitalised, language, len(texts))
    bounds = text.searchsorted(np.arange(len(texts) + 1)).tolist()
    found = []
    for (start, end), named, mask in zip(pairwise(bounds), has_names.tolist(), masks, strict=True):
        own = slice(start, end)
        found.append(Occurrences(terms[own], common[own], frequency[own], lead[own], flags[own], named, mask))
    return found


def weigh(text: Occurrences, articles: int, counts_of: CountsOf) -> Terms:
    """The terms of a text. ``counts_of`` returns how many of the ``articles`` within the window contain each term."""
    if not len(text.terms):
        return np.empty(0, TERM)
    share = counts_of(text.terms) + text.background + 1
    rarity = np.maximum(_logarithms((articles + BACKGROUND_ARTICLES + 1) / share), 0.0)
    scored = text.frequency * rarity * text.lead
    heaviest = np.lexsort((text.terms, -scored))[:TERMS_PER_TEXT]
    heaviest = heaviest[scored[heaviest] > 0]
    scored, flags = scored[heaviest], text.flags[heaviest]
    if not text.has_names:
        flags[:STAND_INS] |= NAME_FLAG * (flags[:STAND_INS] & NUMBER_FLAG == 0)
    length = math.sqrt(math.fsum((scored**2).tolist())) or 1.0
    weights = np.rint(VECTOR_LENGTH * scored / length).astype(np.uint16)
    weighted = np.empty(len(heaviest) + bool(text.dates), TERM)
    weighted[:1] = (text.dates, DATES_FLAG)
    words = weighted[bool(text.dates) :]
    words["term"] = text.terms[heaviest]
    words["weight"] = np.minimum(np.maximum(weights, 1), WEIGHT_BITS) | flags
    return weighted


def most_telling(text: Occurrences, count: int) -> Hashes:
    """The terms that tell most of what a text is about, the most telling first; numbers tell nothing by themselves."""
    is_word = text.flags & NUMBER_FLAG == 0
    # A square root, unlike a logarithm of numpy's, is the same on every processor.
    scored = text.frequency * text.lead / np.sqrt(1 + text.background) * is_word
    order = (-scored).argsort(kind="stable")[:count]
    telling: Hashes = text.terms[order[scored[order] > 0]]
    return telling


def _logarithms(values: npt.NDArray[Any]) -> Floats:
    """The natural logarithms. Those of numpy differ in the last bit between processors."""
    return np.array(list(map(math.log, values.tolist())), np.float64)


def parted(terms: Terms) -> tuple[int, Terms]:
    """The mask of dates, 0 if there are none, and the words."""
    if len(terms) and terms["weight"][0] == DATES_FLAG:
        return int(terms["term"][0]), terms[1:]
    return 0, terms
