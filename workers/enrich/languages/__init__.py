"""Names in articles that are not in English, from tables and by the form of the text.

- ``tables``: the names of countries, cities and organisations in other languages, and words around names.
- ``places``: finds those names, in any script.
- ``patterns``: finds people, organisations and towns by the words around them, for languages without a model.

``build.py`` makes the large tables; ``SOURCES.md`` says from what.
"""

from __future__ import annotations

from workers.enrich.languages.patterns import find_names
from workers.enrich.languages.places import find_places
from workers.enrich.languages.tables import entry_of
from workers.enrich.spans import NamedSpan

__all__ = ["entry_of", "find_local_names"]


def find_local_names(text: str, language: str, has_model: bool) -> list[NamedSpan]:
    """The names in a text that is not in English, the most certain first; those told by form only without a model."""
    if language == "en":
        return []
    return [*find_places(text, language), *(() if has_model else find_names(text, language))]
