"""The clean stage: turns a raw message into a clean article."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from schemas.records import Caption, CleanArticle, LeftOut, Origin, RawArticle, Status
from workers.clean import plain
from workers.clean.candidates import Source, derive, from_message, from_page, from_text, merge
from workers.clean.fields import captions, dates, headlines, language, notices
from workers.clean.input import html, no_article, reading
from workers.clean.input.reading import FieldPaths, RawInput
from workers.clean.segments import Segments, segment
from workers.clean.text import MAX_TEXT_CHARS, one_line, tidy
from workers.errors import RejectedError
from workers.outcomes import Reason

_MAX_NAMED_RULES = 20


def clean(
    value: bytes | None,
    origin: Origin,
    received: datetime | None,
    *,
    max_bytes: int = reading.MAX_BYTES,
    paths: FieldPaths | None = None,
) -> CleanArticle:
    """Return the clean article of a raw message.

    Args:
        value: the message, in any accepted format.
        origin: the message's coordinates in the stream; passed through.
        received: the message's own time, with a time zone, so that a message always gives the same article; None if
            it is unknown: no date is then checked for lying in the future.
        max_bytes: the largest message to read.
        paths: where JSON has our fields (``COPYDESK_FIELDS``); they come before what its format says.

    Raises:
        RejectedError: the message is refused, with the reason; nothing else is raised, whatever the bytes.
    """
    message = reading.read(value, max_bytes, paths)
    page = html.extract(message.text, message.record.url) if message.is_page else None
    text = message.text if page is None else page.body
    if len(text) > MAX_TEXT_CHARS:
        raise RejectedError(
            Reason.TOO_LARGE,
            f"the text has {len(text):,} characters, and the limit is {MAX_TEXT_CHARS:,}; send one article per message",
        )
    if page is None and (kind := no_article.text_kind(message.record.headline, text)):
        raise no_article.refuse(kind, "text")
    text = tidy(text) if page is not None else plain.tidied(text)
    context = _context(message.record, page, received, text)
    candidates = {Source.MESSAGE: from_message(message.record, context, message.warnings)}
    if page is not None:
        candidates[Source.PAGE] = from_page(page, context)

    segments = segment(
        text,
        merge(candidates).headline or "",
        candidates[Source.MESSAGE].summary,
        context,
        is_bare=message.is_bare and page is None,
        is_plain=page is None,
    )
    if not any(map(str.isalpha, segments.body)):
        raise _no_text(message, segments)
    candidates[Source.TEXT] = from_text(segments)
    candidates[Source.DERIVED] = derive(merge(candidates), context)
    chosen = merge(candidates)

    every = {"published": chosen.published, "modified": chosen.modified, "fetched": chosen.fetched}
    found = {field: date for field, date in every.items() if date}
    headline = chosen.headline or ""
    place = chosen.canonical_url or chosen.url or chosen.source or ""
    return CleanArticle(
        id=article_id(place, headline, segments.body),
        origin=origin,
        headline=headline,
        body=segments.body,
        language=language.language(segments.body, chosen.language),
        summary=chosen.summary,
        byline=chosen.byline or (),
        dateline=chosen.dateline,
        agency=chosen.agency,
        credits=tuple(dict.fromkeys(segments.credits)),
        captions=tuple(dict.fromkeys((*segments.captions, *(_page_captions(page))))),
        published=chosen.published and chosen.published.time,
        modified=chosen.modified and chosen.modified.time,
        fetched=chosen.fetched and chosen.fetched.time,
        date_sources={field: date.source for field, date in found.items()},
        dates_without_zone=tuple(field for field, date in found.items() if not date.has_zone),
        source=chosen.source,
        source_id=None if message.record.id is None else str(message.record.id),
        url=chosen.url,
        canonical_url=chosen.canonical_url,
        keywords=chosen.keywords or (),
        section=chosen.section,
        status=message.record.status or Status.USABLE,
        notice=notices.notice(message.record, headline, text, context),
        truncated=message.record.truncated or (page is not None and page.truncated),
        left_out=tuple(LeftOut(kind=kind, characters=size) for kind, size in page.left_out.items()) if page else (),
        removed=segments.removed,
        warnings=tuple(warning for source in candidates.values() for warning in source.warnings or ()),
    )


def _no_text(message: RawInput, segments: Segments) -> RejectedError:
    """The refusal of a message of which no text is left."""
    read_as = f"a page in {message.format}" if message.is_page and message.format != "text" else message.format
    rules = ", ".join(dict.fromkeys(removed.rule for removed in segments.removed[:_MAX_NAMED_RULES]))
    remedy = (
        "send a page whose HTML has the text of an article, as a browser has it once scripts have run"
        if message.is_page
        else "send the text of an article"
    )
    return RejectedError(
        Reason.NO_BODY,
        f"the message was read as {'a page' if message.is_page and read_as == 'text' else read_as}; no text is left of "
        f"its {len(segments.text):,} characters once boilerplate is removed ({rules or 'they have no letters'}); "
        f"{message.hint or remedy}",
    )


def _context(record: RawArticle, page: html.Page | None, received: datetime | None, text: str) -> dates.Context:
    """What decides how to read the article's dates."""
    return dates.Context(
        received,
        record.language or (page.language if page else None),
        record.url or (next(iter(page.urls), None) if page else None),
        text,
    )


def article_id(place: str, headline: str, body: str) -> str:
    """Return the id of an article, 16 hexadecimal digits.

    The same place (URL or source), headline and words give the same id.
    """
    words = " ".join(headlines.words(body))
    key = "\0".join((place, headline, words)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(key, digest_size=8).hexdigest()


def _page_captions(page: html.Page | None) -> Iterator[Caption]:
    """Yield the captions of the pictures of a page, each with its credit if it ends with one."""
    for text in map(one_line, page.captions if page else ()):
        if text:
            found = captions.caption(text)
            yield found if found is not None and found.text else Caption(text=text)
