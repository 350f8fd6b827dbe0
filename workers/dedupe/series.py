"""Series: texts from one template about different things, such as two earthquakes. They are no copies.

What two of them share is the template, in short runs of words between slots. What is in the slots, who, where, when and
how much, differs. A copy shares long runs, or it shares the particulars.
"""

from __future__ import annotations

import numpy as np

from schemas import Evidence
from workers.dedupe.particulars import MAX_PARTICULARS, Particulars

MAX_RUN_WORDS = 20
"""Mean length of the shared runs below which they may be a template."""
MIN_BALANCE = 0.7
"""Texts of one template share similar parts of both: the smaller part, as a share of the larger."""
MAX_SHARED_PARTICULARS = 0.5
"""Share of the particulars that texts of one template have in common."""
MIN_PARTICULARS = 4
"""Particulars below which a text may be about anything."""
NUMBER_WEIGHT = 2
"""Weight of the share of numbers beside that of names: a template names agencies and units, too."""


def is_series(evidence: Evidence, run_words: float, own: Particulars, other: Particulars) -> bool:
    """Whether two texts that share words are about different things.

    Args:
        run_words: the mean length of the runs of words that they share.
        own: the particulars of the one, and ``other`` those of the other.
    """
    shares = sorted((evidence.of_copy, evidence.of_original))
    if run_words >= MAX_RUN_WORDS or shares[0] < MIN_BALANCE * shares[1]:
        return False
    shared = shared_particulars(own, other)
    return shared is not None and shared <= min(MAX_SHARED_PARTICULARS, shares[1])


def shared_particulars(one: Particulars, other: Particulars) -> float | None:
    """The share of particulars that two texts have in common, or None if they have too few."""
    # Of a text with many, only the lowest hashes are kept: compare where both are complete.
    complete = min((int(each[-1]) for each in (one, other) if len(each) >= MAX_PARTICULARS), default=1 << 16)
    one, other = one[one <= complete], other[other <= complete]
    if min(len(one), len(other)) < MIN_PARTICULARS:
        return None
    total = weights = 0.0
    for is_number, weight in ((1, NUMBER_WEIGHT), (0, 1)):
        mine, others = one[one & 1 == is_number], other[other & 1 == is_number]
        fewer = min(len(mine), len(others))
        if fewer >= 2:
            total += weight * len(np.intersect1d(mine, others, assume_unique=True)) / fewer
            weights += weight
    return total / weights if weights else None
