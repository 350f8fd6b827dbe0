"""E-mails: their text or HTML part, and the fields of an article in their headers."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from typing import Any

_NAMES = frozenset(
    {"from", "to", "subject", "date", "mime-version", "message-id", "received", "return-path", "content-type"}
)
_MIN_NAMES = 3
_HEADER = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,60}):")
_MBOX_LINE = re.compile(rb"^From \S+ .{0,60}\d{4}[ \t\r]*$", re.MULTILINE)
_FORWARDED = re.compile(r"^(?:(?:fwd?|wg|tr|rv|re|aw|sv) ?: ?)+", re.IGNORECASE)
_QUOTE = re.compile(r"^> ?", re.MULTILINE)
_UNQUOTED = re.compile(r"^[^>\s]", re.MULTILINE)
_ABOVE_QUOTE = re.compile(r"-{3,}[^\n-]{3,60}-{3,}[ \t]*\r?\n\s*(?=>)")
"""What may stand above a quoted text: ``---------- Forwarded message ---------``."""
_MAX_QUOTED = 5
_MAX_BLANKS = 200
_MAX_HEAD_BYTES = 200_000
_MAX_HEADER_CHARS = 5_000
_MAX_PARTS = 200
_MAX_NESTED = 10
_MAX_LINES = 150_000
_REPORT = re.compile(rb"^(content-type:\s*)message/delivery-status", re.IGNORECASE | re.MULTILINE)
"""The parser makes a message of each of its paragraphs."""
_LONG_TYPE = re.compile(rb"^(content-type:(?:[^\n]|\n[ \t]){1000})(?:[^\n]|\n[ \t])*", re.IGNORECASE | re.MULTILINE)
"""Reading the parameters of a type takes time quadratic in their number."""
_UNREADABLE = (MessageError, ValueError, LookupError, TypeError, AttributeError)
"""What the standard library raises for malformed headers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """An e-mail's content, which is HTML or text, and the fields that its headers fill."""

    content: bytes
    charset: str | None
    fields: Mapping[str, Any]


def is_email(head: bytes) -> bool:
    """Return whether a message starts with the headers of an e-mail."""
    if _MBOX_LINE.match(head):
        return True
    if not _HEADER.match(head):
        return False
    headers = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    names = {match[1].decode("ascii").lower() for line in headers.splitlines() if (match := _HEADER.match(line))}
    return len(names & _NAMES) >= _MIN_NAMES


def split(mailbox: bytes) -> list[bytes]:
    """Return the e-mails of a mailbox (mbox); a single e-mail is a mailbox of one."""
    starts = [
        match.start()
        for match in _MBOX_LINE.finditer(mailbox)
        if mailbox[max(0, match.start() - 4) : match.start()].endswith((b"\n\n", b"\r\n\r\n")) or not match.start()
    ]
    if not starts:
        return [mailbox]
    ends = [*starts[1:], len(mailbox)]
    mails = (mailbox[start:end].partition(b"\n")[2] for start, end in zip(starts, ends, strict=True))
    return [re.sub(rb"(?m)^>(>*From )", rb"\1", mail) for mail in mails]


def read(data: bytes) -> Mail | int | None:
    """Return the e-mail; the number of e-mails if there are several; None if it has no text.

    Raises:
        ValueError: it has more headers, parts or parts within parts than any e-mail needs.
    """
    mails = split(data.lstrip())
    if len(mails) != 1:
        return len(mails)
    head = re.search(rb"\r?\n\r?\n", mails[0][:_MAX_HEAD_BYTES])
    if head is None and len(mails[0]) > _MAX_HEAD_BYTES:
        raise ValueError("too many headers")
    nested = len(re.findall(rb"(?i)^content-type:\s*multipart/", mails[0], re.MULTILINE))
    boundaries = mails[0].count(b"\n--") if nested else 0
    if nested > _MAX_NESTED or boundaries > 10 * _MAX_PARTS or mails[0].count(b"\n") > _MAX_LINES:
        raise ValueError("too many parts or lines")
    readable = _REPORT.sub(rb"\1application/octet-stream", _LONG_TYPE.sub(rb"\1", mails[0]))
    message = email.message_from_bytes(readable, policy=email.policy.compat32)
    part = _main_part(message)
    content = None if part is None else part.get_payload(decode=True)
    if part is None or not isinstance(content, bytes) or not content.strip():
        return None
    name, _ = parseaddr(_header(message, "From"))
    return Mail(
        content=unquoted(content.decode("latin-1")).encode("latin-1"),  # in any encoding, the marks are ASCII
        charset=_charset(part),
        fields={
            "id": _header(message, "Message-ID").strip("<> "),
            "headline": _FORWARDED.sub("", _header(message, "Subject"), count=1),
            "url": _header(message, "Snapshot-Content-Location"),  # of a page that a browser saved (MHTML)
            "byline": "" if "@" in name else name,
            "published": _header(message, "Date"),
            "language": _header(message, "Content-Language"),
        },
    )


def unquoted(text: str) -> str:
    """Return the text without quotation marks (``> ``) at its lines if all of it is quoted, as forwarded ones are."""
    for _ in range(_MAX_QUOTED):
        above = _ABOVE_QUOTE.match(text)
        start = above.end() if above else 0
        if not text[start : start + _MAX_BLANKS].lstrip().startswith(">") or _UNQUOTED.search(text, start):
            break
        text = text[:start] + _QUOTE.sub("", text[start:])
    return text


def _main_part(message: Message) -> Message | None:
    """The HTML part, or else the text; attachments and parts of parts that are not shown do not count."""
    parts = [part for part, _ in zip(_shown(message), range(_MAX_PARTS), strict=False)]
    for kind in ("text/html", "application/xhtml+xml", "text/plain"):
        for part in parts:
            if part.get_content_type() == kind:
                return part
    return None


def _shown(message: Message) -> Iterator[Message]:
    for part in message.walk():
        if not part.is_multipart() and part.get_content_disposition() != "attachment":
            yield part


def _charset(part: Message) -> str | None:
    with suppress(*_UNREADABLE):
        charset = part.get_param("charset")
        return charset if isinstance(charset, str) else None
    return None


def _header(message: Message, name: str) -> str:
    """The decoded value of a header on one line; empty if it is missing or cannot be decoded."""
    with suppress(*_UNREADABLE):
        return " ".join(str(make_header(decode_header(str(message.get(name, ""))[:_MAX_HEADER_CHARS]))).split())
    return ""
