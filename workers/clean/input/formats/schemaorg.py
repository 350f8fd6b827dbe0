"""schema.org's NewsArticle and its kin as JSON-LD, also inside ``@graph`` and ``mainEntity``, and live blogs."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from workers.clean.input.formats.base import Fields, Format, Group, Json, first, objects, picked

_KIND = re.compile(r"(?:https?://schema\.org/|schema:)?\w*(?:Article|Posting|Report|Review|LiveBlogPosting)")
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
    source=("publisher.name", "sourceOrganization.name", "publisher", "provider.name"),
    url=("url", "mainEntityOfPage.@id", "mainEntityOfPage"),
    language=("inLanguage.alternateName", "inLanguage.name", "inLanguage"),
    keywords="keywords",
    section="articleSection",
)


def is_article(document: Json) -> bool:
    """Whether an object is of a schema.org type for articles."""
    kinds = document.get("@type", document.get("type") if "@context" in document else None)
    values = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and _KIND.fullmatch(kind) for kind in values)


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
    article = find_article(document)
    assert article is not None
    found = _read_paths(article)
    authors = _listed(article.get("author") or article.get("creator"))
    people = [
        person
        for author in authors
        if (person := _resolved(author, document)) is not None and not _is_publisher(person)
    ]
    if people:
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


def _resolved(person: Any, document: Json) -> Any:
    """The person that a reference into the graph means."""
    if isinstance(person, dict) and person.keys() == {"@id"}:
        nodes = objects(document.get("@graph"))
        return next((node for node in nodes if node.get("@id") == person["@id"]), None)
    return person


def _is_publisher(person: object) -> bool:
    return isinstance(person, dict) and "Organization" in str(person.get("@type"))


FORMAT: Format[Json] = Format(
    name="schema.org JSON-LD",
    recognised_by="`@type` NewsArticle, Article, LiveBlogPosting …, also in `@graph` or `mainEntity`",
    link="https://schema.org/NewsArticle",
    group=Group.PAGES,
    text_in="`articleBody`",
    matches=lambda document: find_article(document) is not None,
    read=_read,
)
