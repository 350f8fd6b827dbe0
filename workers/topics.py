"""The topics of the stream: one table, from which they are created, checked and documented."""

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

HOUR = 3_600_000
DAY = 24 * HOUR

VERDICT = 1024
"""Bytes by which a unique article is at most larger than the clean one, with room to spare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic as it must be: ``config`` holds Kafka's own topic settings."""

    name: str
    partitions: int
    key: str
    value: str
    written_by: str
    config: dict[str, str]

    @property
    def max_bytes(self) -> int:
        """The largest record batch that the topic takes, in bytes."""
        return int(self.config["max.message.bytes"])


def topics(settings: Settings) -> tuple[Topic, ...]:
    """Every topic of the stream under these settings, in the order of the flow."""
    # Of three replicas two must have what was acknowledged: one may be lost, and one away.
    in_sync = max(1, settings.replication - 1)
    many, shards = settings.partitions, len(settings.shards)
    raw = settings.max_message_bytes
    window = settings.window_hours * HOUR
    # The latest message time ends the window: one that were far ahead would empty it. (Kafka knows this since 3.6.)
    # A clean article holds its body and what was removed; an enriched one also its entities; a dead letter the raw
    # message and its headers.
    rows: tuple[tuple[str, int, str, str, str, int, dict[str, object]], ...] = (
        (RAW, many, "anything", "bytes in any accepted format", "crawlers, copydesk publish",
         raw, {"retention.ms": 7 * DAY, "message.timestamp.after.max.ms": HOUR}),
        (CLEAN, shards, "article id", "CleanArticle", "clean", 2 * raw, {"retention.ms": 7 * DAY}),
        (UNIQUE, many, "article id", "UniqueArticle", "dedupe", 2 * raw + VERDICT, {"retention.ms": 7 * DAY}),
        (ENRICHED, many, "article id", "EnrichedArticle", "enrich", 4 * raw, {"retention.ms": 30 * DAY}),
        (DUPLICATES, many, "id of the original", "Duplicate", "dedupe", 2 * raw, {"retention.ms": 30 * DAY}),
        (STORIES, many, "story id", "Story", "dedupe", 2 * raw, {"cleanup.policy": "compact"}),
        (LEDGER, shards, "raw message (topic/partition/offset)", "LedgerEntry", "dedupe, read back by dedupe", raw,
         {"cleanup.policy": "compact", "min.compaction.lag.ms": min(window, DAY), "segment.ms": DAY}),
        (DEAD_LETTERS, DEAD_LETTER_PARTITIONS, "the original key", "the original bytes", "any stage",
         3 * raw, {"retention.ms": 30 * DAY}),
    )  # fmt: skip
    return tuple(
        Topic(
            name=name,
            partitions=partitions,
            key=key,
            value=value,
            written_by=by,
            config={"max.message.bytes": str(size), "min.insync.replicas": str(in_sync)}
            | {key: str(value) for key, value in config.items()},
        )
        for name, partitions, key, value, by, size, config in rows
    )


def largest(settings: Settings) -> int:
    """The largest record batch that any topic takes, in bytes."""
    return max(topic.max_bytes for topic in topics(settings))


def shard_of(language: str, settings: Settings) -> int:
    """The partition of news-clean for articles of the language."""
    try:
        return settings.languages.index(language)
    except ValueError:
        return len(settings.languages)
