"""Bytes to an article's fields and text, whatever format they are in.

The way of a message: ``wrappers`` take it out of compression, HTTP, WARC or e-mail, ``decoding`` makes it text, and
then it is JSON (``formats``), XML (``formats``), an HTML page or plain text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import orjson
from lxml import etree

from schemas.records import FieldWarning, RawArticle
from workers.clean.input import html
from workers.clean.input.decoding import decode
from workers.clean.input.formats import JSON_FORMATS, XML_FORMATS, format_of, misspelt
from workers.clean.input.formats.base import Element, Fields, Json, picked
from workers.clean.input.lenient import read_fields
from workers.clean.input.wrappers import Content, unwrap, unwrap_json
from workers.errors import RejectedError
from workers.outcomes import Reason

MAX_BYTES = 8 * 1024 * 1024
"""The largest raw message that is read, also after unpacking."""

FieldPaths = Mapping[str, Sequence[str]]
"""Dotted paths into a JSON object, by the field of ``RawArticle`` that they fill."""

_SEND_TEXT = "send a JSON object, an HTML page or plain text"
_XML_START = re.compile(r"\s*(?:<\?xml\b|<(?:[\w.-]+:)?(?:rss|rdf|feed|item|entry|channel|nitf|doc)\b)", re.IGNORECASE)
_HTML_ROOT = re.compile(r"<html\b|<!doctype html", re.IGNORECASE)
_ROOT_SEARCH_CHARS = 2_000
_MAX_LAYERS = 5
"""Texts within texts: JSON in a JSON string, base64 in an event."""


@dataclass(frozen=True, slots=True)
class RawInput:
    """A raw message after reading: its record and its text or page.

    ``is_bare``: the text is the whole message, so its first line may be the headline. ``warnings``: the fields that
    could not be used. ``format``: the name of the format.
    """

    record: RawArticle
    text: str
    is_page: bool
    is_bare: bool
    warnings: tuple[FieldWarning, ...] = ()
    format: str = "text"


def read(value: bytes | None, max_bytes: int = MAX_BYTES, paths: FieldPaths | None = None) -> RawInput:
    """Return the input that the bytes hold.

    Args:
        value: the message.
        max_bytes: the largest message to read.
        paths: where other JSON has our fields (``COPYDESK_FIELDS``); they come before what a format says.

    Raises:
        RejectedError: EMPTY, TOO_LARGE, UNREADABLE, INVALID_ENCODING, INVALID_JSON, INVALID_FIELD or NO_BODY.
    """
    if value is None:
        raise RejectedError(Reason.EMPTY, f"the message has no value; {_SEND_TEXT}")
    if len(value) > max_bytes:
        raise RejectedError(
            Reason.TOO_LARGE,
            f"the message has {len(value):,} bytes, and the limit is {max_bytes:,}; send one article per message",
        )
    return _read(unwrap(value, max_bytes), max_bytes, paths or {})


def _read(content: Content, max_bytes: int, paths: FieldPaths, depth: int = 0) -> RawInput:
    decoded = decode(content.data, content.charset)
    text = decoded.text.strip()
    if not text or depth > _MAX_LAYERS:
        raise RejectedError(Reason.EMPTY, f"the message is only white space; {_SEND_TEXT}")
    found = _recognise(text, content, max_bytes, paths, depth)
    if decoded.replaced:
        count = f"{decoded.replaced:,} bytes do not fit the encoding of the text and were replaced or dropped"
        found = replace(found, warnings=(*found.warnings, FieldWarning(field="encoding", value="", problem=count)))
    return found


def _recognise(text: str, content: Content, max_bytes: int, paths: FieldPaths, depth: int) -> RawInput:
    outer = {name: value for name, value in (content.fields or {}).items() if value}
    if text[0] in "{[" or text[0] == text[-1] == '"':
        value = unwrap_json(_parse(text))
        if isinstance(value, dict):
            return _from_json(value, outer, paths)
        if isinstance(value, bytes):
            return _read(unwrap(value, max_bytes), max_bytes, paths, depth + 1)
        if not isinstance(value, str):
            raise RejectedError(Reason.INVALID_FIELD, f"$: expected an object with an article; {_SEND_TEXT}")
        if value != text:
            inner = Content(data=value.encode("utf-8", "replace"), fields=outer)
            return _read(inner, max_bytes, paths, depth + 1)
    if text == "null":
        raise RejectedError(Reason.EMPTY, f"the message is null; {_SEND_TEXT}")
    if _XML_START.match(text) and not _HTML_ROOT.search(text[:_ROOT_SEARCH_CHARS]):
        root = _xml(text)
        if root is not None and (format := format_of(root, XML_FORMATS)):
            return _from_fields(format.read(root) | outer, format.name)
    record, warnings = read_fields(outer)
    return RawInput(record, text, is_page=html.is_page(text), is_bare=not record.headline, warnings=warnings)


def _parse(text: str) -> object:
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        # Python's parser is slower and takes what some programs write: NaN, lone surrogates, raw line ends.
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            if text[0] == '"':
                return text  # a text that starts and ends with a quotation
            where = (
                f" at line {error.lineno}, column {error.colno}" if isinstance(error, orjson.JSONDecodeError) else ""
            )
            raise RejectedError(
                Reason.INVALID_JSON,
                f"the message starts like JSON but does not parse{where} ({_without_text(error)}); send valid JSON",
            ) from error


def _without_text(error: Exception) -> str:
    """Return what the parser says up to its first colon; what follows may quote the article."""
    return str(error).partition(":")[0]


def _xml(text: str) -> Element | None:
    """The root element; None if the text is not XML. Entities and references to other files are not followed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _from_json(document: Json, outer: Fields, paths: FieldPaths) -> RawInput:
    format = format_of(document, JSON_FORMATS)
    assert format is not None, "the last format matches everything"
    found = _from_fields(outer | format.read(document) | picked(**paths)(document), format.name)
    return replace(found, warnings=(*found.warnings, *misspelt(document)))


def _from_fields(values: Fields, format: str) -> RawInput:
    record, warnings = read_fields(values)
    without_text = replace(record, body=None, text=None, html=None)
    for text in (record.body, record.text):
        if text is not None and text.strip():
            return RawInput(without_text, text, html.is_page(text), is_bare=False, warnings=warnings, format=format)
    if record.html is not None and record.html.strip():
        return RawInput(without_text, record.html, is_page=True, is_bare=False, warnings=warnings, format=format)
    raise RejectedError(
        Reason.NO_BODY,
        f"read as {format}, the message has no text: body, text and html are missing or empty; send one of them",
    )
