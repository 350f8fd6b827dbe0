"""The XML of trafilatura."""

from __future__ import annotations

from workers.clean.input.formats.base import Element, Fields, Format, find, local_name, text_of

_BLOCKS = frozenset({"p", "head", "item", "quote", "row", "code"})


def _read(root: Element) -> Fields:
    main = find(root, "main")
    start = root if main is None else main
    blocks = [each for each in start.iter() if local_name(each) in _BLOCKS and not _has_block(each)]
    return {
        "headline": root.get("title"),
        "body": "\n".join(text for block in blocks if (text := text_of(block))) or text_of(start),
        "summary": root.get("excerpt"),
        "byline": _parts(root.get("author")),
        "published": root.get("date"),
        "source": root.get("sitename") or root.get("hostname"),
        "url": root.get("source") or root.get("url"),
        "keywords": _parts(root.get("tags")),
        "section": _parts(root.get("categories")),
        "language": root.get("language"),
    }


def _has_block(element: Element) -> bool:
    return any(local_name(each) in _BLOCKS for each in element.iterdescendants())


def _parts(value: str | None) -> list[str] | None:
    return [part.strip() for part in value.split(";") if part.strip()] if value else None


FORMAT: Format[Element] = Format(
    name="trafilatura (XML)",
    recognised_by="the root element `doc` with `main`",
    link="https://trafilatura.readthedocs.io",
    matches=lambda root: local_name(root) == "doc" and find(root, "main") is not None,
    read=_read,
)
