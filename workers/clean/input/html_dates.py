"""Dates that a page shows: in time elements and in the lines below its headline; never those of other articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

_MAX_TIMES = 50
_MAX_ELEMENTS = 80
_MAX_CHARS = 120
_MIN_PARAGRAPH_CHARS = 150
_ELSEWHERE = frozenset({"a", "aside", "nav", "footer", "li", "script", "style", "template", "figcaption"})
"""Elements that lead to other articles or pages, or hold none of the article's text."""
_OF_OTHERS = re.compile(r"related|teaser|recommend|most-?read|comment|promo|latest|trending|sidebar", re.IGNORECASE)
_MODIFIED = re.compile(r"modif|updat|aktualis|actuali[sz]", re.IGNORECASE)
_PUBLISHED = re.compile(r"publi[sc]|pubdate", re.IGNORECASE)


def published_times(page: HtmlElement) -> list[str]:
    """Return the dates of time elements that are marked as those of publication, then the first below the headline."""
    times = list(_times(page))
    marked = [date for date, marks, _ in times if _PUBLISHED.search(marks)]
    return marked + [date for date, marks, is_below in times if is_below and not _MODIFIED.search(marks)][:1]


def modified_times(page: HtmlElement) -> list[str]:
    """Return the dates of time elements that are marked as those of a change."""
    return [date for date, marks, _ in _times(page) if _MODIFIED.search(marks)]


def lines_below_headline(page: HtmlElement) -> list[str]:
    """Return the short texts with digits beside the headline and between it and the first paragraph."""
    heading = next(page.iter("h1"), None)
    found: list[str] = []
    if heading is None:
        return found
    for element in islice(_following(heading), _MAX_ELEMENTS):
        text = " ".join(element.text_content().split()) if isinstance(element.tag, str) else ""
        if element.tag == "p" and len(text) >= _MIN_PARAGRAPH_CHARS:
            break
        if len(text) <= _MAX_CHARS and any(map(str.isdigit, text)) and not _is_of_another(element):
            found.append(text)
    return list(dict.fromkeys(found))


def in_title(title: str | None) -> list[str]:
    """Return what stands after the last bar in a page's title, where some publishers put the day."""
    tail = (title or "").rpartition("|")[2].strip() if "|" in (title or "") else ""
    return [tail] if any(map(str.isdigit, tail)) and len(tail) <= _MAX_CHARS else []


def _following(heading: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the elements after the heading, in the page's order."""
    element = heading
    while element is not None and element.tag != "body":
        for sibling in element.itersiblings():
            yield from sibling.iter()
        element = element.getparent()


def _times(page: HtmlElement) -> Iterator[tuple[str, str, bool]]:
    """Yield the date of each time element of the page's own article, its attributes, and if a headline precedes it."""
    is_below = False
    for element in islice(page.iter("h1", "time"), _MAX_TIMES):
        if element.tag == "h1":
            is_below = True
            continue
        text = (element.get("datetime") or element.text_content()).strip()
        if text and len(text) <= _MAX_CHARS and not _is_of_another(element):
            marks = (
                f"{name}={element.get(name)}"
                for name in ("itemprop", "class", "id", "pubdate")
                if name in element.attrib
            )
            yield text, " ".join(marks), is_below


def _is_of_another(element: HtmlElement) -> bool:
    """Whether the element stands in a link or list, or in a part of the page that names other articles."""
    return any(
        each.tag in _ELSEWHERE or _OF_OTHERS.search(f"{each.get('class') or ''} {each.get('id') or ''}")
        for each in (element, *element.iterancestors())
        if isinstance(each.tag, str) and each.tag not in ("body", "html")
    )
