"""Dead letters as the stages write them."""

from __future__ import annotations

from workers.dead_letters.letters import Letter, read_letter
from workers.errors import RejectedError
from workers.messages import Headers, Message
from workers.outcomes import Reason
from workers.stages import STAGES
from workers.stream.dead_letters import dead_letter
from workers.topics import DEAD_LETTERS

NOW = 1_780_000_000.0
"""When the letters were written, in seconds since 1970."""
MAX_BYTES = 1_000_000


def letter_record(
    value: bytes | None = b'{"headline": "Ferry runs again"}',
    *,
    reason: Reason = Reason.NO_BODY,
    stage: str = "clean",
    refused: tuple[int, int] = (3, 1042),
    place: tuple[int, int] = (0, 17),
    timestamp: int = int(1000 * NOW),
    key: bytes | None = b"a key",
    headers: Headers = (),
    max_bytes: int = MAX_BYTES,
) -> Message:
    message = Message(STAGES[stage].input_topic, *refused, timestamp, value, key, headers)
    output = dead_letter(message, stage, RejectedError(reason, "there is no text"), NOW, max_bytes)
    return Message(DEAD_LETTERS, *place, int(1000 * NOW), output.value, output.key, output.headers)


def letter_of(record: Message) -> Letter:
    letter = read_letter(record)
    assert letter
    return letter
