"""The order of the rules: how a model's spans, the lexicon and the patterns become the named pieces of a text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import replace

from schemas.records import EntityType, MentionSource
from workers.enrich.lexicon import Entry, Words, entries, family_names, heads, shorthands, titles
from workers.enrich.name_resolution import settled
from workers.enrich.patterns import ADDRESS, people, stated
from workers.enrich.spans import Found, Page, Span, pieces, trimmed
from workers.vocabulary.particles import PARTICLE

Known = tuple[int, int, Entry]
"""A name of the lexicon in a text: start, end, what it stands for."""

_MONEY = re.compile(r" ?[$€£]")
_GOES_ON = re.compile(r"[ -][^\W\d_a-zß-öø-ÿ]")
_SYLLABLE = re.compile(r" ?- ?[a-z]{2,6}\b")
_PARTICLES = re.compile(rf"(?: {PARTICLE}){{1,3}} [^\W\d_a-zß-öø-ÿ]\w+")
_ENDS_OPEN = re.compile(rf" {PARTICLE}$")
_FORM = re.compile(r",? (?:Inc|Corp|Ltd|LLC|PLC|Plc|plc|AG|SE|SA|NV|Bhd)\b")
_OFFICE = re.compile(
    r"(?:\w+ )?(?:Minister|Secretary|Head|Director|President|Chair|Speaker|Governor|Commissioner|Chief) (?:of|for)\b"
)
_JOINED = re.compile(r" (?:of|for|and|&|on) ")
_JOINS = re.compile(r"(?:\b(?:of|for|and|on|in)|[&’'-]) ?$")
_MOST_BEFORE = 6
_PARTS = re.compile(r"\s?['’]\s?s\s+|,\s*")


def named(texts: Sequence[str], spans: Sequence[Sequence[Span]], bylines: Collection[int] = ()) -> list[list[Found]]:
    """The named pieces of each text of one article: in order, not overlapping, none across a line end.

    ``spans`` are a model's for each text (none where there is no model), in any order. What one text tells of a name
    (its type, whose surname it is) holds in all of them. The texts at ``bylines`` consist of people's names.
    """
    pages = [Page(text) for text in texts]
    words = [Words(text) for text in texts]
    known = [[hit for hit in entries().find(own) if not _MONEY.match(own.text, hit[1])] for own in words]
    keys = {entry.key for own in known for _, _, entry in own}
    for i, (page, own, lexical, found) in enumerate(zip(pages, words, known, spans, strict=True)):
        for address in ADDRESS.expression.finditer(page.text):
            page.block(*address.span())
        exact = {(start, end): entry for start, end, entry in lexical}
        keyed = (_keyed(piece, exact.get((piece.start, piece.end))) for piece in stated(page.text))
        for piece in (*keyed, *_shorthands(own, keys), *_ranked(own, page.text, found, lexical)):
            page.add(piece)
        for piece in people(page.text) if i in bylines else ():
            page.add(piece)
    return settled(pages, words)


def _keyed(piece: Found, entry: Entry | None) -> Found:
    """What a pattern states, with what the lexicon knows of the name (a dateline's NAIROBI is Nairobi)."""
    return replace(piece, key=entry.key) if entry and entry.type is piece.type else piece


def _shorthands(words: Words, keys: Set[str]) -> Iterator[Found]:
    """The short names (the North) of countries that the article names, where no name goes on (the North Sea)."""
    for start, end, (entry, needs) in shorthands().find(words):
        if needs <= keys and not _GOES_ON.match(words.text, end):
            yield Found(start, end, entry.type, MentionSource.RULE, entry.key)


def _bodies(words: Words) -> Iterator[Found]:
    """Organisations by their last word: two to seven capitalised words, the last a head (Chile Labour Congress).

    Not where the name seems to go on, or to have begun before (Congress of Chile, and Labour Congress).
    """
    text, spans, kinds = words.text, words.spans, heads()
    for i, (start, end) in enumerate(spans):
        if kinds.get(text[start:end]) is not EntityType.ORG or _GOES_ON.match(text, end) or _JOINED.match(text, end):
            continue
        first = i
        while first and i - first < _MOST_BEFORE and text[spans[first - 1][1] : spans[first][0]] == " ":
            if not text[spans[first - 1][0]].isupper():
                break
            first -= 1
        start, end = trimmed(text, spans[first][0], end)
        name = text[start:end]
        known = name in entries().values or name.split(" ")[0] in titles().values
        if " " in name and not known and not _JOINS.search(text[max(0, start - 5) : start]):
            yield Found(start, end, EntityType.ORG, MentionSource.RULE)


def _ranked(words: Words, text: str, spans: Iterable[Span], known: Sequence[Known]) -> list[Found]:
    """All pieces by rank: a model's around a name of the lexicon (Bank of Chile), bodies, the lexicon, the rest."""
    lexical = [Found(a, b, entry.type, MentionSource.LEXICON, entry.key) for a, b, entry in known]
    around: list[Found] = []
    model: list[Found] = []
    i = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        while i < len(known) and known[i][1] <= span.start:
            i += 1
        for piece in pieces(text, span):
            inside, j = [], i
            while j < len(known) and known[j][0] < piece.end:
                if known[j][1] > piece.start:
                    inside.append(known[j])
                j += 1
            if own := _own(text, piece, inside):
                wider = any(a < own.end and b > own.start for a, b, _ in inside)
                wider = wider and not any(a <= own.start and b >= own.end for a, b, _ in inside)
                (around if wider and own.type is not EntityType.NORP else model).append(
                    Found(own.start, own.end, own.type)
                )
    return [*around, *_bodies(words), *lexical, *model]


def _own(text: str, piece: Span, inside: Sequence[Known]) -> Span | None:
    """What is left of a model's piece for itself without titles and names of the lexicon before it; None if nothing.

    A name of the lexicon is taken off where a possessive or a comma parts it from the rest, and before people.
    """
    start, end, kind = piece.start, piece.end, piece.type
    begin = after_titles(text, start, end, sure=kind is not EntityType.PERSON)
    if begin > start:
        start, kind = begin, EntityType.PERSON
    for first, last, _ in inside:
        if first == start and last < end:
            parts = _PARTS.match(text, last, end)
            if parts or kind is EntityType.PERSON:
                start, end = trimmed(text, parts.end() if parts else last, end)
                start = after_titles(text, start, end, sure=kind is not EntityType.PERSON)
        elif start < first and last == end and text.endswith(", ", start, first):
            start, end = trimmed(text, start, first)
    if start >= end or _OFFICE.match(text, start, end):
        return None
    more = None
    if kind is EntityType.ORG:
        more = _FORM.match(text, end)
    elif kind is EntityType.PERSON:
        more = _PARTICLES.match(text, text.rfind(" ", start, end) if _ENDS_OPEN.search(text[start:end]) else end)
        if not more and text[start:end].split()[0] in family_names():
            more = _SYLLABLE.match(text, end)
    return Span(start, more.end() if more else end, kind)


def after_titles(text: str, start: int, end: int, *, sure: bool = False) -> int:
    """Where a person's name begins in the piece: after the titles, unless no name would be left.

    With ``sure`` only after titles that nothing but a person bears, so that it holds for pieces of any type.
    """
    known = titles()
    while True:
        first = next(known.find(Words(text[start:end])), None)
        if first is None or first[0] > 0 or (sure and not first[2]):
            return start
        begin, _ = trimmed(text, start + first[1], end)
        if begin >= end or text[begin].islower():
            return start
        start = begin
