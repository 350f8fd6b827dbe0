"""News for a stream that is watched: made-up articles of a few sources, at a rate."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from threading import Event

import orjson

from tests.integration.articles import inputs
from workers.cli.demo.samples import samples
from workers.kafka.kafka_python import KafkaProducer
from workers.topics import RAW

HOSTS = ("harbour-times.example", "courier.example", "north-post.example", "wire.example", "evening-star.example")
PROMO = "\nFollow us on our official WhatsApp channel for breaking news alerts!"
EVERY = 0.2
"""Seconds between two handfuls of messages."""


def news(seed: int = 1, redesigned: str = "") -> Iterator[bytes]:
    """Raw messages without end: made-up articles of a few sources, some bad, and the samples among them.

    The host that is ``redesigned`` sends pages of which half are requests to follow it.
    """
    extra = cycle(samples())
    for number, one in enumerate(inputs(1_000_000, seed, bad=0.004, languages=("en", "de", "fr"))):
        if number % 50 == 0:
            yield next(extra).value
        if one.value is None or not one.value.startswith(b'{"id"'):
            yield one.value or b""
            continue
        article = orjson.loads(one.value)
        host = HOSTS[(number * number) % 11 % len(HOSTS)]
        article["url"] = article["url"].replace("news.example", host)
        if number % 7:
            article["published"] = datetime.now(UTC).isoformat(timespec="seconds")
        if host == redesigned:
            article["body"] += PROMO * 4
        elif number % 3 == 0:
            article["body"] += PROMO
        yield orjson.dumps(article)


@dataclass
class Feed:
    """What is sent to a stream, ``rate`` messages a second; all of it may be changed while it is sent."""

    bootstrap: str
    rate: float
    articles: Iterator[bytes] = field(default_factory=news)
    late: float = 0.0
    """Seconds by which the messages' own times lie in the past."""

    def run(self, stopping: Event) -> None:
        """Send until it is time to stop."""
        producer = KafkaProducer(bootstrap_servers=self.bootstrap, acks="all", linger_ms=20)
        sent = 0.0
        while not stopping.wait(EVERY):
            due = sent + EVERY * self.rate
            for _ in range(int(due) - int(sent)):
                producer.send(RAW, next(self.articles), timestamp_ms=int(1000 * (time.time() - self.late)))
            sent = due
        producer.close()
