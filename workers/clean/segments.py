"""The parts of a text: what is its headline, dateline, caption or furniture, found and told apart."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from datetime import datetime

from schemas.records import Caption, Credit, Dateline, Removed
from workers.clean.boilerplate import lines, page_chrome
from workers.clean.boilerplate.lines import Mark
from workers.clean.boilerplate.rules import line_rule
from workers.clean.fields import agencies, bylines, captions, dates, headlines
from workers.clean.text import Span, cut, places
from workers.clean.units import Unit, split
from workers.errors import RejectedError
from workers.outcomes import Reason

_MOST_WORK = 300_000  # characters: what is far longer than any article is searched once
_MOST_UNITS = 20_000  # a book of verse has fewer lines
_CRUMB_WORDS = 6
_SECTION_WORDS = 4
_TOP = 6
_BULLET = re.compile(r"^[•·●▪◦‣|>»] ?")
_INLINE_CREDIT = re.compile(
    r"\((?:Additional |Further )?(?:Reporting|Writing|Editing|Compiled|Reported|Written|Edited)\b"
    r"[^()]{0,40} by:? [^()]{2,400}\)"
)
_DATE_LABEL = re.compile(r"^(?:first )?(?:published|posted|created)(?: (?:on|at))?:? ?", re.IGNORECASE)
_DATE_TAIL = re.compile(r" ?[|•·–]| \(| - \d| updated| last ", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_STANDFIRST_LIKENESS = 0.5
_HEADLINE_LIKENESS = 0.7


@dataclass(slots=True)
class Parts:
    """What was found in a text; ``body`` is what is left and ``removed`` what was taken out of ``text``."""

    text: str
    headline: str
    summary: str | None
    body: str = ""
    removed: tuple[Removed, ...] = ()
    section: str | None = None
    published: str | None = None
    dateline: Dateline | None = None
    agency: str | None = None
    byline: tuple[str, ...] = ()
    credits: list[Credit] = field(default_factory=list)
    captions: list[Caption] = field(default_factory=list)


def part(text: str, headline: str, summary: str | None, received: datetime, *, is_bare: bool) -> Parts:
    """The parts of a text in normal form. ``is_bare``: its first line is its headline if it looks like one.

    Cutting one thing can bring another to the surface, so the search is repeated on what is left until it finds
    nothing: cleaning a cleaned body takes nothing more from it.

    Raises:
        RejectedError: TOO_LARGE for a text of more lines than any article has.
    """
    parts = Parts(text, headline, summary, body=text)
    spans: list[Span] = []
    for _ in range(1 + _MOST_WORK // (len(text) + 1)):
        found = _search(parts, received, is_bare)
        if not found:
            break
        place = places(parts.removed)
        for span in found:
            spans += _around(span._replace(start=place(span.start), end=place(span.end - 1) + 1), parts.removed)
        parts.body, parts.removed = cut(text, spans)
    return parts


def _around(span: Span, removed: tuple[Removed, ...]) -> list[Span]:
    """The span without what was removed from within it before."""
    pieces, start = [], span.start
    for item in removed[bisect_right(removed, span.start, key=_start) : bisect_left(removed, span.end, key=_start)]:
        pieces.append(span._replace(start=start, end=item.start))
        start = item.end
    return [*pieces, span._replace(start=start)]


def _start(item: Removed) -> int:
    return item.start


def _search(parts: Parts, received: datetime, is_bare: bool) -> list[Span]:
    """The spans to take out of the body as it stands; what they say is written into the parts."""
    units, marks = lines.mark(_units(parts.body))
    prose = [index for index, unit in enumerate(units) if unit.prose and not marks[index]]
    top, last = (prose[0], prose[-1]) if prose else (len(units), len(units))
    _mark_heading(parts, units, marks, is_bare)
    found: list[Span] = []
    for index, unit in enumerate(units):
        if mark := marks[index]:
            if index <= top and mark.category in ("date", "crumb"):
                parts.published = parts.published or _date(unit.text, received)
        elif (people := bylines.credits(unit.text)) is not None:
            parts.credits += people
            marks[index] = Mark("credit-line", "credit")
        elif index > last and (signed := agencies.signature(unit.text)) and signed[1] == 0:
            parts.agency = parts.agency or signed[0]
            marks[index] = Mark("signature", "credit")
        elif caption := captions.caption(unit.text):
            if not caption.text and _is_glued_caption(units, marks, index):
                caption = replace(caption, text=units[index - 1].text)
                marks[index - 1] = Mark("caption", "caption")
            parts.captions += [caption] if caption.text else []
            marks[index] = Mark("caption", "caption") if caption.text else Mark("photo-credit", "credit")
        elif index <= top + 1 and _byline(parts, unit.text, received):
            marks[index] = Mark("byline", "byline")
        elif index < top and _crumb(parts, unit, received):
            marks[index] = Mark("crumb", "crumb")
        else:
            found += _within(parts, unit, is_lead=index <= top + 1, is_last=index >= last)
    marks = page_chrome.outside(units, marks)
    found += [Span(unit.start, unit.end, *mark) for unit, mark in zip(units, marks, strict=True) if mark]
    return sorted(found)


def _units(body: str) -> list[Unit]:
    count = body.count("\n") + 1
    if count <= _MOST_UNITS:
        units = split(body)
        if (count := len(units)) <= _MOST_UNITS:
            return units
    raise RejectedError(
        Reason.TOO_LARGE, f"a text of {count:,} lines or sentences, and at most {_MOST_UNITS:,} are read"
    )


def _is_glued_caption(units: list[Unit], marks: list[Mark | None], index: int) -> bool:
    """Whether a photo credit belongs to the sentence before it, on the same line and above the dateline of the text."""
    return (
        0 < index < len(units) - 1
        and marks[index - 1] is None
        and units[index - 1].end + 1 == units[index].start
        and agencies.dateline(units[index + 1].text) is not None
    )


def _mark_heading(parts: Parts, units: list[Unit], marks: list[Mark | None], is_bare: bool) -> None:
    """Mark the headline, as often as it stands at the top, and the standfirst below it."""
    head = _headline(parts, units, is_bare)
    if head is None:
        if parts.summary is not None and units and headlines.same(units[0].text, parts.summary):
            marks[0] = Mark("standfirst", "summary")
        return
    others = 0
    for index, unit in enumerate(units):
        if index == head or (marks[index] is None and headlines.same(unit.text, parts.headline)):
            marks[index] = Mark("headline", "headline")
        elif marks[index] is None:
            others += 1
        if others == _TOP:
            break
    rest = [unit for unit, mark in zip(units[head + 1 :], marks[head + 1 :], strict=True) if mark is None]
    if len(rest) > 2 and marks[head + 1] is None and _is_standfirst(rest[0], rest[1], parts.summary):
        parts.summary = parts.summary or rest[0].text
        marks[head + 1] = Mark("standfirst", "summary")


def _within(parts: Parts, unit: Unit, *, is_lead: bool, is_last: bool) -> list[Span]:
    """Spans within a paragraph: the dateline at its start, the credit or the agency at its end."""
    found: list[Span] = []
    if is_lead and (dated := agencies.dateline(unit.text)) and dated[1] < len(unit.text):
        parts.dateline = parts.dateline or dated[0]
        parts.agency = parts.agency or dated[0].agency
        found.append(Span(unit.start, unit.start + dated[1], "dateline", "dateline"))
    for match in _INLINE_CREDIT.finditer(unit.text):
        if (people := bylines.credits(match[0])) is not None:
            parts.credits += people
            found.append(Span(unit.start + match.start(), unit.start + match.end(), "credit-line", "credit"))
    if is_last and (signed := agencies.signature(unit.text)) and signed[1]:
        parts.agency = parts.agency or signed[0]
        found.append(Span(unit.start + signed[1], unit.end, "signature", "credit"))
    return found


def _headline(parts: Parts, units: list[Unit], is_bare: bool) -> int | None:
    """The unit that is the headline, or repeats the one that is known."""
    if parts.headline:
        return next((i for i, unit in enumerate(units[:_TOP]) if headlines.same(unit.text, parts.headline)), None)
    if len(units) < 2 or not headlines.is_headline(units[0].text):
        return None
    following = " ".join(unit.text for unit in units[1:_TOP])
    if is_bare and len(following) > len(units[0].text):
        likely = True
    else:
        likely = 5 <= units[0].words <= 18 and headlines.overlap(units[0].text, following) >= _HEADLINE_LIKENESS
    if not likely:
        return None
    parts.headline = units[0].text
    return 0


def _is_standfirst(unit: Unit, lead: Unit, summary: str | None) -> bool:
    """Whether the unit says beforehand what the lead below it says, or is the summary that is known."""
    if summary is not None:
        return headlines.same(unit.text, summary)
    return (
        8 <= unit.words <= 60
        and agencies.dateline(unit.text) is None
        and not bylines.is_byline(unit.text)
        and headlines.overlap(unit.text, lead.text) >= _STANDFIRST_LIKENESS
    )


def _byline(parts: Parts, text: str, received: datetime) -> bool:
    """Whether the line is a byline, alone or with a date after it; what it says is written into the parts."""
    rest = None
    if not bylines.is_byline(text):
        if (found := bylines.byline_and_rest(text)) is None:
            return False
        text, rest = found
        if (rule := line_rule(rest)) is None or rule.category != "date":
            return False
    parts.byline = parts.byline or bylines.names(text)
    parts.agency = parts.agency or bylines.agency_of(text)
    parts.published = parts.published or (_date(rest, received) if rest else None)
    return True


def _crumb(parts: Parts, unit: Unit, received: datetime) -> bool:
    """Whether the line is a crumb, a section or a date behind a bullet; what it says is written into the parts."""
    if unit.words > _CRUMB_WORDS or not _BULLET.match(unit.text):
        return False
    text = _BULLET.sub("", unit.text, count=1)
    date = _date(text, received)
    if date is not None:
        parts.published = parts.published or date
    elif unit.words > _SECTION_WORDS:
        return False
    elif parts.section is None:
        parts.section = text
    return True


def _date(text: str, received: datetime) -> str | None:
    if not _DIGIT.search(text):
        return None
    text = _DATE_LABEL.sub("", _BULLET.sub("", text, count=1))
    return dates.guessed(_DATE_TAIL.split(text, maxsplit=1)[0], received)
