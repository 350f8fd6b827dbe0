"""WARC records and HTTP responses."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from itertools import count

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeadersParser, StatusAndHeadersParserException

from workers.clean.input.content import Content, broken, charset_of, deflated, is_zlib, read_all, several
from workers.errors import RejectedError
from workers.outcomes import Reason

RECORD_TYPES = frozenset({"response", "resource", "conversion"})
"""The types of WARC records that have pages."""
_HTTP_VERSIONS = ["HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/2.0", "HTTP/3"]
_FIRST_REDIRECT_STATUS, _FIRST_ERROR_STATUS = 300, 400
_MAX_HEAD_BYTES = 200_000
_MAX_RECORDS = 1_000
_MAX_WARC_LINES = 50_000  # of headers, and blank ones between records
_MAX_CHUNKS = 100_000
_CHUNK_HEAD = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]{0,200}\r?\n")
_CHUNK_TAIL = re.compile(rb"\r?\n")


def from_warc(data: bytes, max_bytes: int) -> Content:
    """Return what the only record with a page holds: an HTTP response, a page or a text."""
    found, types = [], []
    try:
        records = ArchiveIterator(io.BytesIO(data.lstrip()), no_record_parse=True)
        records.reader.readline = _limited(records.reader.readline, _MAX_WARC_LINES)
        for record in records:
            types.append(str(record.rec_type))
            if len(types) > _MAX_RECORDS:
                raise several(len(types), "WARC records or more")
            if record.rec_type in RECORD_TYPES:
                found.append((record.rec_headers, read_all(record.raw_stream, max_bytes)))
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


def _limited(readline: Callable[..., bytes], limit: int) -> Callable[..., bytes]:
    """The function, which raises ``ValueError`` after so many lines."""
    numbers = count(1)

    def read(*size: int) -> bytes:
        if next(numbers) > limit:
            raise ValueError("too many lines")
        return readline(*size)

    return read


def from_http(data: bytes, max_bytes: int) -> Content:
    """Return the body of an HTTP response."""
    stream = io.BytesIO(data.lstrip())
    try:
        if len(data) > _MAX_HEAD_BYTES and not re.search(rb"\r?\n\r?\n", data[:_MAX_HEAD_BYTES]):
            raise ValueError("too many headers")
        headers = StatusAndHeadersParser(_HTTP_VERSIONS, verify=False).parse(stream)
        content = stream.read()
        if "chunked" in (headers.get_header("Transfer-Encoding") or "").lower():
            content = _without_chunks(content)
    except (StatusAndHeadersParserException, OSError, EOFError, ValueError) as error:
        raise broken("an HTTP response", error) from error
    status = str(headers.get_statuscode() or "")
    code = int(status) if status.isdigit() else 0
    if code < _FIRST_ERROR_STATUS and not content.strip():
        raise RejectedError(
            Reason.EMPTY,
            f"the message is an HTTP response without content (status {status or 'unknown'}); send responses with 200, "
            "and follow redirects",
        )
    if code >= _FIRST_REDIRECT_STATUS:
        raise RejectedError(
            Reason.NO_BODY, f"the message is an HTTP response with the status {code}; send responses with 200"
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


def _without_chunks(content: bytes) -> bytes:
    """The content of a chunked response; what is not in chunks stays, since crawlers often unpack them.

    Raises:
        ValueError: it has more chunks than any page needs.
    """
    parts, start = [], 0
    while (head := _CHUNK_HEAD.match(content, start)) and (size := int(head[1], 16)):
        end = head.end() + size
        parts.append(content[head.end() : end])
        if len(parts) > _MAX_CHUNKS:
            raise ValueError("too many chunks")
        tail = _CHUNK_TAIL.match(content, end)
        start = tail.end() if tail else end
    return b"".join(parts if head else (*parts, content[start:]))


def _decompressed(content: bytes, encoding: str, max_bytes: int) -> bytes:
    """The content of a response. Gzip, zlib and zstd are told by their start, since crawlers often unpack them."""
    if encoding == "deflate" and not is_zlib(content) and content.lstrip()[:1] not in (b"<", b"{"):
        return deflated(content, max_bytes, -zlib.MAX_WBITS)
    if encoding in ("br", "compress") and content.lstrip()[:1] not in (b"<", b"{"):
        raise RejectedError(
            Reason.UNREADABLE, f"the HTTP response is compressed with {encoding}; send it with gzip, zstd or unpacked"
        )
    return content


def _address(location: str | None) -> str | None:
    return location if location and location.startswith("http") else None
