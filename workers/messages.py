"""What travels between the stages and Kafka: messages in, outputs out, and what became of each message."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from schemas import CleanArticle, Duplicate, Origin
from workers import topics
from workers.outcomes import Outcome, Reason

Headers = tuple[tuple[str, bytes], ...]

MAX_FRAMING_BYTES = 512
"""Bytes that Kafka may add to a record in a batch of its own, with room to spare."""

_ARTICLE_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was read; ``timestamp`` is its own, in milliseconds since 1970."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    value: bytes | None
    key: bytes | None = None
    headers: Headers = ()

    @property
    def origin(self) -> Origin:
        """The message's own coordinates."""
        return Origin(topic=self.topic, partition=self.partition, offset=self.offset)


@dataclass(frozen=True, slots=True)
class Output:
    """A message to send; without a partition its key decides."""

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int | None = None
    headers: Headers = ()

    @property
    def size(self) -> int:
        """The bytes that it takes in a record batch of its own, at most."""
        headers = sum(len(name) + len(value) + 10 for name, value in self.headers)
        return len(self.key or b"") + len(self.value or b"") + headers + MAX_FRAMING_BYTES


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a message: how it left the stage, its record there (none if refused), what is to be sent."""

    outcome: Outcome
    record: CleanArticle | Duplicate | None
    outputs: tuple[Output, ...] = field(repr=False)
    reason: Reason | None = None


HandlerResult = Result | Exception
"""What a stage made of one message, or what was wrong with it."""
Handler = Callable[[Sequence[Message]], Sequence[HandlerResult]]
"""What a stage makes of a batch: a result for each message, in order."""


def article_of(message: Message, record: CleanArticle | Duplicate | None = None) -> str | None:
    """The id of the message's article: what became of it has one, and between the stages it is the message's key.

    None where the message has no such id: a raw message may have any key, and so may what a stranger sends.
    """
    if record is None and message.topic == topics.RAW:
        return None
    id = record.id if record else (message.key or b"").decode(errors="replace")
    return id if _ARTICLE_ID.fullmatch(id) else None
