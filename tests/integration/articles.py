"""Synthetic articles in any number, from a seed, each with its own text; some are copies, revisions or bad input."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from workers.outcomes import Outcome

SYLLABLES = [consonant + vowel for consonant in "bcdfghjklmnprstvwz" for vowel in "aeiou"]
PEOPLE = ("Anna de Vries", "Kofi Mensah", "Maria Lopez", "Jonas Berg", "Aiko Tanaka")
PLACES = ("Rotterdam", "Nairobi", "Lima", "Oslo", "Osaka", "France", "Canada")


@dataclass(frozen=True, slots=True)
class Input:
    """A raw message, its name, and the outcomes that it may have."""

    name: str
    value: bytes | None
    allowed: frozenset[Outcome]


def inputs(
    count: int, seed: int, words: int = 45, bad: float = 0.04, languages: Sequence[str] = ("en",)
) -> Iterator[Input]:
    """Generate raw messages: a share ``bad`` of bad input, 7 % copies, 4 % revisions, the rest new articles.

    Args:
        count: how many messages.
        seed: the same seed gives the same messages.
        words: words per article.
        bad: the share of messages that the stream must reject, 0 to 1.
        languages: the articles take turns with them.
    """
    chance = random.Random(seed)
    vocabulary = ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(4000)]
    published: list[tuple[int, str]] = []
    for number in range(count):
        id = f"{seed}-{number}"  # an id names one article: those of another seed are not the same ones
        draw = chance.random()
        if draw < bad:
            value = chance.choice((b"{broken", b'{"headline": "no body"}', b"\x00\x01\x02\x03", b'{"body": 7}'))
            yield Input(f"bad-{number}", value, frozenset({Outcome.DEAD_LETTER}))
            continue
        either = frozenset({Outcome.ENRICHED, Outcome.DUPLICATE})
        if draw < bad + 0.07 and published:
            original, body = chance.choice(published)
            language = languages[original % len(languages)]
            # Which one is the original depends on which one the stream reads first.
            url = f"https://copy.example/{id}"
            yield Input(f"copy-{number}", _message(id, number, url, body, language), either)
            continue
        if draw < bad + 0.11 and published:
            original, _ = chance.choice(published)
            body = _body(chance, vocabulary, words, original)
            value = _message(id, number, _url(original), body, languages[original % len(languages)])
            yield Input(f"revision-{number}", value, frozenset({Outcome.ENRICHED}))
            continue
        body = _body(chance, vocabulary, words, number)
        published.append((number, body))
        value = _message(id, number, _url(number), body, languages[number % len(languages)])
        yield Input(f"article-{number}", value, either)


def _url(number: int) -> str:
    return f"https://news.example/report-{number}"


def _body(chance: random.Random, vocabulary: list[str], words: int, article: int) -> str:
    """A text of its own, whose first sentence all versions of the article share: it makes them one article."""
    text = [chance.choice(vocabulary) for _ in range(words)]
    text[3:3] = [chance.choice(PEOPLE), "said", "in", chance.choice(PLACES), "that", "the"]
    return f"This is article {article}. {' '.join(text).capitalize()}."


def _message(id: str, number: int, url: str, body: str, language: str) -> bytes:
    return orjson.dumps(
        {"id": id, "headline": f"Report number {number}", "body": body, "url": url, "language": language}
    )
