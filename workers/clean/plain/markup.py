"""HTML within plain text: entities that stayed escaped, and tags that a program left in a text.

Only what is markup beyond doubt goes: ``a<b``, ``AT&T``, ``&c.`` and ``the <b> tag`` stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape as unescape_one
from html.entities import html5

_NAMES = frozenset(name.removesuffix(";") for name in html5 if name.endswith(";"))
# ``&amp;amp;lt;``: an entity may be escaped any number of times.
_ENTITY = re.compile(
    r"& (?:amp;)* (?P<entity> \#\d{1,7} | \#[xX][0-9a-fA-F]{1,6} | [A-Za-z][A-Za-z0-9]{1,31} ) ;", re.VERBOSE
)

_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt",
    "u", "var",
})  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "div", "dl", "dt",
    "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav",
    "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_EMPTY = frozenset({"embed", "img", "input", "link", "meta", "source", "track", "wbr"})
_KNOWN = _INLINE | _BLOCKS | _EMPTY
_FLAGS = r"(?: hidden | controls | autoplay | async | defer | allowfullscreen | itemscope | nowrap | loop | muted )"
_TAG = re.compile(
    rf"""
    < (?P<slash>/)? (?P<name> {"|".join(sorted(_KNOWN, key=len, reverse=True))} )
    (?P<attributes>
      (?: \s++
        (?: [a-z_:@][\w:.@-]{{0,60}}+ \s*+ = \s*+
            (?: "[^"<>]{{0,4000}}+" | '[^'<>]{{0,4000}}+' | [^\s"'<>=`]{{1,4000}}+ )
          | {_FLAGS} \b
        )
      ){{0,30}}
    )
    \s*+ /? >
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ANY_TAG = re.compile(r"<(?P<slash>/)?(?P<name>[A-Za-z][\w:.-]{0,40}+)(?:[\s/][^<>]{0,1000}+)?>")
_BEFORE_ROOT = re.compile(r"\s*+(?:<\?[^<>]{0,300}+>\s*+)?+")
_WITHOUT_TEXT = re.compile(
    r"<(?P<name>!--|script|style|template|noscript|iframe|svg|button|select|textarea)(?:(?<=!--)|\b[^<>]{0,4000}>)",
    re.IGNORECASE,
)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_NEXT_CELL = re.compile(r"</t[dh]\s*>\s*<t[dh]\b[^<>]{0,1000}>", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<p\b[^<>]{0,1000}>[^<]*+(?:<(?!/?p\b)[^<]*+)*+</p\s*>", re.IGNORECASE)
_STARTS_ESCAPED = re.compile(
    r"\s*&(?:amp;)*lt;(?:!doctype\b|!--|/?[a-z][a-z0-9]{0,15}(?:\s|/?&(?:amp;)*gt;))", re.IGNORECASE
)
_WITHIN = re.compile(r"[\w,] (?<!^)\Z")
_FEW_TAGS = 2
_MAX_TAGS = 20_000
_MAX_OPEN = 200


def unescape(text: str) -> str:
    """Return the text with its HTML entities as characters, also those escaped more than once.

    An entity is one that HTML knows and that ends with a semicolon.
    """
    return _ENTITY.sub(_character, text) if "&" in text else text


def escaped_page(text: str) -> str | None:
    """Return the HTML of a text that is wholly escaped HTML (``&lt;p&gt;…``), None if it is no such text."""
    return unescape(text) if _STARTS_ESCAPED.match(text) and not _TAG.search(text) else None


def is_inline(text: str) -> bool:
    """Return whether a text that starts with a tag or comment has tags only in its lines, so that line ends count."""
    text = text.strip()
    return (
        "\n" in text
        and (text.startswith("<!--") or _TAG.match(text) is not None)
        and all(tag["name"].lower() in _INLINE for tag in _TAG.finditer(text))
    )


def has_block(text: str) -> bool:
    """Return whether a text has a tag of a paragraph or another block."""
    return any(tag["name"].lower() in _BLOCKS for tag in _TAG.finditer(text))


def without_unknown_tags(text: str) -> str:
    """Return a text that starts with an element that HTML does not know (``<story><para>…``) without tags."""
    start = _ANY_TAG.match(text, _BEFORE_ROOT.match(text).end())  # type: ignore[union-attr]  # it matches the empty text
    if start is None or start["name"].lower() in _KNOWN:
        return text
    closed = {tag["name"] for tag in _ANY_TAG.finditer(text) if tag["slash"] or tag[0].endswith("/>")} - _KNOWN
    if start["name"] not in closed:
        return text  # <applause>
    return without_tags(_ANY_TAG.sub(lambda tag: "\n" if tag["name"] in closed else tag[0], text[start.start() :]))


def without_tags(text: str) -> str:
    """Return the text without HTML tags: those within a line leave their text, those of blocks end the line."""
    if ("<" not in text and "]]>" not in text) or text.count("<") > _MAX_TAGS:
        return text
    text = _without_hidden(_CDATA.sub("", text))
    tags = list(_markup(text))
    if not tags:
        return text
    if any(tag["name"].lower() in ("td", "th") for tag in tags):
        text = _NEXT_CELL.sub(" | ", text)
    joined = _PARAGRAPH.sub(lambda paragraph: paragraph[0].replace("\n", " "), text)
    pieces: list[str] = []
    offset = 0
    for tag in _markup(joined):
        pieces += (joined[offset : tag.start()], "\n" if tag["name"].lower() in _BLOCKS else "")
        offset = tag.end()
    return "".join((*pieces, joined[offset:]))


def _without_hidden(text: str) -> str:
    """Return the text without comments and elements that have no text of the article, where they end."""
    folded, pieces, offset = "", [], 0
    unclosed: set[str] = set()
    for start in _WITHOUT_TEXT.finditer(text):
        name = start["name"].lower()
        if start.start() < offset or name in unclosed:
            continue
        folded = folded or text.lower()
        end = folded.find("-->" if name == "!--" else f"</{name}", start.end())
        if end < 0:
            unclosed.add(name)
            continue
        pieces.append(text[offset : start.start()])
        offset = folded.find(">", end) + 1 or len(text)
    return "".join((*pieces, text[offset:]))


def _character(entity: re.Match[str]) -> str:
    name = entity["entity"]
    return unescape_one(f"&{name};") if name.startswith("#") or name in _NAMES else entity[0]


def _markup(text: str) -> Iterator[re.Match[str]]:
    """Yield the tags in order, without those that a text may only speak of: inline ones without their partner."""
    found: list[re.Match[str]] = []
    open_at: dict[str, list[int]] = {}
    paired: set[int] = set()
    for index, tag in zip(range(_MAX_TAGS), _TAG.finditer(text), strict=False):
        found.append(tag)
        name = tag["name"].lower()
        if name not in _INLINE or tag["attributes"]:
            paired.add(index)
        if name not in _INLINE:
            continue
        if not tag["slash"]:
            open_at.setdefault(name, []).append(index)
            del open_at[name][:-_MAX_OPEN]
        elif open_at.get(name):
            paired |= {index, open_at[name].pop()}
    if len(found) <= _FEW_TAGS and all(tag["name"].lower() in _BLOCKS for tag in found):
        # A text about HTML: ``the page shows <p>Hello</p> and nothing else``.
        found = [tag for tag in found if tag["attributes"] or tag["slash"] or not _WITHIN.search(text, 0, tag.start())]
        paired = set() if len(found) < 2 and found and found[0]["slash"] else set(range(len(found)))
    yield from (tag for index, tag in enumerate(found) if index in paired)
