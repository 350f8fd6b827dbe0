"""The articles of The Guardian's Open Platform, whose text is asked for with ``show-fields``."""

from __future__ import annotations

from workers.clean.input.formats.base import Format, Group, Json, has, picked

FORMAT: Format[Json] = Format(
    name="The Guardian Open Platform",
    recognised_by="`webTitle` and `webUrl`",
    link="https://open-platform.theguardian.com/documentation/",
    group=Group.APIS,
    text_in="`fields.body` or `fields.bodyText` (ask for `show-fields=body`)",
    matches=has("webTitle", "webUrl"),
    read=picked(
        id="id",
        headline=("fields.headline", "webTitle"),
        body=("fields.body", "fields.bodyText", "blocks.body"),
        summary=("fields.trailText", "fields.standfirst"),
        byline="fields.byline",
        published=("webPublicationDate", "fields.firstPublicationDate"),
        modified="fields.lastModified",
        source="fields.publication",
        url="webUrl",
        language="fields.lang",
        section="sectionName",
    ),
)
