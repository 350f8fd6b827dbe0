"""What travels between the stages and Kafka: messages in, outputs out, and what became of each message."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from schemas import CleanArticle, Duplicate, Origin
from workers import topics
from workers.fault_points import fault_point
from workers.outcomes import Outcome, Reason
from workers.timestamps import milliseconds

Headers = tuple[tuple[str, bytes | None], ...]
"""Names and values, in order. Names may repeat; a value may be null."""

TIME_HEADER = "__copydesk.time"
"""The header with the time of the raw message, in milliseconds since 1970. Clean sets it; later stages pass it on."""
FILE_HEADER = "__copydesk.file"
"""The header with the file and line of an article that `copydesk publish` sent, as UTF-8. It stays with the article,
also in the dead letters."""
MAX_CLOCK_SKEW_MS = topics.HOUR
"""How far the clock of a producer may be ahead of the broker's, in milliseconds."""

MAX_FRAMING_BYTES = 512
"""Bytes that Kafka may add to a record in a batch of its own, with room to spare."""

MAX_ID_BYTES = 17
"""Bytes of a key that are enough to see whether it is an article id."""

_ARTICLE_ID = re.compile(r"[0-9a-f]{16}")


_TIME = re.compile(rb"\d{1,13}")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was read. ``timestamp`` is what Kafka stores with it, in any unit and possibly negative."""

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

    @property
    def written(self) -> int:
        """When the message was written to its topic, in milliseconds since 1970; 0 if unknown.

        By the broker's clock, except in the raw topic: there it is what the producer says.
        """
        return milliseconds(self.timestamp)

    @property
    def raw_time(self) -> int:
        """The time that the raw message has from its producer, in milliseconds since 1970; 0 if unknown."""
        if self.topic == topics.RAW:
            return self.written
        values = [value for name, value in self.headers if name == TIME_HEADER]
        return milliseconds(int(values[0])) if values and values[0] and _TIME.fullmatch(values[0]) else 0

    @property
    @fault_point("message time")
    def time(self) -> int:
        """The message time, which drives the window: milliseconds since 1970, 0 if unknown.

        It is the time of the raw message, or the time of writing if that is unknown or more than an hour ahead of it.
        The worker's clock has no say, so that a message has the same time whenever and wherever it is handled.
        """
        raw_time, written = self.raw_time, self.written
        return raw_time if raw_time and (raw_time <= written + MAX_CLOCK_SKEW_MS or not written) else written


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
        headers = sum(len(name.encode()) + len(value or b"") + 10 for name, value in self.headers)
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
    id = record.id if record else (message.key or b"")[:MAX_ID_BYTES].decode(errors="replace")
    return id if _ARTICLE_ID.fullmatch(id) else None
