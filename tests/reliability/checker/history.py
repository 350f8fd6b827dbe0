"""The history of a run: what was sent, what stands in every topic at its end, and what was committed when."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from schemas import Origin, convert
from tests.reliability.harness.prefill import EARLIER
from workers.cli.demo.tally import read_dead_letter
from workers.kafka.kafka_python import KafkaConsumer, TopicPartition
from workers.messages import Message
from workers.outcomes import Stage
from workers.settings import Settings
from workers.topics import DEAD_LETTERS, HOUR, LEDGER, RAW, STORIES, topics

Place = tuple[str, int]
"""A partition: its topic and its number."""

SILENCE = 120
"""Seconds without a record after which nothing more is waited for."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What was committed at a moment, by partition, and where every output topic ended right after that."""

    committed: Mapping[Place, int]
    ends: Mapping[Place, int]


@dataclass(slots=True)
class History:
    """One run. ``records`` holds every record of every topic in the order of its partitions and offsets.

    ``samples`` are what was committed as it was seen from time to time, ``commits`` all of them in their order;
    ``earlier`` has the entries that were in the ledger before the run; ``stages`` are those that ran.
    """

    settings: Settings
    sent: dict[Origin, bytes | None] = field(default_factory=dict)
    records: dict[str, list[Message]] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    commits: dict[Place, list[int]] = field(default_factory=dict)
    earlier: list[Message] = field(default_factory=list)
    stages: frozenset[Stage] = frozenset(Stage)

    @property
    def window(self) -> int:
        """How far back an article is compared, in milliseconds of message time."""
        return self.settings.window_hours * HOUR

    def of(self, topic: str) -> list[Message]:
        """The records of the topic."""
        return self.records.get(topic, [])

    def first(self, topic: str) -> Iterator[Message]:
        """The records of the topic, each origin only where it stands first in a partition."""
        seen: set[tuple[int, Origin]] = set()
        for record in self.of(topic):
            key = record.partition, origin_of(record)
            if key not in seen:
                seen.add(key)
                yield record


def history_of(
    settings: Settings,
    sent: dict[Origin, bytes | None],
    records: dict[str, list[Message]],
    samples: list[Sample],
    commits: dict[Place, list[int]],
    stages: frozenset[Stage],
) -> History:
    """The history of a run; its entries in the ledger are told from earlier ones."""
    split: dict[bool, list[Message]] = {True: [], False: []}
    for record in records[LEDGER]:
        split[origin_of(record).partition == EARLIER].append(record)
    return History(settings, sent, records | {LEDGER: split[False]}, samples, commits, split[True], stages)


def origin_of(record: Message) -> Origin:
    """The raw message that the record goes back to; stories, which speak of many, have none.

    Raises:
        ValueError: the record does not say.
    """
    match record.topic:
        case topic if topic == RAW:
            return record.origin
        case topic if topic == DEAD_LETTERS:
            return read_dead_letter(record.value, dict(record.headers)).origin
        case topic if topic == LEDGER:
            return _parsed((record.key or b"").decode())
        case topic if topic == STORIES:
            raise ValueError("a story has no single origin")
    return convert(orjson.loads(record.value or b"")["origin"], Origin)


def _parsed(text: str) -> Origin:
    topic, partition, offset = text.rsplit("/", 2)
    return Origin(topic=topic, partition=int(partition), offset=int(offset))


def read_topics(bootstrap: str, settings: Settings) -> dict[str, list[Message]]:
    """Every record of every topic of the stream."""
    consumer = new_consumer(bootstrap)
    try:
        places = [
            TopicPartition(topic.name, number) for topic in topics(settings) for number in range(topic.partitions)
        ]
        found: dict[str, list[Message]] = {topic.name: [] for topic in topics(settings)}
        for message in as_messages(read_to_end(consumer, places)):
            found[message.topic].append(message)
    finally:
        consumer.close()
    for messages in found.values():
        messages.sort(key=lambda message: (message.partition, message.offset))
    return found


def read_to_end(consumer: Any, places: Sequence[TopicPartition]) -> Iterator[Any]:
    """The records of the partitions, from their beginnings to where they end now."""
    ends = consumer.end_offsets(places)
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    heard = time.monotonic()
    while any(consumer.position(place) < end for place, end in ends.items()):
        assert time.monotonic() - heard < SILENCE, "Kafka gives nothing more, and there is more"
        for records in consumer.poll(timeout_ms=500).values():
            yield from records
            heard = time.monotonic()


def end_of(bootstrap: str, settings: Settings, name: str) -> int:
    """How many records the topic has."""
    (topic,) = (topic for topic in topics(settings) if topic.name == name)
    consumer = new_consumer(bootstrap)
    try:
        return sum(consumer.end_offsets([TopicPartition(name, number) for number in range(topic.partitions)]).values())
    finally:
        consumer.close()


def new_consumer(bootstrap: str) -> Any:
    """A consumer without a group."""
    return KafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        request_timeout_ms=10_000,
        reconnect_backoff_max_ms=500,
        max_partition_fetch_bytes=8 * 1024 * 1024,
        check_crcs=False,  # kafka-python computes them in Python
    )


def as_messages(records: Iterable[Any]) -> Iterator[Message]:
    """kafka-python's records as messages."""
    for record in records:
        headers = tuple((name, value or b"") for name, value in record.headers)
        yield Message(
            record.topic, record.partition, record.offset, record.timestamp, record.value, record.key, headers
        )
