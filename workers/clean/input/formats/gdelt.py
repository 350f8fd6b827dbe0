"""The article list of GDELT's DOC API. It has no texts, so its articles come in only with the page as ``html``."""

from __future__ import annotations

from workers.clean.input.formats.base import Format, Group, Json, has, picked

FORMAT: Format[Json] = Format(
    name="GDELT (article list)",
    recognised_by="`seendate`",
    link="https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/",
    group=Group.APIS,
    text_in="`html` that you add, since GDELT has no texts",
    matches=has("seendate"),
    read=picked(
        headline="title",
        body=("body", "text", "content"),
        html="html",
        fetched="seendate",
        source="domain",
        url="url",
        language="language",
    ),
)
