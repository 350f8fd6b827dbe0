"""Takes an article out of what its bytes were sent in: compression, base64, HTTP responses, WARC records, e-mails."""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any

import zstandard
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeadersParser, StatusAndHeadersParserException

from workers.clean.input import emails
from workers.errors import RejectedError
from workers.outcomes import Reason

MAX_LAYERS = 5
"""Wrappers within wrappers that are opened."""

RECORD_TYPES = frozenset({"response", "resource", "conversion"})
"""The types of WARC records that have pages."""
_HTTP_VERSIONS = ["HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/2.0", "HTTP/3"]
_FIRST_ERROR_STATUS = 400
_MAX_HEAD_BYTES = 200_000
_MAX_PARTS = 50_000
_MAX_RECORDS = 1_000
_BASE64 = re.compile(rb"(?:eyJ|H4sI|KLUv|PCFE|PGh0bW|PD94bW)[A-Za-z0-9+/_\s-]{40,}={0,2}\s*")
"""Base64 of a JSON object, gzip, zstd, an HTML page or XML."""
_REGISTERED_JSON = re.compile(rb"\x00\x00\x00..[{\[\"<]", re.DOTALL)
"""The head that a schema registry's JSON serialiser puts before its JSON: a zero and the id of the schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Bytes without their wrappers, and what the wrappers said about them.

    ``fields`` has the fields of the article that a wrapper knows: the URL of a response, the subject of an e-mail.
    """

    data: bytes
    charset: str | None = None
    fields: Mapping[str, Any] | None = None


Unwrapper = Callable[[bytes, int], Content]


def unwrap(data: bytes, max_bytes: int) -> Content:
    """Return the bytes without compression, base64, HTTP, WARC and e-mail around them.

    Raises:
        RejectedError: UNREADABLE for a wrapper that is broken or holds no article; TOO_LARGE if more than ``max_bytes``
            come out of it; INVALID_FIELD if it holds several articles.
    """
    charset: str | None = None
    fields: dict[str, Any] = {}
    for _ in range(MAX_LAYERS):
        unwrapper = _unwrapper(data)
        if unwrapper is None:
            break
        content = unwrapper(data, max_bytes)
        if len(content.data) > max_bytes:
            raise RejectedError(
                Reason.TOO_LARGE, f"the message unpacks to more than {max_bytes:,} bytes; send one article per message"
            )
        data, charset = content.data, content.charset or charset
        # The outer wrapper is the crawler's own, so it knows better.
        fields = {name: value for name, value in (content.fields or {}).items() if value} | fields
    else:
        if _unwrapper(data):
            raise RejectedError(
                Reason.UNREADABLE, f"the message is wrapped more than {MAX_LAYERS} times; send it with fewer wrappers"
            )
    return Content(data=data, charset=charset, fields=fields)


def several(count: int, what: str) -> RejectedError:
    """Return the refusal of a message that holds more than one article."""
    return RejectedError(
        Reason.INVALID_FIELD,
        f"the message holds {count:,} {what}; send one article per message (`copydesk publish` splits files)",
    )


def broken(what: str, error: Exception) -> RejectedError:
    """Return the refusal of a wrapper that cannot be opened."""
    return RejectedError(
        Reason.UNREADABLE,
        f"the message looks like {what} but cannot be unpacked ({type(error).__name__}); send it whole, or unpacked",
    )


def from_base64(value: object) -> bytes:
    """Return the bytes of a base64 text, in either alphabet, with or without padding.

    Raises:
        RejectedError: UNREADABLE, it is not base64.
    """
    text = re.sub(r"\s+", "", str(value)).translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise broken("base64", error) from error


def charset_of(content_type: str | None) -> str | None:
    """Return the charset in a content type, which may be malformed; None if it has none."""
    message = Message()
    message["Content-Type"] = content_type or ""
    try:
        charset = message.get_param("charset")
    except (ValueError, LookupError):
        return None
    return charset if isinstance(charset, str) else None


def _unwrapper(data: bytes) -> Unwrapper | None:
    head = data[:8_000].lstrip()
    if data.startswith(b"\x1f\x8b"):
        return _inflate("gzip", lambda stream: gzip.GzipFile(fileobj=stream))
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        return _inflate(
            "zstd", lambda stream: zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
        )
    if _is_zlib(data):
        return _from_zlib
    if head.startswith(b"WARC/"):
        return _from_warc
    if head.startswith(b"HTTP/") and head[5:6].isdigit():
        return _from_http
    if _REGISTERED_JSON.match(head):
        return lambda data, max_bytes: Content(data=data[5:])
    if _BASE64.match(head) and _BASE64.fullmatch(data.strip()):
        return lambda data, max_bytes: Content(data=from_base64(data.decode("ascii")))
    if emails.is_email(head):
        return _from_email
    return None


def _inflate(what: str, open_stream: Callable[[io.BytesIO], Any]) -> Unwrapper:
    def inflate(data: bytes, max_bytes: int) -> Content:
        try:
            return Content(data=_read(open_stream(io.BytesIO(data)), max_bytes))
        except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
            raise broken(what, error) from error

    return inflate


def _read(stream: Any, max_bytes: int) -> bytes:
    """The bytes of a stream, of which a read may give only a part; one more than allowed, if there are more."""
    parts, room = [], max_bytes + 1
    while room > 0 and (part := stream.read(room)):
        parts.append(part)
        room -= len(part)
        if len(parts) > _MAX_PARTS:
            raise ValueError("too many parts")
    return b"".join(parts)


def _is_zlib(data: bytes) -> bool:
    """Whether the data start like zlib's; a text can start with the same two characters (``x^2``)."""
    if data[:2] not in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"):
        return False
    try:
        zlib.decompressobj().decompress(data[:200], 1_000)
    except zlib.error:
        return False
    return True


def _from_zlib(data: bytes, max_bytes: int) -> Content:
    return Content(data=_deflated(data, max_bytes, zlib.MAX_WBITS))


def _deflated(data: bytes, max_bytes: int, window: int) -> bytes:
    inflater = zlib.decompressobj(window)
    try:
        inflated = inflater.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise broken("zlib", error) from error
    if not inflater.eof and len(inflated) <= max_bytes:
        raise broken("zlib", EOFError())
    return inflated


def _from_warc(data: bytes, max_bytes: int) -> Content:
    found, types = [], []
    try:
        for record in ArchiveIterator(io.BytesIO(data.lstrip()), no_record_parse=True):
            types.append(str(record.rec_type))
            if len(types) > _MAX_RECORDS:
                raise several(len(types), "WARC records or more")
            if record.rec_type in RECORD_TYPES:
                found.append((record.rec_headers, _read(record.raw_stream, max_bytes)))
    except (ArchiveLoadFailed, StatusAndHeadersParserException, OSError, ValueError, EOFError, AttributeError) as error:
        raise broken("WARC", error) from error
    if len(found) > 1:
        raise several(len(found), "WARC records")
    if not found:
        raise RejectedError(
            Reason.NO_BODY,
            f"the message is a WARC file with {len(types):,} records, none of which has a page; send a record of the "
            "type response, resource or conversion",
        )
    headers, content = found[0]
    is_http = content.startswith(b"HTTP/")
    return Content(
        data=content,
        charset=None if is_http else charset_of(headers.get_header("Content-Type")),
        fields={
            "url": (headers.get_header("WARC-Target-URI") or "").strip("<> "),
            "fetched": headers.get_header("WARC-Date"),
        },
    )


def _from_http(data: bytes, max_bytes: int) -> Content:
    stream = io.BytesIO(data.lstrip())
    try:
        if len(data) > _MAX_HEAD_BYTES and not re.search(rb"\r?\n\r?\n", data[:_MAX_HEAD_BYTES]):
            raise ValueError("too many headers")
        headers = StatusAndHeadersParser(_HTTP_VERSIONS, verify=False).parse(stream)
        chunked = "chunked" in (headers.get_header("Transfer-Encoding") or "").lower()
        content = _read(ChunkedDataReader(stream) if chunked else stream, max_bytes)
    except (StatusAndHeadersParserException, OSError, EOFError, ValueError) as error:
        raise broken("an HTTP response", error) from error
    status = str(headers.get_statuscode() or "")
    if status.isdigit() and int(status) >= _FIRST_ERROR_STATUS:
        raise RejectedError(
            Reason.NO_BODY, f"the message is an HTTP response with the status {int(status)}; send responses with 200"
        )
    return Content(
        data=_decompressed(content, (headers.get_header("Content-Encoding") or "").strip().lower(), max_bytes),
        charset=charset_of(headers.get_header("Content-Type")),
        fields={
            "url": _address(headers.get_header("Content-Location")),
            "fetched": headers.get_header("Date"),
            "language": headers.get_header("Content-Language"),
        },
    )


def _decompressed(content: bytes, encoding: str, max_bytes: int) -> bytes:
    """The content of a response. Gzip, zlib and zstd are told by their start, since crawlers often unpack them."""
    if encoding == "deflate" and not _is_zlib(content) and content.lstrip()[:1] not in (b"<", b"{"):
        return _deflated(content, max_bytes, -zlib.MAX_WBITS)
    if encoding in ("br", "compress") and content.lstrip()[:1] not in (b"<", b"{"):
        raise RejectedError(
            Reason.UNREADABLE, f"the HTTP response is compressed with {encoding}; send it with gzip, zstd or unpacked"
        )
    return content


def _address(location: str | None) -> str | None:
    return location if location and location.startswith("http") else None


def _from_email(data: bytes, max_bytes: int) -> Content:
    try:
        mail = emails.read(data)
    except (ValueError, LookupError, RecursionError, AttributeError) as error:
        raise broken("an e-mail", error) from error
    if isinstance(mail, int):
        raise several(mail, "e-mails")
    if mail is None:
        raise RejectedError(
            Reason.NO_BODY, "the message is an e-mail with neither a text nor an HTML part; send one that has"
        )
    return Content(data=mail.content, charset=mail.charset, fields=mail.fields)
