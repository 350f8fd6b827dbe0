"""Dates that a page shows: in time elements and in the lines below its headline; never those of other articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from lxml.html import HtmlElement

from workers.clean.input.html_elements import below_headline

_MAX_TIMES = 50
_MAX_CHARS = 120
_ELSEWHERE = frozenset({"a", "aside", "nav", "footer", "li", "script", "style", "template", "figcaption"})
"""Elements that lead to other articles or pages, or hold none of the article's text."""
_OF_OTHERS = re.compile(r"related|teaser|recommend|most-?read|comment|promo|latest|trending|sidebar", re.IGNORECASE)
_MODIFIED = re.compile(r"modif|updat|aktualis|actuali[sz]", re.IGNORECASE)
_ENTRY = re.compile(r"[0-2]?\d\s?[:.h]\s?[0-5]\d(?:\s?[^\W\d]{1,5}\.?){0,2}|1?\d\s?[ap]\.?m\.?", re.IGNORECASE)
_TIMES = ("time", "relative-time", "time-ago", "local-time", "abbr")
_OF_ABBREVIATIONS = re.compile(r"(?:^|\s)(?:dt-)?(?:published|updated)(?:\s|$)")
"""The classes of abbreviations that are times, by the microformats hAtom and h-entry."""
_PUBLISHED = re.compile(r"publi[sc]|pubdate", re.IGNORECASE)


def published_times(page: HtmlElement) -> list[str]:
    """Return the dates of time elements that are marked as those of publication, then the first below the headline."""
    times = list(_times(page))
    marked = [time.date for time in times if _PUBLISHED.search(time.marks)]
    of_entries = {time.date for time in times if _ENTRY.fullmatch(time.text)}
    below = [time.date for time in times if time.is_below and not _MODIFIED.search(time.marks)]
    # Several clock times without a day are those of the entries of a live blog.
    return marked + [date for date in below if len(of_entries) < 2 or date not in of_entries][:1]


def modified_times(page: HtmlElement) -> list[str]:
    """Return the dates of time elements that are marked as those of a change."""
    return [time.date for time in _times(page) if _MODIFIED.search(time.marks)]


def lines_below_headline(page: HtmlElement) -> list[str]:
    """Return the short texts with digits beside the headline and between it and the first paragraph."""
    return list(
        dict.fromkeys(
            text
            for element, text in below_headline(page)
            if len(text) <= _MAX_CHARS and any(map(str.isdigit, text)) and not _is_of_another(element)
        )
    )


def in_title(title: str | None) -> list[str]:
    """Return what stands after the last bar in a page's title, where some publishers put the day."""
    tail = (title or "").rpartition("|")[2].strip() if "|" in (title or "") else ""
    return [tail] if any(map(str.isdigit, tail)) and len(tail) <= _MAX_CHARS else []


class _Time(NamedTuple):
    """A time element: its date, its attributes, its text, and whether a headline precedes it."""

    date: str
    marks: str
    text: str
    is_below: bool


def _times(page: HtmlElement) -> Iterator[_Time]:
    """Yield the time elements of the page's own article."""
    is_below = False
    for element in islice(page.iter("h1", *_TIMES), _MAX_TIMES):
        if element.tag == "h1":
            is_below = True
            continue
        if element.tag == "abbr" and not _OF_ABBREVIATIONS.search(element.get("class") or ""):
            continue
        shown = element.text_content().strip()
        text = (element.get("title" if element.tag == "abbr" else "datetime") or shown).strip()
        if text and len(text) <= _MAX_CHARS and not _is_of_another(element):
            marks = (
                f"{name}={element.get(name)}"
                for name in ("itemprop", "class", "id", "pubdate")
                if name in element.attrib
            )
            yield _Time(text, " ".join(marks), shown[:_MAX_CHARS], is_below)


def _is_of_another(element: HtmlElement) -> bool:
    """Whether the element stands in a link or list, or in a part of the page that names other articles."""
    return any(
        each.tag in _ELSEWHERE or _OF_OTHERS.search(f"{each.get('class') or ''} {each.get('id') or ''}")
        for each in (element, *element.iterancestors())
        if isinstance(each.tag, str) and each.tag not in ("body", "html")
    )
