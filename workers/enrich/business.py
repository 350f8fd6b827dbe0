"""Finds companies that are called by a common word (Delta, Target), in articles on business only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from workers.enrich.lexicon import LexiconMatch, TokenizedText, rows, word_companies
from workers.enrich.sports import joined_matches, stands_alone

_MIN_BUSINESS_WORDS = 4
_PLACE_BEFORE = re.compile(r"\b(?:in|near|around|outside|across|the|a|an) $", re.IGNORECASE)
_ACTS = re.compile(
    r"(?:['’]s)? (?:shares|stock|chief|CEO|flights?|jets?|customers|stores|planes|pilots|employees|profits?|sales)\b"
    r"|(?:,? and [^\W\d_a-z]\w+)? (?:said|says|has|had|will|cut|cuts|raised|fell|rose|lost|reported|reports"
    r"|posted|plans|added|expects|declined|let|lets|sold|bought|cancelled|canceled|dropped)\b"
)


@cache
def _business_words() -> frozenset[str]:
    return frozenset(word for (word,) in rows("business_words"))


def with_companies(
    tokenized: Sequence[TokenizedText], matches: Sequence[Sequence[LexiconMatch]]
) -> list[list[LexiconMatch]]:
    """The matches in each text of an article with the companies, where it says what a company does.

    Such a company is one in the whole article, but not after a preposition of place or next to a capitalised word.
    """
    candidates = [
        [match for match in word_companies().find(tokens) if stands_alone(tokens, match)] for tokens in tokenized
    ]
    if not any(candidates) or not _is_on_business(tokenized):
        return [list(own) for own in matches]
    acting = {
        entry.key
        for tokens, own in zip(tokenized, candidates, strict=True)
        for start, end, entry in own
        if _ACTS.match(tokens.text, end) and not _PLACE_BEFORE.search(tokens.text, max(0, start - 10), start)
    }
    return [
        joined_matches(
            own,
            [
                (start, end, entry)
                for start, end, entry in companies
                if entry.key in acting and _is_company(tokens.text, start, end)
            ],
        )
        for tokens, own, companies in zip(tokenized, matches, candidates, strict=True)
    ]


def _is_on_business(texts: Sequence[TokenizedText]) -> bool:
    found = frozenset[str]().union(*(tokens.different & _business_words() for tokens in texts))
    return len(found) >= _MIN_BUSINESS_WORDS


def _is_company(text: str, start: int, end: int) -> bool:
    """Whether the word is no place and no other word there."""
    acts = _ACTS.match(text, end) is not None
    return acts or not _PLACE_BEFORE.search(text, max(0, start - 10), start)
