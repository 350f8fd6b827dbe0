"""The JSON of trafilatura, with its metadata; from 0.8 on, the URL is ``source``."""

from __future__ import annotations

from workers.clean.input.formats.base import Fields, Format, Group, Json, picked

_OWN_KEYS = frozenset({"hostname", "source-hostname", "sitename", "fingerprint", "raw_text"})

_read_paths = picked(
    headline="title",
    id="id",
    body=("text", "raw_text"),
    summary=("excerpt", "description"),
    published="date",
    fetched="filedate",
    source=("sitename", "source-hostname", "hostname"),
    url=("url", "source"),
    language="language",
)


def _read(document: Json) -> Fields:
    found = _read_paths(document)
    # trafilatura joins several authors, categories and tags with semicolons.
    for field, key in (("byline", "author"), ("keywords", "tags"), ("section", "categories")):
        value = document.get(key)
        if value:
            parts = [part.strip() for part in value.split(";")] if isinstance(value, str) else value
            found[field] = parts
    return found


FORMAT: Format[Json] = Format(
    name="trafilatura (JSON)",
    recognised_by="`text` or `raw_text`, and `hostname`, `source-hostname`, `sitename` or `fingerprint`",
    link="https://trafilatura.readthedocs.io",
    group=Group.CRAWLERS,
    text_in="`text` or `raw_text`",
    matches=lambda document: bool({"text", "raw_text"} & document.keys() and _OWN_KEYS & document.keys()),
    read=_read,
)
