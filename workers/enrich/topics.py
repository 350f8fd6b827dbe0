"""Finds organisations that are called by another word or name (Delta, Labour), in articles on their topic only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workers.enrich.evidence import SENTENCE_START
from workers.enrich.gazetteer import common_words, given_names
from workers.enrich.lexicon import LexiconMatch, TokenizedText, topic_organisations, topic_words
from workers.enrich.sports import joined_matches, stands_alone

_PLACE_BEFORE = re.compile(r"\b(?:in|near|around|outside|across|the|a|an) $", re.IGNORECASE)
_COMPANY_ACTS = re.compile(
    r"(?:['’]s)? (?:shares|stock|chief|CEO|flights?|jets?|customers|stores|planes|pilots|employees|profits?|sales)\b"
    r"|(?:,? and [^\W\d_a-z]\w+)? (?:said|says|has|had|will|cut|cuts|raised|fell|rose|lost|reported|reports"
    r"|posted|plans|added|expects|declined|let|lets|sold|bought|cancelled|canceled|dropped)\b"
)
_PARTY_ACTS = re.compile(
    r"(?:['’]s)? (?:MPs?|leader|lawmakers?|councillors?|candidates?|voters|peers|backbenchers?|conference|manifesto"
    r"|government|said|says|has|had|will|would|won|wins|lost|loses|held|gained|leads|promised|pledged|wants|suspended"
    r"|is|was|expelled)\b"
)
_WORD_BEFORE = re.compile(r"(?<![\w-])([A-Z]\w+) $")


@dataclass(frozen=True, slots=True)
class Topic:
    """What an article may be on: it then has at least so many of the topic's words.

    One of the occurrences of an organisation's word must be followed by what ``acts`` matches, unless that is None.
    """

    name: str
    min_words: int
    acts: re.Pattern[str] | None = None

    def is_of(self, texts: Sequence[TokenizedText]) -> bool:
        """Whether an article is on the topic."""
        words = topic_words()[self.name]
        return len(frozenset[str]().union(*(tokens.different & words for tokens in texts))) >= self.min_words

    def shows(self, text: str, end: int) -> bool:
        """Whether what follows says that the word before is an organisation."""
        return self.acts is None or self.acts.match(text, end) is not None


TOPICS = (
    Topic("business", min_words=4, acts=_COMPANY_ACTS),
    Topic("politics", min_words=3, acts=_PARTY_ACTS),
    Topic("racing", min_words=3),
)


def with_organisations_of_topics(
    tokenized: Sequence[TokenizedText], matches: Sequence[Sequence[LexiconMatch]]
) -> list[list[LexiconMatch]]:
    """The matches in each text of an article with the organisations of its topics.

    Such an organisation is one in the whole article, but not after a preposition of place, next to a capitalised word
    or where the article has a person of that name (Serena Williams).
    """
    candidates = [list(topic_organisations().find(tokens)) for tokens in tokenized]
    found = [list(own) for own in matches]
    if not any(candidates):
        return found
    for topic in TOPICS:
        own = [
            [(start, end, entries[topic.name]) for start, end, entries in each if topic.name in entries]
            for each in candidates
        ]
        if any(own) and topic.is_of(tokenized):
            for names, more in zip(found, _organisations(topic, tokenized, own), strict=True):
                names[:] = joined_matches(names, more)
    return found


def _organisations(
    topic: Topic, texts: Sequence[TokenizedText], candidates: Sequence[Sequence[LexiconMatch]]
) -> Iterator[list[LexiconMatch]]:
    """The candidates in each text that are organisations."""
    alone = [
        [match for match in own if stands_alone(tokens, match)] for tokens, own in zip(texts, candidates, strict=True)
    ]
    acting, people = set[str](), set[str]()
    for tokens, all_own, own in zip(texts, candidates, alone, strict=True):
        text = tokens.text
        acting |= {e.key for start, end, e in own if topic.shows(text, end) and not _is_place(text, start)}
        people |= {e.key for start, _, e in all_own if _follows_given_name(text, start)}
    for tokens, own in zip(texts, alone, strict=True):
        text = tokens.text
        yield [
            (start, end, entry)
            for start, end, entry in own
            if entry.key in acting - people
            and (topic.shows(text, end) or not (_is_place(text, start) or _begins_sentence(text, start)))
        ]


def _is_place(text: str, start: int) -> bool:
    return _PLACE_BEFORE.search(text, max(0, start - 10), start) is not None


def _begins_sentence(text: str, start: int) -> bool:
    return SENTENCE_START.search(text, max(0, start - 3), start) is not None


def _follows_given_name(text: str, start: int) -> bool:
    before = _WORD_BEFORE.search(text, max(0, start - 30), start)
    return before is not None and (word := before[1].casefold()) in given_names() and word not in common_words()
