"""Splits the bytes of a file into its articles: feeds, lists of JSON, responses of APIs, WARC files, mailboxes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr
from itertools import count
from typing import Any

import orjson
from lxml import etree
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParserException

from workers.clean.input import emails
from workers.clean.input.content import read_all
from workers.clean.input.envelopes import articles_of
from workers.clean.input.formats import feeds, xml_root
from workers.clean.input.formats.schemaorg import only_article
from workers.clean.input.responses import RECORD_TYPES
from workers.clean.input.xml_tree import parse_xml

Part = tuple[str, bytes]
"""Where an article is in its file (``item 3``; empty if it is the whole file), and its bytes."""

_HEAD_BYTES = 8_000
_SAMPLE_LINES = 20


def split(data: bytes) -> Iterator[Part]:
    """The articles in a file; the file itself if it has only one, or cannot be read."""
    head = data[:_HEAD_BYTES].lstrip()
    if head[:1] in (b"{", b"["):
        parts = _items(data)
    elif head[:1] == b"<" and xml_root(head.decode("utf-8", "ignore")) in feeds.ROOTS:
        parts = _entries(data)
    elif head.startswith(b"From ") and emails.is_email(head):
        parts = [(f"e-mail {number}", mail) for number, mail in enumerate(emails.split(data), start=1)]
    else:
        parts = []
    yield from parts if len(parts) > 1 else [("", data)]


def split_warc(stream: Any, max_bytes: int) -> Iterator[Part]:
    """The records with pages in a WARC file, one by one; of a larger one come ``max_bytes`` + 1 bytes.

    Raises:
        ValueError: the file is damaged.
    """
    records = ArchiveIterator(stream, no_record_parse=True)
    try:
        for number in count(1):
            with redirect_stderr(io.StringIO()):  # it prints what it finds odd, control characters included
                record = next(records, None)
            if record is None:
                return
            if record.rec_type in RECORD_TYPES:
                content = read_all(record.raw_stream, max_bytes)
                if len(content) < min(record.length or 0, max_bytes):
                    raise ValueError(f"its record {number} ends too early")
                yield f"record {number}", _head(record.rec_headers) + content + b"\r\n\r\n"
    except (ArchiveLoadFailed, StatusAndHeadersParserException, AttributeError) as error:
        raise ValueError(f"its WARC records are damaged ({type(error).__name__})") from error


def _head(headers: StatusAndHeaders) -> bytes:
    """The headers of a record, with escapes in their values for what is not ASCII."""
    try:
        return headers.to_ascii_bytes()  # type: ignore[no-any-return]
    except UnicodeEncodeError:  # in a name
        return headers.to_bytes(encoding="utf-8")  # type: ignore[no-any-return]


def _items(data: bytes) -> list[Part]:
    """The articles of a JSON list or response, or of lines of JSON."""
    try:
        articles = articles_of(_parsed(data))
    except (ValueError, RecursionError):
        lines = data.splitlines()
        heads = [line.strip() for line in lines[:_SAMPLE_LINES] if line.strip()]
        if 2 * sum(line[:1] == b"{" and line[-1:] == b"}" for line in heads) < len(heads):
            return []
        return [(f"line {number}", line) for number, line in enumerate(lines, start=1) if line.strip()]
    if only_article(articles) is not None:
        return []  # objects of JSON-LD, of which one is the article
    try:
        return [(f"item {number}", json.dumps(article).encode()) for number, article in enumerate(articles, start=1)]
    except RecursionError:  # nobody can read what is nested so deeply
        return []


def _parsed(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return json.loads(data.decode("utf-8-sig", "replace"), strict=False)  # takes NaN and lone surrogates


def _entries(data: bytes) -> list[Part]:
    """The items of a feed, each in the feed without the others."""
    root = parse_xml(data)
    if root is None:
        return []
    places = [(item, item.getparent()) for item in feeds.items(root)]
    for item, parent in places:
        if parent is not None:
            parent.remove(item)
    parts = []
    for number, (item, parent) in enumerate(places, start=1):
        if parent is None:
            return []
        parent.append(item)
        parts.append((f"item {number}", etree.tostring(root, encoding="utf-8", xml_declaration=True)))
        parent.remove(item)
    return parts
