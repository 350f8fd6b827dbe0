"""The articles of NewsAPI.org and of GNews, which cut their text after 200 characters or so."""

from __future__ import annotations

from workers.clean.input.formats.base import Format, Group, Json, picked

FORMAT: Format[Json] = Format(
    name="NewsAPI.org, GNews",
    recognised_by="`publishedAt`, and `content`, `description` or `urlToImage`",
    link="https://newsapi.org/docs/endpoints/everything",
    group=Group.APIS,
    text_in="`content` or `description`",
    matches=lambda document: (
        "publishedAt" in document and bool({"content", "description", "urlToImage"} & document.keys())
    ),
    read=picked(
        id="id",
        headline="title",
        body=("content", "description"),
        summary="description",
        byline="author",
        published="publishedAt",
        source=("source.name", "source.id", "source"),
        url="url",
        language="lang",
    ),
)
