"""Corrects where the names that a model found begin and end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workers.enrich.evidence import is_organisation
from workers.enrich.gazetteer import common_words
from workers.enrich.lexicon import LexiconMatch, portfolios
from workers.enrich.missed_words import capitalised_word_before, extended_end, with_missed_words
from workers.enrich.spans import ModelSpan
from workers.enrich.surplus_words import without_surplus_words
from workers.enrich.types import FAC, GPE, LOC, ORG, PERSON

_PROPER_OR_SITE = frozenset({PERSON, ORG, GPE, LOC, FAC})
_DAY_AT_END = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day$")
_OFFICES_OF_PORTFOLIOS = (" Minister", " Secretary")
_OFFICE = re.compile(
    r"""
    (?: \w+[ ] )?
    (?:
        Minister
      | Secretary
      | Head
      | Director
      | President
      | Chair
      | Speaker
      | Governor
      | Commissioner
      | Chief
    )
    [ ](?: of | for )\b
    """,
    re.VERBOSE,
)


def correct_bounds(text: str, span: ModelSpan, lexicon_matches: Sequence[LexiconMatch]) -> ModelSpan | None:
    """The model's span without words that are no part of the name, and with those that the model missed.

    None if no name is left.
    """
    if not text[span.start : span.end].isalpha():  # half of all are one word
        span = without_surplus_words(text, span, lexicon_matches)
        if not any(map(str.isalnum, text[span.start : span.end])):  # of "sturdy quad - core" the hyphen
            return None
    start, end, kind = with_missed_words(text, span)
    is_other = (
        (kind in _PROPER_OR_SITE and _ends_with_day(text, start, end))
        or (kind is PERSON and _follows_organisation(text, start, end))
        or _is_office(text, start, end)
    )
    return None if is_other else ModelSpan(start, extended_end(text, start, end, kind), kind)


def _ends_with_day(text: str, start: int, end: int) -> bool:
    """Whether a span is a day (Easter Sunday)."""
    return text.endswith("day", start, end) and _DAY_AT_END.search(text, start, end) is not None


def _follows_organisation(text: str, start: int, end: int) -> bool:
    """Whether a span is a word right after an organisation's name: a part of that, but nobody (Google Cloud)."""
    if text[start:end].casefold() not in common_words():
        return False
    before = capitalised_word_before(text, start)
    return before is not None and is_organisation(before[1])


def _is_office(text: str, start: int, end: int) -> bool:
    """Whether a span is an office (Minister of Ports), or the portfolio before one (Labour Minister)."""
    is_portfolio = text.startswith(_OFFICES_OF_PORTFOLIOS, end) and text[start:end] in portfolios()
    return is_portfolio or _OFFICE.match(text, start, end) is not None
