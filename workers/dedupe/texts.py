"""Texts: what is needed of an article before it is compared. Of many articles it is found faster at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress, count

import numpy as np

from schemas import CleanArticle
from workers.dedupe.boilerplate import news
from workers.dedupe.sketches import Samples, Sketch, sketches
from workers.dedupe.stories import Occurrences, background, most_telling, occurrences_of
from workers.dedupe.word_forms import IN_TWO_SCRIPTS, in_latin
from workers.dedupe.words import Words, spelled, words, words_of
from workers.vocabulary.quotation_marks import QUOTED, UNCLOSED

MAX_TEXTS = 64
"""Articles that are read at once."""
MIN_BODY_WORDS = 20
"""A shorter body does not tell what an article is about."""
MAX_STUB_WORDS = 60
"""A body of so many words does if it has one of the rarer words of its headline, or that has few."""
MIN_HEADLINE_WORDS = 3
"""Rarer words of a headline, at least: "Sport in brief" says nothing either."""
MAX_COMMON_SHARE = 0.02
"""Share of all articles that have such a word, at most."""
STEM_CHARS = 4
"""Characters by which forms of a word are the same."""
TELLING_WORDS = 8
"""Words that tell what a text is about."""
MAX_WORD_CHARS = 40
"""Characters of such a word, at most."""
MAX_CHARACTERS = 1 << 16
"""Characters that they have before the last one: as many as fit into the cache of a processor."""


@dataclass(frozen=True, slots=True)
class Text:
    """The words of an article, a sketch of its news, how words occur in it, and its most telling words.

    The news is the body without the boilerplate of a press release. ``is_told`` is whether the body alone tells what
    the article is about: a copy of another must have the same headline, too.
    """

    headline: Words
    body: Words
    news: str
    is_told: bool
    sketch: Sketch
    occurrences: Occurrences
    telling: tuple[str, ...]


def text_of(article: CleanArticle) -> Text:
    """That of one article."""
    return texts_of([article])[0]


def texts_of(articles: Sequence[CleanArticle]) -> list[Text]:
    """That of each article."""
    return [text for some in _chunks(articles) for text in _texts(some)]


def quoted_samples(text: str, language: str) -> Samples:
    """The samples of what is in quotation marks in a text in a language, in the finest class."""
    quotations = words_of([match[0] for pattern in (QUOTED, UNCLOSED) for match in pattern.finditer(text)], language)
    found = [each.in_order for each in sketches([quotation.hashes for quotation in quotations])] if quotations else []
    return np.concatenate(found) if found else np.empty(0, np.uint16)


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
    if language in IN_TWO_SCRIPTS:
        articles = [replace(each, headline=in_latin(each.headline), body=in_latin(each.body)) for each in articles]
    headlines = words_of([each.headline for each in articles], language)
    bodies = words_of([each.body for each in articles], language)
    pieces = [news(each.body) for each in articles]
    of_news = [
        body if piece is article.body else words(piece, language)
        for article, body, piece in zip(articles, bodies, pieces, strict=True)
    ]
    told = [_is_told(*each, language) for each in zip(headlines, bodies, strict=True)]
    is_stub = [not each and len(body) >= MIN_BODY_WORDS for each, body in zip(told, bodies, strict=True)]
    sketched = sketches([each.hashes[:0] if stub else each.hashes for each, stub in zip(of_news, is_stub, strict=True)])
    found = occurrences_of(list(zip(headlines, of_news, strict=True)), language)
    return [
        Text(
            headline=headlines[i],
            body=bodies[i],
            news=pieces[i],
            is_told=told[i],
            sketch=sketched[i],
            occurrences=found[i],
            telling=_telling(article, headlines[i], pieces[i], of_news[i], found[i]),
        )
        for i, article in enumerate(articles)
    ]


def _is_told(headline: Words, body: Words, language: str) -> bool:
    """Whether the body alone tells what an article is about. A stub ("Watch the video.") does not."""
    if not MIN_BODY_WORDS <= len(body) <= MAX_STUB_WORDS or not background.is_well_known(language):
        return len(body) >= MIN_BODY_WORDS
    is_rare = background.shares(headline.terms, language) < MAX_COMMON_SHARE
    is_rare &= (headline.lengths >= STEM_CHARS) & ~headline.numeric
    rare = {word[:STEM_CHARS] for word in compress(headline.folded.split(), is_rare.tolist())}
    return len(rare) < MIN_HEADLINE_WORDS or not rare.isdisjoint(word[:STEM_CHARS] for word in body.folded.split())


def _telling(article: CleanArticle, headline: Words, piece: str, body: Words, words: Occurrences) -> tuple[str, ...]:
    """The words that tell most of what an article is about, case-folded: headline and a piece of its body decide."""
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
