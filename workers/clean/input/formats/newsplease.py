"""The JSON of the crawler news-please."""

from __future__ import annotations

from workers.clean.input.formats.base import Format, Json, has, picked

FORMAT: Format[Json] = Format(
    name="news-please",
    recognised_by="`maintext`",
    link="https://github.com/fhamborg/news-please",
    matches=has("maintext"),
    read=picked(
        headline=("title", "title_page", "title_rss"),
        body="maintext",
        summary="description",
        byline="authors",
        published="date_publish",
        modified="date_modify",
        fetched="date_download",
        source="source_domain",
        url="url",
        language="language",
    ),
)
