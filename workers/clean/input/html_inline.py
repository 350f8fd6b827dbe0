"""Keeps the parts of a sentence that the extractor would drop, and the times of a live blog's entries."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from workers.clean.input.html_elements import BLOCKS, HEADINGS, INLINE, MIN_PROSE_CHARS, TEXT_BLOCKS, text_length

_MIN_LIVE_ENTRIES = 2
# Inline elements with text that the extractor drops.
_KEPT_INLINE = ("label", "output", "data", "meter", "dfn", "kbd", "samp", "var", "bdi", "bdo", "abbr", "mark")
_QUOTES = {"de": "„“", "cs": "„“", "da": "»«", "fr": "«»", "es": "«»", "it": "«»", "ru": "«»", "uk": "«»", "no": "«»",
           "pl": "„”", "ja": "「」", "zh": "“”"}  # fmt: skip
"""The marks for ``<q>`` by language; English ones for all others."""
_TIME_CLASS = re.compile(r"(?:^|[\s_-])(?:date|time|timestamp|uhrzeit|zeit|heure|hora|ora)(?:$|[\s_-])", re.IGNORECASE)
_BLANK_END = re.compile(r"\w[,;:]?\s+\Z")
_SENTENCE_GOES_ON = re.compile(r"\s*(?:[.,;:!?)]|[^\W\d_A-Z])")
_ONLY_CLOCK_TIME = re.compile(
    r"[0-2]?\d\s?[:.h]\s?[0-5]\d(?:\s?[^\W\d]{1,5}\.?){0,2}|1?\d\s?[ap]\.?m\.?", re.IGNORECASE
)
_CLOCK_TIME = re.compile(r"\b[0-2]?\d\s?[:.h]\s?[0-5]\d\b|\b1?\d\s?[ap]\.?m\b", re.IGNORECASE)


def keep_inline(page: HtmlElement, language: str | None) -> None:
    """Make parts of a sentence those elements that are to a reader; ``language`` decides how it quotes."""
    _write_quotation_marks(page, language)
    for element in list(page.iter(*_KEPT_INLINE)):
        if element.getparent() is not None and not _holds_form(element):
            element.tag = "span"
    for button in list(page.iter("button")):  # one that explains a word
        if _BLANK_END.search(_text_before(button)) and _SENTENCE_GOES_ON.match(button.tail or ""):
            button.tag = "span"
    for element in list(page.iter("time")):
        if any(above.tag in TEXT_BLOCKS for above in islice(element.iterancestors(), 4)):
            element.tag = "span"
    _name_times(page)
    _keep_live_times(page)
    for element in list(page.iter(etree.Element)):
        if isinstance(element.tag, str) and "-" in element.tag:
            element.tag = _tag_of_custom(element)


def _write_quotation_marks(page: HtmlElement, language: str | None) -> None:
    """Put the marks around quotations that a browser would show with them."""
    marks = _QUOTES.get((language or "")[:2].lower(), "“”")
    opening, closing = marks[0], marks[1]
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
    if any(child.tag in BLOCKS for child in element.iterdescendants()):
        return "div"
    around = element.getparent()
    is_inline = around is not None and around.tag in TEXT_BLOCKS | INLINE
    return "p" if not is_inline and text_length(element) >= MIN_PROSE_CHARS else "span"


def _text_before(element: HtmlElement) -> str:
    """Return the text just before an element in a paragraph."""
    around, before = element.getparent(), element.getprevious()
    if around is None or around.tag not in TEXT_BLOCKS:
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
    for element in list(page.iter("time", "p", *HEADINGS)) if of_entries else ():
        if element in of_entries:
            text = " ".join(element.text_content().split())
        elif text and element.tag != "time" and (first := element.text_content().strip()):
            if not first.startswith(text):
                element.text = f"{text} {(element.text or '').lstrip()}"
            element.tag = "p"  # the extractor drops headings with little text below them
            text = ""
