"""Spans of text and how they are put in order: trimmed, cut at line ends, kept apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from schemas.records import EntityType, MentionSource
from workers.vocabulary.months import MONTH

_EDGE = "\"'`“”‘’«»„‹›([{-–—•*:;,/|#@&"
_OPENING = _EDGE + ".…)]}?!%"
_CLOSING = _EDGE
_ARTICLE = re.compile(r"(?:the|an?)\s+(?=\S)", re.IGNORECASE)
_POSSESSIVE = re.compile(r"\s?['’‘`]\s?[sS]$")
_ABBREVIATION = re.compile(
    r"(?:^|[\s.(-])(?:[A-Z]|Inc|Corp|Co|Ltd|Bros|Jr|Sr|Dr|Mr|Mrs|Ms|St|Gov|Gen|Sen|Rep|Conn|Calif|Mass|Fla|Ill|Va|Del)\.$"
)
_CUT = re.compile(
    r"\s*[\n/|]\s*|\s+\(\s*|\s[-–—]+\s(?:the|an?)\s.*"
    rf"|\s+{MONTH}\.? \d.*"
)
_CUT_PEOPLE = re.compile(rf"{_CUT.pattern}|,? (?:and|&) |,\s+(?![JS]r)")
_LETTER = re.compile(r"[^\W\d_]")

LONGEST = 200
"""Code points of the longest name."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text and what it names: code points, end exclusive."""

    start: int
    end: int
    type: EntityType


@dataclass(frozen=True, slots=True)
class Found:
    """A named piece of a text, who found it, and the key of the lexicon's entry that it is, if any."""

    start: int
    end: int
    type: EntityType
    source: MentionSource = MentionSource.MODEL
    key: str | None = None


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The piece without a leading article, quotes, a possessive and trailing stops; empty where nothing is left.

    A stop that belongs to an abbreviation stays (``U.S.``, ``Corp.``), and so does a hyphen inside (Kim Jong-un).
    """
    before = -1, -1
    while start < end and (start, end) != before:
        before = start, end
        while start < end and (text[start] in _OPENING or text[start].isspace()):
            start += 1
        while start < end and (text[end - 1] in _CLOSING or text[end - 1].isspace()):
            end -= 1
        if article := _ARTICLE.match(text, start, end):
            start = article.end()
        if text[end - 1] in ".…?!" and not _ABBREVIATION.search(text[max(start, end - 8) : end]):
            end -= 1
        if text[end - 1] in ")]}" and not any(bracket in text[start:end] for bracket in "([{"):
            end -= 1
        if possessive := _POSSESSIVE.search(text[max(start, end - 4) : end]):
            end -= len(possessive.group())
    return start, max(start, end)


def pieces(text: str, span: Span) -> Iterator[Span]:
    """The trimmed pieces of a span between line ends, slashes and brackets; what has no letter is left out.

    Nothing comes of a span longer than any name.
    """
    if span.end - span.start > LONGEST:
        return
    start, end = span.start, min(span.end, len(text))
    cuts = _CUT_PEOPLE if span.type is EntityType.PERSON else _CUT
    for cut in (*(match.span() for match in cuts.finditer(text, start, end)), (end, end)):
        first, last = trimmed(text, start, cut[0])
        if _LETTER.search(text, first, last):
            yield replace(span, start=first, end=last)
        start = cut[1]


class Page:
    """The named pieces of one text, kept apart: what is added first holds its place."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._taken = bytearray(len(text))
        self._found: list[Found] = []

    def free(self, start: int, end: int) -> bool:
        """Whether nothing that was added overlaps the piece."""
        return self._taken.find(1, start, end) < 0

    def add(self, found: Found) -> bool:
        """Whether the piece was free, and so is now taken."""
        if found.start >= found.end or not self.free(found.start, found.end):
            return False
        self._taken[found.start : found.end] = b"\1" * (found.end - found.start)
        self._found.append(found)
        return True

    def block(self, start: int, end: int) -> None:
        """Takes the piece for nothing: no name is to be found there."""
        self._taken[start:end] = b"\1" * (end - start)

    def found(self) -> list[Found]:
        """What was added, in order of the text."""
        return sorted(self._found, key=lambda found: found.start)
