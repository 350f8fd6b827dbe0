"""The history of a run: what was sent, what every topic holds at the end, and what was committed when."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

from schemas import CleanArticle, InvalidRecordError, Origin, convert, decode
from tests.reliability.harness.prefill import PREFILL_PARTITION
from workers.cli.demo.tally import read_dead_letter
from workers.kafka.kafka_python import KafkaConsumer, TopicPartition
from workers.messages import Message
from workers.outcomes import Stage
from workers.settings import Settings
from workers.state.entries import check_entry, key_of
from workers.state.lineage import SOURCE_TOPIC_IDS
from workers.topics import CLEAN, DEAD_LETTERS, HOUR, LEDGER, RAW, STORIES, UNIQUE, memory_ms, topics

Place = tuple[str, int]
"""A partition: its topic and its number."""

INTERMEDIATE = (CLEAN, UNIQUE)
"""The topics between the stages."""
READ_TIMEOUT = 120
"""Seconds without a record after which reading a topic fails."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The committed offset of each input partition, and the end offset of every partition right after that."""

    committed: Mapping[Place, int]
    ends: Mapping[Place, int]


@dataclass(slots=True)
class History:
    """One run.

    Attributes:
        sent: the raw messages that the broker accepted.
        records: every record of every topic, by partition and offset.
        samples: committed and end offsets, sampled during the run.
        commits: every committed offset of each partition, in commit order.
        prefilled: the ledger entries from before the run.
        stages: the stages that ran.
        set_back: the input topics whose groups were set back on purpose.
    """

    settings: Settings
    sent: dict[Origin, bytes | None] = field(default_factory=dict)
    records: dict[str, list[Message]] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    commits: dict[Place, list[int]] = field(default_factory=dict)
    prefilled: list[Message] = field(default_factory=list)
    stages: frozenset[Stage] = frozenset(Stage)
    set_back: Collection[str] = ()

    @property
    def window_ms(self) -> int:
        """How far back an article is compared, in milliseconds of message time."""
        return self.settings.window_hours * HOUR

    @property
    def memory_ms(self) -> int:
        """How long a verdict is remembered, in milliseconds of message time."""
        return memory_ms(self.settings)

    def of(self, topic: str) -> list[Message]:
        """The records of the topic."""
        return self.records.get(topic, [])

    def without_repeats(self, topic: str) -> Iterator[Message]:
        """The records of the topic, of each origin only the first in a partition."""
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
    set_back: Collection[str] = (),
) -> History:
    """The history of a run, with the prefilled ledger entries set apart, and without stray records of the ledger."""
    entries: list[Message] = []
    prefilled: list[Message] = []
    named = Counter(dict(record.headers).get(SOURCE_TOPIC_IDS) for record in records[LEDGER])
    ours = named.most_common(1)[0][0] if named else None
    for record in records[LEDGER]:
        if dict(record.headers).get(SOURCE_TOPIC_IDS) != ours or not is_entry(record):
            continue
        (prefilled if origin_of(record).partition == PREFILL_PARTITION else entries).append(record)
    return History(settings, sent, records | {LEDGER: entries}, samples, commits, prefilled, stages, set_back)


def origin_of(record: Message) -> Origin:
    """The raw message that the record stems from; the record itself if it is a stray one between the stages.

    Raises:
        ValueError: the record is a story, which stems from many.
    """
    match record.topic:
        case topic if topic == RAW:
            return record.origin
        case topic if topic == DEAD_LETTERS:
            return read_dead_letter(record.value, dict(record.headers)).origin
        case topic if topic == LEDGER:
            return _parse_origin((record.key or b"").decode())
        case topic if topic == STORIES:
            raise ValueError("a story has no single origin")
        case topic if topic in INTERMEDIATE:
            with suppress(InvalidRecordError):
                return decode(record.value or b"", CleanArticle).origin
            return record.origin
    return convert(orjson.loads(record.value or b"")["origin"], Origin)


def is_entry(record: Message) -> bool:
    """Whether a record of the ledger topic is in the form of an entry, or of the deletion of one."""
    try:
        key = key_of(record.key)
        if record.value is not None:
            check_entry(key, record.value)
    except InvalidRecordError:
        return False
    return True


def _parse_origin(text: str) -> Origin:
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
    """Every record of the partitions up to their current ends."""
    ends = consumer.end_offsets(places)
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    last_record = time.monotonic()
    while any(consumer.position(place) < end for place, end in ends.items()):
        assert time.monotonic() - last_record < READ_TIMEOUT, "Kafka delivers no more records before the end"
        for records in consumer.poll(timeout_ms=500).values():
            yield from records
            last_record = time.monotonic()


def count_records(bootstrap: str, settings: Settings, name: str) -> int:
    """The number of records in the topic, by its end offsets."""
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
        isolation_level="read_committed",
        request_timeout_ms=10_000,
        reconnect_backoff_max_ms=500,
        max_partition_fetch_bytes=8 * 1024 * 1024,
        check_crcs=False,  # kafka-python computes them in Python
    )


def as_messages(records: Iterable[Any]) -> Iterator[Message]:
    """Convert kafka-python's records to messages."""
    for record in records:
        yield Message(
            record.topic, record.partition, record.offset, record.timestamp, record.value, record.key,
            tuple(record.headers),
        )  # fmt: skip
