"""Spans of a text that may be names: trim them, split them, keep them from overlapping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from schemas.records import EntityType, MentionSource
from workers.enrich.types import BY_MODEL, PERSON
from workers.vocabulary.months import MONTH

_EDGE = "\"'`“”‘’«»„‹›([{-–—•*:;,/|#@&"
_LEADING = _EDGE + ".…)]}?!%"
_TRAILING = _EDGE
_ARTICLE = re.compile(r"(?!(?-i:An [A-Z][a-z]+-[a-z]))(?:the|an?)\s+(?=\S)", re.IGNORECASE)
"""Not the family name of An Se-young."""
_POSSESSIVE = re.compile(r"\s?['’‘`]\s?[sS]$")
_ABBREVIATION = re.compile(
    r"""
    (?: ^ | [\s.(-] )
    (?:
        [A-Z]                                     # initials, the last letter of U.S.
      | Inc | Corp | Co | Ltd | Bros
      | Jr | Sr | Dr | Mr | Mrs | Ms | St
      | Gov | Gen | Sen | Rep
      | Conn | Calif | Mass | Fla | Ill | Va | Del
    )
    \.$
    """,
    re.VERBOSE,
)
_CUT = re.compile(
    r"\s*[\n/|]\s*|\s+\(\s*|\s[-–—]+\s(?:the|an?)\s.*"
    rf"|\s+{MONTH}\.? \d.*"
    r"|\s\d{1,3}\s?[-–]\s?\d{1,3}(?!\w)"  # a score: Fulham 2-0
    r"|\s[$€£]\d.*"  # an amount: lent Halden £88 million
    r"|\s(?:beats?|vs?\.?|ends?|stuns?|sinks?|edges?|thrash|thrashes|crush|crushes|routs?|outlasts?|ousts?|sweeps?)\s"
)
_SCORE_BEGINS = re.compile(r"\s\d{1,3}$")
_SCORE_GOES_ON = re.compile(r"[-–]\d{1,3}(?!\w)")
_CUT_PEOPLE = re.compile(rf"{_CUT.pattern}|,? (?:and|&) |,\s+(?![JS]r)")
_ORDINAL_ENDS = ("st", "nd", "rd", "th")
_ORDINAL = re.compile(r"\s\d{1,3}(?:st|nd|rd|th)$")
_TRAILING_WORD = re.compile(r"\s(?:of|for|and|in|at|the|on|to|by|with|from|or|&|Flight)$")
POST_NOMINALS = ("KC", "QC", "MP", "MSP", "MEP", "MBE", "OBE", "CBE", "KBE", "PhD", "FRS")
"""Letters after a person's name that are no part of it (Timothy Spencer KC)."""
_POST_NOMINAL = re.compile(rf",? (?:{'|'.join(POST_NOMINALS)})\.?$")
_LETTER = re.compile(r"[^\W\d_]")

MAX_NAME_CHARS = 200
"""A longer span is not a name. In code points."""


class ModelSpan(NamedTuple):
    """A span that a model labelled, in code points, end exclusive."""

    start: int
    end: int
    type: EntityType


class NamedSpan(NamedTuple):
    """A span that is a name, in code points, end exclusive; with what found it and its lexicon key, if it has one."""

    start: int
    end: int
    type: EntityType
    source: MentionSource = BY_MODEL
    key: str | None = None


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without a leading article, quotes, a possessive and trailing stops; empty if nothing is left.

    A stop that ends an abbreviation stays (``U.S.``, ``Corp.``), and so does a hyphen inside (Kim Jong-un).
    """
    before = -1, -1
    while start < end and (start, end) != before:
        before = start, end
        while start < end and (text[start] in _LEADING or text[start].isspace()):
            start += 1
        while start < end and (text[end - 1] in _TRAILING or text[end - 1].isspace()):
            end -= 1
        if article := _ARTICLE.match(text, start, end):
            start = article.end()
        if text[end - 1] in ".…?!" and not _ABBREVIATION.search(text[max(start, end - 8) : end]):
            end -= 1
        if text[end - 1] in ")]}" and not any(bracket in text[start:end] for bracket in "([{"):
            end -= 1
        if text[end - 2 : end] in _ORDINAL_ENDS and (ordinal := _ORDINAL.search(text, max(start, end - 6), end)):
            end = ordinal.start()
        if text[end - 1].isupper() and (letters := _POST_NOMINAL.search(text, max(start, end - 6), end)):
            end = letters.start()
        if connective := _TRAILING_WORD.search(text[max(start, end - 7) : end]):
            end -= len(connective.group())
        if text[end - 1] in "sS" and (possessive := _POSSESSIVE.search(text[max(start, end - 4) : end])):
            end -= len(possessive.group())
    return start, max(start, end)


def split(text: str, span: ModelSpan) -> Iterator[ModelSpan]:
    """The trimmed parts of a span between line ends, slashes and brackets that contain a letter.

    Nothing if the span is longer than ``MAX_NAME_CHARS``.
    """
    if span.end - span.start > MAX_NAME_CHARS:
        return
    start, end = span.start, min(span.end, len(text))
    if text[start:end].isalpha():  # half of all: nothing to trim or to cut
        yield span if span.end == end else ModelSpan(start, end, span.type)
        return
    if text[end - 1 : end].isdigit() and (score := _SCORE_BEGINS.search(text, start, end)):
        end = score.start() if _SCORE_GOES_ON.match(text, end) else end
    for first, last in _parts(text[start:end], span.type is PERSON):
        yield ModelSpan(start + first, start + last, span.type)


@lru_cache(maxsize=20_000)
def _parts(name: str, is_person: bool) -> Sequence[tuple[int, int]]:
    """The start and end of each trimmed part of a name that contains a letter."""
    found, start = [], 0
    cuts = _CUT_PEOPLE if is_person else _CUT
    for cut_start, cut_end in (*(match.span() for match in cuts.finditer(name)), (len(name), len(name))):
        part = trim(name, start, cut_start)
        if _LETTER.search(name, *part):
            found.append(part)
        start = cut_end
    return found


class ClaimedSpans:
    """The names found in one text so far. They do not overlap: the first to claim a character keeps it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._claimed = bytearray(len(text))
        self._spans: list[NamedSpan] = []

    def is_free(self, start: int, end: int) -> bool:
        """Whether the span overlaps no claimed or blocked one."""
        return self._claimed.find(1, start, end) < 0

    def claim(self, span: NamedSpan) -> bool:
        """Add the span if it is free, not empty and not too long for a name; return whether it was added."""
        if not 0 < span.end - span.start <= MAX_NAME_CHARS or not self.is_free(span.start, span.end):
            return False
        self._claimed[span.start : span.end] = b"\1" * (span.end - span.start)
        self._spans.append(span)
        return True

    def claim_all(self, spans: Iterable[NamedSpan]) -> None:
        """Claims each of the spans that is still free by then."""
        for span in spans:
            self.claim(span)

    def block(self, start: int, end: int) -> None:
        """Marks the span as containing no names."""
        self._claimed[start:end] = b"\1" * (end - start)

    def in_order(self) -> list[NamedSpan]:
        """The claimed spans in text order."""
        return sorted(self._spans, key=attrgetter("start"))
