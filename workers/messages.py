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
    """A message to send. Without a ``partition``, Kafka chooses it by the key."""

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
    """The result for one message: its outcome, its record (None if refused) and the outputs to send."""

    outcome: Outcome
    record: CleanArticle | Duplicate | None
    outputs: tuple[Output, ...] = field(repr=False)
    reason: Reason | None = None


HandlerResult = Result | Exception
"""The result for one message, or the error that handling it raised."""
Handler = Callable[[Sequence[Message]], Sequence[HandlerResult]]
"""Handles a batch: returns one result per message, in order."""


def article_of(message: Message, record: CleanArticle | Duplicate | None = None) -> str | None:
    """The id of the message's article: the record's, or the message's key if there is no record.

    None for a raw message without a record, or if the key is not an article id.
    """
    if record is None and message.topic == topics.RAW:
        return None
    id = record.id if record else (message.key or b"").decode(errors="replace")
    return id if _ARTICLE_ID.fullmatch(id) else None
