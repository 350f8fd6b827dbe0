"""Texts: what is needed of an article before it is compared. Of many articles it is found faster at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from schemas import CleanArticle
from workers.dedupe.boilerplate import news
from workers.dedupe.sketches import Sketch, sketches
from workers.dedupe.stories import Occurrences, most_telling, occurrences_of
from workers.dedupe.words import Words, spelled, words, words_of

MAX_TEXTS = 64
"""Articles that are read at once."""
TELLING_WORDS = 8
"""Words that tell what a text is about."""
MAX_WORD_CHARS = 40
"""Characters of such a word, at most."""
MAX_CHARACTERS = 1 << 16
"""Characters that they have before the last one: as many as fit into the cache of a processor."""


@dataclass(frozen=True, slots=True)
class Text:
    """The words of an article, a sketch of its news, how words occur in it, and its most telling words.

    The news is the body without the boilerplate of a press release.
    """

    headline: Words
    body: Words
    news: str
    sketch: Sketch
    occurrences: Occurrences
    telling: tuple[str, ...]


def text_of(article: CleanArticle) -> Text:
    """That of one article."""
    return texts_of([article])[0]


def texts_of(articles: Sequence[CleanArticle]) -> list[Text]:
    """That of each article."""
    return [text for some in _chunks(articles) for text in _texts(some)]


def _chunks(articles: Sequence[CleanArticle]) -> Iterator[list[CleanArticle]]:
    """Yield the articles in order, some at a time, all of one language."""
    chunk: list[CleanArticle] = []
    size = 0
    for article in articles:
        if chunk and (len(chunk) == MAX_TEXTS or size >= MAX_CHARACTERS or article.language != chunk[0].language):
            yield chunk
            chunk, size = [], 0
        chunk.append(article)
        size += len(article.body)
    if chunk:
        yield chunk


def _texts(articles: Sequence[CleanArticle]) -> list[Text]:
    language = articles[0].language
    headlines = words_of([each.headline for each in articles], language)
    bodies = words_of([each.body for each in articles], language)
    pieces = [news(each.body) for each in articles]
    of_news = [
        body if piece is article.body else words(piece, language)
        for article, body, piece in zip(articles, bodies, pieces, strict=True)
    ]
    sketched = sketches([each.hashes for each in of_news])
    pairs = list(zip(headlines, of_news, strict=True))
    found = occurrences_of(pairs, language)
    return [
        Text(headline, body, piece, of_piece, occurrences, _telling(article, headline, piece, own, occurrences))
        for article, (headline, own), body, piece, of_piece, occurrences in zip(
            articles, pairs, bodies, pieces, sketched, found, strict=True
        )
    ]


def _telling(article: CleanArticle, headline: Words, piece: str, body: Words, words: Occurrences) -> tuple[str, ...]:
    """The words that tell most of what an article is about, case-folded: its headline and a piece of text alone decide."""
    terms = np.concatenate((headline.terms, body.terms))
    if not len(terms):
        return ()
    is_pair = np.concatenate((headline.pairs, body.pairs))
    wanted = TELLING_WORDS * (2 if is_pair.any() else 1)  # pairs of one word become one
    places = (most_telling(words, wanted)[:, np.newaxis] == terms).argmax(axis=1).tolist()
    written = spelled(article.headline, headline, article.language) + spelled(piece, body, article.language)
    pairs = {place for place in places if is_pair[place]}
    found = ("".join(written[slice(*_word(place, pairs))])[:MAX_WORD_CHARS] for place in places)
    return tuple(dict.fromkeys(found))[:TELLING_WORDS]


def _word(place: int, pairs: Collection[int]) -> tuple[int, int]:
    """Where the word at a place begins and ends. Pairs of characters that overlap are one word."""
    if place not in pairs:
        return place, place + 1
    start = next(first for first in count(place, -1) if first - 1 not in pairs)
    end = next(last for last in count(place) if last + 1 not in pairs)
    return start, end + 2
