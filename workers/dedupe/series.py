"""Texts that share words and are no copies: series, and articles that share background or quotations alone.

A series are texts from one template about different things, such as two earthquakes. What two of them share is the
template, in short runs of words between slots. What is in the slots, who, where, when and how much, differs. A copy
shares long runs, or it shares the particulars.

Background is what articles about one subject end with: how a war began, what a disease is, who the author is. What
comes before it, the news, differs. A copy has the beginning of its original, or begins in the middle of it.

Two reporters quote the same speech, ruling or statement at length. A copy also has what the reporter wrote.
"""

from __future__ import annotations

import numpy as np

from schemas import Evidence
from workers.dedupe.particulars import MAX_PARTICULARS, Particulars

MAX_RUN_WORDS = 20
"""Mean length of the shared runs below which they may be a template."""
MIN_BALANCE = 0.7
"""Texts of one template are about as long: the shorter one's length, as a share of the longer one's."""
MAX_SHARED_PARTICULARS = 0.5
"""Share of the particulars that texts of one template have in common."""
MIN_PARTICULARS = 4
"""Particulars below which a text may be about anything."""
MIN_PARTICULARS_PER_WORD = 0.1
"""Particulars for each word, numbers by their weight, below which a text is prose and fills no template."""
MAX_SHARED_NAMES = 0.7
"""Share of the names that texts of one template about different events have in common: agencies, units, places near by.

With more, only the figures differ, as in the next bulletin about one storm.
"""
MIN_OF_A_KIND = 2
"""Names, or numbers, below which their share says nothing."""
NUMBER_WEIGHT = 2
"""Weight of the share of numbers beside that of names: a template names agencies and units, too."""


MAX_BACKGROUND_WORDS = 150
"""Length of the ending that articles about different news may have in common. More is mostly an article in itself."""
MAX_BACKGROUND_SHARE = 0.85
"""Share of either text that may be background."""
MAX_SHARED_LEAD = 0.65
"""Share of the words in the lead of the one that the other, about different news, has too."""

MAX_QUOTED_SHARE = 0.85
"""Share of either text that may be quotations."""
MIN_SAMPLES_BESIDE = 10
"""Samples beside the quotations below which they are all that the shorter text has."""
MAX_SHARED_BESIDE = 0.2
"""Share of the shorter text beside the quotations that the longer one, by another reporter, has too."""


def is_background(evidence: Evidence, ending_words: int, shared_lead: float | None) -> bool:
    """Whether what two texts share is background.

    Args:
        ending_words: the length of the ending of the later one, which is what they share.
        shared_lead: the share of the words in the lead of the earlier one that the later one has too, if it is known.
    """
    return (
        ending_words <= MAX_BACKGROUND_WORDS
        and max(evidence.of_copy, evidence.of_original) <= MAX_BACKGROUND_SHARE
        and shared_lead is not None
        and shared_lead <= MAX_SHARED_LEAD
    )


def is_quotation(evidence: Evidence, shared: int, quoted: int, samples: int) -> bool:
    """Whether what two texts share are quotations.

    Args:
        shared: the samples that both share, ``quoted`` those of them within quotation marks, and ``samples`` all of the
            shorter text.
    """
    rest = samples - quoted
    return (
        max(evidence.of_copy, evidence.of_original) <= MAX_QUOTED_SHARE
        and rest >= MIN_SAMPLES_BESIDE
        and shared - quoted <= MAX_SHARED_BESIDE * rest
    )


def is_series(
    evidence: Evidence, words: int, balance: float, run_words: float, own: Particulars, other: Particulars
) -> bool:
    """Whether two texts that share words are about different things.

    Args:
        words: the length of the shorter text.
        balance: that length as a share of the longer one's.
        run_words: the mean length of the runs of words that they share.
        own: the particulars of the one, and ``other`` those of the other.
    """
    if run_words >= MAX_RUN_WORDS or balance < MIN_BALANCE or _is_prose(own, words) or _is_prose(other, words):
        return False
    shared = shared_particulars(own, other)
    return shared is not None and shared <= min(MAX_SHARED_PARTICULARS, max(evidence.of_copy, evidence.of_original))


def have_other_names(one: Particulars, other: Particulars) -> bool:
    """Whether two texts of a series name different things; otherwise one may bring new figures on the other's event."""
    shared = _shared(*_complete(one, other), is_number=False)
    return shared is None or shared <= MAX_SHARED_NAMES


def shared_particulars(one: Particulars, other: Particulars) -> float | None:
    """The share of particulars that two texts have in common, or None if they have too few."""
    one, other = _complete(one, other)
    if min(len(one), len(other)) < MIN_PARTICULARS:
        return None
    total = weights = 0.0
    for is_number, weight in ((True, NUMBER_WEIGHT), (False, 1)):
        shared = _shared(one, other, is_number=is_number)
        if shared is not None:
            total += weight * shared
            weights += weight
    return total / weights if weights else None


def _is_prose(text: Particulars, words: int) -> bool:
    """Whether a text of at least so many words has fewer particulars than a template has room for."""
    numbers = int((text & 1).sum())
    weight = len(text) - numbers + NUMBER_WEIGHT * numbers
    return len(text) < MAX_PARTICULARS and weight < MIN_PARTICULARS_PER_WORD * words


def _complete(one: Particulars, other: Particulars) -> tuple[Particulars, Particulars]:
    """Those that can be compared: of a text with many, only the lowest hashes are kept."""
    complete = min((int(each[-1]) for each in (one, other) if len(each) >= MAX_PARTICULARS), default=1 << 16)
    return one[one <= complete], other[other <= complete]


def _shared(one: Particulars, other: Particulars, *, is_number: bool) -> float | None:
    """The share of numbers, or of names, that two texts have in common, or None if one has too few."""
    mine, others = one[one & 1 == is_number], other[other & 1 == is_number]
    fewer = min(len(mine), len(others))
    return len(np.intersect1d(mine, others, assume_unique=True)) / fewer if fewer >= MIN_OF_A_KIND else None
