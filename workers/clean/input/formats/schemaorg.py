"""schema.org's NewsArticle and its kin as JSON-LD, also inside ``@graph`` and ``mainEntity``, and live blogs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from workers.clean.input import json_ld
from workers.clean.input.formats.base import Fields, Format, Group, Json, first, objects, picked

_INNER_KEYS = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item")
"""Where an object has the article, or an object with the article."""
_MAX_DEPTH = 4
_MAX_NODES = 1_000

_read_paths = picked(
    id=("identifier", "@id"),
    headline=("headline", "name", "alternativeHeadline"),
    body=("articleBody", "text", "articleBodyHtml", "content"),
    summary=("description", "abstract"),
    dateline="dateline",
    published=("datePublished", "dateCreated", "published"),
    modified="dateModified",
    source=("publisher.name", "sourceOrganization.name", "publisher", "provider.name", "isPartOf.name"),
    url=("url", "mainEntityOfPage.@id", "mainEntityOfPage"),
    language=("inLanguage.alternateName", "inLanguage.name", "inLanguage"),
    keywords="keywords",
    section="articleSection",
)


def is_article(document: Json) -> bool:
    """Whether an object is of a schema.org type for articles."""
    return ("@context" in document or "@type" in document) and json_ld.is_article(document)


def only_article(items: Iterable[object]) -> Json | None:
    """The one article among the objects of a page's JSON-LD, itself or in its graph; None if there are several."""
    known = [item for item in items if isinstance(item, dict) and find_article(item) is not None]
    own = [item for item in known if is_article(item)] or known
    return own[0] if len(own) == 1 else None


def find_article(document: Json) -> Json | None:
    """The article in a JSON-LD object: itself, or in its graph or main entity."""
    level = [document]
    for _ in range(_MAX_DEPTH + 1):
        if article := next(filter(is_article, level), None):
            return article
        inner = (each[key] for each in level for key in _INNER_KEYS if key in each)
        lists = (value[:_MAX_NODES] if isinstance(value, list) else value for value in inner)
        level = list(islice((item for each in lists for item in objects(each)), _MAX_NODES))
    return None


def _read(document: Json) -> Fields:
    document = json_ld.with_plain_names(document)
    article = find_article(document)
    assert article is not None
    by_id = json_ld.references(objects(document.get("@graph")))
    article = {name: _plain(value) for name, value in json_ld.resolved(article, by_id).items()}
    found = _read_paths(article)
    authors = _listed(article.get("author") or article.get("creator") or article.get("contributor"))
    publisher = article.get("publisher")
    if people := [name for author in authors if author != publisher for name in _names(author)]:
        found["byline"] = people
    if updates := [line for update in objects(article.get("liveBlogUpdate")) for line in _update(update)]:
        found["body"] = "\n".join(filter(None, (_text(found.get("body")), *updates)))
    return found


def _update(update: Json) -> list[str]:
    """The lines of an entry of a live blog: its time and headline, then its text."""
    heading = " ".join(filter(None, (_text(update.get("datePublished")), _text(update.get("headline")))))
    return list(filter(None, (heading, _text(first(update, "articleBody", "text")))))


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _listed(value: Any) -> list[Any]:
    """The values of a list, which may hold lists."""
    if isinstance(value, list):
        return [item for each in value for item in _listed(each)]
    return [] if value is None else [value]


def _plain(value: Any) -> Any:
    """The value of JSON-LD in its expanded form, ``[{"@value": …}]``; others as they are."""
    values = value if isinstance(value, list) else [value]
    if values and all(isinstance(one, dict) and ("@value" in one or "@list" in one) for one in values):
        plain = [one.get("@value", one.get("@list")) for one in values]
        return plain[0] if len(plain) == 1 else plain
    return value


def _names(person: Any) -> list[Any]:
    """The names of an author, which may be a text, or an object with one or several names."""
    if not isinstance(person, dict):
        return [person]
    names = person.get("name", person.get("@list"))
    return _listed(_plain(names)) if isinstance(names, list) else [person]


FORMAT: Format[Json] = Format(
    name="schema.org JSON-LD",
    recognised_by="`@type` NewsArticle, Article, LiveBlogPosting …, also in `@graph` or `mainEntity`",
    link="https://schema.org/NewsArticle",
    group=Group.PAGES,
    text_in="`articleBody`",
    matches=lambda document: find_article(document) is not None,
    read=_read,
)
