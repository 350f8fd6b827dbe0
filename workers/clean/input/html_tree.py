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

from workers.clean.plain import wrapping

_MAX_CAPTIONS = 200
_MAX_CAPTION_CHARS = 1_000
_MIN_PROSE_CHARS = 80
_MIN_BODY_CHARS = 200
_MIN_SHARE_OF_PROSE = 0.9
_MAX_TEASER_CHARS = 400
_MAX_PREFORMATTED_LINES = 2_000
_MIN_LIVE_ENTRIES = 2
_MIN_ITEM_CHARS = 40

_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TEXT_BLOCKS = frozenset({"p", "li", "td", "th", "dd", "dt", "blockquote", "figcaption", *_HEADINGS})
_INLINE_AROUND = frozenset({"font", "b", "i", "span", "strong", "em", "center"})
"""Inline elements that some pages have around all paragraphs."""
_INLINE = frozenset({
    "a", "b", "i", "em", "strong", "span", "font", "u", "s", "sub", "sup", "small", "mark", "code", "abbr", "cite",
})  # fmt: skip
_SENTENCE_ENDS = (".", "!", "?", "…", "”", "’", '"', "。", "！", "？", "؟", "।", "」")
_POINTER = re.compile(r"(?:\S+ ){0,3}\S+ ?[:：]")
# Inline elements with text that the extractor drops.
_KEPT_INLINE = ("label", "output", "data", "meter", "dfn", "kbd", "samp", "var", "bdi", "bdo", "abbr", "mark")
_LEFT_OUT = {
    "nav": "navigation", "menu": "navigation", "aside": "aside", "footer": "footer", "dialog": "form",
    "button": "form", "select": "form", "figcaption": "caption", "noscript": "hidden", "template": "hidden",
}  # fmt: skip
"""The kinds of what is left out, by the outermost element around it."""
_QUOTES = {"de": "„“", "cs": "„“", "da": "»«", "fr": "«»", "es": "«»", "it": "«»", "ru": "«»", "uk": "«»", "no": "«»",
           "pl": "„”", "ja": "「」", "zh": "“”"}  # fmt: skip
"""The marks for ``<q>`` by language; English ones for all others."""

_HIDDEN_TAGS = frozenset({"template", "amp-ad", "amp-embed", "amp-sticky-ad", "amp-consent", "amp-sidebar",
                          "amp-user-notification", "amp-social-share", "amp-next-page"})  # fmt: skip
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CAPTION_CLASS = re.compile(r"(?:^|[\s_-])caption(?:[_-]?(?:text|title))?(?:$|\s)", re.IGNORECASE)
_TEASER_CLASS = re.compile(r"teaser|related|promo|recommend|read-?more|(?:^|[\s_-])card(?:$|[\s_-])", re.IGNORECASE)
_NO_PARAGRAPH = re.compile(
    rf"{_TEASER_CLASS.pattern}|caption|credit|author|byline|newsletter|subscri|disclaimer|copyright|comment|tooltip"
    r"|(?:^|[\s_-])(?:ads?|advert\w*|sponsor\w*|meta|info|share|social|tags?|bio|notice|note|summary|quote|legal)(?:$|[\s_-])",
    re.IGNORECASE,
)
_TIME_CLASS = re.compile(r"(?:^|[\s_-])(?:date|time|timestamp|uhrzeit|zeit|heure|hora|ora)(?:$|[\s_-])", re.IGNORECASE)
_BLANK_END = re.compile(r"\w[,;:]?\s+\Z")
_SENTENCE_GOES_ON = re.compile(r"\s*(?:[.,;:!?)]|[^\W\d_A-Z])")
_ONLY_CLOCK_TIME = re.compile(
    r"[0-2]?\d\s?[:.h]\s?[0-5]\d(?:\s?[^\W\d]{1,5}\.?){0,2}|1?\d\s?[ap]\.?m\.?", re.IGNORECASE
)
_CLOCK_TIME = re.compile(r"\b[0-2]?\d\s?[:.h]\s?[0-5]\d\b|\b1?\d\s?[ap]\.?m\b", re.IGNORECASE)


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
    _keep_inline(page, language)
    _keep_paragraphs(page)
    _keep_speakers(page)
    _drop_teasers(page)
    _unwrap_layout_tables(page)
    _join_bodies(page)
    _name_article(page)
    _part_items(page)
    return Prepared(captions, left_out)


def text_length(element: HtmlElement) -> int:
    """Return the number of characters of an element's text."""
    return len(etree.tostring(element, method="text", encoding="unicode", with_tail=False).strip())


def lines(element: HtmlElement) -> list[str]:
    """Return the text of an element, a line for each block."""
    found: list[list[str]] = [[]]

    def walk(events: Iterator[tuple[str, HtmlElement]]) -> None:
        for event, one in events:
            is_text = isinstance(one.tag, str) and one.tag not in ("script", "style", "head", "title")
            if is_text and (one.tag in _BLOCKS or one.tag == "br"):
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
        if any(above.tag in _HEADINGS for above in islice(line_break.iterancestors(), 4)):
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
            _is_teaser(above) for above in islice(caption.iterancestors(), 4)
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
    articles = [article for article in page.iter("article") if not _is_teaser(article)]
    for found in (articles, list(page.iter("main"))):
        outer = (
            [one for one in found if not any(above in found for above in one.iterancestors())]
            if len(found) < 50
            else []
        )
        if len(outer) == 1:
            return outer[0]
    return page


def _is_teaser(element: HtmlElement) -> bool:
    return isinstance(element.tag, str) and _TEASER_CLASS.search(element.get("class") or "") is not None


def _left_out(page: HtmlElement) -> dict[str, int]:
    sizes: Counter[str] = Counter()
    for element in page.iter(*_LEFT_OUT):
        if not any(above.tag in _LEFT_OUT for above in element.iterancestors()):
            sizes[_LEFT_OUT[element.tag]] += text_length(element)
    return {kind: size for kind, size in sorted(sizes.items()) if size}


def _keep_inline(page: HtmlElement, language: str | None) -> None:
    _write_quotation_marks(page, language)
    for element in list(page.iter(*_KEPT_INLINE)):
        if element.getparent() is not None and not _holds_form(element):
            element.tag = "span"
    for button in list(page.iter("button")):  # one that explains a word
        if _BLANK_END.search(_text_before(button)) and _SENTENCE_GOES_ON.match(button.tail or ""):
            button.tag = "span"
    for element in list(page.iter("time")):
        if any(above.tag in _TEXT_BLOCKS for above in islice(element.iterancestors(), 4)):
            element.tag = "span"
    _name_times(page)
    _keep_live_times(page)
    for element in list(page.iter(etree.Element)):
        if isinstance(element.tag, str) and "-" in element.tag:
            element.tag = _tag_of_custom(element)


def _write_quotation_marks(page: HtmlElement, language: str | None) -> None:
    """Put the marks around quotations that a browser would show with them."""
    opening, closing = _QUOTES.get((language or "")[:2].lower(), "“”")
    for element in list(page.iter("q")):
        if not (element.text or "").lstrip().startswith(("“", "„", "«", '"', "‘", "'", "»")):
            element.text = opening + (element.text or "")
            if len(element):
                element[-1].tail = (element[-1].tail or "") + closing
            else:
                element.text += closing
        element.tag = "span"


def _tag_of_custom(element: HtmlElement) -> str:
    """Return what a custom element is to a reader: a block, a paragraph or a part of one."""
    if any(child.tag in _BLOCKS for child in element.iterdescendants()):
        return "div"
    around = element.getparent()
    is_inline = around is not None and around.tag in _TEXT_BLOCKS | _INLINE
    return "p" if not is_inline and text_length(element) >= _MIN_PROSE_CHARS else "span"


def _text_before(element: HtmlElement) -> str:
    """Return the text just before an element in a paragraph."""
    around, before = element.getparent(), element.getprevious()
    if around is None or around.tag not in _TEXT_BLOCKS:
        return ""
    return (around.text if before is None else before.tail) or ""


def _holds_form(label: HtmlElement) -> bool:
    """Whether a label names a field of a form, and is not a part of a sentence."""
    return label.tag == "label" and (
        "for" in label.attrib
        or label.find(".//input") is not None
        or any(above.tag == "form" for above in islice(label.iterancestors(), 10))
    )


def _name_times(page: HtmlElement) -> None:
    """Make time elements of those that are times by their class."""
    for element in page.xpath(".//span[@class] | .//div[@class] | .//p[@class] | .//strong[@class]"):
        if _TIME_CLASS.search(element.get("class")) and _ONLY_CLOCK_TIME.fullmatch(element.text_content().strip()[:40]):
            element.tag = "time"


def _keep_live_times(page: HtmlElement) -> None:
    """Put the times of a live blog's entries before the headings or the text of the entries."""
    entries: dict[tuple[str, str], list[HtmlElement]] = defaultdict(list)
    for time in page.iter("time"):
        around = time.getparent()
        if around is not None and _CLOCK_TIME.search(time.text_content()):
            while around.tag in ("span", "a", "header") and around.getparent() is not None:
                around = around.getparent()
            entries[around.tag, around.get("class") or ""].append(time)
    of_entries = {time for times in entries.values() if len(times) >= _MIN_LIVE_ENTRIES for time in times}
    text = ""
    for element in list(page.iter("time", "p", *_HEADINGS)) if of_entries else ():
        if element in of_entries:
            text = " ".join(element.text_content().split())
        elif text and element.tag != "time" and (first := element.text_content().strip()):
            if not first.startswith(text):
                element.text = f"{text} {(element.text or '').lstrip()}"
            element.tag = "p"  # the extractor drops headings with little text below them
            text = ""


def _keep_paragraphs(page: HtmlElement) -> None:
    """Keep what stands among the paragraphs of a text and is a part of it, but looks otherwise to the extractor.

    It drops paragraphs that are a link as a whole or have a class of teasers, and text outside of paragraphs.
    """
    prose: dict[HtmlElement, list[HtmlElement]] = defaultdict(list)
    for paragraph in page.iter("p"):
        if (around := paragraph.getparent()) is not None and text_length(paragraph) >= _MIN_PROSE_CHARS:
            prose[around].append(paragraph)
    for around, paragraphs in prose.items():
        if len(paragraphs) < 2 or around.tag == "a":
            continue
        _unlink_single_paragraphs(paragraphs)
        for paragraph in paragraphs:
            if _is_teaser(paragraph) and paragraph.find(".//a") is None:
                del paragraph.attrib["class"]
        for block in around.iterchildren("div", "section"):
            while len(block) == 1 and block[0].tag == "div" and not (block.text or "").strip():
                block = block[0]
            if _is_paragraph(block):
                block.tag = "p"
        _wrap_bare_text(around)
        if around.tag in _INLINE_AROUND:
            around.tag = "div"


def _unlink_single_paragraphs(paragraphs: list[HtmlElement]) -> None:
    """Remove the link of each paragraph that is one as a whole, between two that are not."""
    is_linked = [_is_linked(paragraph) for paragraph in paragraphs]
    for paragraph, before, linked, after in zip(paragraphs[1:], is_linked, is_linked[1:], is_linked[2:], strict=False):
        if linked and not before and not after:
            etree.strip_tags(paragraph, "a")


def _is_paragraph(block: HtmlElement) -> bool:
    """Whether a block beside paragraphs holds only text that ends like a sentence, and is no part of another kind."""
    if any(one.tag in _BLOCKS for one in block.iterdescendants()) or _NO_PARAGRAPH.search(block.get("class") or ""):
        return False
    text = "".join(block.itertext()).strip()
    linked = sum(map(text_length, block.iter("a")))
    return len(text) >= _MIN_PROSE_CHARS and text.endswith(_SENTENCE_ENDS) and 2 * linked < len(text)


def _is_linked(paragraph: HtmlElement) -> bool:
    """Whether a paragraph is a sentence that links as a whole, and does not point to another article by its start."""
    links = paragraph.findall(".//a[@href]")
    text = "".join(paragraph.itertext()).strip()
    is_sentence = text.endswith(_SENTENCE_ENDS) and _POINTER.match(text) is None
    return len(links) == 1 and is_sentence and text_length(links[0]) == len(text)


def _wrap_bare_text(around: HtmlElement) -> None:
    """Make a paragraph of each text that stands beside paragraphs in the element around them."""
    run: list[HtmlElement] = []
    text, place = around.text or "", 0
    for child in (*around, None):
        if (
            child is not None
            and child.tag in _INLINE
            and not any(one.tag in _BLOCKS for one in child.iterdescendants())
        ):
            run.append(child)
            continue
        size = len(text.strip()) + sum(text_length(one) + len((one.tail or "").strip()) for one in run)
        if size >= _MIN_PROSE_CHARS and not (len(run) == 1 and not text.strip() and not (run[0].tail or "").strip()):
            paragraph = around.makeelement("p")
            paragraph.text = text
            if place:
                around[place - 1].tail = None
            else:
                around.text = None
            around.insert(place, paragraph)
            for one in run:
                paragraph.append(one)
        if child is not None:
            run, text, place = [], child.tail or "", around.index(child) + 1


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
        if _is_teaser(inner) or any(heading.find(".//a[@href]") is not None for heading in inner.iter(*_HEADINGS)):
            inner.drop_tree()


def _unwrap_layout_tables(page: HtmlElement) -> None:
    """Make blocks of tables that lay out a page: their cells hold headings and paragraphs."""
    for table in list(page.iter("table")):
        if table.find(".//th") is not None or table.find(".//caption") is not None:
            continue
        prose = [p for p in table.iterfind(".//td//p") if text_length(p) >= _MIN_PROSE_CHARS]
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
        if (around := paragraph.getparent()) is not None and (size := text_length(paragraph)) >= _MIN_PROSE_CHARS:
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
    heading = next(item.iterchildren(*_HEADINGS), None)
    is_linked = heading is None or heading.find(".//a[@href]") is not None
    has_text = sum(map(text_length, item.iterchildren("p"))) >= _MIN_ITEM_CHARS
    return heading if has_text and not is_linked else None


def _prose_length(element: HtmlElement) -> int:
    return sum(length for child in element.iterchildren("p") if (length := text_length(child)) >= _MIN_PROSE_CHARS)
