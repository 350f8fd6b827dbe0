"""NITF, the XML of news agencies."""

from __future__ import annotations

from workers.clean.input.formats.base import (
    Element,
    Fields,
    Format,
    Group,
    attribute,
    blocks_of,
    children,
    find,
    language_of,
    local_name,
    text_of,
)

BLOCKS = frozenset({"p", "hl2", "li", "tr", "pre", "dt", "dd"})
SKIPPED = frozenset({"media", "body.end", "abstract", "media-caption", "media-producer", "fn"})


def body_of(root: Element) -> str | None:
    """The paragraphs of a NITF document; None if it has none."""
    content = find(root, "body.content")
    if content is None:
        return None
    # The New York Times' archive repeats the lead in a block of its own.
    full = [block for block in content.iter() if block.get("class") == "full_text"]
    return blocks_of(full[0] if full else content, BLOCKS, SKIPPED)


def _read(root: Element) -> Fields:
    published, data = find(root, "pubdata"), find(root, "docdata")
    headline = find(root, "hedline")
    return {
        "id": attribute(find(root, "doc-id"), "id-string"),
        "headline": text_of(find(root, "hl1")) or text_of(headline) or text_of(find(root, "title")),
        "body": body_of(root),
        "summary": text_of(find(root, "abstract")),
        "byline": byline_of(root),
        "dateline": text_of(find(root, "dateline")),
        "published": attribute(find(root, "date.issue"), "norm")
        or attribute(find(root, "date.release"), "norm")
        or attribute(published, "date.publication")
        or attribute(find(root, "story.date"), "norm"),
        "source": attribute(published, "name")
        or text_of(find(root, "distributor"))
        or attribute(find(root, "doc.copyright"), "holder"),
        "url": attribute(published, "ex-ref"),
        "keywords": [key for each in root.iter() if local_name(each) == "keyword" and (key := each.get("key"))],
        "section": attribute(published, "position.section"),
        "status": attribute(data, "management-status"),
        "language": language_of(root),
    }


def byline_of(root: Element) -> list[str] | str | None:
    """The people in a byline, without their titles; else its text."""
    byline = find(root, "byline")
    if byline is None:
        return None
    people = [name for each in byline.iter() if local_name(each) == "person" and (name := text_of(each))]
    titles = {text_of(title) for title in children(byline, "byttl")}
    parts = (text_of(each) for each in byline if text_of(each) not in titles)
    return people or " ".join(filter(None, (byline.text and byline.text.strip(), *parts))) or None


FORMAT: Format[Element] = Format(
    name="NITF",
    recognised_by="the root element `nitf`",
    link="https://iptc.org/standards/nitf/",
    group=Group.AGENCIES,
    text_in="`body.content`",
    matches=lambda root: local_name(root) == "nitf",
    read=_read,
)
