"""Takes an article out of what its bytes were sent in: compression, base64, HTTP responses, WARC records, e-mails."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import zstandard

from workers.clean.input import emails, responses, rtf
from workers.clean.input.content import Content, broken, deflated, from_base64, is_zlib, read_all, several
from workers.errors import RejectedError
from workers.outcomes import Reason

MAX_LAYERS = 5
"""Wrappers within wrappers that are opened."""

_BASE64 = re.compile(rb"(?:eyJ|H4sI|KLUv|PCFE|PGh0bW|PD94bW)[A-Za-z0-9+/_\s-]{40,}={0,2}\s*")
"""Base64 of a JSON object, gzip, zstd, an HTML page or XML."""
_BASE64_LINES = re.compile(rb"[A-Za-z0-9+/_-]{60,}(?:\r?\n[A-Za-z0-9+/_-]{1,100})*+={0,2}\s*")
_WORDS = re.compile(r"[^\x00-\x08\x0e-\x1f\x7f-\x9f]+")
_GZIP = b"\x1f\x8b"
_MAX_GZIP_MEMBERS = 100
_REGISTRY_HEAD = re.compile(
    rb"""
      \x00 \x00 .{3} (?= [{\["<] )                # Confluent: a zero byte and the id of the schema
    | \x00 \x00{5} .{3} (?= [{\["<] )             # Apicurio: the same with a longer id
    | \x03 [\x00\x05] .{16} (?= [{\["<x] )        # AWS Glue: a version, whether zlib follows, and the id
    """,
    re.DOTALL | re.VERBOSE,
)
"""What the JSON serialisers of schema registries put before their JSON."""

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


def _unwrapper(data: bytes) -> Unwrapper | None:
    return next((wrapper.open for wrapper in WRAPPERS if wrapper.matches(data)), None)


def _from_zstd(data: bytes, max_bytes: int) -> Content:
    stream = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True)
    try:
        return Content(data=read_all(stream, max_bytes))
    except (OSError, EOFError, ValueError, zstandard.ZstdError) as error:
        raise broken("zstd", error) from error


def _from_gzip(data: bytes, max_bytes: int) -> Content:
    """The content of all members; zeros and other bytes behind them are ignored."""
    parts, room = [], max_bytes + 1
    for _ in range(_MAX_GZIP_MEMBERS):
        inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            parts.append(inflater.decompress(data, room))
        except zlib.error as error:
            raise broken("gzip", error) from error
        room -= len(parts[-1])
        if room and not inflater.eof:
            raise broken("gzip", EOFError())
        data = inflater.unused_data.lstrip(b"\0")
        if not room or not data.startswith(_GZIP):
            return Content(data=b"".join(parts))
    raise broken("gzip", ValueError("too many members"))


def _from_zlib(data: bytes, max_bytes: int) -> Content:
    return Content(data=deflated(data, max_bytes, zlib.MAX_WBITS))


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


def _from_rtf(data: bytes, max_bytes: int) -> Content:
    return Content(data=rtf.from_bytes(data).encode("utf-8", "replace"), charset="utf-8")


def _head(data: bytes) -> bytes:
    return data[:8_000].lstrip()


def is_base64(data: bytes) -> bool:
    """Return whether the data are base64 of JSON, HTML, XML, gzip or zstd, or of a text in UTF-8."""
    if _BASE64.match(_head(data)):
        return _BASE64.fullmatch(data.strip()) is not None
    return _BASE64_LINES.fullmatch(data.strip()) is not None and _is_encoded_text(data.decode("ascii"))


def _is_encoded_text(value: str) -> bool:
    """Whether base64 is of words in UTF-8; a hash or key is not, but for a rare chance."""
    try:
        text = from_base64(value).decode("utf-8")
    except (RejectedError, UnicodeDecodeError):
        return False
    return _WORDS.fullmatch(text) is not None and any(map(str.isspace, text))


WRAPPERS: tuple[Wrapper, ...] = (
    Wrapper(
        name="gzip",
        recognised_by="its first bytes",
        matches=lambda data: data.startswith(_GZIP),
        open=_from_gzip,
    ),
    Wrapper(
        name="zstd",
        recognised_by="its first bytes",
        matches=lambda data: data.startswith(b"\x28\xb5\x2f\xfd"),
        open=_from_zstd,
    ),
    Wrapper(name="zlib", recognised_by="its first bytes", matches=is_zlib, open=_from_zlib),
    Wrapper(
        name="WARC record",
        recognised_by="`WARC/`; type response, resource or conversion",
        matches=lambda data: _head(data).startswith(b"WARC/"),
        open=responses.from_warc,
    ),
    Wrapper(
        name="HTTP response",
        recognised_by="`HTTP/` and a version; may be chunked or compressed",
        matches=lambda data: _head(data).startswith(b"HTTP/") and _head(data)[5:6].isdigit(),
        open=responses.from_http,
    ),
    Wrapper(
        name="schema registry's JSON",
        recognised_by="the id of the schema before JSON, as Confluent's, Apicurio's and AWS Glue's write it",
        matches=lambda data: _REGISTRY_HEAD.match(data) is not None,
        open=lambda data, max_bytes: Content(data=_REGISTRY_HEAD.sub(b"", data, count=1)),
    ),
    Wrapper(
        name="base64",
        recognised_by="base64 of JSON, HTML, XML, gzip, zstd or a text in UTF-8",
        matches=is_base64,
        open=lambda data, max_bytes: Content(data=from_base64(data.decode("ascii"))),
    ),
    Wrapper(
        name="e-mail",
        recognised_by="three of the usual headers; the HTML part counts before the text",
        matches=lambda data: emails.is_email(_head(data)),
        open=_from_email,
    ),
    Wrapper(
        name="RTF",
        recognised_by="`{\\rtf`; also the text of a JSON object",
        matches=lambda data: rtf.is_rtf(data[:1_000].decode("latin-1")),
        open=_from_rtf,
    ),
)
"""What bytes may come in; the first that matches is opened, up to ``MAX_LAYERS`` times."""
