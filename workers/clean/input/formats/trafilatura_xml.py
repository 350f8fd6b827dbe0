"""The XML of trafilatura, in its own format and as TEI."""

from __future__ import annotations

from workers.clean.input.formats.base import (
    Element,
    Fields,
    Format,
    Group,
    blocks_of,
    children,
    find,
    local_name,
    text_of,
)

_BLOCKS = frozenset({"p", "head", "ab", "item", "quote", "row", "code"})


def _read(root: Element) -> Fields:
    main = find(root, "main")
    return {
        "id": root.get("id"),
        "headline": root.get("title"),
        "body": blocks_of(root if main is None else main, _BLOCKS),
        "summary": root.get("description") or root.get("excerpt"),
        "byline": _parts(root.get("author")),
        "published": root.get("date"),
        "source": root.get("sitename") or root.get("hostname"),
        "url": root.get("url") or root.get("source"),
        "keywords": _parts(root.get("tags")),
        "section": _parts(root.get("categories")),
        "language": root.get("language"),
    }


def _read_tei(root: Element) -> Fields:
    edition, text = find(root, "biblfull"), find(root, "text", "body")
    address = find(root, "ptr")
    notes = {note.get("type"): text_of(note) for note in root.iter() if local_name(note) == "note"}
    terms = {term.get("type"): text_of(term) for term in root.iter() if local_name(term) == "term"}
    publisher = None if edition is None else text_of(find(edition, "publisher"))
    return {
        "id": notes.get("id"),
        "headline": text_of(find(root, "titlestmt", "title")),
        "body": None if text is None else blocks_of(next(iter(children(text, "div")), text), _BLOCKS),
        "summary": text_of(find(root, "abstract")),
        "byline": _parts(text_of(find(root, "titlestmt", "author"))),
        "published": None if edition is None else text_of(find(edition, "date")),
        "source": publisher and publisher.partition(" (")[0],
        "url": None if address is None else address.get("target"),
        "keywords": _parts(terms.get("tags"), ","),
        "section": terms.get("categories"),
    }


def _parts(value: str | None, separator: str = ";") -> list[str] | None:
    return [part.strip() for part in value.split(separator) if part.strip()] if value else None


FORMAT: Format[Element] = Format(
    name="trafilatura (XML)",
    recognised_by="the root element `doc` with `main`",
    link="https://trafilatura.readthedocs.io",
    group=Group.CRAWLERS,
    text_in="`main`",
    matches=lambda root: local_name(root) == "doc" and find(root, "main") is not None,
    read=_read,
)

TEI: Format[Element] = Format(
    name="trafilatura (XML-TEI)",
    recognised_by="the root element `TEI`",
    link="https://trafilatura.readthedocs.io",
    group=Group.CRAWLERS,
    text_in="`body` within `text`",
    matches=lambda root: local_name(root) == "tei",
    read=_read_tei,
)
