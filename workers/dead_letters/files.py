"""Dead letters as JSON lines, which can be edited and given back."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from workers.dead_letters.letters import Letter, parse_place, place_name, read_letter
from workers.errors import UnreadableFileError
from workers.messages import Headers, Message
from workers.reading.times import parse_time
from workers.timestamps import milliseconds, rfc3339
from workers.topics import RAW

Json = dict[str, Any]


def as_line(letter: Letter) -> Json:
    """The letter as JSON. Bytes are text where they are UTF-8, and otherwise base64 in a field ``…_base64``."""
    return {
        **summary(letter),
        "timestamp": letter.timestamp,
        **_bytes("key", letter.record.key),
        "headers": [_header(name, value) for name, value in letter.record.headers],
        "digest": _digest(letter.record.value),
        **_bytes("value", letter.record.value),
    }


def summary(letter: Letter) -> Json:
    """What the letter says, without its content."""
    written = milliseconds(letter.record.timestamp)
    return {
        "letter": letter.place,
        "time": rfc3339(written) if written else None,
        "refused": place_name(letter.refused),
        "file": letter.file,
        "stage": letter.stage,
        "reason": letter.reason,
        "message": letter.message,
        "attempt": letter.attempt,
        "first_failed_at": letter.first_failed_at,
        "cut_from": letter.cut_from,
    }


def read_file(name: str) -> Iterator[Letter]:
    """The letters of an exported file, as they were edited. It is read twice, so that no mistake stops in the middle.

    Raises:
        UnreadableFileError: the file cannot be read; a line is no exported letter, or has an edit that is not allowed.
    """
    try:
        with Path(name).open("rb") as lines:
            for _ in read_lines(lines, name):
                pass
            lines.seek(0)
            yield from read_lines(lines, name)
    except OSError as error:
        raise UnreadableFileError(f"{name} cannot be read: {error.strerror}") from None


def read_lines(lines: Iterable[bytes], name: str) -> Iterator[Letter]:
    """The letters of exported lines. Raises as ``read_file``."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _from_line(orjson.loads(line))
            except (ValueError, TypeError, LookupError, AttributeError) as error:
                why = f"it has no {error}" if isinstance(error, KeyError) else error
                raise UnreadableFileError(f"{name}, line {number}: not an exported dead letter: {why}") from None


def _from_line(line: Json) -> Letter:
    place = parse_place(line["letter"])
    if place is None:
        raise ValueError(f"letter {line['letter']!r} is not of the form TOPIC-PARTITION-OFFSET")
    record = Message(
        place.topic, place.partition, place.offset, _written(line.get("time")),
        _given(line, "value"), _given(line, "key"), _headers(line["headers"]),
    )  # fmt: skip
    letter = read_letter(record)
    if letter is None:
        raise ValueError("its headers do not say which stage refused which message")
    is_edited = line.get("digest") != _digest(record.value)
    if is_edited and letter.refused.topic != RAW:
        raise ValueError(
            f"only messages of {RAW} can be edited, and this one was refused in {letter.refused.topic}: "
            "dedupe may have judged its text before; publish a new article instead"
        )
    return replace(letter, cut_from=None) if is_edited else letter


def _written(time: object) -> int:
    with suppress(ValueError):
        return parse_time(str(time), 0)
    return 0


def _bytes(name: str, value: bytes | None) -> Json:
    if value is None:
        return {name: None}
    try:
        return {name: value.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(value).decode()}


def _given(line: Mapping[str, Any], name: str) -> bytes | None:
    encoded = line.get(f"{name}_base64")
    if encoded is not None:
        return base64.b64decode(encoded, validate=True)
    match line.get(name):
        case None:
            return None
        case str(text):
            return text.encode()
        case other:  # an object in place of its text
            return orjson.dumps(other)


def _header(name: str, value: bytes | None) -> Json:
    return {"name": name, **_bytes("value", value)}


def _headers(rows: Iterable[Mapping[str, Any]]) -> Headers:
    return tuple((str(row["name"]), _given(row, "value")) for row in rows)


def _digest(value: bytes | None) -> str | None:
    return None if value is None else hashlib.sha256(value).hexdigest()[:16]
