"""Names in articles that are not in English, from tables and by the form of the text.

- ``tables``: the names of countries, cities and organisations in other languages, and words around names.
- ``places``: finds those names, in any script; ``signs`` in Chinese and Japanese.
- ``cyrillic``: cuts names to stems, because Russian and Ukrainian names have cases.
- ``patterns``: finds people, organisations and towns by the words around them, for languages without a model.

``build.py`` makes the large tables; ``SOURCES.md`` says from what.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from workers.enrich.languages.cyrillic import without_cases
from workers.enrich.languages.organisations import find_organisations
from workers.enrich.languages.patterns import find_names
from workers.enrich.languages.places import find_places, follows
from workers.enrich.languages.tables import CYRILLIC, countries, entry_of, local_words, words_around_places
from workers.enrich.spans import ModelSpan, NamedSpan
from workers.enrich.types import PERSON

__all__ = ["LocalNames", "entry_of", "find_local_names", "has_rules", "without_titles"]


class LocalNames(NamedTuple):
    """The names found in a text: those that are sure, the surest first, and those that only their form tells."""

    sure: list[NamedSpan]
    others: list[NamedSpan]


def find_local_names(texts: Sequence[str], language: str) -> list[LocalNames]:
    """The names in each text of an article that is not in English. What is sure goes before what a model says."""
    if language == "en":
        return [LocalNames([], []) for _ in texts]
    found = []
    for text, places in zip(texts, find_places(texts, language), strict=True):
        keys = {(place.start, place.end): place for place in places}
        organisations = [keys.get((span.start, span.end), span) for span in find_organisations(text, language)]
        names = list(find_names(text, language, places, organisations))
        known = {offset for span in places for offset in range(span.start, span.end)}
        sure = [name.span for name in names if name.is_sure]
        longer = [
            span
            for span in sure
            if re.search("[ -]", text[span.start : span.end]) and not known.issuperset(range(span.start, span.end))
        ]
        others = [name.span for name in names if not name.is_sure]
        found.append(
            LocalNames([*organisations, *longer, *_without_surnames(text, places, longer, language), *sure], others)
        )
    return _with_people_in_all_cases(texts, found) if language in CYRILLIC else found


def _without_surnames(
    text: str, places: Sequence[NamedSpan], sure: Sequence[NamedSpan], language: str
) -> list[NamedSpan]:
    """The places, of which those are people that bear the surname of one in the text (Luís Montenegro, Montenegro)."""
    people = [text[span.start : span.end] for span in sure if span.type is PERSON]
    surnames = {name.rpartition(" ")[2] for name in people}
    place_words = words_around_places(language).places
    return [
        place._replace(type=PERSON, key=None)
        if text[place.start : place.end] in surnames and not follows(text, place.start, place_words)
        else place
        for place in places
    ]


def has_rules(language: str) -> bool:
    """Whether there are names or patterns for the language."""
    return language == "en" or local_words(language) is not None or language in countries()


def without_titles(text: str, spans: Sequence[ModelSpan], language: str) -> Sequence[ModelSpan]:
    """The model's spans that are more than a title (Premier ministre), and no people that begin with an article."""
    words = local_words(language)
    if words is None or language == "de":  # its nouns are capitals
        return spans

    def is_name(span: ModelSpan) -> bool:
        name = text[span.start : span.end]
        first = name.partition(" ")[0].lower()
        is_title = (
            name.casefold() in words.titles
            or name.lower() in words.titles
            or (
                name[0].islower() and first in words.titles  # ministre de l'Intérieur
            )
        )
        return not is_title and not (span.type is PERSON and first in words.functions)

    return [span for span in spans if is_name(span)]


def _with_people_in_all_cases(texts: Sequence[str], found: Sequence[LocalNames]) -> list[LocalNames]:
    """The names, of which single words with the stem of a person's surname are people too."""
    people = [
        text[span.start : span.end]
        for text, names in zip(texts, found, strict=True)
        for span in names.sure
        if span.type is PERSON
    ]
    surnames = {without_cases(name.split()[-1]) for name in people}

    def retyped(text: str, span: NamedSpan) -> NamedSpan:
        is_surname = without_cases(text[span.start : span.end]) in surnames
        return span._replace(type=PERSON) if is_surname else span

    return [
        LocalNames(names.sure, [retyped(text, span) for span in names.others])
        for text, names in zip(texts, found, strict=True)
    ]
