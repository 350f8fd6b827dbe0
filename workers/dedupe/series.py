"""Texts that share words and are no copies: series, and articles that share background or quotations alone.

A series are texts from one template about different things, such as two earthquakes. What two of them share is the
template, in short runs of words between slots. What is in the slots, who, where, when and how much, differs. A copy
shares long runs, or it shares the particulars.

Others have a frame in common, such as a newsletter or a quiz, with other contents each time.

Background is what articles about one subject say behind their news: how a war began, what a disease is, who the author
is. What comes before it differs. A copy has the beginning of its original, or begins in the middle of it.

Two reporters quote the same speech, ruling or statement at length. A copy also has what the reporter wrote.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from workers.dedupe.copies import Match
from workers.dedupe.particulars import MAX_PARTICULARS, Particulars
from workers.dedupe.words import WITH_VOWEL_SIGNS

SharedLead = Callable[[], float | None]
"""Returns the share of the words in the lead of the earlier text that the later one has too, if it is known."""

MAX_RUN_WORDS = 20
"""Mean length of the shared runs below which they may be a template."""
IN_PIECES = WITH_VOWEL_SIGNS | {"ja", "zh"}
"""Languages of whose words we see pieces: ideographs, and what is between vowel signs."""
MAX_RUN_PIECES = 40
"""The same there, and of texts with no particulars in common."""
MIN_BALANCE = 0.7
"""Texts of one template are about as long: the shorter one's length, as a share of the longer one's."""
MAX_SHARED_PARTICULARS = 0.5
"""Share of the particulars that texts of one template have in common."""
MIN_PARTICULARS = 4
"""Particulars below which a text may be about anything."""
MIN_DISJOINT = 3
"""The same if two texts have none in common."""
MIN_DISJOINT_NUMBERS = 2
"""The same if neither has a name that we see, as in scripts without capitals, and words differ, too."""
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
"""Length of the passage that articles about different news may have in common. More is mostly an article in itself."""
MAX_MIDDLE_WORDS = 100
"""The same if more follows in either."""
MAX_SHARED_LEAD = 0.65
"""Share of the words in the lead of the one that the other, about different news, has too."""

MIN_REPLACED = 0.3
"""Share of both texts that differs within a frame."""
MAX_FRAME_OUTSIDE = 16
"""Words before or after a frame, such as a date or a name."""
MAX_CONTENTS_PARTICULARS = 0.7
"""Share of the particulars that texts with other contents in one frame have in common."""
MAX_CONTENTS_LEAD = 0.6
"""Share of the words in the lead of the one that the other, with other contents in the same frame, has too."""

MIN_SAMPLES_BESIDE = 10
"""Samples beside the quotations below which they are all that the shorter text has."""
MAX_SHARED_BESIDE = 0.2
"""Share of the shorter text beside the quotations that the longer one, by another reporter, has too."""


def is_background(match: Match, shared_lead: SharedLead) -> bool:
    """Whether what two texts share is background: one passage behind the news."""
    overlaps = match.own, match.theirs
    longest = MAX_BACKGROUND_WORDS if all(each.is_ending for each in overlaps) else MAX_MIDDLE_WORDS
    if not all(each.passage and each.passage <= longest for each in overlaps):
        return False
    lead = shared_lead()
    return lead is not None and lead <= MAX_SHARED_LEAD


def is_frame(match: Match, own: Particulars, other: Particulars, shared_lead: SharedLead) -> bool:
    """Whether what two texts share is a frame around other contents."""
    if min(match.own.replaced, match.theirs.replaced) < MIN_REPLACED or match.balance < MIN_BALANCE:
        return False
    if max(match.own.outside, match.theirs.outside) > MAX_FRAME_OUTSIDE:
        return False
    if not have_other_names(own, other):
        return False
    lead, shared = shared_lead(), shared_particulars(own, other)
    return lead is not None and lead <= MAX_CONTENTS_LEAD and (shared is None or shared <= MAX_CONTENTS_PARTICULARS)


def is_quotation(match: Match, quoted: int) -> bool:
    """Whether what two texts share are quotations: so many of the shared samples are within quotation marks."""
    rest = match.samples - quoted
    return rest >= MIN_SAMPLES_BESIDE and len(match.shared) - quoted <= MAX_SHARED_BESIDE * rest


def is_series(match: Match, own: Particulars, other: Particulars, language: str) -> bool:
    """Whether two texts that share words are about different things: ``own`` are the particulars of the later one."""
    if match.balance < MIN_BALANCE or _is_prose(own, match.words) or _is_prose(other, match.words):
        return False
    is_apart = shared_particulars(own, other) == 0
    longest = MAX_RUN_PIECES if language in IN_PIECES or is_apart else MAX_RUN_WORDS
    if match.run_words >= longest:
        return False
    if match.run_words >= MAX_RUN_WORDS and _shared(*_complete(own, other), is_number=False) == 1:
        return False  # new figures on one event
    is_nameless = not any((each & 1 == 0).any() for each in (own, other))
    # With other numbers alone, as in a new toll, nearly all words are shared.
    disjoint = MIN_DISJOINT_NUMBERS if is_nameless and match.is_partial else MIN_DISJOINT
    shared = shared_particulars(own, other, disjoint)
    evidence = match.evidence
    return shared is not None and shared <= min(MAX_SHARED_PARTICULARS, max(evidence.of_copy, evidence.of_original))


def have_other_names(one: Particulars, other: Particulars) -> bool:
    """Whether two texts of a series name different things; otherwise one may bring new figures on the other's event."""
    shared = _shared(*_complete(one, other), is_number=False)
    return shared is None or shared <= MAX_SHARED_NAMES


def shared_particulars(one: Particulars, other: Particulars, disjoint: int = MIN_DISJOINT) -> float | None:
    """The share of particulars that two texts have in common, or None if they have too few.

    ``disjoint`` are enough if none is in common.
    """
    one, other = _complete(one, other)
    fewer = min(len(one), len(other))
    if fewer < MIN_PARTICULARS and (fewer < disjoint or np.isin(one, other).any()):
        return None
    total = weights = 0.0
    for is_number, weight in ((True, NUMBER_WEIGHT), (False, 1)):
        shared = _shared(one, other, is_number=is_number)
        if shared is not None:
            total += weight * shared
            weights += weight
    return total / weights if weights else None


def _is_prose(text: Particulars, words: int) -> bool:
    """Whether a text of at least so many words has fewer particulars than a template has room for.

    Of a text without names it is not known: its script may have no capitals.
    """
    numbers = int((text & 1).sum())
    names = len(text) - numbers
    is_known = names >= MIN_OF_A_KIND and len(text) < MAX_PARTICULARS
    return is_known and names + NUMBER_WEIGHT * numbers < MIN_PARTICULARS_PER_WORD * words


def _complete(one: Particulars, other: Particulars) -> tuple[Particulars, Particulars]:
    """Those that can be compared: of a text with many, only the lowest hashes are kept."""
    complete = min((int(each[-1]) for each in (one, other) if len(each) >= MAX_PARTICULARS), default=1 << 16)
    return one[one <= complete], other[other <= complete]


def _shared(one: Particulars, other: Particulars, *, is_number: bool) -> float | None:
    """The share of numbers, or of names, that two texts have in common, or None if one has too few."""
    mine, others = one[one & 1 == is_number], other[other & 1 == is_number]
    fewer = min(len(mine), len(others))
    return len(np.intersect1d(mine, others, assume_unique=True)) / fewer if fewer >= MIN_OF_A_KIND else None
