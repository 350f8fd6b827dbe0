"""Names in articles that are not in English, from tables and by the form of the text.

- ``tables``: the names of countries, cities and organisations in other languages, and words around names.
- ``places``: finds those names, in any script.
- ``cyrillic``: cuts names to stems, because Russian and Ukrainian names have cases.
- ``patterns``: finds people, organisations and towns by the words around them, for languages without a model.

``build.py`` makes the large tables; ``SOURCES.md`` says from what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from schemas.records import EntityType
from workers.enrich.languages.cyrillic import without_cases
from workers.enrich.languages.patterns import find_names
from workers.enrich.languages.places import find_places
from workers.enrich.languages.tables import CYRILLIC, entry_of
from workers.enrich.spans import NamedSpan

__all__ = ["entry_of", "find_local_names"]


def find_local_names(texts: Sequence[str], language: str, has_model: bool) -> list[list[NamedSpan]]:
    """The names in each text of an article that is not in English, the most certain first.

    Names that only their form tells, without a title, a given name or the like, count only where there is no model.
    """
    if language == "en":
        return [[] for _ in texts]
    found = []
    for text, places in zip(texts, find_places(texts, language), strict=True):
        names = list(find_names(text, language, places))
        sure = [name.span for name in names if name.is_sure]
        longer = [span for span in sure if " " in text[span.start : span.end] and not _is_within(span, places)]
        others = [] if has_model else [name.span for name in names if not name.is_sure]
        found.append([*longer, *places, *sure, *others])
    return _with_people_in_all_cases(texts, found) if language in CYRILLIC else found


def _with_people_in_all_cases(texts: Sequence[str], found: Sequence[Sequence[NamedSpan]]) -> list[list[NamedSpan]]:
    """The names, of which single words with the stem of a person's surname are people too."""
    pairs = [(text, span) for text, own in zip(texts, found, strict=True) for span in own]
    people = [text[span.start : span.end] for text, span in pairs if span.type is EntityType.PERSON]
    surnames = {without_cases(name.split()[-1]) for name in people}

    def retyped(text: str, span: NamedSpan) -> NamedSpan:
        is_surname = span.key is None and without_cases(text[span.start : span.end]) in surnames
        return replace(span, type=EntityType.PERSON) if is_surname else span

    return [[retyped(text, span) for span in own] for text, own in zip(texts, found, strict=True)]


def _is_within(span: NamedSpan, others: Sequence[NamedSpan]) -> bool:
    return any(other.start <= span.start and span.end <= other.end for other in others)
