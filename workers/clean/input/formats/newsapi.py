"""The articles of NewsAPI.org, which cuts their text after 200 characters."""

from __future__ import annotations

import re

from workers.clean.input.formats.base import Fields, Format, Json, picked

_CUT = re.compile(r"\s*(?:…|\.\.\.)?\s*\[\+\d+ chars\]\s*\Z")

_read_paths = picked(
    headline="title",
    body=("content", "description"),
    summary="description",
    byline="author",
    published="publishedAt",
    source=("source.name", "source.id"),
    url="url",
)


def _read(document: Json) -> Fields:
    found = _read_paths(document)
    if isinstance(body := found.get("body"), str) and _CUT.search(body):
        return found | {"body": _CUT.sub("", body), "truncated": True}
    return found


FORMAT: Format[Json] = Format(
    name="NewsAPI.org",
    recognised_by="`publishedAt` and `content` or `urlToImage`",
    link="https://newsapi.org/docs/endpoints/everything",
    matches=lambda document: "publishedAt" in document and bool({"content", "urlToImage"} & document.keys()),
    read=_read,
)
