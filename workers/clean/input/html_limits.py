"""Parses web pages within limits, beyond which reading them would take long.

A larger page is reduced, step by step, to the part that holds an article; only what is still too large is refused. The
limits are far above what news pages have: of 232 pages the largest had 8,093 tags, 4,098 elements (99 of 100 at most
2,481), 246 children of one element and 73 attributes of one tag.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import lxml.html
import trafilatura
from lxml import etree
from lxml.html import HtmlElement

from workers.clean.text import MAX_TEXT_CHARS
from workers.errors import RejectedError
from workers.outcomes import Reason

MAX_ELEMENTS_FOR_THOROUGH_SEARCH = 2_500
"""Pages with more are read the fast way: the thorough one takes time quadratic in the number of paragraphs."""
MAX_CHARS_FOR_THOROUGH_SEARCH = 150_000
"""Pages with more text, too: the thorough way splits all of it into words several times."""

_MAX_TAGS = 40_000  # of the source, before what is no article is dropped
_MAX_ELEMENTS = 5_000
_MAX_ATTRIBUTES = 200  # per tag: the parser takes time quadratic in their number
_MAX_CHILDREN = 2_500  # per element: sorting siblings takes time quadratic in their number
_MAX_NESTED_CHARS = 15_000_000  # a text is read again for every element around it
_MAX_NAME_CHARS = 600_000  # of classes and ids, which a hundred expressions search
_MAX_NAME_LENGTH = 200  # of the classes or the id of one element, where there are too many
_TAGS_WITHOUT_TEXT = frozenset({"script", "style"})
_BESIDE_ARTICLES = ("nav", "footer", "aside", "select", "svg", "noscript", "iframe", "object", "menu", "dialog")
_INLINE = frozenset({"a", "b", "i", "em", "strong", "span", "font", "small", "u", "s", "sub", "sup", "code", "mark"})
_MIN_PROSE_CHARS = 80
_GROUP_SIZE = 500

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
          (?P<more> (?: {_ATTRIBUTE} )++ )?+
          (?(raw)
            (?: (?: [ \t\n\f\r/]* [ \t\n\f\r] )?+ >
                .*? (?: </ (?P=raw) (?= [ \t\n\f\r/>] ) (?: {_ATTRIBUTE} )*+ | \Z )
            )?+
          )
        """,
        re.IGNORECASE | re.DOTALL | re.VERBOSE,
    )


_TAG = tag_pattern(_MAX_ATTRIBUTES)
_NOT_CLOSED = re.compile(
    r"(<(title|style)\b[^<>]*+>[^<]*+)(?=<(?:/?head|/?html|body|meta|link|script|style|base)\b)(?!.{1,300}</\2)",
    re.IGNORECASE,
)
"""A title or style without its end, which browsers take the rest of the page for; a title may show tags, too."""


def parse(page: str) -> HtmlElement:
    """Return the page's tree, reduced if it is larger than any article needs; of a fragment, a page with it.

    Raises:
        RejectedError: TOO_LARGE for more tags or text than an article needs.
        lxml.etree.LxmlError, ValueError: the page cannot be parsed.
    """
    if page.count("<") > _MAX_TAGS:
        raise _too_large("tags", _MAX_TAGS)
    page = _TAG.sub(_without_more, _NOT_CLOSED.sub(r"\1</\2>", page))
    tree = trafilatura.load_html(page)
    if tree is None:
        tree = lxml.html.document_fromstring(f"<html><body>{page}</body></html>")
    problem = _problem(tree)
    for reduce in _REDUCTIONS if problem else ():
        reduce(tree)
        _join_texts(tree)
        problem = _problem(tree)
        if problem is None:
            break
    if problem is not None:
        raise problem
    return tree


def drop_scripts(tree: HtmlElement) -> None:
    """Drop JSON-LD that does not parse: the extractor would search it in time cubic in its length."""
    for script in tree.xpath("//script[contains(@type, '+json')]"):
        if not _is_json(script.text or ""):
            script.text = None


def _without_more(tag: re.Match[str]) -> str:
    """Return a tag without the attributes beyond the limit, which nobody writes by hand."""
    if not tag["more"]:
        return tag[0]
    start, end = tag.start("more") - tag.start(), tag.end("more") - tag.start()
    return tag[0][:start] + tag[0][end:]


def _too_large(what: str, limit: int) -> RejectedError:
    return RejectedError(
        Reason.TOO_LARGE, f"the page has more than {limit:,} {what}; send the page of one article, or its text"
    )


def _problem(tree: HtmlElement) -> RejectedError | None:
    """Return what the tree has too much of, or None."""
    depths = {tree: 0}
    elements = children = text = nested = names = 0
    for element in tree.iter():
        depth = depths.get(element, 0)
        depths.update(dict.fromkeys(element, depth + 1))
        has_text = isinstance(element.tag, str) and element.tag not in _TAGS_WITHOUT_TEXT
        inside = len(element.text or "") if has_text else 0
        after = len(element.tail or "")
        elements += 1
        if elements > _MAX_ELEMENTS:
            break
        children = max(children, len(element))
        text += inside + after
        nested += inside * (depth + 1) + after * depth
        names += len(element.get("class") or "") + len(element.get("id") or "")
    for what, count, limit in (
        ("elements", elements, _MAX_ELEMENTS),
        ("elements side by side", children, _MAX_CHILDREN),
        ("characters of text", text, MAX_TEXT_CHARS),
        ("characters of text within text", nested, _MAX_NESTED_CHARS),
        ("characters of classes and ids", names, _MAX_NAME_CHARS),
    ):
        if count > limit:
            return _too_large(what, limit)
    return None


def _join_texts(tree: HtmlElement) -> None:
    """Join the texts that stand side by side once tags are gone: XPath takes time quadratic in their number."""
    for element in tree.iter(etree.Element):
        with suppress(ValueError):  # control characters, which can be read but not written
            element.text, element.tail = element.text, element.tail


def _drop_beside(tree: HtmlElement) -> None:
    """Drop what is never an article: menus, forms, pictures, comments of the source."""
    etree.strip_elements(tree, etree.Comment, *_BESIDE_ARTICLES, with_tail=False)


def _shorten(tree: HtmlElement) -> None:
    """Drop overlong names, merge inline elements where there are thousands, and flatten elements within elements."""
    for element in list(tree.iter(etree.Element)):
        for name in ("class", "id"):
            if len(element.get(name) or "") > _MAX_NAME_LENGTH:
                del element.attrib[name]
        if len(element) > _MAX_CHILDREN:
            if all(child.tag in _INLINE for child in element):
                etree.strip_tags(element, *_INLINE)
            else:
                _group(element)
    for element in list(tree.iter("div", "span")):
        parent = element.getparent()
        if parent is not None and parent.tag == element.tag and len(parent) == 1 and not (parent.text or "").strip():
            element.drop_tag()


def _group(element: HtmlElement) -> None:
    """Put the children of an element into groups."""
    children = list(element)
    for start in range(0, len(children), _GROUP_SIZE):
        group = etree.SubElement(element, "div")
        group.extend(children[start : start + _GROUP_SIZE])


def _keep_main(tree: HtmlElement) -> None:
    """Keep only the element with the most prose."""
    prose: Counter[HtmlElement] = Counter()
    for paragraph in tree.iter("p"):
        length = sum(map(len, paragraph.itertext()))
        if length >= _MIN_PROSE_CHARS and (around := paragraph.getparent()) is not None:
            prose[around] += length
            if (beyond := around.getparent()) is not None:
                prose[beyond] += length // 2
    body = tree.find("body")
    if not prose or body is None:
        return
    main = prose.most_common(1)[0][0]
    if main is not body and main is not tree:
        main.tail = None
        for child in list(body):
            body.remove(child)
        body.text = None
        body.append(main)


_REDUCTIONS: tuple[Callable[[HtmlElement], None], ...] = (_drop_beside, _shorten, _keep_main, _shorten)


def _is_json(text: str) -> bool:
    try:
        json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return False
    return True
