"""The articles of The New York Times' Article Search API, which has their leads only."""

from __future__ import annotations

from workers.clean.input.formats.base import Fields, Format, Group, Json, objects, picked

_read_paths = picked(
    id=("_id", "uri"),
    headline=("headline.main", "headline.print_headline"),
    body=("body", "lead_paragraph", "abstract", "snippet"),
    summary=("abstract", "snippet"),
    byline=("byline.original", "byline"),
    published="pub_date",
    source="source",
    url="web_url",
    section=("section_name", "news_desk"),
)


def _read(document: Json) -> Fields:
    names = [keyword.get("value") for keyword in objects(document.get("keywords"))]
    return _read_paths(document) | ({"keywords": names} if names else {}) | {"truncated": "body" not in document}


FORMAT: Format[Json] = Format(
    name="New York Times (article search)",
    recognised_by="`web_url` and `pub_date`",
    link="https://developer.nytimes.com/docs/articlesearch-product/1/overview",
    group=Group.APIS,
    text_in="`lead_paragraph` or `abstract`",
    matches=lambda document: {"web_url", "pub_date"} <= document.keys(),
    read=_read,
)
