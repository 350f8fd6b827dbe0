"""The source of a raw message, read without cleaning it; also of one that is refused."""

from __future__ import annotations

from lxml import etree

from workers.clean.candidates import source_of
from workers.clean.input import reading
from workers.clean.input.html_limits import parse
from workers.clean.input.html_metadata import Metadata, metadata
from workers.clean.input.reading import FieldPaths
from workers.errors import RejectedError


def source(value: bytes | None, paths: FieldPaths | None = None) -> str | None:
    """Return the source that the clean article of a raw message has or would have; None if it cannot be told.

    It is what the message calls its source, else the host of its URL or of the canonical one, else the name that its
    page gives the site. A message that cannot be read (broken JSON, bytes that are no text) has none.

    Args:
        value: the message.
        paths: where JSON has our fields (``COPYDESK_FIELDS``).
    """
    try:
        message = reading.read_with_or_without_text(value, paths=paths)
        page = _declared(message.text, message.record.url) if message.is_page else None
    except RejectedError:
        return None
    return source_of(message.record, page)


def _declared(page: str, url: str | None) -> Metadata | None:
    try:
        return metadata(parse(page), url)
    except (RecursionError, etree.LxmlError, ValueError, AssertionError):  # as when it is cleaned
        return None
