"""The accepted formats, recognised by their shape: our JSON, a JSON string, bare HTML, bare text."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields, replace

import orjson

from schemas.codec import convert
from schemas.errors import InvalidRecordError
from schemas.records import RawArticle
from workers.clean.input import html
from workers.clean.text import MAX_FIELD, decode
from workers.errors import RejectedError
from workers.outcomes import Reason

MAX_BYTES = 8 * 1024 * 1024
"""The largest raw message that is read."""

_BOUNDED = frozenset({"body", "text", "html", "keywords"})  # elsewhere


@dataclass(frozen=True, slots=True)
class Message:
    """A raw message once read: its record, its text or page, and whether the text is bare (its headline first)."""

    record: RawArticle
    text: str
    is_page: bool
    is_bare: bool


def read(value: bytes | None, max_bytes: int = MAX_BYTES) -> Message:
    """The message that the bytes hold.

    Raises:
        RejectedError: EMPTY, TOO_LARGE, UNREADABLE, INVALID_ENCODING, INVALID_JSON, INVALID_FIELD or NO_BODY.
    """
    if value is None:
        raise RejectedError(Reason.EMPTY, "the message has no value")
    if len(value) > max_bytes:
        raise RejectedError(Reason.TOO_LARGE, f"{len(value):,} bytes, and at most {max_bytes:,} are read")
    if not value.strip():
        raise RejectedError(Reason.EMPTY, "the message holds nothing but white space")
    text = decode(value).strip()
    if not text:
        raise RejectedError(Reason.EMPTY, "the message holds nothing but white space")
    if text[0] in "{[":
        return _from_json(_parse(text))
    if text[0] == '"' and text[-1] == '"':
        with suppress(orjson.JSONDecodeError):  # or else a text that begins and ends with a quotation
            text = str(orjson.loads(text)).strip()
        if not text:
            raise RejectedError(Reason.EMPTY, "the message is an empty JSON string")
    elif text == "null":
        raise RejectedError(Reason.EMPTY, "the message is null")
    return Message(RawArticle(), text, is_page=html.is_page(text), is_bare=True)


def _parse(text: str) -> object:
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, orjson.JSONDecodeError) else ""
        raise RejectedError(
            Reason.INVALID_JSON, f"begins as JSON and does not parse{where}: {_first_words(error)}"
        ) from error


def _first_words(error: Exception) -> str:
    return str(error).partition(":")[0]


def _from_json(value: object) -> Message:
    if not isinstance(value, dict):
        raise RejectedError(Reason.INVALID_FIELD, "$: an array, and one article a message is expected: a JSON object")
    try:
        record = convert(value, RawArticle)
    except InvalidRecordError as error:
        raise RejectedError(Reason.INVALID_FIELD, str(error)) from error
    for field in fields(record):
        if field.name not in _BOUNDED and (length := _length(getattr(record, field.name))) > MAX_FIELD:
            raise RejectedError(
                Reason.TOO_LARGE, f"$.{field.name}: {length:,} characters, and at most {MAX_FIELD:,} are read"
            )
    for text in (record.body, record.text):
        if text is not None and text.strip():
            bare = replace(record, body=None, text=None, html=None)
            return Message(bare, text, is_page=html.is_page(text), is_bare=False)
    if record.html is not None and record.html.strip():
        return Message(replace(record, body=None, text=None, html=None), record.html, is_page=True, is_bare=False)
    raise RejectedError(Reason.NO_BODY, "none of the fields body, text and html holds any text")


def _length(value: object) -> int:
    """The characters of a field, those of a list with one for each item."""
    match value:
        case str():
            return len(value)
        case list():
            return sum(map(_length, value)) + len(value)
        case _:
            return 0
