"""Test news at a given rate: made-up articles from a few sources."""

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
INTERVAL_SECONDS = 0.2
"""Time between two groups of messages."""


def news(seed: int = 1, redesigned: str = "") -> Iterator[bytes]:
    """An endless stream of raw messages: made-up articles from a few sources, some bad, mixed with the samples.

    Half of each article from the host ``redesigned`` is requests to follow it.
    """
    sample_cycle = cycle(samples())
    for number, message in enumerate(inputs(1_000_000, seed, bad=0.004, languages=("en", "de", "fr"))):
        if number % 50 == 0:
            yield next(sample_cycle).value
        if message.value is None or not message.value.startswith(b'{"id"'):
            yield message.value or b""
            continue
        article = orjson.loads(message.value)
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
    """Sends ``rate`` messages per second to a stream. Its attributes may change while it runs."""

    bootstrap: str
    rate: float
    articles: Iterator[bytes] = field(default_factory=news)
    late: float = 0.0
    """How many seconds in the past the messages' timestamps are."""

    def run(self, stopping: Event) -> None:
        """Send until ``stopping`` is set."""
        producer = KafkaProducer(bootstrap_servers=self.bootstrap, acks="all", linger_ms=20)
        sent = 0.0
        while not stopping.wait(INTERVAL_SECONDS):
            due = sent + INTERVAL_SECONDS * self.rate
            for _ in range(int(due) - int(sent)):
                producer.send(RAW, next(self.articles), timestamp_ms=int(1000 * (time.time() - self.late)))
            sent = due
        producer.close()
