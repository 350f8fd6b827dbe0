"""The topics of the stream: one table, used to create, check and document them."""

from __future__ import annotations

from dataclasses import dataclass

from workers.settings import Settings

RAW = "news-raw"
CLEAN = "news-clean"
UNIQUE = "news-unique"
ENRICHED = "news-enriched"
DUPLICATES = "news-duplicates"
STORIES = "news-stories"
LEDGER = "news-ledger"
DEAD_LETTERS = "news-dead-letters"

DEAD_LETTER_PARTITIONS = 3
MAX_PARTITIONS = 1_000_000
"""More than any topic has."""

HOUR = 3_600_000
"""Milliseconds in an hour."""
DAY = 24 * HOUR
"""Milliseconds in a day."""

EMBEDDED_RETENTION_BYTES = 1024**3
"""The default of COPYDESK_RETENTION_BYTES for the embedded Kafka, whose disk nobody else looks after."""
SEGMENTS_PER_PARTITION = 8
"""Kafka deletes whole segments: with this many, a partition that is full loses little more than it must."""
STORY_SLACK = 7 * DAY
"""How long after its window a story is kept for readers that are late."""

MAX_VERDICT_BYTES = 8192
"""Upper bound on the bytes that dedupe adds to a clean article. Of these, 32 stories that it merges take some 5,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """The required form of a topic.

    Attributes:
        config: Kafka's topic settings.
        allowed_partitions: the partition counts with which workers can run.
    """

    name: str
    partitions: int
    key: str
    value: str
    written_by: str
    config: dict[str, str]
    allowed_partitions: range

    @property
    def max_bytes(self) -> int:
        """The largest record batch that the topic accepts, in bytes."""
        return int(self.config["max.message.bytes"])


def topics(settings: Settings) -> tuple[Topic, ...]:
    """All topics of the stream under these settings, in the order in which articles pass them."""
    # With three replicas, two must have an acknowledged record: one replica may then be offline while another is lost.
    in_sync = max(1, settings.replication - 1)
    common = {
        "min.insync.replicas": str(in_sync),
        "message.timestamp.type": "LogAppendTime",
        "cleanup.policy": "delete",  # the default of most brokers; compaction would lose records of the same key
    }
    partitions, shards = settings.partitions, len(settings.shards)
    raw = settings.max_message_bytes
    unique = 2 * raw + MAX_VERDICT_BYTES
    window_ms, retention_ms = settings.window_hours * HOUR, settings.raw_retention_hours * HOUR
    # What can be read again must still have its verdict in the ledger, so both inputs of dedupe end in time: Kafka
    # deletes whole segments, and only once their last record is old enough.
    inputs: dict[str, object] = {"retention.ms": retention_ms, "segment.ms": _segment_ms(settings)}
    # Producers date the raw messages themselves; the broker rejects those from the future (since Kafka 3.6). What we
    # write, the broker dates: retention counts from the time of writing, and no timestamp can be refused.
    # Sizes: a clean article contains its body and the removed spans, an enriched article also its entities, a dead
    # letter the raw message and its headers.
    rows: tuple[tuple[str, int, str, str, str, int, dict[str, object]], ...] = (
        (RAW, partitions, "anything", "bytes in any accepted format", "crawlers, copydesk publish",
         raw, inputs | {"message.timestamp.type": "CreateTime", "message.timestamp.after.max.ms": HOUR}),
        (CLEAN, shards, "article id", "CleanArticle", "clean", 2 * raw, inputs),
        (UNIQUE, partitions, "article id", "UniqueArticle", "dedupe", unique, {"retention.ms": 7 * DAY}),
        (ENRICHED, partitions, "article id", "EnrichedArticle", "enrich", 4 * raw, {"retention.ms": 30 * DAY}),
        (DUPLICATES, partitions, "id of the original", "Duplicate", "dedupe", 2 * raw, {"retention.ms": 30 * DAY}),
        # A story changes only within the window, and is read as long as other topics; then it is deleted.
        (STORIES, partitions, "story id", "Story", "dedupe", 2 * raw,
         {"cleanup.policy": "compact,delete", "retention.ms": window_ms + STORY_SLACK, "segment.ms": DAY}),
        (LEDGER, shards, "raw message (topic/partition/offset)", "LedgerEntry", "dedupe, read back by dedupe", raw,
         {"cleanup.policy": "compact", "min.compaction.lag.ms": min(window_ms, DAY), "segment.ms": DAY}),
        (DEAD_LETTERS, DEAD_LETTER_PARTITIONS, "the original key", "the original bytes", "any stage",
         3 * raw, {"retention.ms": 30 * DAY}),
    )  # fmt: skip
    return tuple(
        Topic(
            name=name,
            partitions=count,
            key=key,
            value=value,
            written_by=writer,
            allowed_partitions=_allowed_partitions(name, count),
            config={"max.message.bytes": str(size)}
            | common
            | {key: str(value) for key, value in (config | _size_limit(settings, size, config)).items()},
        )
        for name, count, key, value, writer, size, config in rows
    )


def _allowed_partitions(name: str, count: int) -> range:
    if name in (CLEAN, LEDGER):  # each partition stands for a language
        return range(count, count + 1)
    return range(DEAD_LETTER_PARTITIONS if name == DEAD_LETTERS else 1, MAX_PARTITIONS)


def _segment_ms(settings: Settings) -> int:
    """How long Kafka writes to one segment of news-raw, in milliseconds."""
    return min(DAY, settings.raw_retention_hours * HOUR) // 2


def memory_ms(settings: Settings) -> int:
    """How long dedupe remembers a verdict, in milliseconds of message time.

    Kafka keeps a raw message for the retention time after the last message of its segment. Twice the time of a segment
    leaves room for messages that are sent up to 11 hours after their own time, and for times in the future.
    """
    return max(settings.window_hours * HOUR, settings.raw_retention_hours * HOUR + 2 * _segment_ms(settings))


def _size_limit(settings: Settings, max_message_bytes: int, config: dict[str, object]) -> dict[str, object]:
    """The config that bounds the size of a topic's partitions; empty if nothing does, or if nothing may be deleted."""
    limit = retention_bytes(settings)
    if limit is None or config.get("cleanup.policy") == "compact":
        return {}
    return {
        "retention.bytes": limit,
        "segment.bytes": max(max_message_bytes, min(limit // SEGMENTS_PER_PARTITION, EMBEDDED_RETENTION_BYTES)),
    }


def retention_bytes(settings: Settings) -> int | None:
    """The bytes after which a partition loses its oldest messages; None if their number is not limited."""
    if settings.retention_bytes is None:
        return EMBEDDED_RETENTION_BYTES if settings.is_embedded else None
    return settings.retention_bytes


def disk_bytes(settings: Settings) -> int | None:
    """The most bytes that the topics take, without the ledger and replicas; None if nothing limits them."""
    limits = [
        topic.partitions * (int(topic.config["retention.bytes"]) + int(topic.config["segment.bytes"]))
        for topic in topics(settings)
        if "retention.bytes" in topic.config
    ]
    return sum(limits) if limits else None


def largest(settings: Settings) -> int:
    """The largest record batch that any topic accepts, in bytes."""
    return max(topic.max_bytes for topic in topics(settings))


def shards_of(language: str, settings: Settings) -> range:
    """The partitions of news-clean for articles in the language."""
    shards = [shard.partition(":")[0] for shard in settings.shards]
    first = shards.index(language) if language in shards[:-1] else len(shards) - 1
    return range(first, first + shards.count(shards[first]))
