"""What comes out of a wrapper, and what is refused on the way."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any

from workers.errors import RejectedError
from workers.outcomes import Reason

_MAX_PARTS = 50_000
_MAX_HEADER_CHARS = 1_000  # reading parameters takes time quadratic in their number


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Bytes without their wrappers, and what the wrappers said about them.

    ``fields`` has the fields of the article that a wrapper knows: the URL of a response, the subject of an e-mail.
    """

    data: bytes
    charset: str | None = None
    fields: Mapping[str, Any] | None = None


def several(count: int, what: str) -> RejectedError:
    """Return the refusal of a message that holds more than one article."""
    return RejectedError(
        Reason.INVALID_FIELD,
        f"the message holds {count:,} {what}; send one article per message (`copydesk publish` splits files)",
    )


def broken(what: str, error: Exception) -> RejectedError:
    """Return the refusal of a wrapper that cannot be opened."""
    problem = "it ends too early" if isinstance(error, EOFError) else "it is damaged"
    return RejectedError(
        Reason.UNREADABLE,
        f"the message looks like {what} but cannot be unpacked: {problem}; send it whole, or unpacked",
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
    message["Content-Type"] = (content_type or "")[:_MAX_HEADER_CHARS]
    try:
        charset = message.get_param("charset")
    except (ValueError, LookupError):
        return None
    return charset if isinstance(charset, str) else None


def read_all(stream: Any, max_bytes: int) -> bytes:
    """Return the bytes of a stream, of which a read may give only a part; one more than allowed, if there are more."""
    parts, room = [], max_bytes + 1
    while room > 0 and (part := stream.read(room)):
        parts.append(part)
        room -= len(part)
        if len(parts) > _MAX_PARTS:
            raise ValueError("too many parts")
    return b"".join(parts)


def is_zlib(data: bytes) -> bool:
    """Return whether the data start like zlib's; a text can start with the same two characters (``x^2``)."""
    if data[:2] not in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"):
        return False
    try:
        zlib.decompressobj().decompress(data[:200], 1_000)
    except zlib.error:
        return False
    return True


def deflated(data: bytes, max_bytes: int, window: int) -> bytes:
    """Return the unpacked data of zlib, or of bare deflate with a negative window; a byte more than allowed at most.

    Raises:
        RejectedError: UNREADABLE, they are broken or end early.
    """
    inflater = zlib.decompressobj(window)
    try:
        inflated = inflater.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise broken("zlib", error) from error
    if not inflater.eof and len(inflated) <= max_bytes:
        raise broken("zlib", EOFError())
    return inflated
