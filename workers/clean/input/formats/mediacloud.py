"""The stories of Media Cloud: of its API, and of its search index."""

from __future__ import annotations

from workers.clean.input.formats.base import Format, Group, Json, picked

API: Format[Json] = Format(
    name="Media Cloud (API)",
    recognised_by="`media_name` or `media_url`, and `publish_date`",
    link="https://github.com/mediacloud/api-client",
    group=Group.APIS,
    text_in="`text` or `story_text`, which lists of stories lack",
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
    recognised_by="`article_title` or `normalized_article_title`, and `text_content`",
    link="https://github.com/mediacloud/story-indexer",
    group=Group.APIS,
    text_in="`text_content`",
    matches=lambda document: (
        "text_content" in document and bool({"article_title", "normalized_article_title"} & document.keys())
    ),
    read=picked(
        id=("unique_url_hash", "id"),
        headline=("article_title", "normalized_article_title"),
        body="text_content",
        published="publication_date",
        byline=("authors", "other.authors"),
        fetched=("indexed_date", "fetch_timestamp"),
        source="canonical_domain",
        url=("original_url", "url"),
        canonical_url="url",
        language=("language", "full_language"),
    ),
)
