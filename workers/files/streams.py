"""The articles of large files one by one, without holding the file in memory."""

from __future__ import annotations

import codecs
import copy
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from workers.clean.input import emails
from workers.clean.input.envelopes import LISTS
from workers.clean.input.formats import feeds

_CHUNK_BYTES = 1024 * 1024
_DECODER = json.JSONDecoder(strict=False)
_QUOTED = re.compile(rb">+From ")
_GAP = re.compile(r"[\s,\x1e]*")
_LIST = re.compile(r'\s*\[|\s*\{[^\[\]]{0,10000}"(?:' + "|".join(LISTS) + r')"\s*:\s*\[(?=\s*\{)')
"""The start of a list of articles, alone or in the response of an API."""


def lines(stream: BinaryIO, max_bytes: int) -> Iterator[tuple[int, bytes, bool]]:
    """The numbers and bytes of the lines that are not blank, and whether they have their line end.

    Lines are cut to at most ``max_bytes`` + 1 bytes.
    """
    number = 0
    while line := stream.readline(max_bytes + 1):
        number += 1
        end = line
        while len(end) > max_bytes and not end.endswith(b"\n"):
            end = stream.readline(max_bytes + 1)
        if line.strip():
            yield number, line.rstrip(b"\r\n"), end.endswith(b"\n")


def mails(stream: BinaryIO, max_bytes: int) -> Iterator[bytes]:
    """The e-mails of a mailbox (mbox), each cut to at most ``max_bytes`` + 1 bytes."""
    mail: list[bytes] | None = None
    room, after_blank = 0, True
    while line := stream.readline(_CHUNK_BYTES):
        if after_blank and line.startswith(b"From ") and emails.is_email(line):
            if mail is not None:
                yield b"".join(mail)[: max_bytes + 1]
            mail, room = [], max_bytes + 1
        elif mail is not None and room > 0:
            mail.append(line[1:] if _QUOTED.match(line) else line)
            room -= len(line)
        after_blank = not line.strip()
    if mail is not None:
        yield b"".join(mail)[: max_bytes + 1]


def is_list(head: bytes) -> bool:
    """Whether JSON that starts like this is a list of articles, or the response of an API with one."""
    return _LIST.match(_text(head[:_CHUNK_BYTES])) is not None


def starts_with_value(data: bytes) -> bool:
    """Whether JSON starts with a complete value and goes on after it; a list is taken for a value, too."""
    text = _text(data)
    try:
        _, end = _DECODER.raw_decode(text, len(text) - len(text.lstrip()))
    except (ValueError, RecursionError):
        return False
    return bool(text[end:].strip())


def json_values(stream: BinaryIO, max_bytes: int) -> Iterator[bytes]:
    """The items of a list of JSON, alone or in the response of an API, or the values after one another.

    Raises:
        ValueError: the JSON is broken or ends early, or a value is larger than ``max_bytes``.
    """
    text = _text(stream.read(_CHUNK_BYTES))
    opening = _LIST.match(text)
    position, ended = opening.end() if opening else 0, False
    while True:
        gap = _GAP.match(text, position)
        position = gap.end() if gap else position
        if opening and text.startswith("]", position):
            return
        try:
            _, end = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            if ended:
                if position == len(text) and not opening:
                    return
                raise ValueError("its JSON ends in the middle" if position == len(text) else _where(error)) from None
            if len(text) - position > max_bytes:
                raise ValueError("its JSON is broken, or too large in one piece") from None
            chunk = stream.read(_CHUNK_BYTES).decode("latin-1")
            text, position, ended = text[position:] + chunk, 0, not chunk
            continue
        yield text[position:end].encode("latin-1")
        position = end


def _text(data: bytes) -> str:
    """The bytes as Latin-1: JSON's own characters are ASCII, so that characters and bytes have the same positions."""
    return data.removeprefix(codecs.BOM_UTF8).decode("latin-1")


def _where(error: Exception) -> str:
    return f"its JSON is broken ({str(error).partition(':')[0]})"


def feed_items(stream: BinaryIO) -> Iterator[bytes]:
    """The items of a feed, each in the feed without the others.

    Raises:
        ValueError: the XML is broken beyond repair.
    """
    skeleton: Any = None
    events = etree.iterparse(
        stream, events=("end",), tag=("{*}item", "{*}entry"), recover=True, resolve_entities=False, no_network=True,
        huge_tree=True,
    )  # fmt: skip
    try:
        for _, item in events:
            parent = item.getparent()
            if parent is None:
                return
            if skeleton is None:
                skeleton, slot = _without_items(item)
            single = copy.deepcopy(item)
            slot.append(single)
            yield etree.tostring(skeleton, encoding="utf-8", xml_declaration=True)
            slot.remove(single)
            # What has been read is no longer needed; the parser still holds the item itself.
            item.clear(keep_tail=False)
            while item.getprevious() is not None:
                del parent[0]
    except etree.XMLSyntaxError as error:
        raise ValueError(f"its XML is broken ({error.msg})") from None


def _without_items(item: Any) -> tuple[Any, Any]:
    """A copy of the feed around the item without any items, and the place of the items in it."""
    root = item.getroottree().getroot()
    place = root.getroottree().getpath(item.getparent())
    skeleton = copy.deepcopy(root)
    slot = skeleton.getroottree().xpath(place)[0] if item.getparent() is not root else skeleton
    for each in feeds.items(skeleton):
        owner = each.getparent()
        if owner is not None:
            owner.remove(each)
    return skeleton, slot
