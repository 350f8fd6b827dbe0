"""Parses web pages within limits: refuses what no article needs and what would take long.

The limits are far above what news pages have: of 232 pages the largest had 8,093 tags, 4,098 elements (99 of 100 at
most 2,481), 246 children of one element and 73 attributes of one tag.
"""

from __future__ import annotations

import json
import re

import trafilatura
from lxml.html import HtmlElement

from workers.clean.text import MAX_TEXT_CHARS
from workers.errors import RejectedError
from workers.outcomes import Reason

MAX_ELEMENTS_FOR_THOROUGH_SEARCH = 2_500
"""Pages with more are read the fast way: the thorough one takes time quadratic in the number of paragraphs."""

_MAX_TAGS = 15_000
_MAX_ATTRIBUTES = 500  # per tag: the parser takes time quadratic in their number
_MAX_CHILDREN = 2_500  # per element: sorting siblings takes time quadratic in their number
_MAX_NESTED_CHARS = 15_000_000  # a text is read again for every element around it
_MAX_NAME_CHARS = 600_000  # of classes and ids, which a hundred expressions search
_TAGS_WITHOUT_TEXT = frozenset({"script", "style"})

# A blank within HTML is one of [ \t\n\f\r]; Python's \s has others too. Possessive quantifiers and atomic groups keep
# the patterns linear.
_ATTRIBUTE = r"""
    (?> [ \t\n\f\r/]*+ [^ \t\n\f\r/>] [^ \t\n\f\r/>=]*+
        (?> [ \t\n\f\r]*+ = [ \t\n\f\r]*+
            (?> "[^"]*+"?
              | '[^']*+'?
              | [^ \t\n\f\r>]*+ )
        )?+
    )
"""


def tag_pattern(max_attributes: int) -> re.Pattern[str]:
    """Return a pattern for comments and for tags as browsers read them.

    Its group ``more`` matches if a tag has more than ``max_attributes`` attributes.
    """
    return re.compile(
        rf"""
          <!-- (?: -?> | .*? (?: --!?> | \Z ) )        # a comment
        | < (?: [!?] | /[^a-z>] ) [^>]*+                # a declaration, or a tag that is not one
        | </?
          (?: (?P<raw>                                  # an element whose content has no tags
                (?<!/)
                (?: script | style | title | textarea | iframe | noembed | noframes | xmp | plaintext )
                (?= [ \t\n\f\r/>] )
              )
            | [a-z] [^ \t\n\f\r/>]*+
          )
          (?: {_ATTRIBUTE} ){{0,{max_attributes}}}+
          (?P<more> {_ATTRIBUTE} )?+
          (?(raw)
            (?: (?: [ \t\n\f\r/]* [ \t\n\f\r] )?+ >
                .*? (?: </ (?P=raw) (?= [ \t\n\f\r/>] ) (?: {_ATTRIBUTE} )*+ | \Z )
            )?+
          )
        """,
        re.IGNORECASE | re.DOTALL | re.VERBOSE,
    )


_TAG = tag_pattern(_MAX_ATTRIBUTES)


def parse(page: str) -> HtmlElement | None:
    """Return the page's tree, without any JSON-LD that does not parse; None if the page is not HTML.

    Raises:
        RejectedError: TOO_LARGE for more tags, text or attributes than an article needs.
        lxml.etree.LxmlError, ValueError: the page cannot be parsed.
    """
    if (tags := page.count("<")) > _MAX_TAGS:
        raise _too_large("tags", tags, _MAX_TAGS)
    if any(tag["more"] for tag in _TAG.finditer(page)):
        raise RejectedError(
            Reason.TOO_LARGE, f"a tag of the page has more than {_MAX_ATTRIBUTES:,} attributes, the limit; {_REMEDY}"
        )
    tree = trafilatura.load_html(page)
    if tree is not None:
        _check(tree)
        for script in tree.xpath("//script[contains(@type, '+json')]"):
            if not _is_json(script.text or ""):
                # trafilatura would search broken JSON with expressions that take time cubic in its length.
                script.text = None
    return tree


_REMEDY = "send the page of one article, or its text"


def _too_large(what: str, count: int, limit: int) -> RejectedError:
    return RejectedError(Reason.TOO_LARGE, f"the page has {count:,} {what}, and the limit is {limit:,}; {_REMEDY}")


def _check(tree: HtmlElement) -> None:
    depths = {tree: 0}
    text = nested = names = 0
    for element in tree.iter():
        depth = depths.get(element, 0)
        depths.update(dict.fromkeys(element, depth + 1))
        if len(element) > _MAX_CHILDREN:
            raise _too_large("elements side by side", len(element), _MAX_CHILDREN)
        has_text = isinstance(element.tag, str) and element.tag not in _TAGS_WITHOUT_TEXT
        inside = len(element.text or "") if has_text else 0
        after = len(element.tail or "")
        text += inside + after
        nested += inside * (depth + 1) + after * depth
        names += len(element.get("class") or "") + len(element.get("id") or "")
    for what, count, limit in (
        ("characters of text", text, MAX_TEXT_CHARS),
        ("characters of text within text", nested, _MAX_NESTED_CHARS),
        ("characters of classes and ids", names, _MAX_NAME_CHARS),
    ):
        if count > limit:
            raise _too_large(what, count, limit)


def _is_json(text: str) -> bool:
    try:
        json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return False
    return True
