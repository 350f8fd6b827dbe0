"""Finds the names in an article's texts: combines a model's spans with the lexicon and the patterns, by priority."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import replace

from schemas.records import EntityType, MentionSource
from workers.enrich.gazetteer import common_words, is_city
from workers.enrich.known_names import find_known_names
from workers.enrich.languages import LocalNames
from workers.enrich.lexicon import (
    LexiconEntry,
    TokenizedText,
    entries,
    family_names,
    head_nouns,
    shorthands,
    sports_entries,
    sports_words,
    titles,
)
from workers.enrich.name_resolution import resolve_names
from workers.enrich.patterns import ADDRESS, byline_names, match_patterns
from workers.enrich.spans import ClaimedSpans, ModelSpan, NamedSpan, split, trim
from workers.vocabulary.particles import PARTICLE

LexiconMatch = tuple[int, int, LexiconEntry]
"""A lexicon name in a text: start, end and entry."""

_MAX_WORDS_BEFORE_HEAD_NOUN = 6

_MIN_SPORTS_WORDS = 5

_PLACE_BEFORE = re.compile(r"\b(?:in|near|around|outside|across) $", re.IGNORECASE)
_PROPER = frozenset({EntityType.PERSON, EntityType.ORG, EntityType.GPE})
_LAST_LOWERCASE_WORD = re.compile(r" ([a-z]{3,})$")
_LOWERCASE_WORD = re.compile(rf"(?!{PARTICLE} )([a-z]+) ")
_AMOUNT = re.compile(r" ?[$€£]")
_CONTINUATION = re.compile(r"[ -][^\W\d_a-zß-öø-ÿ]")
_SYLLABLE = re.compile(r" ?- ?[a-z]{2,6}\b")
_CONNECTIVE_AFTER_PERSON = re.compile(r"[’'\"”),.:;]| (?:of|from|at|for|and|in|on|as|with|to) ")
_OF_AFTER_PERSON = re.compile(r"(\S+ (?:.+ )?\S+) (?:of|from|at|for) (?:the )?([^\W\d_a-zß-öø-ÿ].*)")
_TWO_PLACES = re.compile(r"([^\W\d_a-zß-öø-ÿ][\w' -]*?) (?:and|for|to|or) (?:the )?([^\W\d_a-zß-öø-ÿ][\w' -]*)")
_PLURALS = frozenset(
    ("Affairs", "Studies", "Sciences", "Islands", "Railways", "Airlines", "Territories", "Provinces", "Mountains")
)
_PARTICLES = re.compile(rf"(?: {PARTICLE}){{1,3}} [^\W\d_a-zß-öø-ÿ]\w+")
_TRAILING_PARTICLE = re.compile(rf" {PARTICLE}$")
_LEGAL_FORM = re.compile(r",? (?:Inc|Corp|Ltd|LLC|PLC|Plc|plc|AG|SE|SA|NV|Bhd)\b")
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
_CONNECTIVE_AFTER = re.compile(r" (?:of|for|and|&|on) ")
_CONNECTIVE_BEFORE = re.compile(r"(?:\b(?:of|for|and|on|in)|[&’'-]) ?$")
_SEPARATOR = re.compile(r"\s?['’]\s?s\s+|,\s*")


def find_mentions(
    texts: Sequence[str],
    model_spans: Sequence[Sequence[ModelSpan]],
    bylines: Collection[int] = (),
    local_names: Sequence[LocalNames] = (),
) -> list[list[NamedSpan]]:
    """The names in each text of one article: in text order, without overlaps, never across a line end.

    What one text reveals about a name (its type, whose surname it is) applies in all of them.

    Args:
        texts: the texts of one article.
        model_spans: what a model labelled in each text, in any order; empty where there is no model.
        bylines: the indexes of the texts that consist of people's names.
        local_names: the names in each text by the rules of its language; empty for English.
    """
    claimed = [ClaimedSpans(text) for text in texts]
    tokenized = [TokenizedText(text) for text in texts]
    lexicon_matches = [
        [match for match in entries().find(tokens) if not _AMOUNT.match(tokens.text, match[1])] for tokens in tokenized
    ]
    if is_on_sport(tokenized):
        lexicon_matches = [_with_clubs(*own) for own in zip(tokenized, lexicon_matches, strict=True)]
    keys = {entry.key for matches in lexicon_matches for _, _, entry in matches}
    every = zip(claimed, tokenized, lexicon_matches, model_spans, strict=True)
    for i, (spans, tokens, matches, labelled) in enumerate(every):
        for address in ADDRESS.expression.finditer(spans.text):
            spans.block(*address.span())
        for span in local_names[i].sure if local_names else ():
            spans.claim(span)
        entry_at = {(start, end): entry for start, end, entry in matches}
        for span in match_patterns(spans.text):
            spans.claim(_with_key(span, entry_at.get((span.start, span.end))))
        known = find_known_names(spans.text)
        for span in (
            *_find_shorthands(tokens, keys),
            *_not_within(known.sure, spans.text, labelled),
            *_by_priority(tokens, spans.text, labelled, matches),
            *known.others,
            *(local_names[i].others if local_names else ()),
        ):
            spans.claim(span)
        for span in byline_names(spans.text) if i in bylines else ():
            spans.claim(span)
    return resolve_names(claimed, tokenized)


def is_on_sport(texts: Sequence[TokenizedText]) -> bool:
    """Whether an article is on sport, judging by its words."""
    found: set[str] = set()
    for tokens in texts:
        found.update(word for start, end in tokens.word_spans if (word := tokens.text[start:end]) in sports_words())
    return len(found) >= _MIN_SPORTS_WORDS


def _with_clubs(tokens: TokenizedText, matches: Sequence[LexiconMatch]) -> list[LexiconMatch]:
    """The matches with those clubs whose names also mean something else, but not where a place is meant (in Liverpool)."""
    clubs = [
        match for match in sports_entries().find(tokens) if not _PLACE_BEFORE.search(tokens.text[: match[0]][-12:])
    ]
    taken = {offset for start, end, _ in clubs for offset in range(start, end)}
    return sorted(
        [*clubs, *(match for match in matches if taken.isdisjoint(range(match[0], match[1])))], key=lambda m: m[0]
    )


def _with_key(span: NamedSpan, entry: LexiconEntry | None) -> NamedSpan:
    """The name that a pattern matched, with its lexicon key, if it has one (NAIROBI in a dateline is Nairobi)."""
    return replace(span, key=entry.key) if entry and entry.type is span.type else span


def _find_shorthands(tokens: TokenizedText, keys: Set[str]) -> Iterator[NamedSpan]:
    """Short names (the North) of countries that the article mentions, unless more follows (the North Sea)."""
    for start, end, (entry, required_keys) in shorthands().find(tokens):
        if required_keys <= keys and not _CONTINUATION.match(tokens.text, end):
            yield NamedSpan(start, end, entry.type, MentionSource.RULE, entry.key)


def _not_within(spans: Iterable[NamedSpan], text: str, model_spans: Iterable[ModelSpan]) -> Iterator[NamedSpan]:
    """The spans that are no part of a longer name of the model: Marta Oyelaran Museum.

    A title before and a connective after do not make the name longer: Actress Marta Oyelaran of The Valdorian.
    """
    labelled = list(model_spans)
    for span in spans:
        around = [m for m in labelled if m.start <= span.start and span.end <= m.end]
        if all(
            skip_titles(text, m.start, m.end) >= span.start
            and (m.end == span.end or _CONNECTIVE_AFTER_PERSON.match(text, span.end))
            for m in around
        ):
            yield span


def _by_priority(
    tokens: TokenizedText, text: str, model_spans: Iterable[ModelSpan], lexicon_matches: Sequence[LexiconMatch]
) -> list[NamedSpan]:
    """All candidates, the first to be claimed first.

    Model spans that contain a lexicon name (Bank of Chile) come first; then organisations by head noun, lexicon names,
    and the other model spans.
    """
    lexicon = [
        NamedSpan(start, end, entry.type, MentionSource.LEXICON, entry.key) for start, end, entry in lexicon_matches
    ]
    wider_than_lexicon: list[NamedSpan] = []
    other: list[NamedSpan] = []
    first = 0
    for model_span in sorted(model_spans, key=lambda span: (span.start, -span.end)):
        while first < len(lexicon_matches) and lexicon_matches[first][1] <= model_span.start:
            first += 1
        for part in (smaller for part in split(text, model_span) for smaller in _split_at_connectives(text, part)):
            overlapping, i = [], first
            while i < len(lexicon_matches) and lexicon_matches[i][0] < part.end:
                if lexicon_matches[i][1] > part.start:
                    overlapping.append(lexicon_matches[i])
                i += 1
            if span := _correct_bounds(text, part, overlapping):
                wider = span.type is not EntityType.NORP and _is_wider(span, overlapping)
                (wider_than_lexicon if wider else other).append(NamedSpan(span.start, span.end, span.type))
    return [*wider_than_lexicon, *_organisations_by_head_noun(tokens), *lexicon, *other]


def _split_at_connectives(text: str, span: ModelSpan) -> Iterator[ModelSpan]:
    """The parts of a span that a connective joins but does not make one name.

    These are a person and what follows "of" (Joris van Dalen of Havenbond), and two places (Naxos and Santorini).
    """
    name = text[span.start : span.end]
    if span.type is EntityType.PERSON:
        joined = _OF_AFTER_PERSON.fullmatch(name)
        is_joined = joined is not None and not titles().phrases.get(joined[1].split()[0], False)
    else:
        joined = _TWO_PLACES.fullmatch(name)
        is_joined = (
            joined is not None and _is_place(joined[1]) and _is_place(joined[2].split(" and ")[0], or_unknown=True)
        )
    if joined is None or not is_joined:
        yield span
        return
    is_person = span.type is EntityType.PERSON
    yield ModelSpan(span.start, span.start + joined.end(1), span.type if is_person else EntityType.GPE)
    kind = EntityType.ORG if is_person and not _is_place(joined[2]) else EntityType.GPE
    yield from _split_at_connectives(text, ModelSpan(span.start + joined.start(2), span.end, kind))


def _is_place(name: str, *, or_unknown: bool = False) -> bool:
    """Whether the name is a place's; or with ``or_unknown``, whether it may be."""
    entry = entries().phrases.get(name)
    if entry is not None:
        return entry.key.startswith(("place:", "country:"))
    words = name.split()
    return is_city(name) or (
        or_unknown and len(words) < 3 and words[-1] not in head_nouns() and words[-1] not in _PLURALS
    )


def _is_wider(span: ModelSpan, lexicon_matches: Iterable[LexiconMatch]) -> bool:
    """Whether the span overlaps a lexicon name and lies within none."""
    overlaps = [(start, end) for start, end, _ in lexicon_matches if start < span.end and end > span.start]
    return bool(overlaps) and not any(start <= span.start and end >= span.end for start, end in overlaps)


def _organisations_by_head_noun(tokens: TokenizedText) -> Iterator[NamedSpan]:
    """Organisations of two to seven capitalised words that end in a head noun (Chile Labour Congress).

    Without those that seem to continue (Congress of Chile) or to have begun earlier (and Labour Congress).
    """
    text, spans, types = tokens.text, tokens.word_spans, head_nouns()
    for i, (start, end) in enumerate(spans):
        if types.get(text[start:end]) is not EntityType.ORG:
            continue
        if _CONTINUATION.match(text, end) or _CONNECTIVE_AFTER.match(text, end):
            continue
        first = i
        while (
            first
            and i - first < _MAX_WORDS_BEFORE_HEAD_NOUN
            and text[spans[first - 1][1] : spans[first][0]] == " "
            and text[spans[first - 1][0]].isupper()
        ):
            first -= 1
        start, end = trim(text, spans[first][0], end)
        name = text[start:end]
        in_lexicon = name in entries().phrases or name.split(" ")[0] in titles().phrases
        if " " in name and not in_lexicon and not _CONNECTIVE_BEFORE.search(text[max(0, start - 5) : start]):
            yield NamedSpan(start, end, EntityType.ORG, MentionSource.RULE)


def _correct_bounds(text: str, span: ModelSpan, lexicon_matches: Sequence[LexiconMatch]) -> ModelSpan | None:
    """The model's span without titles and neighbouring lexicon names, and with what it missed at the end.

    A lexicon name at the start is removed if a possessive or a comma separates it from the rest, or if the rest is a
    person. A legal form, the rest of a surname with particles or a hyphenated syllable at the end is added.
    None if no name is left.
    """
    start, end, kind = span.start, span.end, span.type
    while (word := _LOWERCASE_WORD.match(text, start, end)) and word[1] in common_words():
        start = word.end()
    after_titles = skip_titles(text, start, end, only_people=kind is not EntityType.PERSON)
    if after_titles > start:
        start, kind = after_titles, EntityType.PERSON
    for match_start, match_end, _ in lexicon_matches:
        if match_start == start and match_end < end:
            separator = _SEPARATOR.match(text, match_end, end)
            if separator or kind is EntityType.PERSON:
                start, end = trim(text, separator.end() if separator else match_end, end)
                start = skip_titles(text, start, end, only_people=kind is not EntityType.PERSON)
        elif start < match_start and match_end == end and text.endswith(", ", start, match_start):
            start, end = trim(text, start, match_start)
    if kind in _PROPER:
        while (word := _LAST_LOWERCASE_WORD.search(text, start, end)) and word[1] in common_words():
            end = word.start()
    if start >= end or _OFFICE.match(text, start, end):
        return None
    return ModelSpan(start, _extended_end(text, start, end, kind), kind)


def _extended_end(text: str, start: int, end: int, kind: EntityType) -> int:
    """Where the name really ends: after a legal form, a surname with particles or a hyphenated syllable."""
    extension = None
    if kind is EntityType.ORG:
        extension = _LEGAL_FORM.match(text, end)
    elif kind is EntityType.PERSON:
        name = text[start:end]
        extension = _PARTICLES.match(text, text.rfind(" ", start, end) if _TRAILING_PARTICLE.search(name) else end)
        if not extension and name.split()[0] in family_names():
            extension = _SYLLABLE.match(text, end)
    return extension.end() if extension else end


def skip_titles(text: str, start: int, end: int, *, only_people: bool = False) -> int:
    """Where the name in the span begins: after any titles, unless nothing would be left.

    With ``only_people``, only after titles that nothing but a person bears, so that it is safe for spans of any type.
    """
    while True:
        first = next(titles().find(TokenizedText(text[start:end])), None)
        if first is None or first[0] > 0 or (only_people and not first[2]):
            return start
        name_start, _ = trim(text, start + first[1], end)
        if name_start >= end or text[name_start].islower():
            return start
        start = name_start
