"""Candidates for the fields of an article: what each source says, and which source wins.

Up to four sources say something about an article. ``PRECEDENCE`` lists for each field the sources to ask, in order;
``merge`` takes the first one that says anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum, auto

from schemas.records import Dateline, RawArticle
from workers.clean.fields import agencies, bylines, dates, urls
from workers.clean.input.html import Page
from workers.clean.segments import Segments
from workers.clean.text import MAX_FIELD_CHARS, one_line

_MAX_KEYWORDS = 200
_MAX_KEYWORD_STRING_CHARS = 10_000
_MAX_KEYWORD_CHARS = 500


class Source(Enum):
    """Where a candidate comes from."""

    MESSAGE = auto()
    """The fields of the message itself."""
    PAGE = auto()
    """The metadata of an HTML page."""
    TEXT = auto()
    """Found in the text: a dateline, a byline, a breadcrumb …"""
    DERIVED = auto()
    """What fields that are already chosen imply: the host of the URL, the agency of the byline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What one source says about an article, or what all of them say once merged; None where it says nothing."""

    headline: str | None = None
    summary: str | None = None
    raw_byline: str | Sequence[str] | None = None
    byline: tuple[str, ...] | None = None
    dateline: Dateline | None = None
    agency: str | None = None
    published: str | None = None
    modified: str | None = None
    fetched: str | None = None
    url: str | None = None
    declared_url: str | None = None
    canonical_url: str | None = None
    source: str | None = None
    language: str | None = None
    keywords: tuple[str, ...] | None = None
    section: str | None = None


MESSAGE, PAGE, TEXT, DERIVED = Source

PRECEDENCE: Mapping[str, tuple[Source, ...]] = {
    "headline": (MESSAGE, PAGE, TEXT),
    "summary": (MESSAGE, TEXT, PAGE),
    "raw_byline": (MESSAGE, PAGE),
    "byline": (MESSAGE, TEXT, PAGE),
    "dateline": (MESSAGE, TEXT),
    "agency": (TEXT, DERIVED),
    "published": (MESSAGE, PAGE, TEXT),
    "modified": (MESSAGE, PAGE),
    "fetched": (MESSAGE,),
    "url": (MESSAGE, PAGE),
    "declared_url": (MESSAGE, PAGE),
    "canonical_url": (DERIVED,),
    "source": (MESSAGE, DERIVED, PAGE),
    "language": (MESSAGE, PAGE),
    "keywords": (MESSAGE, PAGE),
    "section": (MESSAGE, PAGE, TEXT),
}
"""For each field of ``Candidates``, the sources that may fill it; the first that says anything wins."""


def merge(candidates: Mapping[Source, Candidates]) -> Candidates:
    """Return the candidates that win by ``PRECEDENCE``; sources that are missing say nothing."""

    def values(field: str) -> Iterable[object]:
        return (getattr(candidates[source], field) for source in PRECEDENCE[field] if source in candidates)

    def first(field: str) -> object:
        return next((value for value in values(field) if value is not None), None)

    return Candidates(**{field.name: first(field.name) for field in fields(Candidates)})  # type: ignore[arg-type]


def from_message(record: RawArticle, received: datetime | None) -> Candidates:
    """Return what the fields of a message say.

    Raises:
        RejectedError: INVALID_DATE for a date that cannot be read or lies in the future.
    """
    return Candidates(
        headline=_line(record.headline),
        summary=_line(record.summary),
        raw_byline=record.byline or None,
        byline=bylines.names(record.byline) or None,
        dateline=_dateline(record.dateline),
        published=dates.declared(record.published, received, "published"),
        modified=dates.declared(record.modified, received, "modified"),
        fetched=dates.declared(record.fetched, received, "fetched"),
        url=_line(record.url),
        declared_url=record.canonical_url or None,
        source=_line(record.source),
        language=record.language or None,
        keywords=None if record.keywords is None else _keywords(record.keywords),
        section=_line(record.section),
    )


def from_page(page: Page, received: datetime | None) -> Candidates:
    """Return what the metadata of a page says. Dates that cannot be read or lie in the future are ignored."""
    url = next(filter(urls.names_page, page.urls), None)
    return Candidates(
        headline=_line(page.headline),
        summary=_line(page.description),
        raw_byline=page.authors or None,
        byline=bylines.names(page.authors) or None,
        published=_first_date(page.published, received),
        modified=_first_date(page.modified, received),
        url=url,
        declared_url=url,
        source=_line(page.site),
        language=page.language or None,
        keywords=_keywords(page.tags),
        section=_line(page.section),
    )


def from_text(segments: Segments) -> Candidates:
    """Return what was found in the text."""
    return Candidates(
        headline=segments.headline or None,
        summary=segments.summary or None,
        byline=segments.byline or None,
        dateline=segments.dateline,
        agency=segments.agency or None,
        published=segments.published,
        section=segments.section,
    )


def derive(merged: Candidates) -> Candidates:
    """Return what the merged fields imply."""
    canonical_url = urls.canonical(merged.url, merged.declared_url)
    return Candidates(
        agency=(merged.dateline and merged.dateline.agency) or bylines.agency_of(merged.raw_byline),
        canonical_url=canonical_url,
        source=urls.host(merged.url or canonical_url) or None,
    )


def _line(value: str | None) -> str | None:
    """Return the value repaired and on one line; None if it is empty or longer than any field."""
    return (one_line(value) or None) if value is not None and len(value) <= MAX_FIELD_CHARS else None


def _dateline(value: str | None) -> Dateline | None:
    line = _line(value)
    if line is None:
        return None
    found = agencies.dateline(line)
    return found[0] if found else Dateline(text=line)


def _first_date(values: Iterable[str], received: datetime | None) -> str | None:
    return next(filter(None, (dates.guessed(value, received) for value in values)), None)


def _keywords(values: str | Sequence[str]) -> tuple[str, ...]:
    """Return the distinct keywords of a list or a comma-separated string, without those longer than any keyword."""
    words = values[:_MAX_KEYWORD_STRING_CHARS].split(",") if isinstance(values, str) else values
    short = (word for word in words[:_MAX_KEYWORDS] if len(word) <= _MAX_KEYWORD_CHARS)
    return tuple(dict.fromkeys(word for word in map(one_line, short) if word))
