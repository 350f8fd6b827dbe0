"""An item of an RSS feed, an entry of an Atom feed, or a whole feed with one of them."""

from __future__ import annotations

import re
from email.utils import parseaddr

from lxml import etree

from workers.clean.input.formats.base import (
    Element,
    Fields,
    Format,
    Group,
    attribute,
    children,
    find,
    language_of,
    local_name,
    text_of,
)

_FEEDS = frozenset({"rss", "rdf", "channel", "feed"})
ROOTS = frozenset({"rss", "rdf", "feed", "channel"})
"""The root elements of feeds."""
_OTHER = re.compile(r"\{[^}]*(?:/mrss|media|itunes|georss|slash|podcast)[^}]*\}|(?:media|itunes|podcast|georss):", re.I)
"""Namespaces whose ``title``, ``content`` and ``description`` are those of pictures and broadcasts."""


def items(root: Element) -> list[Element]:
    """The items of a feed, or the item itself."""
    if local_name(root) in ("item", "entry"):
        return [root]
    return [each for each in root.iter() if local_name(each) in ("item", "entry")]


def _matches(root: Element) -> bool:
    return local_name(root) in ("item", "entry") or (local_name(root) in _FEEDS and bool(items(root)))


def _read(root: Element) -> Fields:
    item = items(root)[0]

    def text(*names: str) -> str | None:
        return next((value for name in names for each in _own(item, name) if (value := _content(each))), None)

    authors = [name for each in _own(item, "author", "creator") if (name := _author(each))]
    categories = [each.get("term") or text_of(each) for each in _own(item, "category", "subject")]
    body, summary = text("encoded", "content"), text("description", "summary")
    return {
        "id": text("guid", "id"),
        "headline": text("title"),
        "body": body or summary,
        "summary": summary if body else None,
        "byline": authors or _authors_of_feed(item) or None,
        "published": text("pubdate", "published", "date", "issued", "updated"),
        "modified": text("updated", "modified"),
        "source": _source(item) or _title_of_feed(item),
        "url": text("origlink", "link") or _link(item) or _permalink(item),
        "keywords": [category for category in categories if category] or None,
        "language": text("language") or language_of(item) or _language_of_feed(item),
    }


def _content(element: Element) -> str | None:
    """The content of an element as text or HTML; markup in it is kept (Atom's ``type="xhtml"``)."""
    if len(element):
        return "".join(etree.tostring(child, encoding="unicode") for child in element).strip() or None
    return (element.text or "").strip() or None


def _own(item: Element, *names: str) -> list[Element]:
    """The children with the names that belong to the article itself, not to its pictures."""
    return [child for child in children(item, *names) if not _OTHER.match(str(child.tag))]


def _author(element: Element) -> str | None:
    """The name of a person; RSS writes it in brackets after the e-mail address."""
    text = text_of(next(iter(children(element, "name")), None)) or text_of(element)
    if text is None or "@" not in text:
        return text
    name = parseaddr(text)[0]
    return None if "@" in name else name or None


def _feeds(item: Element) -> list[Element]:
    """The elements that describe the feed of an item: its parent, and in RSS 1.0 the channel beside it."""
    parent = item.getparent()
    return [] if parent is None else [parent, *children(parent, "channel")]


def _authors_of_feed(item: Element) -> list[str]:
    """The authors of an Atom feed, which are those of each entry without its own."""
    feeds = [feed for feed in _feeds(item) if local_name(feed) == "feed"]
    return [name for feed in feeds for each in children(feed, "author") if (name := _author(each))]


def _source(item: Element) -> str | None:
    """The feed that an item was taken from: in RSS its name, in Atom an element with a title."""
    names = (text_of(find(each, "title") if len(each) else each) for each in _own(item, "source", "publisher"))
    return next(filter(None, names), None)


def _language_of_feed(item: Element) -> str | None:
    return next((code for feed in _feeds(item) for each in children(feed, "language") if (code := text_of(each))), None)


def _permalink(item: Element) -> str | None:
    """The id of an item, if it is its address."""
    guid = next(iter(children(item, "guid", "id")), None)
    value = text_of(guid)
    return value if value and value.startswith("http") and attribute(guid, "isPermaLink") != "false" else None


def _link(item: Element) -> str | None:
    links = children(item, "link")
    alternate = [link for link in links if link.get("rel", "alternate") == "alternate"]
    return next((href for link in (*alternate, *links) if (href := link.get("href"))), None)


def _title_of_feed(item: Element) -> str | None:
    return next((title for feed in _feeds(item) for each in children(feed, "title") if (title := text_of(each))), None)


FORMAT: Format[Element] = Format(
    name="RSS and Atom",
    recognised_by="the element `item` or `entry`, alone or as the only one of a feed",
    link="https://www.rssboard.org/rss-specification",
    group=Group.FEEDS,
    text_in="`content:encoded`, `content`, `description` or `summary`",
    matches=_matches,
    read=_read,
)
