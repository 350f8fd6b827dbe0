"""NITF, the XML of news agencies."""

from __future__ import annotations

from workers.clean.input.formats.base import Element, Fields, Format, children, find, local_name, text_of


def _read(root: Element) -> Fields:
    content = find(root, "body.content")
    blocks = [] if content is None else [each for each in content.iter() if local_name(each) in ("p", "hl2", "li")]
    paragraphs = [text for block in blocks if (text := text_of(block))]
    issued, byline = find(root, "date.issue"), find(root, "byline")
    people = [] if byline is None else [text_of(person) for person in children(byline, "person")]
    source = find(root, "doc.copyright")
    return {
        "id": _attribute(find(root, "doc-id"), "id-string"),
        "headline": text_of(find(root, "hl1")) or text_of(find(root, "hedline")) or text_of(find(root, "title")),
        "body": "\n".join(paragraphs) or text_of(content),
        "summary": text_of(find(root, "abstract")),
        "byline": people or text_of(byline),
        "dateline": text_of(find(root, "dateline")),
        "published": _attribute(issued, "norm") or _attribute(find(root, "story.date"), "norm"),
        "source": _attribute(find(root, "pubdata"), "name") or _attribute(source, "holder"),
        "url": _attribute(find(root, "pubdata"), "ex-ref"),
        "keywords": [key for each in root.iter() if local_name(each) == "keyword" and (key := each.get("key"))],
        "language": root.get("{http://www.w3.org/XML/1998/namespace}lang"),
    }


def _attribute(element: Element | None, name: str) -> str | None:
    return None if element is None else element.get(name)


FORMAT: Format[Element] = Format(
    name="NITF",
    recognised_by="the root element `nitf`",
    link="https://iptc.org/standards/nitf/",
    matches=lambda root: local_name(root) == "nitf",
    read=_read,
)
