"""An item of an RSS feed, an entry of an Atom feed, or a whole feed with one of them."""

from __future__ import annotations

from lxml import etree

from workers.clean.input.formats.base import Element, Fields, Format, children, local_name, text_of

_FEEDS = frozenset({"rss", "rdf", "channel", "feed"})


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
        return next((value for name in names for each in children(item, name) if (value := _content(each))), None)

    source = text("source") or _title_of_feed(item)
    authors = [name for each in children(item, "author", "creator") if (name := text_of(_name(each)) or text_of(each))]
    categories = [each.get("term") or text_of(each) for each in children(item, "category")]
    body, summary = text("encoded", "content"), text("description", "summary")
    return {
        "id": text("guid", "id"),
        "headline": text("title"),
        "body": body or summary,
        "summary": summary if body else None,
        "byline": authors or None,
        "published": text("pubdate", "published", "date", "issued", "updated"),
        "modified": text("updated", "modified"),
        "source": source,
        "url": text("link", "origlink") or _link(item),
        "keywords": [category for category in categories if category] or None,
        "language": text("language") or item.get("{http://www.w3.org/XML/1998/namespace}lang"),
    }


def _content(element: Element) -> str | None:
    """The content of an element as text or HTML; markup in it is kept (Atom's ``type="xhtml"``)."""
    if len(element):
        return "".join(etree.tostring(child, encoding="unicode") for child in element).strip() or None
    return (element.text or "").strip() or None


def _name(element: Element) -> Element | None:
    return next(iter(children(element, "name")), None)


def _link(item: Element) -> str | None:
    links = children(item, "link")
    alternate = [link for link in links if link.get("rel", "alternate") == "alternate"]
    return next((href for link in (*alternate, *links) if (href := link.get("href"))), None)


def _title_of_feed(item: Element) -> str | None:
    parent = item.getparent()
    channels = [] if parent is None else [parent, *children(parent, "channel")]
    return next(
        (title for channel in channels for each in children(channel, "title") if (title := text_of(each))), None
    )


FORMAT: Format[Element] = Format(
    name="RSS and Atom",
    recognised_by="the element `item` or `entry`, alone or as the only one of a feed",
    link="https://www.rssboard.org/rss-specification",
    matches=_matches,
    read=_read,
)
