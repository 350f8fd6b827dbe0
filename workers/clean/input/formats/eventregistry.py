"""The articles of Event Registry (NewsAPI.ai)."""

from __future__ import annotations

from collections.abc import Mapping

from workers.clean.input.formats.base import Fields, Format, Group, Json, objects, picked

_KEYS = frozenset({"dateTime", "dateTimePub", "isDuplicate", "eventUri", "dataType"})

_read_paths = picked(
    id="uri",
    headline="title",
    body="body",
    published=("dateTimePub", "dateTime", "date"),
    fetched="dateTime",
    source=("source.title", "source.uri"),
    url="url",
    language="lang",
)


def _read(document: Json) -> Fields:
    # Agencies are among the authors.
    names = [author.get("name") for author in objects(document.get("authors")) if not author.get("isAgency")]
    return _read_paths(document) | ({"byline": names} if names else {})


FORMAT: Format[Json] = Format(
    name="Event Registry",
    recognised_by="`uri`, and `dateTime`, `dateTimePub`, `isDuplicate`, `eventUri` or `dataType`",
    link="https://newsapi.ai/documentation",
    group=Group.APIS,
    text_in="`body`",
    matches=lambda document: (
        "uri" in document and bool(_KEYS & document.keys()) and not isinstance(document.get("title"), Mapping)
    ),
    read=_read,
)
