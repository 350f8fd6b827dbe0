"""Sends raw articles to Kafka, with bounded memory, and says of each whether the broker has it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from workers.errors import BrokerUnreachableError, StartRefusedError
from workers.kafka.admin_client import connect_admin, missing_topics
from workers.kafka.kafka_python import (
    AuthorizationError,
    InvalidRecordError,
    InvalidTimestampError,
    KafkaError,
    KafkaProducer,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)
from workers.kafka.security import client_options
from workers.messages import FILE_HEADER
from workers.settings import Settings, compression_type
from workers.topics import RAW

Place = TypeVar("Place")
"""Where an article comes from; its text goes with the message, and names it in reports."""

ACKNOWLEDGE_TIMEOUT = 60.0
"""Seconds to wait for the broker's acknowledgement of a message."""
INTERRUPT_TIMEOUT = 5.0
"""Seconds to wait for what was already sent when the command is interrupted."""
MAX_PENDING = 10_000
MAX_PENDING_BYTES = 32 * 1024 * 1024
"""Messages, and their bytes, that may wait for the broker."""
MAX_PLACE_BYTES = 500
_AT_FAULT = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidRecordError, InvalidTimestampError)
"""Errors of one message, after which the next may be sent."""


class _Producer(KafkaProducer):  # type: ignore[misc]
    """A producer that need not wait, when it is closed, for messages that no broker takes."""

    def abandon(self, timeout: float) -> None:
        """Close it, and give up what the broker has not acknowledged yet."""
        self._sender.force_close()
        self._sender.join(timeout)
        with suppress(KafkaError):
            self.close(timeout=timeout)
        self._closed = True  # else it would try again, and raise, when it is deleted


@dataclass(frozen=True, slots=True)
class Delivery(Generic[Place]):
    """What became of an article: the broker has it on all its replicas, or ``error`` says why not."""

    place: Place
    error: str = ""


def publish(
    articles: Iterable[tuple[Place, bytes]], settings: Settings, bootstrap: str, rate: float | None = None
) -> Generator[Delivery[Place], None, None]:
    """Send the raw articles; a delivery for each, in order, once the broker has it or has refused it.

    If the iteration is interrupted, what was already sent is awaited for a moment and delivered before the interrupt
    is raised again.

    Args:
        articles: the places of the articles and their bytes, in any accepted format.
        settings: how to connect, and the largest message.
        bootstrap: addresses ``host:port``, separated by commas.
        rate: articles per second, at most.

    Raises:
        BrokerUnreachableError: no Kafka answers, or it stops taking messages.
        StartRefusedError: the topic is missing.
    """
    producer = _connected(settings, bootstrap)
    pending: deque[tuple[Place, Any, int]] = deque()
    pending_bytes = 0
    is_done = False

    def settled(timeout: float) -> Delivery[Place]:
        nonlocal pending_bytes
        place, future, size = pending.popleft()
        pending_bytes -= size
        try:
            future.get(timeout=timeout)
        except _AT_FAULT as error:
            return Delivery(place, _refused(error, size, settings.max_message_bytes))
        except KafkaError as error:
            raise _stopped(bootstrap, error) from None
        return Delivery(place)

    try:
        for place, value in paced(articles, rate):
            pending.append((place, _send(producer, place, value, bootstrap), len(value)))
            pending_bytes += len(value)
            while pending and (
                pending[0][1].is_done or len(pending) > MAX_PENDING or pending_bytes > MAX_PENDING_BYTES
            ):
                yield settled(ACKNOWLEDGE_TIMEOUT)
        while pending:
            yield settled(ACKNOWLEDGE_TIMEOUT)
        is_done = True
    except (KeyboardInterrupt, SystemExit):
        deadline = time.monotonic() + INTERRUPT_TIMEOUT
        with suppress(BrokerUnreachableError):
            while pending:
                yield settled(max(0.0, deadline - time.monotonic()))
        raise
    finally:
        with suppress(KafkaError):
            (producer.close if is_done else producer.abandon)(timeout=INTERRUPT_TIMEOUT)


def paced(
    items: Iterable[Place],
    rate: float | None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Place]:
    """The items, at most so many per second. Time in which no items come is not caught up on."""
    if rate is None:
        yield from items
        return
    due = clock()
    for item in items:
        now = clock()
        if due > now:
            sleep(due - now)
        due = max(due, now) + 1 / rate
        yield item


def _connected(settings: Settings, bootstrap: str) -> Any:
    with connect_admin(bootstrap, settings) as admin:
        if missing_topics(admin, [RAW], settings):
            raise StartRefusedError(
                f"the Kafka at {bootstrap} has no topic {RAW}, or hides it from us: run `copydesk topics apply`, "
                f"or grant us to write to {RAW}"
            )
    try:
        return _Producer(
            bootstrap_servers=bootstrap.split(","),
            acks="all",
            linger_ms=20,
            delivery_timeout_ms=int(1000 * ACKNOWLEDGE_TIMEOUT),
            compression_type=compression_type(settings),
            max_request_size=settings.max_message_bytes,
            **client_options(settings),
        )
    except KafkaError as error:
        raise BrokerUnreachableError(f"no Kafka answers at {bootstrap}: {error}") from None


def _send(producer: Any, place: object, value: bytes, bootstrap: str) -> Any:
    """The future of a message. It has its place as a header, unless it is just too large with it."""
    text = str(place).encode(errors="backslashreplace")[-MAX_PLACE_BYTES:].decode(errors="ignore")
    try:
        try:
            return producer.send(RAW, value, headers=[(FILE_HEADER, text.encode())])
        except MessageSizeTooLargeError:
            return producer.send(RAW, value)
    except _AT_FAULT as error:
        return _Failed(error)
    except KafkaError as error:
        raise _stopped(bootstrap, error) from None


@dataclass(frozen=True, slots=True)
class _Failed:
    """The future of a message that the client itself refuses."""

    error: Exception
    is_done: bool = True

    def get(self, timeout: float) -> None:
        raise self.error


def _refused(error: Exception, size: int, limit: int) -> str:
    """Why a message of this size was refused."""
    if not isinstance(error, MessageSizeTooLargeError | RecordListTooLargeError):
        return f"{size:,} bytes: {error}"
    if size > limit:  # it may be larger still: only so much of an article is read
        return f"larger than COPYDESK_MAX_MESSAGE_BYTES={limit}"
    return f"{size:,} bytes: larger than COPYDESK_MAX_MESSAGE_BYTES={limit}, or than the broker allows"


def _stopped(bootstrap: str, error: KafkaError) -> BrokerUnreachableError:
    if isinstance(error, AuthorizationError):
        return BrokerUnreachableError(f"the Kafka at {bootstrap} does not let us write to {RAW}: grant it")
    why = f"{type(error).__name__}: {error}"
    if isinstance(error, KafkaTimeoutError):
        why = f"it has acknowledged nothing for {ACKNOWLEDGE_TIMEOUT:g} s"
    return BrokerUnreachableError(f"the Kafka at {bootstrap} takes no more articles: {why}")
