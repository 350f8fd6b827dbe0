"""The stories of Media Cloud: of its API, and of its search index."""

from __future__ import annotations

from workers.clean.input.formats.base import Format, Json, has, picked

API: Format[Json] = Format(
    name="Media Cloud (API)",
    recognised_by="`media_name` or `media_url`, and `publish_date`",
    link="https://github.com/mediacloud/api-client",
    matches=lambda document: "publish_date" in document and bool({"media_name", "media_url"} & document.keys()),
    read=picked(
        id=("id", "stories_id"),
        headline="title",
        body=("text", "story_text"),
        published="publish_date",
        fetched=("indexed_date", "collect_date"),
        source=("media_name", "media_url"),
        url="url",
        language="language",
    ),
)

INDEX: Format[Json] = Format(
    name="Media Cloud (index)",
    recognised_by="`article_title` and `text_content`",
    link="https://github.com/mediacloud/story-indexer",
    matches=has("article_title", "text_content"),
    read=picked(
        headline="article_title",
        body="text_content",
        published="publication_date",
        fetched="indexed_date",
        source="canonical_domain",
        url=("original_url", "url"),
        canonical_url="url",
        language=("language", "full_language"),
    ),
)
