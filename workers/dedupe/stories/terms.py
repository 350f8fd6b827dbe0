"""The terms of a text: its heaviest words with their weights, as a ledger entry stores them.

A weight grows with how often the word occurs and how rare it is, both in the language at large and among the articles
within the window. The rarity is fixed when the article arrives.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from workers.dedupe.groups import groups
from workers.dedupe.postings import Hashes
from workers.dedupe.stories import background, dates
from workers.dedupe.words import Words

Terms = npt.NDArray[np.void]
"""The mask of the dates of a text if it names any, then its heaviest words, the heaviest first: rows of ``TERM``."""
TERM = np.dtype([("term", "<u4"), ("weight", "<u2")])
"""One packed term: a hash, or the mask of dates; and its weight, with flags in the upper bits (``*_FLAG``)."""

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
"""Share of capitalised words above which capitals mark no names, as in a text all in capitals."""
STAND_INS = 16
"""Heaviest words that stand in for names where no word is capitalised, as in Chinese or Arabic."""


def weigh(headline: Words, body: Words, language: str, articles: int, counts_of: CountsOf) -> Terms:
    """The terms of a text in a language.

    ``counts_of`` returns how many of the ``articles`` within the window contain each term.
    """
    upper = np.concatenate((headline.capitalised, body.capitalised))
    numeric = np.concatenate((headline.numeric, body.numeric))
    lengths = np.concatenate((headline.lengths, body.lengths))
    kept = ((lengths > 1) | numeric).nonzero()[0]
    if not len(kept):
        return np.empty(0, TERM)
    hashes = np.concatenate((headline.hashes, body.hashes))[kept]
    order, starts = groups(hashes)
    terms, occurrences = hashes[order[starts]], np.diff(starts, append=len(order))
    first = kept[np.minimum.reduceat(order, starts)]
    in_lead = first < len(headline) + LEAD_WORDS
    capitalised = 2 * np.add.reduceat(upper[kept][order], starts, dtype=np.intp) >= occurrences
    number = numeric[first]
    share = (counts_of(terms) + BACKGROUND_ARTICLES * background.shares(terms, language) + 1).tolist()
    total = articles + BACKGROUND_ARTICLES + 1
    # math.log: that of numpy differs in the last bit between processors.
    rarity = np.array([max(0.0, math.log(total / count)) for count in share])
    frequency = np.array([1 + math.log(count) for count in occurrences.tolist()])
    scored = frequency * rarity * np.where(in_lead, LEAD_WEIGHT, 1.0)
    heaviest = np.lexsort((terms, -scored))[:TERMS_PER_TEXT]
    heaviest = heaviest[scored[heaviest] > 0]
    name = capitalised & ~number
    if not 0 < upper.sum() <= MAX_CAPITALISED * len(upper):
        name = np.zeros(len(terms), np.bool_)
        name[heaviest[:STAND_INS]] = True
        name &= ~number
    length = math.sqrt(math.fsum((scored[heaviest] ** 2).tolist())) or 1.0
    weighted = np.empty(len(heaviest), TERM)
    weighted["term"] = terms[heaviest]
    weights = np.clip(np.rint(VECTOR_LENGTH * scored[heaviest] / length), 1, WEIGHT_BITS).astype(np.uint16)
    for flag, flagged in ((LEAD_FLAG, in_lead), (NAME_FLAG, name), (NUMBER_FLAG, number)):
        weights |= np.where(flagged[heaviest], flag, np.uint16(0))
    weighted["weight"] = weights
    named = dates.mask(terms, capitalised, language)
    return np.concatenate((np.array([(named, DATES_FLAG)], TERM), weighted)) if named else weighted


def parted(terms: Terms) -> tuple[int, Terms]:
    """The mask of dates, 0 if there are none, and the words."""
    if len(terms) and terms["weight"][0] == DATES_FLAG:
        return int(terms["term"][0]), terms[1:]
    return 0, terms
