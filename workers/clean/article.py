"""The clean stage: a raw message to a clean article."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from schemas.records import CleanArticle, Dateline, Origin, RawArticle, Status
from workers.clean.fields import agencies, bylines, dates, headlines, language, urls
from workers.clean.input import formats, html
from workers.clean.segments import segment
from workers.clean.text import MAX_FIELD_CHARACTERS, MAX_TEXT_CHARACTERS, one_line, tidy
from workers.errors import RejectedError
from workers.outcomes import Reason

_MOST_KEYWORDS = 200
_LONGEST_KEYWORDS = 10_000
_LONGEST_KEYWORD = 500


def clean(
    value: bytes | None, origin: Origin, received: datetime, *, max_bytes: int = formats.MAX_BYTES
) -> CleanArticle:
    """The clean article that a raw message holds.

    Args:
        value: the message, in any accepted format.
        origin: the message's place in the stream; passed through.
        received: the message's own timestamp, aware: the same message gives the same article whenever it is read.
        max_bytes: the largest message that is read.

    Raises:
        RejectedError: the message is refused, with the reason; nothing else is raised, whatever the bytes.
    """
    message = formats.read(value, max_bytes)
    record = message.record
    page = html.extract(message.text, record.url) if message.is_page else None
    text = message.text if page is None else page.body
    if len(text) > MAX_TEXT_CHARACTERS:
        raise RejectedError(
            Reason.TOO_LARGE, f"a text of {len(text):,} characters, and at most {MAX_TEXT_CHARACTERS:,} are read"
        )
    published = dates.declared(record.published, received, "published")
    modified = dates.declared(record.modified, received, "modified")
    fetched = dates.declared(record.fetched, received, "fetched")

    headline = _field(record.headline) or (_field(page.headline) if page else None) or ""
    summary = _field(record.summary)
    parts = segment(tidy(text), headline, summary, received, is_bare=message.is_bare and page is None)
    if not any(map(str.isalpha, parts.body)):
        raise RejectedError(Reason.NO_BODY, "no text is left once the furniture is removed")
    headline = parts.headline
    dateline = _dateline(record.dateline) or parts.dateline
    page_url = next(filter(urls.names_page, page.urls), None) if page else None
    url = _field(record.url) or page_url
    canonical = urls.canonical(url, record.canonical_url or page_url)
    source = _field(record.source) or urls.host(url or canonical) or (_field(page.site) if page else None)
    return CleanArticle(
        id=article_id(canonical or url or source or "", headline, parts.body),
        origin=origin,
        headline=headline,
        body=parts.body,
        language=language.language(parts.body, record.language or (page.language if page else None)),
        summary=summary or parts.summary or (_field(page.description) if page else None),
        byline=bylines.names(record.byline) or parts.byline or bylines.names(page.authors if page else None),
        dateline=dateline,
        agency=parts.agency
        or (dateline.agency if dateline else None)
        or bylines.agency_of(record.byline or (page.authors if page else None)),
        credits=tuple(dict.fromkeys(parts.credits)),
        captions=tuple(dict.fromkeys(parts.captions)),
        published=published or (_first_date(page.published, received) if page else None) or parts.published,
        modified=modified or (_first_date(page.modified, received) if page else None),
        fetched=fetched,
        source=source,
        source_id=None if record.id is None else str(record.id),
        url=url,
        canonical_url=canonical,
        keywords=_keywords(record, page),
        section=_field(record.section) or (_field(page.section) if page else None) or parts.section,
        status=record.status or Status.USABLE,
        removed=parts.removed,
    )


def article_id(place: str, headline: str, body: str) -> str:
    """The id of an article, 16 hexadecimal digits: the same for the same place (URL or source), headline and words."""
    words = " ".join(headlines.words(body))
    key = "\0".join((place, headline, words)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(key, digest_size=8).hexdigest()


def _field(value: str | None) -> str | None:
    """The field in order; what a page has that is longer than any counts as not said."""
    return (one_line(value) or None) if value is not None and len(value) <= MAX_FIELD_CHARACTERS else None


def _dateline(given: str | None) -> Dateline | None:
    text = _field(given)
    if text is None:
        return None
    found = agencies.dateline(text)
    return found[0] if found else Dateline(text=text)


def _first_date(values: Iterable[str], received: datetime) -> str | None:
    return next(filter(None, (dates.guessed(value, received) for value in values)), None)


def _keywords(record: RawArticle, page: html.Page | None) -> tuple[str, ...]:
    given = record.keywords if record.keywords is not None else list(page.tags) if page else []
    values = given[:_LONGEST_KEYWORDS].split(",") if isinstance(given, str) else given
    values = [word for word in values[:_MOST_KEYWORDS] if len(word) <= _LONGEST_KEYWORD]
    return tuple(dict.fromkeys(word for word in map(one_line, values) if word))
