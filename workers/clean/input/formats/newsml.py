"""IPTC's NewsML-G2 and NewsML 1, with the text as NITF, HTML or plain text."""

from __future__ import annotations

from lxml import etree

from workers.clean.input.formats import nitf
from workers.clean.input.formats.base import (
    Element,
    Fields,
    Format,
    Group,
    attribute,
    find,
    language_of,
    local_name,
    text_of,
)

_ITEMS = ("newsitem",)
_CONTENTS = ("inlinexml", "datacontent", "inlinedata")
_ROOTS = frozenset({"newsmessage", "newsitem", "newsml"})


def _read(root: Element) -> Fields:
    item = _item(root)
    content = next((each for each in item.iter() if local_name(each) in _CONTENTS), None)
    subjects = [text_of(find(each, "name")) for each in item.iter() if local_name(each) == "subject"]
    keywords = [text_of(each) for each in item.iter() if local_name(each) == "keyword"]
    status = attribute(find(item, "pubstatus"), "qcode") or attribute(find(item, "status"), "FormalName")
    return {
        "id": item.get("guid") or text_of(find(item, "publicidentifier")),
        "headline": text_of(find(item, "headline")) or text_of(find(item, "itemmeta", "title")),
        **_body(content),
        "summary": text_of(find(item, "description")) or text_of(find(item, "subheadline")),
        "byline": text_of(find(item, "by")) or text_of(find(item, "byline")),
        "dateline": text_of(find(item, "contentmeta", "dateline")) or text_of(find(item, "newslines", "dateline")),
        "published": text_of(find(item, "contentcreated"))
        or text_of(find(item, "firstcreated"))
        or text_of(find(item, "versioncreated")),
        "modified": text_of(find(item, "versioncreated")) or text_of(find(item, "thisrevisioncreated")),
        "source": text_of(find(item, "provider", "name"))
        or attribute(find(item, "provider"), "literal")
        or attribute(find(item, "provider", "party"), "FormalName"),
        "keywords": list(filter(None, keywords)) or list(filter(None, subjects)),
        "language": attribute(find(item, "contentmeta", "language"), "tag")
        or attribute(find(item, "descriptivemetadata", "language"), "FormalName")
        or language_of(item),
        "status": status and status.rpartition(":")[2],
        "embargoed": text_of(find(item, "embargoed")),
    }


def _item(root: Element) -> Element:
    """The first item with a text; pictures come as items beside it."""
    items = [each for each in root.iter() if local_name(each) in _ITEMS] or [root]
    with_text = (each for each in items if any(local_name(below) in _CONTENTS for below in each.iter()))
    return next(with_text, items[0])


def _body(content: Element | None) -> Fields:
    if content is None:
        return {}
    if not len(content):
        return {"body": (content.text or "").strip()}
    if body := nitf.body_of(content):
        return {"body": body}
    return {"html": "".join(etree.tostring(child, encoding="unicode") for child in content)}


FORMAT: Format[Element] = Format(
    name="NewsML-G2 and NewsML 1",
    recognised_by="the root element `newsMessage`, `newsItem` or `NewsML`",
    link="https://iptc.org/standards/newsml-g2/",
    group=Group.AGENCIES,
    text_in="`inlineXML` or `inlineData`",
    matches=lambda root: local_name(root) in _ROOTS,
    read=_read,
)
