"""Names in articles that are not in English, from tables and by the form of the text.

- ``tables``: the names of countries, cities and organisations in other languages, and words around names.
- ``places``: finds those names, in any script; ``signs`` in Chinese and Japanese.
- ``cyrillic`` and ``polish``: cut names to stems, because Russian, Ukrainian and Polish names have cases.
- ``organisations``: finds organisations by the nouns in their names; ``people`` people in languages without capitals.
- ``patterns``: finds people, organisations and towns by the words around them, for languages without a model.

``build.py`` makes the large tables; ``SOURCES.md`` says from what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from workers.enrich.languages import polish
from workers.enrich.languages.cyrillic import without_cases
from workers.enrich.languages.organisations import find_organisations
from workers.enrich.languages.patterns import find_names
from workers.enrich.languages.people import find_people
from workers.enrich.languages.places import find_places, follows
from workers.enrich.languages.tables import (
    CYRILLIC,
    WITHOUT_BLANKS,
    countries,
    entry_of,
    local_words,
    words_around_places,
)
from workers.enrich.spans import ModelSpan, NamedSpan
from workers.enrich.types import PERSON

__all__ = ["LocalNames", "base_forms", "entry_of", "find_local_names", "has_rules", "without_titles"]


_MAX_PEOPLE = 500


class LocalNames(NamedTuple):
    """The names found in a text: those that are sure, the surest first, and those that only their form tells.

    ``nouns_are_capitals`` says that two capitalised words may be nouns, so that lists of people's names mislead.
    """

    sure: list[NamedSpan]
    others: list[NamedSpan]
    nouns_are_capitals: bool = False


def find_local_names(texts: Sequence[str], language: str) -> list[LocalNames]:
    """The names in each text of an article that is not in English. What is sure goes before what a model says."""
    if language == "en":
        return [LocalNames([], []) for _ in texts]
    found: list[LocalNames] = []
    people = find_people(texts, language)
    for text, places, own_people in zip(texts, find_places(texts, language), people, strict=True):
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
            LocalNames(
                [*own_people, *organisations, *longer, *_without_surnames(text, places, longer, language), *sure],
                others,
            )
        )
    return _with_people_in_all_cases(texts, found, language)


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


def _with_people_in_all_cases(texts: Sequence[str], found: Sequence[LocalNames], language: str) -> list[LocalNames]:
    """The names, of which those are people too that a person's full name ends with, in any case of the language."""
    stem = without_cases if language in CYRILLIC else polish.stem if language == "pl" else str
    people = {
        text[span.start : span.end]
        for text, names in zip(texts, found, strict=True)
        for span in names.sure
        if span.type is PERSON
    }
    ends = {stem(" ".join(words[i:])) for name in people for words in [name.split()] for i in range(1, len(words))} | {
        stem(name) for name in people
    }

    def is_person(text: str, span: NamedSpan) -> bool:
        return stem(text[span.start : span.end]) in ends

    return [
        LocalNames(
            [*names.sure, *(span._replace(type=PERSON) for span in names.others if is_person(text, span))],
            [span for span in names.others if not is_person(text, span)],
            nouns_are_capitals=language == "de",
        )
        for text, names in zip(texts, found, strict=True)
    ]


def base_forms(texts: Sequence[str], names: Sequence[Sequence[NamedSpan]], language: str) -> Mapping[str, str]:
    """The names of people that are forms of another name in the article, with that name.

    That are cases in Polish, and in Chinese and Japanese, where no blank tells parts of a name, parts of full names.
    """
    if language not in ("pl", *WITHOUT_BLANKS):
        return {}
    people = {
        text[span.start : span.end]
        for text, own in zip(texts, names, strict=True)
        for span in own
        if span.type is PERSON and not span.key
    }
    if language == "pl":
        return polish.nominatives(people | {name.rpartition(" ")[2] for name in people})
    return dict(_parts_of_full_names(people))


def _parts_of_full_names(people: Set[str]) -> Iterator[tuple[str, str]]:
    for name in people if len(people) <= _MAX_PEOPLE else ():
        longer = [
            other for other in people if other != name and (other.startswith(name) or other.endswith(f"・{name}"))
        ]
        if len(longer) == 1:
            yield name, longer[0]
