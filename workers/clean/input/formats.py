"""The accepted formats, recognised by their shape: our own JSON, a JSON string, bare HTML, bare text."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import orjson

from schemas.records import FieldWarning, RawArticle
from workers.clean.input import html
from workers.clean.input.decoding import decode
from workers.clean.input.lenient import read_fields
from workers.errors import RejectedError
from workers.outcomes import Reason

MAX_BYTES = 8 * 1024 * 1024
"""The largest raw message that is read."""

_SEND_TEXT = "send a JSON object, an HTML page or plain text"


@dataclass(frozen=True, slots=True)
class RawInput:
    """A raw message after decoding: its record and its text or page.

    ``is_bare``: the text is the whole message, so its first line may be the headline. ``warnings``: the fields that
    could not be used.
    """

    record: RawArticle
    text: str
    is_page: bool
    is_bare: bool
    warnings: tuple[FieldWarning, ...] = ()


def read(value: bytes | None, max_bytes: int = MAX_BYTES) -> RawInput:
    """Return the input that the bytes hold.

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
    if not value.strip():
        raise RejectedError(Reason.EMPTY, f"the message is only white space; {_SEND_TEXT}")
    text = decode(value).strip()
    if not text:
        raise RejectedError(Reason.EMPTY, f"the message is only white space; {_SEND_TEXT}")
    if text[0] in "{[":
        return _from_json(_parse(text))
    if text[0] == '"' and text[-1] == '"':
        with suppress(orjson.JSONDecodeError):  # if it is not JSON, it is a text that starts and ends with a quotation
            text = str(orjson.loads(text)).strip()
        if not text:
            raise RejectedError(Reason.EMPTY, f"the message is an empty JSON string; {_SEND_TEXT}")
    elif text == "null":
        raise RejectedError(Reason.EMPTY, f"the message is null; {_SEND_TEXT}")
    return RawInput(RawArticle(), text, is_page=html.is_page(text), is_bare=True)


def _parse(text: str) -> object:
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        where = f" at line {error.lineno}, column {error.colno}" if isinstance(error, orjson.JSONDecodeError) else ""
        raise RejectedError(
            Reason.INVALID_JSON,
            f"the message starts like JSON but does not parse{where} ({_without_text(error)}); send valid JSON",
        ) from error


def _without_text(error: Exception) -> str:
    """Return what the parser says up to its first colon; what follows may quote the article."""
    return str(error).partition(":")[0]


def _from_json(value: object) -> RawInput:
    if not isinstance(value, dict):
        raise RejectedError(
            Reason.INVALID_FIELD, "$: expected an object, found an array; send one article per message, as an object"
        )
    record, warnings = read_fields(value)
    without_text = replace(record, body=None, text=None, html=None)
    for text in (record.body, record.text):
        if text is not None and text.strip():
            return RawInput(without_text, text, is_page=html.is_page(text), is_bare=False, warnings=warnings)
    if record.html is not None and record.html.strip():
        return RawInput(without_text, record.html, is_page=True, is_bare=False, warnings=warnings)
    raise RejectedError(Reason.NO_BODY, "the fields body, text and html are all missing or empty; send one of them")
