"""The entries of feedparser as JSON."""

from __future__ import annotations

from workers.clean.input.formats.base import Fields, Format, Group, Json, objects, picked

_read_paths = picked(
    id="id",
    headline="title",
    published=("published", "created", "updated"),
    modified="updated",
    source="source.title",
    url=("link", "feedburner_origlink"),
    language=("title_detail.language", "summary_detail.language"),
)


def _read(document: Json) -> Fields:
    found = _read_paths(document)
    contents = [value for content in objects(document.get("content")) if (value := content.get("value"))]
    summary = document.get("summary")
    found |= {"body": max(contents, key=len), "summary": summary} if contents else {"body": summary}
    names = [name for author in objects(document.get("authors")) if (name := author.get("name"))]
    if byline := names or document.get("author"):
        found["byline"] = byline
    if tags := [term for tag in objects(document.get("tags")) if (term := tag.get("term"))]:
        found["keywords"] = tags
    return found


FORMAT: Format[Json] = Format(
    name="feedparser",
    recognised_by="`title_detail`, `summary_detail`, `guidislink` or `published_parsed`",
    link="https://feedparser.readthedocs.io",
    group=Group.FEEDS,
    text_in="`content` or `summary`",
    matches=lambda document: bool(
        {"title_detail", "summary_detail", "guidislink", "published_parsed"} & document.keys()
    ),
    read=_read,
)
