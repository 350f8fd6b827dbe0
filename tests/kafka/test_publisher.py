"""The pace of sending, and what is told of messages that the broker refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from workers.errors import BrokerUnreachableError
from workers.kafka import publisher
from workers.kafka.kafka_python import KafkaError, MessageSizeTooLargeError
from workers.kafka.publisher import Delivery, paced, publish
from workers.messages import FILE_HEADER
from workers.settings import Settings


class Future:
    """A future that is never done until somebody waits for it."""

    is_done = False

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def get(self, timeout: float) -> None:
        if self.error:
            raise self.error


class Producer:
    """A producer whose broker refuses what its value says."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, Any]] = []
        self.is_closed = self.is_abandoned = False

    def send(self, topic: str, value: bytes, headers: Any = None) -> Future:
        if value == b"just fits" and headers:
            raise MessageSizeTooLargeError
        self.sent.append((value, headers))
        return Future({b"large": MessageSizeTooLargeError(), b"down": KafkaError("gone")}.get(value))

    def close(self, timeout: float) -> None:
        self.is_closed = True

    def abandon(self, timeout: float) -> None:
        self.is_abandoned = True


@pytest.fixture
def producer(monkeypatch: pytest.MonkeyPatch) -> Producer:
    producer = Producer()
    monkeypatch.setattr(publisher, "_connected", lambda settings, bootstrap: producer)
    return producer


def test_each_article_is_delivered_in_order_with_its_place_as_a_header(producer: Producer) -> None:
    articles = [("a, line 1", b"one"), ("b\udcff, line 2", b"large"), ("c, line 3", b"just fits")]
    first, second, third = publish(articles, Settings(), "x:1")
    assert (first, third) == (Delivery("a, line 1"), Delivery("c, line 3"))
    assert second.error.startswith("5 bytes: larger than COPYDESK_MAX_MESSAGE_BYTES=2097152, or than the broker")
    assert producer.sent == [
        (b"one", [(FILE_HEADER, b"a, line 1")]),
        (b"large", [(FILE_HEADER, b"b\\udcff, line 2")]),
        (b"just fits", None),
    ]
    assert producer.is_closed


def test_the_size_of_an_article_that_was_not_read_whole_is_not_told(producer: Producer) -> None:
    settings = Settings(max_message_bytes=4)
    (delivery,) = publish([("a", b"large")], settings, "x:1")
    assert delivery.error == "larger than COPYDESK_MAX_MESSAGE_BYTES=4"


def test_a_broker_that_fails_ends_the_run_rather_than_every_article(producer: Producer) -> None:
    deliveries = publish([("a", b"one"), ("b", b"down"), ("c", b"three")], Settings(), "x:1")
    assert next(deliveries) == Delivery("a")
    with pytest.raises(BrokerUnreachableError, match="x:1 takes no more articles"):
        next(deliveries)
    assert producer.is_abandoned


def test_few_articles_wait_for_the_broker(producer: Producer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "MAX_PENDING_BYTES", 100)
    deliveries = publish(((str(number), b"x" * 10) for number in range(1_000)), Settings(), "x:1")
    for number, _ in enumerate(deliveries, start=1):
        assert len(producer.sent) <= number + 10


def test_an_interrupt_first_delivers_what_was_sent(producer: Producer) -> None:
    def articles() -> Iterator[tuple[str, bytes]]:
        yield "a", b"one"
        yield "b", b"two"
        raise KeyboardInterrupt

    places = []
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 -- the deliveries before it count
        for delivery in publish(articles(), Settings(), "x:1"):
            places.append(delivery.place)
    assert places == ["a", "b"]
    assert producer.is_abandoned


def test_the_pace_is_kept_and_a_pause_is_not_made_up_for() -> None:
    now, times = [100.0], []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    for item in paced(range(6), 2.0, lambda: now[0], sleep):
        times.append(now[0] - 100)
        if item == 2:
            now[0] += 10
    assert times == [0, 0.5, 1, 11, 11.5, 12]
