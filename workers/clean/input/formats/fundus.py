"""The JSON of fundus; its body may be nested: a summary, and sections with headlines and paragraphs."""

from __future__ import annotations

from collections.abc import Mapping

from workers.clean.input.formats import similar
from workers.clean.input.formats.base import Fields, Format, Group, Json, first, objects, picked

_read_paths = picked(
    headline="title",
    byline="authors",
    published="publishing_date",
    fetched="html.crawl_date",
    source=("publisher.name", "publisher", "html.source_info.publisher"),
    url=("html.requested_url", "html.responded_url", "url"),
    language="lang",
    keywords="topics",
)


def _read(document: Json) -> Fields:
    found = _read_paths(document)
    body = document.get("body")
    if isinstance(body, Mapping):
        summary = _lines(body.get("summary"))
        paragraphs = [
            line
            for section in objects(body.get("sections"))
            for line in (*_lines(section.get("headline")), *_lines(section.get("paragraphs")))
        ]
        # Others have such bodies beside their own names, so fields that fundus does not name count, too.
        return (
            similar.FORMAT.read(document)
            | found
            | {"summary": " ".join(summary) or None, "body": "\n".join(paragraphs or summary)}
        )
    text = first(document, "body", "plaintext")
    return found | ({"body": text} if text else {"html": first(document, "html.content", "html")})


def _lines(value: object) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str) and item.strip()]


FORMAT: Format[Json] = Format(
    name="fundus",
    recognised_by="`publishing_date`, or a `body` with `sections`, or `plaintext` and `topics`",
    link="https://github.com/flairNLP/fundus",
    group=Group.CRAWLERS,
    text_in="`body` or `plaintext`",
    matches=lambda document: (
        "publishing_date" in document
        or {"plaintext", "topics"} <= document.keys()
        or (isinstance(body := document.get("body"), Mapping) and "sections" in body)
    ),
    read=_read,
)
