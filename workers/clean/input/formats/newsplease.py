"""The JSON of the crawler news-please."""

from __future__ import annotations

from workers.clean.input.formats.base import Format, Group, Json, picked

_OWN_KEYS = frozenset({"source_domain", "title_page", "title_rss", "localpath"})

FORMAT: Format[Json] = Format(
    name="news-please",
    recognised_by="`maintext`, or `date_publish` and `source_domain`, `title_page`, `title_rss` or `localpath`",
    link="https://github.com/fhamborg/news-please",
    group=Group.CRAWLERS,
    text_in="`maintext`",
    matches=lambda document: (
        "maintext" in document or ("date_publish" in document and bool(_OWN_KEYS & document.keys()))
    ),
    read=picked(
        headline=("title", "title_page", "title_rss"),
        body=("maintext", "text"),  # until 2018, `text`
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
