"""Prepares the tree of a page for the extractor, which drops elements that hold text and keeps hidden ones.

Each step changes the tree in place and is bounded by its number of elements.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from workers.clean.input.html_elements import BLOCKS, HEADINGS, MIN_PROSE_CHARS, is_teaser, text_length
from workers.clean.input.html_inline import keep_inline
from workers.clean.input.html_paragraphs import keep_paragraphs
from workers.clean.plain import wrapping

_MAX_CAPTIONS = 200
_MAX_CAPTION_CHARS = 1_000
_MIN_BODY_CHARS = 200
_MIN_SHARE_OF_PROSE = 0.9
_MAX_TEASER_CHARS = 400
_MAX_PREFORMATTED_LINES = 2_000
_MIN_ITEM_CHARS = 40

_LEFT_OUT = {
    "nav": "navigation", "menu": "navigation", "aside": "aside", "footer": "footer", "dialog": "form",
    "button": "form", "select": "form", "figcaption": "caption", "noscript": "hidden", "template": "hidden",
}  # fmt: skip
"""The kinds of what is left out, by the outermost element around it."""

_HIDDEN_TAGS = frozenset({"template", "amp-ad", "amp-embed", "amp-sticky-ad", "amp-consent", "amp-sidebar",
                          "amp-user-notification", "amp-social-share", "amp-next-page"})  # fmt: skip
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CAPTION_CLASS = re.compile(r"(?:^|[\s_-])caption(?:[_-]?(?:text|title))?(?:$|\s)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a page has besides the text of its article.

    ``left_out``: characters of text by the kind of element that they stood in.
    """

    captions: tuple[str, ...]
    left_out: dict[str, int]


def prepare(page: HtmlElement, language: str | None = None) -> Prepared:
    """Change the page so that the extractor reads what a reader reads; return what it will leave out."""
    hidden = _drop_hidden(page)
    _join_headings(page)
    _part_preformatted(page)
    _unwrap_figures(page)
    captions = tuple(_captions(page))
    left_out = _left_out(page) | ({"hidden": hidden} if hidden else {})
    keep_inline(page, language)
    keep_paragraphs(page)
    _keep_speakers(page)
    _drop_teasers(page)
    _unwrap_layout_tables(page)
    _join_bodies(page)
    _name_article(page)
    _part_items(page)
    return Prepared(captions, left_out)


def lines(element: HtmlElement) -> list[str]:
    """Return the text of an element, a line for each block."""
    found: list[list[str]] = [[]]

    def walk(events: Iterator[tuple[str, HtmlElement]]) -> None:
        for event, one in events:
            is_text = isinstance(one.tag, str) and one.tag not in ("script", "style", "head", "title")
            if is_text and (one.tag in BLOCKS or one.tag == "br"):
                found.append([])
            if event == "start" and is_text:
                found[-1].append(one.text or "")
            if event != "start" and one is not element:
                found[-1].append(one.tail or "")

    walk(iter(etree.iterwalk(element, events=("start", "end", "comment", "pi"))))
    joined = (" ".join("".join(pieces).split()) for pieces in found)
    return [line for line in joined if line]


def _drop_hidden(page: HtmlElement) -> int:
    """Drop what no reader sees, unless it is most of the page's prose, which a script would show; return its size."""
    hidden = [
        element
        for element in page.xpath(
            ".//*[@hidden or @aria-hidden='true' or @style] | .//template | .//*[starts-with(name(), 'amp-')]"
        )
        if element.tag not in ("body", "html") and _is_hidden(element)
    ]
    scripted = list(page.iter("noscript"))
    if not hidden and not scripted:
        return 0
    prose = sum(map(text_length, page.iter("p")))
    dropped = 0
    for element in hidden:
        if 2 * sum(map(text_length, element.iter("p"))) > prose:
            continue
        dropped += text_length(element)
        if element.getparent() is not None:
            element.drop_tree()
    for element in scripted:
        if 2 * sum(map(text_length, element.iter("p"))) > prose:
            element.tag = "div"
    return dropped


def _is_hidden(element: HtmlElement) -> bool:
    return (
        element.tag in _HIDDEN_TAGS
        or "hidden" in element.attrib
        or element.get("aria-hidden") == "true"
        or _HIDDEN_STYLE.search(element.get("style") or "") is not None
    )


def _join_headings(page: HtmlElement) -> None:
    """Put headings on one line, as other places of the page have them."""
    for line_break in list(page.iter("br")):
        if any(above.tag in HEADINGS for above in islice(line_break.iterancestors(), 4)):
            line_break.tail = f" {line_break.tail or ''}"
            line_break.drop_tag()


def _part_preformatted(page: HtmlElement) -> None:
    """Make paragraphs of the lines of preformatted text, as old sites have articles; code has elements within."""
    room = _MAX_PREFORMATTED_LINES
    for element in page.iter("pre"):
        text = element.text or ""
        room -= text.count("\n") + 1
        if room < 0:
            break
        lines = wrapping.join(text).split("\n")
        if len(lines) > 1 and not len(element):
            element.tag, element.text = "div", None
            for line in filter(str.strip, lines):
                etree.SubElement(element, "p").text = line


def _unwrap_figures(page: HtmlElement) -> None:
    """Make blocks of figures that hold text, not pictures: quotes with their speakers, tables, code."""
    for figure in list(page.iter("figure")):
        if figure.find(".//blockquote") is not None or figure.find(".//table") is not None:
            for caption in list(figure.iter("figcaption")):
                caption.tag = "p"
            figure.tag = "div"


def _captions(page: HtmlElement) -> Iterator[str]:
    """Yield the captions of the article's pictures and galleries, not those of teasers."""
    root = _main(page)
    by_class = (
        element for element in root.iterfind(".//*[@class]") if _CAPTION_CLASS.search(element.get("class") or "")
    )
    seen: set[str] = set()
    for caption in islice((*root.iter("figcaption"), *by_class), 10 * _MAX_CAPTIONS):
        around = {above.tag for above in caption.iterancestors()}
        if around & {"a", "nav", "aside", "footer"} or any(
            is_teaser(above) for above in islice(caption.iterancestors(), 4)
        ):
            continue
        text = " ".join(caption.text_content().split())
        if len(text) > 1 and len(text) <= _MAX_CAPTION_CHARS and not any(text in other for other in seen):
            seen.add(text)
            yield text
        if len(seen) == _MAX_CAPTIONS:
            return


def _main(page: HtmlElement) -> HtmlElement:
    """Return the only article of the page, else its main part, else all of it."""
    articles = [article for article in page.iter("article") if not is_teaser(article)]
    for found in (articles, list(page.iter("main"))):
        outer = (
            [one for one in found if not any(above in found for above in one.iterancestors())]
            if len(found) < 50
            else []
        )
        if len(outer) == 1:
            return outer[0]
    return page


def _left_out(page: HtmlElement) -> dict[str, int]:
    sizes: Counter[str] = Counter()
    for element in page.iter(*_LEFT_OUT):
        if not any(above.tag in _LEFT_OUT for above in element.iterancestors()):
            sizes[_LEFT_OUT[element.tag]] += text_length(element)
    return {kind: size for kind, size in sorted(sizes.items()) if size}


def _keep_speakers(page: HtmlElement) -> None:
    """Keep who says a quote: its footer, which the extractor takes for a page's."""
    for quote in page.iter("blockquote"):
        for speaker in list(quote.iter("footer", "figcaption")):
            speaker.tag = "p"


def _drop_teasers(page: HtmlElement) -> None:
    """Drop articles within the article that are short and link elsewhere; the entries of a live blog stay."""
    for inner in list(page.iterfind(".//article//article")):
        if inner.getparent() is None or text_length(inner) > _MAX_TEASER_CHARS:
            continue
        if is_teaser(inner) or any(heading.find(".//a[@href]") is not None for heading in inner.iter(*HEADINGS)):
            inner.drop_tree()


def _unwrap_layout_tables(page: HtmlElement) -> None:
    """Make blocks of tables that lay out a page: their cells hold headings and paragraphs."""
    for table in list(page.iter("table")):
        if table.find(".//th") is not None or table.find(".//caption") is not None:
            continue
        prose = [p for p in table.iterfind(".//td//p") if text_length(p) >= MIN_PROSE_CHARS]
        if table.find(".//td//h1") is None and len(prose) < 2:
            continue
        for part in table.xpath("descendant-or-self::*[self::table or self::tbody or self::tr or self::td]"):
            part.tag = "div"


def _join_bodies(page: HtmlElement) -> None:
    """Unwrap the containers that one body is split over, with advertisements and the like between them."""
    groups: dict[tuple[HtmlElement, str, str], list[HtmlElement]] = defaultdict(list)
    for element in page.iter("div", "section"):
        around = element.getparent()
        if around is None:
            continue
        if "articleBody" in (element.get("itemprop") or ""):
            groups[around, "", "articleBody"].append(element)
        elif element.get("class") and _prose_length(element) >= _MIN_BODY_CHARS:
            groups[around, element.tag, element.get("class")].append(element)
    for parts in groups.values():
        if len(parts) > 1:
            for part in parts:
                part.drop_tag()


def _name_article(page: HtmlElement) -> None:
    """Name the element an article that holds nearly all prose of a page without one.

    From others the extractor takes only paragraphs, without lists and headings.
    """
    if page.find(".//article") is not None or page.find(".//main") is not None:
        return
    sizes: Counter[HtmlElement] = Counter()
    for paragraph in page.iter("p"):
        if (around := paragraph.getparent()) is not None and (size := text_length(paragraph)) >= MIN_PROSE_CHARS:
            sizes[around] += size
    if sizes:
        (largest, size), *_ = sizes.most_common(1)
        if largest.tag in ("div", "section") and size >= _MIN_SHARE_OF_PROSE * sizes.total():
            largest.tag = "article"


def _part_items(page: HtmlElement) -> None:
    """Make blocks of the items of a list that have a heading and text of their own, which a list would put on one line.

    The headings become paragraphs, since the extractor drops those with little text below them.
    """
    for items in list(page.iter("ol", "ul")):
        parts = [(item, heading) for item in items.iterchildren("li") if (heading := _heading_of(item)) is not None]
        if len(parts) < 2 or len(parts) < len(items):
            continue
        for part, heading in parts:
            part.tag, heading.tag = "div", "p"
        items.tag = "div"


def _heading_of(item: HtmlElement) -> HtmlElement | None:
    """Return the heading of an item with paragraphs; none if it links elsewhere, as that of a teaser does."""
    heading = next(item.iterchildren(*HEADINGS), None)
    is_linked = heading is None or heading.find(".//a[@href]") is not None
    has_text = sum(map(text_length, item.iterchildren("p"))) >= _MIN_ITEM_CHARS
    return heading if has_text and not is_linked else None


def _prose_length(element: HtmlElement) -> int:
    return sum(length for child in element.iterchildren("p") if (length := text_length(child)) >= MIN_PROSE_CHARS)
