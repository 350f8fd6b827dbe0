"""What a page declares about its article: in JSON-LD (schema.org) and in the tags of its head."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import orjson
from lxml.html import HtmlElement

from workers.clean.input import html_dates
from workers.clean.text import MAX_FIELD_CHARS

_ARTICLE = re.compile(r"(?:https?://schema\.org/)?\w*(?:Article|Posting|Report)")
_CONTROL = re.compile(r"[\x00-\x1f]+")
_MAX_JSON_LD_CHARS = 1_000_000
_MAX_ITEMS = 1_000
_MAX_AUTHORS = 100
_PUBLISHED = (
    "article:published_time", "article:published:time", "og:article:published_time", "datepublished",
    "parsely-pub-date", "cxenseparse:publishtime", "cxenseparse:recs:publishtime", "sailthru.date", "bt:pubdate",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "publication_date", "publish-date",
    "publish_date", "published_at", "pubdate", "dcterms.date", "dc.date", "date",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "article:modified:time", "og:updated_time", "datemodified", "dcterms.modified",
    "dc.date.modified", "last-modified", "lastmod",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a page declares; the most trustworthy dates and URLs come first; each date has its source."""

    headlines: tuple[str, ...]
    authors: tuple[str, ...]
    published: tuple[tuple[str, str], ...]
    modified: tuple[tuple[str, str], ...]
    urls: tuple[str, ...]
    section: str | None


def metadata(page: HtmlElement) -> Metadata:
    """Return what the page declares about its article; malformed values are ignored."""
    article = next(_articles(page), {})
    tags: dict[str, str] = {}
    for tag in page.iter("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop")
        if name and (content := tag.get("content")):
            tags.setdefault(name.lower(), content)
    links = (tag.get("href") for tag in page.iter("link") if tag.get("rel") == "canonical")
    about = article.get("mainEntityOfPage")
    lines = html_dates.lines_below_headline(page)
    times = html_dates.published_times(page), html_dates.modified_times(page)
    return Metadata(
        headlines=_strings(article.get("headline"), tags.get("og:title")),
        authors=_strings(*_names(article.get("author"))),
        published=_dates(article.get("datePublished"), map(tags.get, _PUBLISHED), times[0], lines),
        modified=_dates(article.get("dateModified"), map(tags.get, _MODIFIED), times[1], lines),
        urls=_strings(*links, tags.get("og:url"), about.get("@id") if isinstance(about, dict) else about,
                      article.get("url")),
        section=next(iter(_strings(article.get("articleSection"), tags.get("article:section"))), None),
    )  # fmt: skip


def _articles(page: HtmlElement) -> Iterator[dict[str, Any]]:
    """Yield the articles in the page's JSON-LD."""
    for script in page.iter("script"):
        text = script.text or ""
        if "ld+json" not in (script.get("type") or "").lower() or len(text) > _MAX_JSON_LD_CHARS:
            continue
        try:
            # Line ends inside strings are common, though JSON does not allow them.
            value = orjson.loads(_CONTROL.sub(" ", text).strip().removesuffix(";"))
        except orjson.JSONDecodeError:
            continue
        for item in _items(value):
            kinds = item.get("@type")
            if any(_ARTICLE.fullmatch(kind) for kind in _strings(*(kinds if isinstance(kinds, list) else [kinds]))):
                yield item


def _items(value: object) -> Iterator[dict[str, Any]]:
    """Yield the objects of JSON-LD: a single one, those of a list or those of a graph."""
    if isinstance(value, dict):
        graph = value.get("@graph")
        value = [value, *graph] if isinstance(graph, list) else [value]
    for item in value[:_MAX_ITEMS] if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item


def _names(author: object) -> list[object]:
    values = author[:_MAX_AUTHORS] if isinstance(author, list) else [author]
    return [value.get("name") if isinstance(value, dict) else value for value in values]


def _strings(*values: object) -> tuple[str, ...]:
    """Return the values that are non-empty strings, as plain text."""
    texts = (unescape(value).strip() for value in values if isinstance(value, str) and len(value) <= MAX_FIELD_CHARS)
    return tuple(dict.fromkeys(text for text in texts if text))


def _dates(
    json_ld: object, meta: Iterable[object], time: Iterable[str], text: Iterable[str]
) -> tuple[tuple[str, str], ...]:
    """Return the dates with their sources."""
    sources = {"json-ld": _strings(json_ld), "meta": _strings(*meta), "time": _strings(*time), "text": _strings(*text)}
    return tuple((value, source) for source, values in sources.items() for value in values)
