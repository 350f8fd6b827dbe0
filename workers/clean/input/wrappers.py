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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapper:
    """Something that messages come in: how it is recognised, also in words for the documentation, and opened."""

    name: str
    recognised_by: str
    matches: Callable[[bytes], bool]
    open: Unwrapper


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
    return next((wrapper.open for wrapper in WRAPPERS if wrapper.matches(data)), None)


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


def _head(data: bytes) -> bytes:
    return data[:8_000].lstrip()


def _is_base64(data: bytes) -> bool:
    return bool(_BASE64.match(_head(data)) and _BASE64.fullmatch(data.strip()))


WRAPPERS: tuple[Wrapper, ...] = (
    Wrapper(
        name="gzip",
        recognised_by="its first bytes",
        matches=lambda data: data.startswith(b"\x1f\x8b"),
        open=_inflate("gzip", lambda stream: gzip.GzipFile(fileobj=stream)),
    ),
    Wrapper(
        name="zstd",
        recognised_by="its first bytes",
        matches=lambda data: data.startswith(b"\x28\xb5\x2f\xfd"),
        open=_inflate(
            "zstd", lambda stream: zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
        ),
    ),
    Wrapper(name="zlib", recognised_by="its first bytes", matches=_is_zlib, open=_from_zlib),
    Wrapper(
        name="WARC record",
        recognised_by="`WARC/`; type response, resource or conversion",
        matches=lambda data: _head(data).startswith(b"WARC/"),
        open=_from_warc,
    ),
    Wrapper(
        name="HTTP response",
        recognised_by="`HTTP/` and a version; may be chunked or compressed",
        matches=lambda data: _head(data).startswith(b"HTTP/") and _head(data)[5:6].isdigit(),
        open=_from_http,
    ),
    Wrapper(
        name="schema registry's JSON",
        recognised_by="a zero byte and the id of the schema before JSON",
        matches=lambda data: _REGISTERED_JSON.match(data) is not None,
        open=lambda data, max_bytes: Content(data=data[5:]),
    ),
    Wrapper(
        name="base64",
        recognised_by="base64 of JSON, HTML, XML, gzip or zstd",
        matches=_is_base64,
        open=lambda data, max_bytes: Content(data=from_base64(data.decode("ascii"))),
    ),
    Wrapper(
        name="e-mail",
        recognised_by="three of the usual headers; the HTML part counts before the text",
        matches=lambda data: emails.is_email(_head(data)),
        open=_from_email,
    ),
)
"""What bytes may come in; the first that matches is opened, up to ``MAX_LAYERS`` times."""
