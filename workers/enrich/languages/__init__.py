"""Names in articles that are not in English, from tables and by the form of the text.

- ``tables``: the names of countries, cities and organisations in other languages, and words around names.
- ``places``: finds those names, in any script.
- ``patterns``: finds people, organisations and towns by the words around them, for languages without a model.

``build.py`` makes the large tables; ``SOURCES.md`` says from what.
"""

from __future__ import annotations

from collections.abc import Sequence

from workers.enrich.languages.patterns import find_names
from workers.enrich.languages.places import find_places
from workers.enrich.languages.tables import entry_of
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
    return found


def _is_within(span: NamedSpan, others: Sequence[NamedSpan]) -> bool:
    return any(other.start <= span.start and span.end <= other.end for other in others)
