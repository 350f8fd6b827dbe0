"""Web pages as trees, within bounds: what no article needs, and would take long, is refused before it does.

The bounds are far above what news pages have: of 232 the largest had 8,093 tags, 4,098 elements (99 of 100 at most
2,481), 246 children of one element and 73 attributes of one tag.
"""

from __future__ import annotations

import json
import re

import trafilatura
from lxml.html import HtmlElement

from workers.clean.text import MAX_TEXT
from workers.errors import RejectedError
from workers.outcomes import Reason

MANY_ELEMENTS = 2_500
"""A page of more is read the fast way: what else is tried takes time with the square of its paragraphs."""

_MOST_TAGS = 15_000
_MOST_ATTRIBUTES = 500  # the parser's time grows with the square of them
_MOST_CHILDREN = 2_500  # and so does that of putting siblings in order
_MOST_NESTED = 15_000_000  # a text is read again for each element around it
_MOST_NAMES = 600_000  # characters of classes and ids, which are searched by a hundred expressions
_NO_TEXT = frozenset({"script", "style"})

_ATTRIBUTE = (
    r"""(?>[ \t\n\f\r/]*+[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+"""
    r"""(?>[ \t\n\f\r]*+=[ \t\n\f\r]*+(?>"[^"]*+"?|'[^']*+'?|[^ \t\n\f\r>]*+))?+)"""
)


def crowded(most: int) -> re.Pattern[str]:
    """What finds comments, and tags as a browser reads them, with a group ``more`` where a tag has more attributes."""
    return re.compile(
        r"<!--(?:-?>|.*?(?:--!?>|\Z))|<(?:[!?]|/[^a-z>])[^>]*+"
        r"|</?(?:(?P<raw>(?<!/)(?:script|style|title|textarea|iframe|noembed|noframes|xmp|plaintext)(?=[ \t\n\f\r/>]))"
        r"|[a-z][^ \t\n\f\r/>]*+)"
        rf"(?:{_ATTRIBUTE}){{0,{most}}}+(?P<more>{_ATTRIBUTE})?+"
        # These have no tags within.
        r"(?(raw)(?:(?:[ \t\n\f\r/]*[ \t\n\f\r])?+>.*?(?:</(?P=raw)(?=[ \t\n\f\r/>])|\Z))?+)",
        re.IGNORECASE | re.DOTALL,
    )


_CROWDED = crowded(_MOST_ATTRIBUTES)


def parse(page: str) -> HtmlElement | None:
    """The page's tree, without the JSON-LD that is none; None where the page is no HTML.

    Raises:
        RejectedError: TOO_LARGE for more tags, text or attributes than an article needs.
        lxml.etree.LxmlError, ValueError: it cannot be parsed.
    """
    if (tags := page.count("<")) > _MOST_TAGS:
        raise RejectedError(Reason.TOO_LARGE, f"a page of {tags:,} tags, and at most {_MOST_TAGS:,} are read")
    if any(tag["more"] for tag in _CROWDED.finditer(page)):
        raise RejectedError(
            Reason.TOO_LARGE, f"a tag of more than {_MOST_ATTRIBUTES:,} attributes, and at most so many are read"
        )
    tree = trafilatura.load_html(page)
    if tree is not None:
        _check(tree)
        for script in tree.xpath("//script[contains(@type, '+json')]"):
            if not _is_json(script.text or ""):
                # Where it does not parse it would be searched with expressions that take the cube of its length.
                script.text = None
    return tree


def _check(tree: HtmlElement) -> None:
    depths = {tree: 0}
    text = nested = names = 0
    for element in tree.iter():
        depth = depths.get(element, 0)
        depths.update(dict.fromkeys(element, depth + 1))
        if len(element) > _MOST_CHILDREN:
            raise RejectedError(
                Reason.TOO_LARGE,
                f"a page with {len(element):,} elements side by side, and at most {_MOST_CHILDREN:,} are read",
            )
        own = len(element.text or "") if isinstance(element.tag, str) and element.tag not in _NO_TEXT else 0
        after = len(element.tail or "")
        text += own + after
        nested += own * (depth + 1) + after * depth
        names += len(element.get("class") or "") + len(element.get("id") or "")
    for what, count, most in (
        ("text", text, MAX_TEXT),
        ("text within text", nested, _MOST_NESTED),
        ("classes and ids", names, _MOST_NAMES),
    ):
        if count > most:
            raise RejectedError(Reason.TOO_LARGE, f"a page with {count:,} characters of {what}, and at most {most:,}")


def _is_json(text: str) -> bool:
    try:
        json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return False
    return True
