"""What a format is: how a document is recognised, and where it has the fields of an article."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from lxml import etree

Json = Mapping[str, Any]
Fields = dict[str, Any]
"""Values of any type, by the names of the fields of ``RawArticle``."""
Element = etree._Element

D = TypeVar("D", Json, Element, str)


class Group(StrEnum):
    """Who sends a format, in the order and words of the documents."""

    CRAWLERS = "Crawlers and extractors"
    APIS = "News APIs and archives"
    AGENCIES = "Agencies"
    FEEDS = "Feeds"
    PAGES = "Pages and text"
    OWN = "Your own JSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format(Generic[D]):
    """A format of documents: JSON objects, XML elements or plain texts.

    Attributes:
        name: what its users call it.
        recognised_by: the keys or elements that tell it from others, for the documentation.
        link: where the format is described.
        group: who sends it.
        text_in: where it has the text of the article, for refusals and the documentation.
        matches: whether a document has this format.
        read: the fields of a document that matches.
    """

    name: str
    recognised_by: str
    link: str
    group: Group
    text_in: str
    matches: Callable[[D], bool]
    read: Callable[[D], Fields]


def has(*keys: str) -> Callable[[Json], bool]:
    """A test whether an object has every key."""
    return lambda document: all(key in document for key in keys)


def picked(**paths: str | Sequence[str]) -> Callable[[Json], Fields]:
    """A reader that takes each field from the first of its dotted paths that leads to a value."""
    table = {field: (path,) if isinstance(path, str) else tuple(path) for field, path in paths.items()}

    def read(document: Json) -> Fields:
        return {
            field: value for field, candidates in table.items() if (value := first(document, *candidates)) is not None
        }

    return read


def first(document: Json, *paths: str) -> Any:
    """The first value that a dotted path leads to; None if there is none, or only empty ones."""
    for path in paths:
        value: Any = document
        for key in path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if value not in (None, "", [], {}):
            return value
    return None


def objects(value: object) -> list[Json]:
    """The objects of a list; a single object counts as a list of one."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, Mapping)]


def text_of(element: Element | None) -> str | None:
    """The text in an element and below, on one line; None if there is none."""
    return None if element is None else " ".join("".join(map(str, element.itertext())).split()) or None


def local_name(element: Element) -> str:
    """The name of an element without its namespace or prefix, in lower case; empty for comments."""
    return element.tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(element.tag, str) else ""


def children(element: Element, *names: str) -> list[Element]:
    """The child elements with one of these names, whatever their namespace."""
    return [child for child in element if local_name(child) in names]


def attribute(element: Element | None, *names: str) -> str | None:
    """The first of the attributes that an element has; None without an element."""
    return None if element is None else next((value for name in names if (value := element.get(name))), None)


def language_of(element: Element) -> str | None:
    """The language that an element or one around it declares."""
    declared = (each.get("{http://www.w3.org/XML/1998/namespace}lang") for each in (element, *element.iterancestors()))
    return next(filter(None, declared), None)


def blocks_of(start: Element, names: frozenset[str], skipped: frozenset[str] = frozenset()) -> str | None:
    """The paragraphs below an element, one per line: the innermost elements with the names, outside skipped ones.

    Without such elements, it is the whole text on one line; None if there is none.
    """
    blocks = [each for each in start.iter() if local_name(each) in names]
    # Each element is looked at once, however deep the blocks are nested.
    unwanted = _below([each for each in start.iter() if local_name(each) in skipped]) | _around(blocks)
    lines = [text for block in blocks if block not in unwanted and (text := text_of(block))]
    return "\n".join(lines) or text_of(start)


def _below(elements: list[Element]) -> set[Element]:
    found: set[Element] = set()
    for element in elements:
        if element not in found:
            found.update(element.iterdescendants())
    return found


def _around(elements: list[Element]) -> set[Element]:
    found: set[Element] = set()
    for element in elements:
        for above in element.iterancestors():
            if above in found:
                break
            found.add(above)
    return found


def find(element: Element, *path: str) -> Element | None:
    """The first element below that the path of names leads to, whatever the namespaces."""
    for name in path:
        below = next((each for each in element.iterdescendants() if local_name(each) == name), None)
        if below is None:
            return None
        element = below
    return element
