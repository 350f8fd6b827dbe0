"""Bytes to text: which encoding a message is in, and what is not text at all."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import charset_normalizer
import webencodings

from workers.errors import RejectedError
from workers.outcomes import Reason

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a WebP picture or a WAV or AVI file"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive, or an Office or EPUB document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Obj\x01", "an Avro file"),
    (b"PAR1", "a Parquet file"),
    (b"\x7fELF", "a program"),
    (b"ID3", "an MP3 file"),
    (b"OggS", "an Ogg file"),
    (b"SQLite format 3", "a SQLite database"),
)
_SCHEMA_REGISTRY_HEAD = re.compile(rb"\x00\x00[\x00-\xff]{3}(?![\s\x00]*[<{\[])", re.DOTALL)
_CONTROL_BYTES = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_MAX_CONTROL_SHARE = 0.1
_DECLARED_CHARSET = re.compile(
    rb"""
    < (?: meta\b   [^>]{0,200}? \bcharset
        | \?xml\b  [^>]{0,200}? \bencoding )
    \s*=\s* ["']?\s* ([A-Za-z0-9_.:-]{2,40})
    """,
    re.IGNORECASE | re.VERBOSE,
)
_HEAD_BYTES = 4096
"""Only this much of a message is searched for control characters and for a declared charset."""
_DETECTION_BYTES = 50_000
"""Only this much is looked at to guess an encoding that nobody declares."""
_MAX_REPLACED_SHARE = 0.02
"""The share of bytes that may be replaced; beyond it, the encoding is another one."""
_NEWER_CODECS = {"shift_jis": "cp932", "gbk": "gb18030", "euc-kr": "cp949", "big5": "big5hkscs"}
"""Where the WHATWG's encoding is a superset of what Python has under the name (Encoding Standard, indexes)."""
REPLACEMENT = "�"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and how many of its bytes were not in its encoding and were replaced or dropped."""

    text: str
    replaced: int = 0


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Return the text of a message.

    UTF-8 and byte order marks come first, since bytes seldom are valid UTF-8 by chance. Then counts what the transport
    declares, then what the page declares (WHATWG labels: latin-1 means Windows-1252, gb2312 means GBK), and then the
    most likely encoding. A few bytes that do not fit are replaced.

    Args:
        data: the bytes.
        declared: the charset that a header names.

    Raises:
        RejectedError: UNREADABLE for pictures, archives and other binary data; INVALID_ENCODING for bytes that fit no
            encoding.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _replacing(data[len(mark) :], encoding)
    head = data[:_HEAD_BYTES]
    if kind := _binary_kind(head):
        raise RejectedError(
            Reason.UNREADABLE, f"the message is not text: it looks like {kind}; send UTF-8 text, HTML or JSON"
        )
    if codec := _utf16(head):
        return _replacing(data, codec)
    nul = data.count(b"\0")
    data = data.replace(b"\0", b"")
    try:
        return Decoded(data.decode("utf-8"), nul)
    except UnicodeDecodeError:
        decoded = _decode_other(data, head, declared)
    return Decoded(decoded.text, decoded.replaced + nul)


def _decode_other(data: bytes, head: bytes, declared: str | None) -> Decoded:
    in_page = _DECLARED_CHARSET.search(head)
    for label in (declared, in_page and in_page[1].decode("ascii")):
        if label and (codec := codec_of(label)) and codec != "utf-8":
            attempt = _replacing(data, codec)
            if attempt.replaced <= _MAX_REPLACED_SHARE * len(data):
                return attempt
    as_utf8 = _replacing(data, "utf-8")
    if as_utf8.replaced <= _MAX_REPLACED_SHARE * _other_bytes(data):
        return as_utf8
    best = charset_normalizer.from_bytes(data[:_DETECTION_BYTES]).best()
    attempt = _replacing(data, best.encoding if best else "cp1252")
    if attempt.replaced > _MAX_REPLACED_SHARE * len(data):
        raise RejectedError(
            Reason.INVALID_ENCODING, "the bytes fit neither UTF-8 nor any encoding that they declare; send UTF-8"
        )
    return attempt


def _other_bytes(data: bytes) -> int:
    """How many bytes are not ASCII: if few of them are wrong in UTF-8, it is UTF-8."""
    return len(data) - len(data.translate(None, bytes(range(128, 256))))


def codec_of(label: str) -> str | None:
    """The Python codec of a WHATWG encoding label; None if the label is unknown.

    Source: https://encoding.spec.whatwg.org/#names-and-labels
    """
    encoding = webencodings.lookup(label.strip().strip("\"'"))
    if encoding is None or encoding.name in ("x-user-defined", "replacement"):
        return None
    return _NEWER_CODECS.get(encoding.name) or str(encoding.codec_info.name)


def _replacing(data: bytes, codec: str) -> Decoded:
    text = data.decode(codec, errors="replace")
    return Decoded(text, text.count(REPLACEMENT))


def _utf16(head: bytes) -> str | None:
    """The byte order of UTF-16 without a mark: in most languages, every second byte of its markup is zero."""
    even, odd = head[0::2], head[1::2]
    if len(head) < 4 or head.count(b"\0") < len(head) * 0.3:
        return None
    return "utf-16-be" if even.count(b"\0") > odd.count(b"\0") else "utf-16-le"


def _binary_kind(head: bytes) -> str | None:
    """What binary data the bytes look like, in words; None if they look like text."""
    for signature, kind in _BINARY_SIGNATURES:
        if head.startswith(signature):
            return kind
    if _SCHEMA_REGISTRY_HEAD.match(head):
        return "a record of a schema registry (Avro or Protobuf)"
    if _utf16(head):
        return None
    if len(head.translate(None, _CONTROL_BYTES)) < len(head) * (1 - _MAX_CONTROL_SHARE):
        return "binary data"
    return None
