"""The clean stage: turns a raw message into a clean article."""

from __future__ import annotations

import hashlib
from datetime import datetime

from schemas.records import CleanArticle, Origin, Status
from workers.clean.candidates import Source, derive, from_message, from_page, from_text, merge
from workers.clean.fields import headlines, language
from workers.clean.input import formats, html
from workers.clean.segments import segment
from workers.clean.text import MAX_TEXT_CHARS, tidy
from workers.errors import RejectedError
from workers.outcomes import Reason


def clean(
    value: bytes | None, origin: Origin, received: datetime | None, *, max_bytes: int = formats.MAX_BYTES
) -> CleanArticle:
    """Return the clean article of a raw message.

    Args:
        value: the message, in any accepted format.
        origin: the message's coordinates in the stream; passed through.
        received: the message's own time, with a time zone, so that a message always gives the same article; None if
            it is unknown: no date is then checked for lying in the future.
        max_bytes: the largest message to read.

    Raises:
        RejectedError: the message is refused, with the reason; nothing else is raised, whatever the bytes.
    """
    message = formats.read(value, max_bytes)
    page = html.extract(message.text, message.record.url) if message.is_page else None
    text = message.text if page is None else page.body
    if len(text) > MAX_TEXT_CHARS:
        raise RejectedError(
            Reason.TOO_LARGE,
            f"the text has {len(text):,} characters, and the limit is {MAX_TEXT_CHARS:,}; send one article per message",
        )
    candidates = {Source.MESSAGE: from_message(message.record, received)}
    if page is not None:
        candidates[Source.PAGE] = from_page(page, received)

    segments = segment(
        tidy(text),
        merge(candidates).headline or "",
        candidates[Source.MESSAGE].summary,
        received,
        is_bare=message.is_bare and page is None,
    )
    if not any(map(str.isalpha, segments.body)):
        raise RejectedError(
            Reason.NO_BODY, "no text is left once boilerplate is removed; send the text of an article as the body"
        )
    candidates[Source.TEXT] = from_text(segments)
    candidates[Source.DERIVED] = derive(merge(candidates))
    chosen = merge(candidates)

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
        captions=tuple(dict.fromkeys(segments.captions)),
        published=chosen.published,
        modified=chosen.modified,
        fetched=chosen.fetched,
        source=chosen.source,
        source_id=None if message.record.id is None else str(message.record.id),
        url=chosen.url,
        canonical_url=chosen.canonical_url,
        keywords=chosen.keywords or (),
        section=chosen.section,
        status=message.record.status or Status.USABLE,
        removed=segments.removed,
    )


def article_id(place: str, headline: str, body: str) -> str:
    """Return the id of an article, 16 hexadecimal digits.

    The same place (URL or source), headline and words give the same id.
    """
    words = " ".join(headlines.words(body))
    key = "\0".join((place, headline, words)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(key, digest_size=8).hexdigest()
