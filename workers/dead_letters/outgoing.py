"""The message of a dead letter, as it is sent back: as it was, or with changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from schemas import CleanArticle, InvalidRecordError, decode
from workers.dead_letters.letters import Letter
from workers.dedupe.sharding import shard_of
from workers.errors import ReplayStoppedError
from workers.messages import MAX_CLOCK_SKEW_MS, TIME_HEADER, Headers
from workers.settings import Settings
from workers.timestamps import milliseconds
from workers.topics import CLEAN, RAW


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message to send. Without a partition, Kafka chooses it by the key; without a timestamp, it is that of now."""

    topic: str
    partition: int | None
    timestamp: int | None
    key: bytes | None
    value: bytes | None
    headers: Headers


def outgoing_of(
    letter: Letter, changes: Mapping[str, object], settings: Settings, partitions: int, now: int
) -> Outgoing:
    """The message of the letter, as it was apart from the changes.

    Args:
        partitions: how many partitions the topic has.
        now: milliseconds since 1970.

    Raises:
        ReplayStoppedError: it cannot be changed.
    """
    record, topic = letter.record, letter.refused.topic
    value = edited(letter, changes) if changes else record.value
    written = milliseconds(letter.timestamp)
    headers = record.headers
    if topic != RAW and written and all(name != TIME_HEADER for name, _ in headers):
        # The broker dates what comes to these topics, and without the header its time would be the message's.
        headers += ((TIME_HEADER, str(written).encode()),)
    return Outgoing(
        topic=topic,
        partition=_partition(letter, value, settings, partitions),
        # The broker takes no message from the future.
        timestamp=written if written and written <= now + MAX_CLOCK_SKEW_MS else None,
        key=record.key,
        value=value,
        headers=headers,
    )


def edited(letter: Letter, changes: Mapping[str, object]) -> bytes:
    """The letter's JSON value with these fields set.

    Raises:
        ReplayStoppedError: the value is not a JSON object, or was refused after clean.
    """
    if letter.refused.topic != RAW:
        raise ReplayStoppedError(
            f"{letter.place} was refused in {letter.refused.topic}, and only messages of {RAW} can be edited: dedupe "
            f"may have judged its text before; leave it out with --skip {letter.place}"
        )
    try:
        value: Any = orjson.loads(letter.record.value or b"")
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise ReplayStoppedError(
            f"{letter.place} is not a JSON object, so --set cannot change it: export it, edit the file and return it "
            f"with --from-file, or leave it out with --skip {letter.place}"
        )
    for path, new in changes.items():
        target, *names = value, *path.split(".")
        for name in names[:-1]:
            if not isinstance(target.get(name), dict):
                target[name] = {}
            target = target[name]
        target[names[-1]] = new
    return orjson.dumps(value)


def _partition(letter: Letter, value: bytes | None, settings: Settings, count: int) -> int | None:
    """The partition that the message came from; that of its language, if a partition stands for one."""
    if letter.refused.topic == CLEAN:
        try:
            return shard_of(decode(value or b"", CleanArticle), settings)
        except InvalidRecordError:
            pass
    return letter.refused.partition if letter.refused.partition < count else None


def with_changes(texts: Iterable[str]) -> dict[str, object]:
    """The changes in texts of the form ``field=value``; a value that is JSON counts as JSON, any other as text.

    Raises:
        ValueError: a text has no field or no ``=``.
    """
    changes: dict[str, object] = {}
    for text in texts:
        path, separator, value = text.partition("=")
        if not separator or not all(path.split(".")):
            raise ValueError(f"{text!r} is not of the form field=value")
        try:
            changes[path] = orjson.loads(value)
        except orjson.JSONDecodeError:
            changes[path] = value
    return changes
