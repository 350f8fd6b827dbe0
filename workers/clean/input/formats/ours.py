"""Our own format: the fields of ``RawArticle``, and the usual other names beside them."""

from __future__ import annotations

from dataclasses import fields

from schemas.records import RawArticle
from workers.clean.input.formats import similar
from workers.clean.input.formats.base import Fields, Format, Group, Json

NAMES = tuple(field.name for field in fields(RawArticle))


def _read(document: Json) -> Fields:
    return similar.FORMAT.read(document) | {name: document[name] for name in NAMES if name in document}


FORMAT: Format[Json] = Format(
    name="Copydesk",
    recognised_by="`headline`, and `body`, `text` or `html`",
    link="schemas/raw-article.schema.json",
    group=Group.OWN,
    text_in="`body`, `text` or `html`",
    matches=lambda document: "headline" in document and not document.keys().isdisjoint({"body", "text", "html"}),
    read=_read,
)
