"""Bytes to text: which charset a message is in, and what is not text at all."""

from __future__ import annotations

import codecs
import re

from workers.errors import RejectedError
from workers.outcomes import Reason

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY_SIGNATURES = (
    b"\x89PNG",
    b"\x1f\x8b",  # gzip
    b"PK\x03\x04",  # zip
    b"%PDF",
    b"\xff\xd8\xff",  # JPEG
    b"GIF8",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",  # Zstandard
)
_CONTROL_BYTES = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_MAX_CONTROL_SHARE = 0.1
_DECLARED_CHARSET = re.compile(
    rb"""
    < (?: meta\b   [^>]{0,200}? \bcharset
        | \?xml\b  [^>]{0,200}? \bencoding )
    \s*=\s* ["']? ([A-Za-z0-9_.:-]{2,40})
    """,
    re.IGNORECASE | re.VERBOSE,
)
_HEAD_BYTES = 4096
"""Only this much of a message is searched for control characters and for a declared charset."""


def decode(data: bytes) -> str:
    """Return the text of a message: UTF-8, UTF-16 with a byte order mark, or the charset that an HTML page declares.

    Raises:
        RejectedError: UNREADABLE for pictures, archives and control characters; INVALID_ENCODING for bytes that are
            neither UTF-8 nor in the declared charset.
    """
    for mark, charset in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode_as(charset, data[len(mark) :])
    head = data[:_HEAD_BYTES]
    if data.startswith(_BINARY_SIGNATURES) or b"\0" in data or _has_many_controls(head):
        raise RejectedError(
            Reason.UNREADABLE,
            "the message is not text: it holds binary data or control characters; send UTF-8 text, HTML or JSON",
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        declared = _DECLARED_CHARSET.search(head)
        if declared is None:
            raise RejectedError(
                Reason.INVALID_ENCODING,
                f"the message is not UTF-8 at byte {error.start} and declares no other charset; send UTF-8",
            ) from error
        return _decode_as(declared[1].decode("ascii"), data)


def _has_many_controls(head: bytes) -> bool:
    return len(head.translate(None, _CONTROL_BYTES)) < len(head) * (1 - _MAX_CONTROL_SHARE)


def _decode_as(charset: str, data: bytes) -> str:
    try:
        codec = codecs.lookup(charset)
        # Python's own codecs (rot13, unicode-escape) accept any bytes, so decoding with them proves nothing.
        if not codec._is_text_encoding or codec.name.endswith("unicode-escape"):
            raise LookupError(charset)
        return data.decode(charset)
    except (LookupError, UnicodeError) as error:
        raise RejectedError(
            Reason.INVALID_ENCODING, f"the bytes do not fit the charset that they declare, {charset}; send UTF-8"
        ) from error
