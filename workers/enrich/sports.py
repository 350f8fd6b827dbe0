"""Tells articles on sport, in which the names of many towns and words are those of clubs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

from workers.enrich.lexicon import LexiconMatch, TokenizedText, sports_entries, sports_words

_MIN_SPORTS_WORDS = 5
_PLACE_BEFORE = re.compile(r"\b(?:in|near|around|outside|across) $", re.IGNORECASE)


def is_on_sport(texts: Sequence[TokenizedText]) -> bool:
    """Whether an article is on sport, judging by its words."""
    return len(sports_words().intersection(chain.from_iterable(tokens.words for tokens in texts))) >= _MIN_SPORTS_WORDS


def with_clubs(tokens: TokenizedText, matches: Sequence[LexiconMatch]) -> list[LexiconMatch]:
    """The matches with the clubs whose names also mean something else, but not where that is a place (in Liverpool)."""
    clubs = [
        match for match in sports_entries().find(tokens) if not _PLACE_BEFORE.search(tokens.text[: match[0]][-12:])
    ]
    taken = {offset for start, end, _ in clubs for offset in range(start, end)}
    return sorted(
        [*clubs, *(match for match in matches if taken.isdisjoint(range(match[0], match[1])))], key=lambda m: m[0]
    )
