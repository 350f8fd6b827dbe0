"""Takes an article out of what it was sent in: compression, HTTP responses, WARC records, e-mails, JSON envelopes."""

from __future__ import annotations

import base64
import binascii
import email
import email.policy
import gzip
import io
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.message import EmailMessage
from typing import Any

import zstandard
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeadersParser, StatusAndHeadersParserException

from workers.errors import RejectedError
from workers.outcomes import Reason

_MAX_LAYERS = 5
_RECORD_TYPES = frozenset({"response", "resource", "conversion"})
_SEVERAL = ("articles", "results", "items", "stories", "posts", "docs", "entries")
_SINGLE = ("_source", "article", "data", "item", "record", "document", "value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Bytes without their wrappers, and what the wrappers said about them."""

    data: bytes
    charset: str | None = None
    fields: Mapping[str, Any] | None = None
    """Fields of the article that a wrapper has: the URL of a response, the subject of an e-mail."""


def unwrap(data: bytes, max_bytes: int) -> Content:
    """Return the bytes without compression, HTTP, WARC and e-mail around them.

    Raises:
        RejectedError: UNREADABLE for a wrapper that is broken or holds no article; TOO_LARGE if more than ``max_bytes``
            come out of it.
    """
    content = Content(data=data)
    for _ in range(_MAX_LAYERS):
        unwrapper = _unwrapper(content.data)
        if unwrapper is None:
            return content
        inner = unwrapper(content.data, max_bytes)
        content = replace(
            inner, charset=inner.charset or content.charset, fields={**(content.fields or {}), **(inner.fields or {})}
        )
    return content


def _unwrapper(data: bytes) -> Callable[[bytes, int], Content] | None:
    head = data[:1_000].lstrip()
    if data.startswith(b"\x1f\x8b"):
        return _inflate(lambda stream: gzip.GzipFile(fileobj=stream))
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        return _inflate(lambda stream: zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True))
    if data[:2] in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"):
        return _from_zlib
    if head.startswith(b"WARC/"):
        return _from_warc
    if head.startswith((b"HTTP/1.", b"HTTP/2")):
        return lambda data, max_bytes: _from_http(io.BytesIO(data.lstrip()), max_bytes)
    if _is_email(head):
        return _from_email
    return None


def _inflate(open_stream: Callable[[io.BytesIO], Any]) -> Callable[[bytes, int], Content]:
    def inflate(data: bytes, max_bytes: int) -> Content:
        try:
            inflated = open_stream(io.BytesIO(data)).read(max_bytes + 1)
        except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
            raise _broken("compressed", error) from error
        return Content(data=_within(inflated, max_bytes))

    return inflate


def _from_zlib(data: bytes, max_bytes: int) -> Content:
    try:
        return Content(data=_within(zlib.decompressobj().decompress(data, max_bytes + 1), max_bytes))
    except zlib.error as error:
        raise _broken("compressed", error) from error


def _from_warc(data: bytes, max_bytes: int) -> Content:
    try:
        records = [record for record in ArchiveIterator(io.BytesIO(data.lstrip())) if record.rec_type in _RECORD_TYPES]
        if len(records) > 1:
            raise _several(len(records), "WARC records")
        # The iterator reads on, so the record must be read while it is the current one.
        for record in ArchiveIterator(io.BytesIO(data.lstrip())):
            if record.rec_type in _RECORD_TYPES:
                return _from_record(record, max_bytes)
    except (ArchiveLoadFailed, OSError, ValueError, EOFError) as error:
        raise _broken("a WARC record", error) from error
    raise RejectedError(Reason.NO_BODY, "the WARC record is no response; send records of the type response")


def _from_record(record: ArcWarcRecord, max_bytes: int) -> Content:
    headers = record.rec_headers
    fields = {"url": headers.get_header("WARC-Target-URI"), "fetched": headers.get_header("WARC-Date")}
    if record.http_headers is None:
        kind = headers.get_header("Content-Type") or ""
        return Content(data=_within(record.content_stream().read(max_bytes + 1), max_bytes), charset=_charset(kind),
                       fields=fields)  # fmt: skip
    kind = record.http_headers.get_header("Content-Type") or ""
    return Content(data=_within(record.content_stream().read(max_bytes + 1), max_bytes), charset=_charset(kind),
                   fields=fields)  # fmt: skip


def _from_http(stream: io.BytesIO, max_bytes: int) -> Content:
    # A response is a WARC record's payload, so that warcio reads it, chunks and compression included.
    try:
        headers = StatusAndHeadersParser(["HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/2.0"]).parse(stream)
        record = ArcWarcRecord("http", "response", _NO_HEADERS, stream, headers, "", None)
        data = record.content_stream().read(max_bytes + 1)
    except (StatusAndHeadersParserException, OSError, EOFError, ValueError) as error:
        raise _broken("an HTTP response", error) from error
    location = headers.get_header("Content-Location") or ""
    return Content(
        data=_within(data, max_bytes),
        charset=_charset(headers.get_header("Content-Type") or ""),
        fields={"url": location if location.startswith("http") else None, "fetched": headers.get_header("Date")},
    )


def _is_email(head: bytes) -> bool:
    names = {line.partition(b":")[0].strip().lower() for line in head.split(b"\n")[:40] if b":" in line}
    starts = head.partition(b":")[0].strip().lower()
    return len(names & {b"from", b"subject", b"date", b"mime-version", b"message-id", b"received"}) >= 3 and (
        starts.replace(b"-", b"").isalpha()
    )


def _from_email(data: bytes, max_bytes: int) -> Content:
    message = email.message_from_bytes(data.lstrip(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    part = message.get_body(("html", "plain"))
    payload = part.get_payload(decode=True) if part is not None else None
    if part is None or not isinstance(payload, bytes):
        raise RejectedError(Reason.NO_BODY, "the e-mail has neither a text nor an HTML part; send one that has")
    return Content(
        data=_within(payload, max_bytes),
        charset=part.get_content_charset(),
        fields={
            "headline": message["subject"],
            "published": message["date"],
            "byline": None,
            "id": message["message-id"],
        },
    )


def _charset(content_type: str) -> str | None:
    message = EmailMessage()
    try:
        message["Content-Type"] = content_type
        return message.get_content_charset()
    except (ValueError, LookupError):
        return None


class _NoHeaders:
    @staticmethod
    def get_header(name: str, default: str | None = None) -> str | None:
        return default


_NO_HEADERS = _NoHeaders()


def unwrap_json(value: object) -> object:
    """Return the article in a JSON value: out of lists of one, envelopes and change events; bytes if they were base64.

    Raises:
        RejectedError: EMPTY for a deletion; INVALID_FIELD for several articles.
    """
    for _ in range(_MAX_LAYERS):
        inner = _inner(value)
        if inner is value:
            break
        value = inner
    return value


def _inner(value: Any) -> Any:
    """What a JSON value wraps; the value itself if it wraps nothing."""
    if isinstance(value, list) and value:
        if len(value) > 1:
            raise _several(len(value), "articles")
        return value[0]
    if not isinstance(value, dict):
        return value
    if "specversion" in value and ("data" in value or "data_base64" in value):  # CloudEvents
        return _from_base64(value["data_base64"]) if "data_base64" in value else value["data"]
    if value.keys() == {"schema", "payload"}:  # Kafka Connect
        return value["payload"]
    if "op" in value and ("after" in value or "before" in value):  # Debezium
        if value.get("after") is None:
            raise RejectedError(Reason.EMPTY, "the change event is a deletion; send the article, or nothing")
        return value["after"]
    for key in _SINGLE:
        if isinstance(inner := value.get(key), dict) and not _has_text(value):
            return inner
    for key in _SEVERAL:
        inner = value.get(key)
        inner = inner.get("results") if isinstance(inner, dict) else inner
        if isinstance(inner, list) and inner and isinstance(inner[0], dict) and not _has_text(value):
            return inner
    return value


def _has_text(value: Mapping[str, Any]) -> bool:
    return any(isinstance(value.get(key), str) for key in ("body", "text", "html", "content", "headline", "title"))


def _from_base64(value: object) -> bytes:
    try:
        return base64.b64decode(str(value), validate=False)
    except (binascii.Error, ValueError) as error:
        raise _broken("base64 data", error) from error


def _within(data: bytes, max_bytes: int) -> bytes:
    if len(data) > max_bytes:
        raise RejectedError(
            Reason.TOO_LARGE, f"the message unpacks to more than {max_bytes:,} bytes; send one article per message"
        )
    return data


def _broken(what: str, error: Exception) -> RejectedError:
    return RejectedError(Reason.UNREADABLE, f"the message is {what} and cannot be unpacked ({type(error).__name__})")


def _several(count: int, what: str) -> RejectedError:
    return RejectedError(
        Reason.INVALID_FIELD,
        f"the message holds {count:,} {what}; send one article per message (`copydesk publish` splits files)",
    )
