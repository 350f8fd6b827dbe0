"""Candidates for the fields of an article: what each source says, and which source wins.

Up to four sources say something about an article. ``PRECEDENCE`` lists for each field the sources to ask, in order;
``merge`` takes the first one that says anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from schemas.records import Dateline, FieldWarning, RawArticle
from workers.clean import plain
from workers.clean.fields import authors, caches, canonical, datelines, dates, headlines, urls
from workers.clean.fields.dates.labels import Kind
from workers.clean.input.html import Page
from workers.clean.input.html_metadata import Metadata
from workers.clean.input.lenient import warn
from workers.clean.segments import Segments
from workers.clean.text import MAX_FIELD_CHARS, one_line

_MAX_KEYWORDS = 200
_MAX_KEYWORD_STRING_CHARS = 10_000
_MAX_KEYWORD_CHARS = 500
_NO_KEYWORD = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:www\.)?[\w-]+\.(?:com|org|net|[a-z]{2})|user/[^/]+/(?:state|label)/.*"
)
"""Ids, hosts, and what a reader of feeds (Google Reader's API) keeps of its user's."""
_MARKDOWN = re.compile(
    r"\A(?:#{1,6} +(?!\d)|(?P<mark>\*\*|__)(?=\S))(?P<text>(?:(?(mark)(?!(?P=mark))).)+(?<=\S))(?(mark)(?P=mark))\Z"
)
"""A headline that is marked as one or as important: ``# Ferries stop``, ``**Ferries stop**``."""
_DIGIT = re.compile(r"\d")
_KEYWORD_BREAK = re.compile(r"[,;|、،，；\n]|\s(?=#)")


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
    offices: tuple[str, ...] | None = None
    dateline: Dateline | None = None
    agency: str | None = None
    published: dates.Date | None = None
    modified: dates.Date | None = None
    fetched: dates.Date | None = None
    url: str | None = None
    declared_url: str | None = None
    page_urls: tuple[str, ...] | None = None
    canonical_url: str | None = None
    source: str | None = None
    language: str | None = None
    keywords: tuple[str, ...] | None = None
    section: str | None = None
    warnings: tuple[FieldWarning, ...] | None = None


MESSAGE, PAGE, TEXT, DERIVED = Source

PRECEDENCE: Mapping[str, tuple[Source, ...]] = {
    "headline": (MESSAGE, PAGE, TEXT),
    "summary": (MESSAGE, TEXT, PAGE),
    "raw_byline": (MESSAGE, PAGE),
    "byline": (MESSAGE, TEXT, PAGE, DERIVED),
    "offices": (MESSAGE, PAGE),
    "dateline": (MESSAGE, TEXT),
    "agency": (TEXT, DERIVED),
    "published": (MESSAGE, PAGE, TEXT, DERIVED),
    "modified": (MESSAGE, PAGE, TEXT),
    "fetched": (MESSAGE,),
    "url": (MESSAGE, PAGE),
    "declared_url": (MESSAGE,),
    "page_urls": (PAGE,),
    "canonical_url": (DERIVED,),
    "source": (MESSAGE, DERIVED, PAGE),
    "language": (MESSAGE, PAGE),
    "keywords": (MESSAGE, PAGE),
    "section": (MESSAGE, PAGE, TEXT),
    "warnings": (MESSAGE,),
}
"""For each field of ``Candidates``, the sources that may fill it; the first that says anything wins."""


def merge(candidates: Mapping[Source, Candidates]) -> Candidates:
    """Return the candidates that win by ``PRECEDENCE``; sources that are missing say nothing."""
    chosen: dict[str, Any] = {}
    for field, sources in PRECEDENCE.items():
        for source in sources:
            candidate = candidates.get(source)
            if candidate is not None and (value := getattr(candidate, field)) is not None:
                chosen[field] = value
                break
    return Candidates(**chosen)


def from_message(record: RawArticle, context: dates.Context, warnings: Sequence[FieldWarning] = ()) -> Candidates:
    """Return what the fields of a message say.

    Args:
        record: the fields that can be used.
        context: what decides how to read dates.
        warnings: of the other fields; a date that cannot be read or lies in the future adds one.
    """
    dropped = list(warnings)

    def date(field: str) -> dates.Date | None:
        value: str | None = getattr(record, field)
        try:
            return dates.declared(value, context, kind="modified" if field == "modified" else "published")
        except ValueError as error:
            dropped.append(warn(field, value, str(error)))
            return None

    url = _line(record.url)
    if url and (problem := urls.problem(url)):
        dropped.append(warn("url", url, problem))
        url = None
    source = _line(record.source)
    publishers = (source, urls.host(url))
    return Candidates(
        headline=headlines.without_source(_MARKDOWN.sub(r"\g<text>", _line(record.headline) or ""), publishers) or None,
        summary=_line(record.summary),
        raw_byline=record.byline or None,
        byline=authors.names(record.byline, publishers) or None,
        offices=authors.offices(record.byline, publishers) or None,
        dateline=_dateline(record.dateline),
        published=date("published"),
        modified=date("modified"),
        fetched=date("fetched"),
        url=url,
        declared_url=record.canonical_url or None,
        source=source,
        language=record.language or None,
        keywords=None if record.keywords is None else _keywords(record.keywords),
        section=_line(record.section),
        warnings=tuple(dropped),
    )


def from_page(page: Page, context: dates.Context) -> Candidates:
    """Return what the metadata of a page says. If none of its dates can be used, a warning says why."""
    warnings: list[FieldWarning] = []
    if page.is_from_script:
        warnings.append(
            warn("body", "", "the page's HTML has no article; the text is from its JSON-LD or its script's data")
        )

    def date(field: Kind, values: Sequence[tuple[str, str]]) -> dates.Date | None:
        try:
            return dates.best(values, context, field)
        except ValueError as error:
            if declared := next((value for value, place in values if place != "text" and _DIGIT.search(value)), None):
                warnings.append(warn(field, declared, str(error)))
            return None

    url = _page_url(page)
    publishers = (*page.publishers, urls.host(page.url or url))
    return Candidates(
        headline=_line(page.headline),
        summary=_line(page.description),
        raw_byline=next(iter(page.authors), None),
        byline=_first(authors.names, page.authors, publishers),
        offices=_first(authors.offices, page.authors, publishers),
        published=date("published", page.published),
        modified=date("modified", page.modified),
        url=url,
        page_urls=page.urls,
        source=_publisher(page),
        language=page.language or None,
        keywords=_keywords(page.tags),
        section=_line(page.section),
        warnings=tuple(warnings),
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
        modified=segments.modified,
        section=segments.section,
    )


def derive(merged: Candidates, context: dates.Context) -> Candidates:
    """Return what the merged fields imply."""
    url = caches.original(merged.url)
    declared = [*filter(None, [merged.declared_url]), *(merged.page_urls or ())]
    chosen = canonical.choose(url, declared)
    known = url or chosen.url or next(filter(urls.host, declared), None)
    disbelieved = chosen.disbelieved and warn("canonical_url", *chosen.disbelieved)
    return Candidates(
        byline=merged.offices,
        agency=(merged.dateline and merged.dateline.agency) or authors.agency_of(merged.raw_byline),
        published=dates.in_url(url or chosen.url, context),
        canonical_url=chosen.url,
        source=urls.host(known) or None,
        warnings=(disbelieved,) if disbelieved else None,
    )


def source_of(record: RawArticle, page: Metadata | None) -> str | None:
    """Return the source of an article, as far as its message and what its page declares say."""
    url = _line(record.url)
    candidates = {
        Source.MESSAGE: Candidates(
            url=None if url and urls.problem(url) else url,
            declared_url=record.canonical_url or None,
            source=_line(record.source),
        )
    }
    if page is not None:
        candidates[Source.PAGE] = Candidates(url=_page_url(page), page_urls=page.urls, source=_publisher(page))
    candidates[Source.DERIVED] = derive(merge(candidates), dates.Context(None))
    return merge(candidates).source


def _page_url(page: Page | Metadata) -> str | None:
    return next((url for url in page.urls if canonical.doubt(None, url) is None), None)


def _publisher(page: Page | Metadata) -> str | None:
    return next(filter(None, map(_line, page.publishers)), None)


def _line(value: str | None) -> str | None:
    """Return the value repaired and on one line; None if it is empty or longer than any field."""
    return (one_line(plain.line(value)) or None) if value is not None and len(value) <= MAX_FIELD_CHARS else None


def _dateline(value: str | None) -> Dateline | None:
    line = _line(value)
    if line is None:
        return None
    found = datelines.dateline(line)
    return found[0] if found else Dateline(text=line)


def _first(
    read: Callable[[Sequence[str], Sequence[str | None]], tuple[str, ...]],
    places: Iterable[Sequence[str]],
    publishers: Sequence[str | None],
) -> tuple[str, ...] | None:
    """Return what is read from the first place of a page that names anyone but the publisher; None if none does."""
    return next(filter(None, (read(place, publishers) for place in places)), None)


def _keywords(values: str | Sequence[str]) -> tuple[str, ...]:
    """Return the distinct keywords of a list or a string, in which they stand between commas, semicolons or bars.

    Those longer than any keyword are dropped. Case does not distinguish two of them.
    """
    texts = (values,) if isinstance(values, str) else values[:_MAX_KEYWORDS]
    words = [word for text in texts for word in _KEYWORD_BREAK.split(plain.line(text[:_MAX_KEYWORD_STRING_CHARS]))]
    distinct: dict[str, str] = {}
    for word in (one_line(word).lstrip("# ") for word in words if len(word) <= _MAX_KEYWORD_CHARS):
        if word and not _NO_KEYWORD.fullmatch(word) and len(distinct) < _MAX_KEYWORDS:
            distinct.setdefault(word.lower(), word)
    return tuple(distinct.values())
