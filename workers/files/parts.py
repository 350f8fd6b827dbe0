"""Splits a file into its articles, by what kind of file it is."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import chain
from typing import TypeVar

from workers.clean.input import splitting
from workers.clean.input.splitting import Part
from workers.files import streams
from workers.files.recognising import HEAD_BYTES, Hint, Kind, recognise
from workers.files.unpacking import ChunkReader, Unpacked

T = TypeVar("T")

SMALL_BYTES = 16 * 1024 * 1024
"""Up to this size, JSON and feeds are read at once, which forgives more; larger ones item by item."""
MAX_JSON_BYTES = 512 * 1024 * 1024
"""The most that is read of JSON that cannot be read item by item."""
_BUFFER_BYTES = 1024 * 1024


def parts(unpacked: Unpacked, hint: Hint, max_bytes: int) -> Iterator[Part]:
    """The articles in a file, and where they are in it. What damage has cut off is left out.

    Args:
        unpacked: the bytes of the file.
        hint: what the file is expected to be.
        max_bytes: the largest article. Of a larger one come more than so many bytes, but not all.

    Raises:
        ValueError: the rest of the file cannot be read.
    """
    kind, chunks = _recognised(unpacked.chunks(), hint)
    if kind is None:
        return
    stream = io.BufferedReader(ChunkReader(chunks), _BUFFER_BYTES)
    match kind:
        case Kind.LINES:
            for number, line, is_complete in streams.lines(stream, max_bytes):
                if is_complete or not unpacked.damage:
                    yield f"line {number}", line
        case Kind.WARC:
            yield from splitting.split_warc(stream, max_bytes)
        case Kind.MAILBOX:
            yield from _numbered("e-mail", _uncut(streams.mails(stream, max_bytes), unpacked))
        case Kind.JSON | Kind.FEED:
            yield from _items(stream, kind, unpacked, max_bytes)
        case Kind.WHOLE:
            yield from _uncut(iter([("", stream.read(max_bytes + 1))]), unpacked)


def _recognised(chunks: Iterator[bytes], hint: Hint) -> tuple[Kind | None, Iterator[bytes]]:
    """The kind of a file, and all its chunks; no kind if it is meant to have lines and has none."""
    head = b""
    for chunk in chunks:
        head += chunk
        if kind := recognise(head, hint, is_all=len(head) >= HEAD_BYTES):
            return kind, chain([head], chunks)
    if not head.strip() and hint is not Hint.NONE:
        return None, iter(())
    return recognise(head, hint, is_all=True), iter([head])


def _items(stream: io.BufferedReader[ChunkReader], kind: Kind, unpacked: Unpacked, max_bytes: int) -> Iterator[Part]:
    """The items of JSON or of a feed."""
    data = stream.read(SMALL_BYTES + 1)
    is_small = len(data) <= SMALL_BYTES and not unpacked.damage
    if is_small:
        found = list(splitting.split(data))
        # JSON that is neither one value nor lines may be several values after one another, as `jq` writes them.
        if len(found) > 1 or kind is Kind.FEED or not streams.starts_with_value(data):
            yield from found
            return
    elif kind is Kind.JSON and not (streams.is_list(data) or streams.starts_with_value(data)):
        data += stream.read(MAX_JSON_BYTES)
        if len(data) > MAX_JSON_BYTES:
            raise ValueError("its JSON is too large in one piece; save one article per line")
        yield from splitting.split(data) if not unpacked.damage else ()
        return
    rest = io.BufferedReader(ChunkReader(chain([data], iter(lambda: stream.read1(_BUFFER_BYTES), b""))), _BUFFER_BYTES)
    if kind is Kind.FEED:
        yield from _numbered("item", _uncut(streams.feed_items(rest), unpacked))
    else:
        yield from _numbered("item", streams.json_values(rest, max_bytes))


def _numbered(what: str, values: Iterator[bytes]) -> Iterator[Part]:
    return ((f"{what} {number}", value) for number, value in enumerate(values, start=1))


def _uncut(values: Iterator[T], unpacked: Unpacked) -> Iterator[T]:
    """The values without the last one, if damage may have cut it off."""
    previous: list[T] = []
    for value in values:
        yield from previous
        previous = [value]
    if not unpacked.damage:
        yield from previous
