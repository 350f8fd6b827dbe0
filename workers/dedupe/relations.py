"""How an article relates to another that it has words of: as a copy, as one of a series, or in passing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from schemas import CopyKind, Resemblance, ResemblanceKind
from workers.dedupe.copies import Match
from workers.dedupe.indexes import Indexes
from workers.dedupe.particulars import Particulars
from workers.dedupe.series import is_background, is_frame, is_quotation, is_series
from workers.dedupe.texts import Text, quoted_samples


@dataclass(frozen=True, slots=True)
class Relation:
    """What an article has the words of, the first of its series, or what it has words of without being a copy."""

    match: Match | None = None
    series_of: str | None = None
    resembles: Resemblance | None = None


def relation_of(indexes: Indexes, match: Match, own: Particulars, text: Text, language: str) -> Relation:
    """How a text relates to what it matches: as a copy, unless the two are about different things.

    ``own`` are its particulars.
    """
    if match.kind is CopyKind.EXACT:
        return Relation(match)
    shared_lead = partial(indexes.stories.shared_lead, match.offset, text.occurrences)
    if match.is_partial:
        quoted = len(np.intersect1d(match.shared, quoted_samples(text.news, language)))
        if is_quotation(match, quoted):
            resembles = resemblance(indexes, match, ResemblanceKind.QUOTATION)
            return Relation(replace(match, is_quotation=True), resembles=resembles)
        if is_background(match, shared_lead):
            return Relation(resembles=resemblance(indexes, match, ResemblanceKind.BACKGROUND))
    matched = indexes.entry_at(match.offset)
    others = np.frombuffer(matched.particulars, "<u2")
    if is_series(match, own, others, language) or is_frame(match, own, others, shared_lead):
        return Relation(series_of=matched.verdict.series_of or matched.original)
    return Relation(match)


def resemblance(indexes: Indexes, match: Match, kind: ResemblanceKind) -> Resemblance:
    """What a record says of an article that has words of another without being its copy."""
    return Resemblance(article=indexes.entry_at(match.offset).original, kind=kind)
