"""Keeps what is a part of the text and looks otherwise to the extractor: paragraphs that link as a whole, bare text."""

from __future__ import annotations

import re
from collections import defaultdict

from lxml import etree
from lxml.html import HtmlElement

from workers.clean.input.html_elements import BLOCKS, INLINE, MIN_PROSE_CHARS, TEASER_CLASS, is_teaser, text_length

_INLINE_AROUND = frozenset({"font", "b", "i", "span", "strong", "em", "center"})
"""Inline elements that some pages have around all paragraphs."""
_SENTENCE_ENDS = (".", "!", "?", "…", "”", "’", '"', "。", "！", "？", "؟", "।", "」")
_POINTER = re.compile(r"(?:\S+ ){0,3}\S+ ?[:：]")
_NO_PARAGRAPH = re.compile(
    rf"{TEASER_CLASS.pattern}|caption|credit|author|byline|newsletter|subscri|disclaimer|copyright|comment|tooltip"
    r"|(?:^|[\s_-])(?:ads?|advert\w*|sponsor\w*|meta|info|share|social|tags?|bio|notice|note|summary|quote|legal)(?:$|[\s_-])",
    re.IGNORECASE,
)


def keep_paragraphs(page: HtmlElement) -> None:
    """Keep what stands among the paragraphs of a text and is a part of it, but looks otherwise to the extractor.

    It drops paragraphs that are a link as a whole or have a class of teasers, and text outside of paragraphs.
    """
    prose: dict[HtmlElement, list[HtmlElement]] = defaultdict(list)
    for paragraph in page.iter("p"):
        if (around := paragraph.getparent()) is not None and text_length(paragraph) >= MIN_PROSE_CHARS:
            prose[around].append(paragraph)
    for around, paragraphs in prose.items():
        if len(paragraphs) < 2 or around.tag == "a":
            continue
        _unlink_single_paragraphs(paragraphs)
        for paragraph in paragraphs:
            if is_teaser(paragraph) and paragraph.find(".//a") is None:
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
    if any(one.tag in BLOCKS for one in block.iterdescendants()) or _NO_PARAGRAPH.search(block.get("class") or ""):
        return False
    text = "".join(block.itertext()).strip()
    linked = sum(map(text_length, block.iter("a")))
    return len(text) >= MIN_PROSE_CHARS and text.endswith(_SENTENCE_ENDS) and 2 * linked < len(text)


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
        if child is not None and child.tag in INLINE and not any(one.tag in BLOCKS for one in child.iterdescendants()):
            run.append(child)
            continue
        size = len(text.strip()) + sum(text_length(one) + len((one.tail or "").strip()) for one in run)
        if size >= MIN_PROSE_CHARS and not (len(run) == 1 and not text.strip() and not (run[0].tail or "").strip()):
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
