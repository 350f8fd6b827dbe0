"""The posts of Webz.io (formerly webhose)."""

from __future__ import annotations

from collections.abc import Mapping

from workers.clean.input.formats.base import Format, Group, Json, picked

FORMAT: Format[Json] = Format(
    name="Webz.io",
    recognised_by="an object `thread`, and `text`",
    link="https://docs.webz.io",
    group=Group.APIS,
    text_in="`text`",
    matches=lambda document: isinstance(document.get("thread"), Mapping) and "text" in document,
    read=picked(
        id="uuid",
        headline=("title", "thread.title_full", "thread.title"),
        body="text",
        byline="author",
        published=("published", "thread.published"),
        modified="updated",
        fetched="crawled",
        source=("thread.site", "thread.site_full"),
        url=("url", "thread.url"),
        language="language",
        section="thread.section_title",
        keywords="categories",
    ),
)
