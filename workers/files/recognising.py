"""What kind of file the first bytes are of. The name counts only where the content may be two things."""

from __future__ import annotations

import codecs
import re
from enum import Enum, auto
from itertools import islice

import orjson

from workers.clean.input import emails
from workers.clean.input.envelopes import articles_of
from workers.clean.input.formats import xml_root

HEAD_BYTES = 1024 * 1024
"""Bytes that are enough to recognise any file."""
_SAMPLE_LINES = 20
_FEED_ROOTS = frozenset({"rss", "rdf", "feed", "channel"})
_XML_HEAD_BYTES = 20_000
_PAGE_ON_A_LINE = re.compile(rb"<[^\r\n]*</html>[ \t\r]*\n", re.IGNORECASE)


class Hint(Enum):
    """What a file is expected to be, if its content may be two things."""

    LINES = auto()
    """It is named like JSON Lines."""
    PIPE = auto()
    """It is standard input, where an article on each line is as usual as a text."""
    NONE = auto()


class Kind(Enum):
    """The kinds of files, by how their articles are told apart."""

    LINES = auto()
    """An article on each line."""
    JSON = auto()
    """One value, a list, the response of an API, or several values after one another."""
    FEED = auto()
    WARC = auto()
    MAILBOX = auto()
    WHOLE = auto()
    """One article: a page, an e-mail, a text, or what clean refuses."""


def recognise(head: bytes, hint: Hint, *, is_all: bool) -> Kind | None:
    """The kind of a file; None if more bytes are needed.

    Args:
        head: the first bytes.
        hint: what the file is expected to be.
        is_all: whether there are no more, or ``HEAD_BYTES`` are given.
    """
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not is_all and b"\n" not in start:
        return None
    if start.startswith(b"WARC/"):
        return Kind.WARC
    if start.startswith(b"From ") and emails.is_email(start):
        return Kind.MAILBOX
    if start[:1] in (b"{", b"["):
        return _kind_of_json(start, is_all, expects_lines=hint is not Hint.NONE)
    if start[:1] == b"<":
        if xml_root(start[:_XML_HEAD_BYTES].decode("utf-8", "ignore")) in _FEED_ROOTS:
            return Kind.FEED
        return Kind.LINES if hint is Hint.LINES and _PAGE_ON_A_LINE.match(start) else Kind.WHOLE
    if emails.is_email(start):
        return Kind.WHOLE
    return Kind.LINES if hint is Hint.LINES or _mostly_objects(start) else Kind.WHOLE


def _kind_of_json(start: bytes, is_all: bool, *, expects_lines: bool) -> Kind | None:
    first, _, rest = start.partition(b"\n")
    value = _parsed(first)
    if value is not None:
        if rest.strip():
            return Kind.LINES
        if expects_lines and len(articles_of(value)) == 1:
            return Kind.LINES
        return Kind.JSON if is_all else None
    # The first line is broken, or the value goes on over several lines.
    if first[:1] == b"[" or first.rstrip()[-1:] in (b"{", b"[", b",", b":"):
        return Kind.JSON
    return Kind.LINES if expects_lines or _mostly_objects(start) else Kind.JSON


def _mostly_objects(start: bytes) -> bool:
    """Whether most of the first lines look like JSON objects; the last line may be cut."""
    lines = [line.strip() for line in islice(filter(bytes.strip, start.split(b"\n")), _SAMPLE_LINES)]
    objects = sum(line[:1] == b"{" and line[-1:] == b"}" for line in lines)
    return objects > 0 and objects * 2 >= len(lines)


def _parsed(line: bytes) -> object | None:
    """The JSON list or object on a line; None if it is broken or goes on."""
    try:
        return orjson.loads(line)  # type: ignore[no-any-return]
    except orjson.JSONDecodeError:
        # Some programs write NaN, lone surrogates and more: what looks complete is taken as such.
        line = line.strip()
        return {} if line[:1] == b"{" and line[-1:] == b"}" and len(line) > 2 else None
