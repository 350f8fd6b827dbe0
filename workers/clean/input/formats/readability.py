"""The JSON of Mozilla's Readability and of the parsers that follow it (Postlight, extractus)."""

from __future__ import annotations

from workers.clean.input.formats.base import Fields, Format, Group, Json, first, picked

_OWN_KEYS = frozenset({"textContent", "siteName", "dek", "next_page_url", "lead_image_url", "ttr"})

_read_paths = picked(
    headline="title",
    summary=("excerpt", "dek", "description"),
    byline=("byline", "author"),
    published=("publishedTime", "date_published", "published"),
    source=("siteName", "domain", "source"),
    url="url",
    language="lang",
)


def _read(document: Json) -> Fields:
    # The HTML has the paragraphs; the text has lost them.
    markup, text = first(document, "content"), first(document, "textContent")
    return _read_paths(document) | ({"body": markup or text})


FORMAT: Format[Json] = Format(
    name="Readability, Postlight, extractus",
    recognised_by="`content`, and `textContent`, `siteName`, `dek`, `lead_image_url`, `next_page_url` or `ttr`",
    link="https://github.com/mozilla/readability",
    group=Group.CRAWLERS,
    text_in="`content` or `textContent`",
    matches=lambda document: "content" in document and bool(_OWN_KEYS & document.keys()),
    read=_read,
)
