"""Reads dead letters: which message was refused, by which stage, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas import Origin
from workers.messages import FILE_HEADER, Message
from workers.outcomes import Stage
from workers.stages import STAGES
from workers.stream.dead_letters import ERROR_HEADERS

MAX_NUMBER = 2**63 - 1
"""The largest offset or timestamp in Kafka."""
_PLACE = re.compile(r"(.+?)[-/:](\d{1,10})[-/:](\d{1,19})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A dead letter.

    Attributes:
        record: the letter itself, with the original key, value and headers.
        refused: the coordinates of the message that was refused.
        timestamp: the timestamp of that message as Kafka stores it.
        attempt: how often the message was refused, with this time.
        cut_from: the size of the original in bytes, if the letter has only a part.
        file: the file and line from which `copydesk publish` sent the article, if it did.
    """

    record: Message
    refused: Origin
    timestamp: int
    stage: str
    reason: str
    message: str
    attempt: int
    first_failed_at: str
    cut_from: int | None
    file: str | None

    @property
    def place(self) -> str:
        """The letter's own coordinates."""
        return place_name(self.record.origin)


def read_letter(record: Message) -> Letter | None:
    """The dead letter; None for a stray record, which somebody else has written, or which names no input of a stage."""
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    why = {name.removeprefix(ERROR_HEADERS): value for name, value in headers.items() if name.startswith(ERROR_HEADERS)}
    partition, offset, attempt = (_number(why.get(name)) for name in ("partition", "offset", "attempt"))
    stage = why.get("stage", "")
    if stage not in STAGES or why.get("topic") != STAGES[stage].input_topic or "reason" not in why:
        return None
    if partition is None or offset is None or attempt is None:
        return None
    return Letter(
        record=record,
        refused=Origin(topic=why["topic"], partition=partition, offset=offset),
        timestamp=_number(why.get("timestamp")) or 0,
        stage=Stage(stage),
        reason=why["reason"],
        message=why.get("message", ""),
        attempt=attempt,
        first_failed_at=why.get("first_failed_at", ""),
        cut_from=_number(why.get("cut_from")),
        file=headers.get(FILE_HEADER),
    )


def place_name(place: Origin) -> str:
    """The coordinates as one word: ``news-dead-letters-0-17``."""
    return f"{place.topic}-{place.partition}-{place.offset}"


def parse_place(text: str) -> Origin | None:
    """The coordinates in a word such as ``news-dead-letters-0-17`` or ``news-raw/3/1042``; None if there are none."""
    found = _PLACE.fullmatch(text.strip())
    if not found or int(found[3]) > MAX_NUMBER:
        return None
    return Origin(topic=found[1], partition=int(found[2]), offset=int(found[3]))


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"-?[0-9]{1,19}", text) and abs(int(text)) <= MAX_NUMBER else None
