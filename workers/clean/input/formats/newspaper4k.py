"""The JSON of newspaper4k, and of newspaper3k before it."""

from __future__ import annotations

from collections.abc import Mapping

from workers.clean.input.formats.base import Fields, Format, Group, Json, picked

_OWN_KEYS = frozenset(
    {"canonical_link", "meta_lang", "meta_description", "meta_site_name", "meta_keywords", "top_image", "source_url"}
)

_read_paths = picked(
    headline="title",
    body="text",
    html=("article_html", "html"),
    summary="meta_description",
    byline="authors",
    published="publish_date",
    source=("meta_site_name", "source_url"),
    url=("url", "original_url"),
    canonical_url="canonical_link",
    language=("language", "meta_lang"),
)


def _read(document: Json) -> Fields:
    found = _read_paths(document)
    # `keywords` are newspaper's own guesses from word counts; the page's own come first.
    for name in ("meta_keywords", "tags", "keywords"):
        values = document.get(name)
        words = list(values) if isinstance(values, Mapping) else values
        if isinstance(words, str | list) and any(words):
            return found | {"keywords": words}
    return found


FORMAT: Format[Json] = Format(
    name="newspaper4k",
    recognised_by="`publish_date` and `canonical_link`, `meta_…`, `top_image` or `source_url`",
    link="https://newspaper4k.readthedocs.io",
    group=Group.CRAWLERS,
    text_in="`text`, `article_html` or `html`",
    matches=lambda document: "publish_date" in document and bool(_OWN_KEYS & document.keys()),
    read=_read,
)
