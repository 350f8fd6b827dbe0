"""How likely two texts are about one event: a logistic score over what they share and where they contradict.

The weights are fitted to pairs of articles, of which half are about look-alike events. They were cross-validated by
topic, so the score knows kinds of evidence and no subjects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.dedupe.arrays import Hashes
from workers.dedupe.stories import dates
from workers.dedupe.stories.compact import CompactWords, hashes_of, weights_of
from workers.dedupe.stories.terms import LEAD_FLAG, NAME_FLAG, NUMBER_FLAG, WEIGHT_BITS

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

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


# The flags of a word, as the upper bits of its weight have them. A word that is neither a name nor a number is plain.
_FLAG_SHIFT = 12
_LEAD, _NAME, _NUMBER = (int(flag >> _FLAG_SHIFT) for flag in (LEAD_FLAG, NAME_FLAG, NUMBER_FLAG))
_PLAIN = 8
_COMBINATIONS = np.arange(16)
_FLAGS = np.where(_COMBINATIONS & (_NAME | _NUMBER), _COMBINATIONS, _COMBINATIONS | _PLAIN)


def _with(flags: int) -> Floats:
    """Which combinations have all of the flags: the sums for each combination, times this, make the sum for all."""
    have: Floats = (_COMBINATIONS & flags == flags).astype(np.float64)
    return have


_KINDS = np.stack([_with(flag) for flag in (_PLAIN, _NAME, _NUMBER, _LEAD)], axis=1)
_NAMES, _LEAD_NAMES = _with(_NAME), _with(_LEAD | _NAME)


@dataclass(frozen=True, slots=True)
class Norms:
    """Of each text: the lengths of its words, names, numbers and lead, and the sums of its names and of those in the
    lead."""

    lengths: Floats
    names: Floats
    lead_names: Floats


def likeness(
    dates_named: int, own: CompactWords, others_dates: npt.NDArray[np.uint32], others: CompactWords
) -> npt.NDArray[np.int64]:
    """The score of a text with each of several others: ``others`` has a row of words for each, padded with zeros."""
    own_weights, weights = weights_of(own), weights_of(others.ravel())
    my_place, their_place = _shared(hashes_of(own), hashes_of(others.ravel()), weights)
    count = len(others)
    text = np.arange(count).repeat(others.shape[1])
    mine, my_flags = _values(own_weights)
    theirs, their_flags = _values(weights)
    one, many = _norms(np.zeros(len(own), np.intp), my_flags, mine, 1), _norms(text, their_flags, theirs, count)

    text, mine, my_flags = text[their_place], mine[my_place], my_flags[my_place]
    theirs, their_flags = theirs[their_place], their_flags[their_place]
    both = my_flags & their_flags
    cosines = _sums(text, both, mine * theirs, count) @ _KINDS / np.maximum(one.lengths * many.lengths, 1.0)
    words, names, numbers, lead = cosines.T
    common = np.minimum(
        _sums(text, both, mine, count) @ _NAMES / np.maximum(one.names, 1.0),
        _sums(text, both, theirs, count) @ _NAMES / np.maximum(many.names, 1.0),
    )
    lead_names = np.maximum(
        _share(_sums(text, my_flags, mine, count) @ _LEAD_NAMES, one.lead_names),
        _share(_sums(text, their_flags, theirs, count) @ _LEAD_NAMES, many.lead_names),
    )
    have_numbers = (one.lengths[:, 2] > 0) & (many.lengths[:, 2] > 0)
    score = (
        BIAS
        + WORDS * words
        + NAMES * names
        + NUMBERS * numbers
        + LEADS * lead
        + COMMON_NAMES * common
        + LEAD_NAMES * lead_names
        + OTHER_NUMBERS * (have_numbers & (numbers == 0))
    )
    for penalty, part in zip(OTHER_DATES, dates.DATE_PARTS, strict=True):
        if dates_named & part:
            score = score + penalty * dates.contradict(dates_named, others_dates, part)
    rounded: npt.NDArray[np.int64] = np.rint(SCALE * score).astype(np.int64)
    return rounded


def _shared(own: Hashes, others: Hashes, others_weights: npt.NDArray[np.uint16]) -> tuple[Places, Places]:
    """The places in both of the words that are in both; those of the others that have no weight are padding."""
    # Most words are not shared, and most of these differ in their lower bits.
    lower = np.uint32(0xFFF)
    is_own = np.zeros(lower + 1, np.bool_)
    is_own[own & lower] = True
    place = (is_own[others & lower] & (others_weights > 0)).nonzero()[0]
    order = own.argsort()
    my_place = order.take(own[order].searchsorted(others[place]), mode="clip")
    is_shared = own[my_place] == others[place]
    return my_place[is_shared], place[is_shared]


def _values(weights: npt.NDArray[np.uint16]) -> tuple[Floats, Places]:
    """The weights without their flags, and the flags."""
    return (weights & WEIGHT_BITS).astype(np.float64), _FLAGS[weights >> _FLAG_SHIFT]


def _sums(text: Places, flags: Places, values: Floats, count: int) -> Floats:
    """For each text, the sum of the values for each combination of flags. All are integers, so the sums are exact."""
    combinations = len(_COMBINATIONS)
    sums = np.bincount(combinations * text + flags, values, combinations * count).astype(np.float64, copy=False)
    return sums.reshape(count, combinations)


def _norms(text: Places, flags: Places, values: Floats, count: int) -> Norms:
    sums, squares = (_sums(text, flags, each, count) for each in (values, values * values))
    # The square root is rounded correctly everywhere.
    return Norms(np.sqrt(squares @ _KINDS), sums @ _NAMES, sums @ _LEAD_NAMES)


def _share(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1.0), UNKNOWN_LEAD_NAMES)
