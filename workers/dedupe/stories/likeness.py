"""How likely two texts are about one event: a logistic score over what they share and where they contradict.

The weights are fitted to pairs of articles, of which half are about look-alike events. They were cross-validated by
topic, so the score knows kinds of evidence and no subjects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.dedupe.stories import dates
from workers.dedupe.stories.terms import LEAD_FLAG, NAME_FLAG, NUMBER_FLAG, WEIGHT_BITS, Terms

Floats = npt.NDArray[np.float64]

SCALE = 1_000
"""Scores are log-odds in thousandths: integers, so that the order of summation does not matter."""
BIAS = -6.14
WORDS = 2.92
NAMES = 5.09
NUMBERS = 3.63
LEADS = 4.42
COMMON_NAMES = 5.69
"""Share of the names of either text that the other has too, whichever is less."""
LEAD_NAMES = 3.33
"""Share of the names in the lead of either text that the other has anywhere, whichever is more."""
UNKNOWN_LEAD_NAMES = 0.3
"""That share for a text without names in its lead."""
OTHER_NUMBERS = -0.83
"""Both texts have numbers, and none in common."""
OTHER_DATES = (-1.38, -0.71, -1.05)
"""Both texts name years, or months, or weekdays, and none in common."""


@dataclass(frozen=True, slots=True)
class Norms:
    """Of each text: the length of its words, names, numbers and lead, and the sum of its names and of those in the
    lead."""

    words: Floats
    names: Floats
    numbers: Floats
    lead: Floats
    name_sum: Floats
    lead_name_sum: Floats


def likeness(
    dates_named: int, own: Terms, others_dates: npt.NDArray[np.uint32], others: Terms
) -> npt.NDArray[np.int64]:
    """The score of a text with each of several others: ``others`` has a row of words for each, padded with zeros."""
    order = np.argsort(own["term"])
    sorted_terms, own_weights = own["term"][order], own["weight"][order]
    at = np.minimum(np.searchsorted(sorted_terms, others["term"]), len(sorted_terms) - 1)
    shared = (sorted_terms[at] == others["term"]) & (others["weight"] > 0)
    text, column = np.nonzero(shared)
    mine, theirs = own_weights[at[text, column]], others["weight"][text, column]
    count = len(others)
    one, many = _norms(own_weights[None]), _norms(others["weight"])

    my_weight, their_weight = (mine & WEIGHT_BITS).astype(np.float64), (theirs & WEIGHT_BITS).astype(np.float64)
    both, either = mine & theirs, mine | theirs
    products = my_weight * their_weight

    def total(where: npt.NDArray[np.bool_], values: Floats) -> Floats:
        return np.bincount(text[where], values[where], count).astype(np.float64)

    def cosine(where: npt.NDArray[np.bool_], my_norm: Floats, their_norms: Floats) -> Floats:
        return total(where, products) / np.maximum(my_norm * their_norms, 1.0)

    names = both & NAME_FLAG != 0
    numbers = cosine(both & NUMBER_FLAG != 0, one.numbers, many.numbers)
    common = np.minimum(
        total(names, my_weight) / np.maximum(one.name_sum, 1.0),
        total(names, their_weight) / np.maximum(many.name_sum, 1.0),
    )
    lead_name = LEAD_FLAG | NAME_FLAG
    lead_names = np.maximum(
        _share(total(mine & lead_name == lead_name, my_weight), one.lead_name_sum),
        _share(total(theirs & lead_name == lead_name, their_weight), many.lead_name_sum),
    )
    score = (
        BIAS
        + WORDS * cosine(either & (NAME_FLAG | NUMBER_FLAG) == 0, one.words, many.words)
        + NAMES * cosine(names, one.names, many.names)
        + NUMBERS * numbers
        + LEADS * cosine(both & LEAD_FLAG != 0, one.lead, many.lead)
        + COMMON_NAMES * common
        + LEAD_NAMES * lead_names
        + OTHER_NUMBERS * ((numbers == 0) & (one.numbers > 0) & (many.numbers > 0))
    )
    for penalty, part in zip(OTHER_DATES, dates.DATE_PARTS, strict=True):
        score = score + penalty * dates.contradict(dates_named, others_dates, part)
    rounded: npt.NDArray[np.int64] = np.rint(SCALE * score).astype(np.int64)
    return rounded


def _norms(weights: npt.NDArray[np.uint16]) -> Norms:
    values = (weights & WEIGHT_BITS).astype(np.float64)
    squares = values * values
    name, lead = weights & NAME_FLAG != 0, weights & LEAD_FLAG != 0

    def length(where: npt.NDArray[np.bool_]) -> Floats:
        # Sums of integers are exact; the square root is rounded correctly everywhere.
        lengths: Floats = np.sqrt((squares * where).sum(axis=1))
        return lengths

    return Norms(
        words=length(weights & (NAME_FLAG | NUMBER_FLAG) == 0),
        names=length(name),
        numbers=length(weights & NUMBER_FLAG != 0),
        lead=length(lead),
        name_sum=(values * name).sum(axis=1),
        lead_name_sum=(values * (name & lead)).sum(axis=1),
    )


def _share(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1.0), UNKNOWN_LEAD_NAMES)
