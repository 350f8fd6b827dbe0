"""Segments of a text: find its headline, dateline, captions and boilerplate, and tell them from the body."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace

from schemas.records import Caption, Credit, Dateline, Removed
from workers.clean.boilerplate import lines, page_chrome
from workers.clean.boilerplate.lines import Mark
from workers.clean.boilerplate.rules import line_rule
from workers.clean.fields import agencies, authors, bylines, captions, datelines, dates, headlines
from workers.clean.plain import wrapping
from workers.clean.spans import Removal, cut, moved, raw_offsets, restore
from workers.clean.units import Unit, split
from workers.errors import RejectedError
from workers.outcomes import Reason

_MAX_SEARCHED_CHARS = 300_000  # over all rounds, so a text far longer than any article is searched once
_MAX_SEARCHED_LINES = 7_500  # over all rounds but the first
_MAX_UNITS = 10_000  # a book of verse has fewer lines
_MAX_BREADCRUMB_WORDS = 6
_MAX_HEAD_UNITS = 300  # before the text, in which dates and breadcrumbs are looked for
_MAX_SECTION_WORDS = 4
_MAX_TOP_UNITS = 6
_MIN_KEY_POINTS = 2
_MAX_CRUMB_WORDS = 3
_MIN_HEADLINE_WORDS = 5
_MAX_HEADLINE_WORDS = 18
_MIN_HEADLINE_OVERLAP = 0.7
_MIN_STANDFIRST_WORDS = 8
_MAX_STANDFIRST_WORDS = 60
_MIN_STANDFIRST_OVERLAP = 0.5

# In verbose patterns a blank is written ``[ ]``.
_BULLET = re.compile(r"^[•·●▪◦‣|>»] ?")
_INLINE_CREDIT = re.compile(
    r"""
    \(
    (?: Additional[ ] | Further[ ] )?
    (?: Reporting
      | Writing
      | Editing
      | Compiled
      | Reported
      | Written
      | Edited
    ) \b
    [^()]{0,40} [ ]by:?[ ] [^()]{2,400}
    \)
    """,
    re.VERBOSE,
)
_SENTENCE_CASE = re.compile(r"^\W*\w+(?: \w+)* (?!of|and|the|in|on|for|to|und|de|la|y|et)[^\W\d_A-Z]\w+")
_DIGIT = re.compile(r"\d")


@dataclass(slots=True)
class Segments:
    """What a text consists of; ``body`` is what is left and ``removed`` what was taken out of ``text``."""

    text: str
    headline: str
    summary: str | None
    body: str = ""
    removed: tuple[Removed, ...] = ()
    section: str | None = None
    published: dates.Date | None = None
    modified: dates.Date | None = None
    dateline: Dateline | None = None
    agency: str | None = None
    byline: tuple[str, ...] = ()
    credits: list[Credit] = field(default_factory=list)
    captions: list[Caption] = field(default_factory=list)


def segment(
    text: str, headline: str, summary: str | None, context: dates.Context, *, is_bare: bool, is_plain: bool
) -> Segments:
    """Return the segments of a text in normal form.

    Removing one thing can expose another, so the search repeats on what is left until it finds nothing: cleaning a
    cleaned body changes nothing. In plain text, lines of a wrapped paragraph that only a removed line kept apart are
    joined.

    Args:
        text: the text, in normal form.
        headline: the headline if another source has it, else empty.
        summary: the summary if another source has it.
        context: what decides how to read dates.
        is_bare: whether the text is a whole message, so that its first line is the headline if it looks like one.
        is_plain: whether the text may be wrapped, as those of pages are not.

    Raises:
        RejectedError: TOO_LARGE for a text of more lines than any article has.
    """
    segments = Segments(text, headline, summary, body=text)
    removals: list[Removal] = []
    rounds = 1 + min(_MAX_SEARCHED_CHARS // (len(text) + 1), _MAX_SEARCHED_LINES // (text.count("\n") + 1))
    for _ in range(rounds):
        found = _search(segments, context, is_bare)
        if not found:
            break
        raw_offset = raw_offsets(segments.removed)
        for removal in found:
            start, end = raw_offset(removal.start), raw_offset(removal.end - 1) + 1
            removals += _without_removed(Removal(start, end, removal.rule, removal.category), segments.removed)
        segments.body, segments.removed = cut(text, removals)
        if is_plain and (joined := wrapping.join(segments.body)) != segments.body:
            segments.removed = moved(segments.removed, segments.body, joined)
            segments.body, text = joined, restore(joined, segments.removed)
            removals = [Removal(item.start, item.end, item.rule, item.category) for item in segments.removed]
    segments.text = text
    return segments


def _without_removed(removal: Removal, removed: tuple[Removed, ...]) -> list[Removal]:
    """Return the removal in pieces, without what an earlier round removed inside it."""
    first = bisect_right(removed, removal.start, key=_start)
    last = bisect_left(removed, removal.end, lo=first, key=_start)
    if first == last:
        return [removal]
    pieces, start = [], removal.start
    for item in removed[first:last]:
        pieces.append(removal._replace(start=start, end=item.start))
        start = item.end
    return [*pieces, removal._replace(start=start)]


def _start(item: Removed) -> int:
    return item.start


def _search(segments: Segments, context: dates.Context, is_bare: bool) -> list[Removal]:
    """Return what to remove from the body as it stands, and record in ``segments`` the fields that it holds."""
    units, marks = lines.mark(_split_within_limit(segments.body))
    prose = [index for index, unit in enumerate(units) if unit.prose and not marks[index]]
    top, last = (prose[0], prose[-1]) if prose else (len(units), len(units))
    head = min(top, _MAX_HEAD_UNITS)
    _mark_heading(segments, units, marks, is_bare)
    first_point = _key_points_from(units[:top], context)
    removals: list[Removal] = []
    for index, unit in enumerate(units):
        if mark := marks[index]:
            # "crumb" and the other categories and rule ids are values in records, and so part of the contract.
            if index <= head and mark.category in ("date", "crumb"):
                _read_date(segments, unit.text, context)
        elif (people := bylines.credits(unit.text)) is not None:
            segments.credits += people
            marks[index] = Mark("credit-line", "credit")
        elif index > last and (signature := agencies.signature(unit.text)) and signature[1] == 0:
            segments.agency = segments.agency or signature[0]
            marks[index] = Mark("signature", "credit")
        elif caption := captions.caption(unit.text):
            if not caption.text and _credits_unit_before(units, marks, index):
                caption = replace(caption, text=units[index - 1].text)
                marks[index - 1] = Mark("caption", "caption")
            segments.captions += [caption] if caption.text else []
            marks[index] = Mark("caption", "caption") if caption.text else Mark("photo-credit", "credit")
        elif index <= head + 1 and _read_byline(segments, unit.text, context):
            marks[index] = Mark("byline", "byline")
        elif index < head and _DIGIT.search(unit.text) and dates.is_date_line(unit.text, context):
            _read_date(segments, unit.text, context)
            marks[index] = Mark("date", "date")
        elif index < min(head, first_point) and _read_breadcrumb(segments, unit, context):
            marks[index] = Mark("crumb", "crumb")
        else:
            removals += _within(segments, unit, is_lead=index <= top + 1, is_last=index >= last)
    marks = page_chrome.mark_page_chrome(units, marks)
    removals += [Removal(unit.start, unit.end, *mark) for unit, mark in zip(units, marks, strict=True) if mark]
    return sorted(removals)


def _split_within_limit(body: str) -> list[Unit]:
    units = split(body, _MAX_UNITS + 1)
    if len(units) <= _MAX_UNITS:
        return units
    raise RejectedError(
        Reason.TOO_LARGE,
        f"the text has more than {_MAX_UNITS:,} lines or sentences; send one article per message",
    )


def _credits_unit_before(units: list[Unit], marks: list[Mark | None], index: int) -> bool:
    """Whether a photo credit belongs to the sentence before it, on the same line and above the text's dateline."""
    return (
        0 < index < len(units) - 1
        and marks[index - 1] is None
        and units[index - 1].end + 1 == units[index].start
        and datelines.dateline(units[index + 1].text) is not None
    )


def _mark_heading(segments: Segments, units: list[Unit], marks: list[Mark | None], is_bare: bool) -> None:
    """Mark the headline, every repetition of it at the top, and the standfirst below it."""
    headline = _headline_index(segments, units, marks, is_bare)
    if headline is None:
        if len(units) > 1 and segments.summary is not None and _is_standfirst(units[0], units[1], segments.summary):
            marks[0] = Mark("standfirst", "summary")
        return
    others = 0
    for index, unit in enumerate(units):
        if index == headline or (marks[index] is None and headlines.has_same_words(unit.text, segments.headline)):
            marks[index] = Mark("headline", "headline")
        elif marks[index] is None:
            others += 1
        if others == _MAX_TOP_UNITS:
            break
    below = headline + 1
    rest = [unit for unit, mark in zip(units[below:], marks[below:], strict=True) if mark is None]
    if len(rest) > 2 and marks[below] is None and _is_standfirst(rest[0], rest[1], segments.summary):
        segments.summary = segments.summary or rest[0].text
        marks[below] = Mark("standfirst", "summary")


def _headline_index(segments: Segments, units: list[Unit], marks: list[Mark | None], is_bare: bool) -> int | None:
    """Return the index of the unit that is the headline or repeats it, and record the headline; or None."""
    if segments.headline:
        repeats = (i for i, unit in enumerate(units[:_MAX_TOP_UNITS]) if _repeats_headline(segments, unit))
        return next(repeats, None)
    # Boilerplate above the headline: ``View this email in your browser``.
    index = next((index for index, mark in enumerate(marks[:_MAX_TOP_UNITS]) if mark is None), 0) if is_bare else 0
    if is_bare and len(units) > index + 2 and _is_section_above(units[index], units[index + 1]):
        segments.section, marks[index] = segments.section or units[index].text, Mark("crumb", "crumb")
        index += 1
    if len(units) < index + 2 or not headlines.is_headline(units[index].text):
        return None
    first, following = units[index], " ".join(unit.text for unit in units[index + 1 : index + _MAX_TOP_UNITS])
    if is_bare and len(following) > len(first.text):
        is_likely = True
    else:
        is_likely = (
            _MIN_HEADLINE_WORDS <= first.words <= _MAX_HEADLINE_WORDS
            and headlines.overlap(first.text, following) >= _MIN_HEADLINE_OVERLAP
        )
    if not is_likely:
        return None
    segments.headline = first.text
    return index


def _is_section_above(unit: Unit, below: Unit) -> bool:
    """Whether a line names a section, and a headline stands below it."""
    return (
        headlines.is_section(unit.text)
        and not below.prose
        and below.words >= _MIN_HEADLINE_WORDS
        and headlines.is_headline(below.text)
    )


def _repeats_headline(segments: Segments, unit: Unit) -> bool:
    return headlines.has_same_words(unit.text, segments.headline)


def _is_standfirst(unit: Unit, lead: Unit, summary: str | None) -> bool:
    """Whether the unit anticipates what the lead below it says; a known summary must be what it says.

    Many publishers copy the first paragraph into their descriptions: it stays the first paragraph.
    """
    is_repeated = headlines.overlap(unit.text, lead.text) >= _MIN_STANDFIRST_OVERLAP
    if summary is not None:
        return is_repeated and headlines.has_same_words(unit.text, summary)
    return (
        is_repeated
        and _MIN_STANDFIRST_WORDS <= unit.words <= _MAX_STANDFIRST_WORDS
        and datelines.dateline(unit.text) is None
        and not bylines.is_byline(unit.text)
    )


def _within(segments: Segments, unit: Unit, *, is_lead: bool, is_last: bool) -> list[Removal]:
    """Return what to remove within a paragraph: the dateline at its start, the credit or the agency at its end."""
    removals: list[Removal] = []
    if is_lead and (dateline := datelines.dateline(unit.text)) and dateline[1] < len(unit.text):
        segments.dateline = segments.dateline or dateline[0]
        segments.agency = segments.agency or dateline[0].agency
        segments.byline = segments.byline or authors.names(datelines.reporters(dateline[0].text))
        removals.append(Removal(unit.start, unit.start + dateline[1], "dateline", "dateline"))
    for match in _INLINE_CREDIT.finditer(unit.text):
        if (people := bylines.credits(match[0])) is not None:
            segments.credits += people
            removals.append(Removal(unit.start + match.start(), unit.start + match.end(), "credit-line", "credit"))
    if is_last and (signature := agencies.signature(unit.text)) and signature[1]:
        segments.agency = segments.agency or signature[0]
        removals.append(Removal(unit.start + signature[1], unit.end, "signature", "credit"))
    return removals


def _read_byline(segments: Segments, text: str, context: dates.Context) -> bool:
    """Return whether the line is a byline, alone or with a date after it, and record what it says."""
    rest = None
    if not bylines.is_byline(text):
        if (found := bylines.byline_and_rest(text)) is None:
            return False
        text, rest = found
        rule = line_rule(rest)
        if (rule is None or rule.category != "date") and not dates.is_date_line(rest, context):
            return False
    segments.byline = segments.byline or authors.names(text)
    segments.agency = segments.agency or authors.agency_of(text)
    if rest:
        _read_date(segments, rest, context)
    return True


def _key_points_from(above: list[Unit], context: dates.Context) -> int:
    """Return the index from which the lines above the first paragraph are its key points; their number if none are.

    Breadcrumbs and sections have bullets, too: they are few, short, in title case, or have a date among them.
    """
    first = len(above)
    while first > len(above) - _MAX_HEAD_UNITS and first and _BULLET.match(above[first - 1].text):
        first -= 1
    points = [_BULLET.sub("", unit.text, count=1) for unit in above[first:]]
    is_said = any(len(point.split()) > _MAX_CRUMB_WORDS or _SENTENCE_CASE.search(point) for point in points)
    if len(points) < _MIN_KEY_POINTS or not is_said or any(dates.is_date_line(point, context) for point in points):
        return len(above)
    return first


def _read_breadcrumb(segments: Segments, unit: Unit, context: dates.Context) -> bool:
    """Return whether the line is a breadcrumb, a section or a date after a bullet, and record what it says."""
    if unit.words > _MAX_BREADCRUMB_WORDS or not _BULLET.match(unit.text):
        return False
    text = _BULLET.sub("", unit.text, count=1)
    if _read_date(segments, text, context):
        return True
    if unit.words > _MAX_SECTION_WORDS:
        return False
    if segments.section is None:
        segments.section = text
    return True


def _read_date(segments: Segments, text: str, context: dates.Context) -> bool:
    """Return whether the line holds a date, and record what it is the date of."""
    if not _DIGIT.search(text):
        return False
    published, modified = dates.in_line(_BULLET.sub("", text, count=1), context)
    segments.published = segments.published or published
    segments.modified = segments.modified or modified
    return published is not None or modified is not None
