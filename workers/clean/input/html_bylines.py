"""Who wrote the article, as its page shows it: in elements of a byline and in the lines below the headline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from workers.clean.fields import authors
from workers.clean.input.html_elements import below_headline, is_related, short_text

_MAX_ELEMENTS = 20_000
_MAX_TOKEN_CHARS = 100
_MAX_LINE_CHARS = 120
_MAX_MARKED = 100
_MAYBE_AUTHOR = re.compile(r"author|byline|autor|auteur", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LINE_BREAK = re.compile(r" [|·•] ")
_AUTHOR = frozenset({
    "author", "authors", "byline", "autor", "autoren", "autorin", "autores", "auteur", "auteurs", "autore",
})  # fmt: skip
_NAME = frozenset({"name", "names"})
_BESIDE_THE_NAME = frozenset({
    "about", "avatar", "bio", "biography", "count", "date", "dates", "desc", "description", "icon", "image", "img",
    "job", "label", "list", "more", "photo", "picture", "position", "role", "social", "time", "title", "tooltip",
    "website",
})  # fmt: skip
"""Words in the classes of elements that say more about an author: their job, their picture."""


def shown(page: HtmlElement) -> Iterator[tuple[str, str]]:
    """Yield what the page shows of its authors, each with its place.

    ``class:author-name`` are the elements of the first byline that hold a name alone, ``class:author`` is the first
    byline that names anybody, and ``line:author`` a line like ``By Ada Birch`` below the headline.
    """
    bylines = [(place, element, text) for place, element, text in _marked(page) if _names_people(text)]
    names = [(element, text) for place, element, text in bylines if place == "class:author-name"]
    yield from (("class:author-name", text) for element, text in names if _around(element) is _around(names[0][0]))
    yield from [(place, text) for place, _, text in bylines if place == "class:author"][:1]
    for _, line in below_headline(page):
        signature = _LINE_BREAK.split(line, maxsplit=1)[0]
        if len(line) <= _MAX_LINE_CHARS and authors.is_labelled(line) and _names_people(signature, min_words=2):
            yield "line:author", signature
            return


def _marked(page: HtmlElement) -> Iterator[tuple[str, HtmlElement, str]]:
    """Yield the elements whose classes are those of a byline, each with its place and its text."""
    classed = ((_place(each.get("class")), each) for each in islice(page.xpath(".//*[@class]"), _MAX_ELEMENTS))
    for place, element in islice(((place, each) for place, each in classed if place), _MAX_MARKED):
        if not is_related(element) and (text := _text(element)):
            yield place, element, text


def _text(element: HtmlElement) -> str | None:
    """Return the element's short text, with bars between the items of a list or links that stand side by side."""
    text = short_text(element)
    for tag in ("li", "a") if text else ():
        parts = [part for each in islice(element.iter(tag), _MAX_MARKED) if (part := short_text(each))]
        if len(parts) > 1 and " ".join(parts) == text:
            return " | ".join(parts)
    return text


def _place(classes: str) -> str | None:
    """Return the place of an element with these classes, None if none of them is of a byline."""
    found = None
    for token in classes.split() if _MAYBE_AUTHOR.search(classes) else ():
        words = {word.lower() for word in _WORD.findall(token[:_MAX_TOKEN_CHARS])}
        if not words & _AUTHOR:
            continue
        if words & _NAME:
            return "class:author-name"
        if not words & _BESIDE_THE_NAME:
            found = "class:author"
    return found


def _around(element: HtmlElement) -> HtmlElement | None:
    """Return the element in which the elements of several authors stand."""
    parent = element.getparent()
    return None if parent is None else parent.getparent()


def _names_people(text: str, min_words: int = 1) -> bool:
    """Whether what stands there can be names: other words of a page are written in lower case."""
    people = authors.names(text)
    return all(map(authors.is_capitalised, people)) and (
        bool(authors.offices(text)) if not people else all(len(name.split()) >= min_words for name in people)
    )
