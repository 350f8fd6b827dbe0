"""Elements of a page: their kinds, their text, and what parts of the page they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
TEXT_BLOCKS = frozenset({"p", "li", "td", "th", "dd", "dt", "blockquote", "figcaption", *HEADINGS})
INLINE = frozenset({
    "a", "b", "i", "em", "strong", "span", "font", "u", "s", "sub", "sup", "small", "mark", "code", "abbr", "cite",
})  # fmt: skip
TEASER_CLASS = re.compile(r"teaser|related|promo|recommend|read-?more|(?:^|[\s_-])card(?:$|[\s_-])", re.IGNORECASE)
MIN_PROSE_CHARS = 80
"""The length from which a paragraph counts as prose."""

_SPACE = re.compile(r"\s+")
_MAX_LINE_CHARS = 200
_MAX_BELOW = 80
_MIN_PARAGRAPH_CHARS = 150
_NOT_OF_THE_ARTICLE = frozenset({"nav", "aside", "footer"})
_RELATED = re.compile(r"related|recommend|teaser|comment|sidebar|most-?read|newsletter", re.IGNORECASE)


def text_length(element: HtmlElement) -> int:
    """Return the number of characters of an element's text."""
    return len(etree.tostring(element, method="text", encoding="unicode", with_tail=False).strip())


def short_text(element: HtmlElement, limit: int = _MAX_LINE_CHARS) -> str | None:
    """Return the element's text on one line; None if it is longer than the limit."""
    text, size = [], 0
    for piece in element.itertext():
        text.append(piece)
        size += len(piece)
        if size > 4 * limit:
            return None
    joined = _SPACE.sub(" ", " ".join(text)).strip()
    return joined if len(joined) <= limit else None


def is_teaser(element: HtmlElement) -> bool:
    """Return whether the element is by its class a teaser of another article."""
    return isinstance(element.tag, str) and TEASER_CLASS.search(element.get("class") or "") is not None


def is_related(element: HtmlElement) -> bool:
    """Return whether the element stands where pages show other things than their article."""
    return any(
        above.tag in _NOT_OF_THE_ARTICLE or _RELATED.search(f"{above.get('class') or ''} {above.get('id') or ''}")
        for above in islice(element.iterancestors(), 6)
        if above.tag not in ("body", "html")
    )


def is_in_article(element: HtmlElement) -> bool:
    """Return whether the element stands in one that holds the page's article."""
    return any(above.tag in ("article", "main") for above in element.iterancestors())


def below_headline(page: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Yield the elements beside the headline and between it and the first paragraph, with their text on one line.

    Those with more text than a line are left out.
    """
    heading = next(page.iter("h1"), None)
    for element in islice(_following(heading), _MAX_BELOW):
        text = short_text(element, _MIN_PARAGRAPH_CHARS) if isinstance(element.tag, str) else ""
        if text is None and element.tag == "p":
            break
        if text:
            yield element, text


def _following(element: HtmlElement | None) -> Iterator[HtmlElement]:
    """Yield the elements after this one, in the page's order."""
    while element is not None and element.tag != "body":
        for sibling in element.itersiblings():
            yield from sibling.iter()
        element = element.getparent()
