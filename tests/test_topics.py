from __future__ import annotations

import pytest

from workers import topics
from workers.settings import Settings

SETTINGS = Settings(partitions=5, languages=("en", "fr"), max_message_bytes=100_000, window_hours=6)
TABLE = {topic.name: topic for topic in topics.topics(SETTINGS)}


def test_each_topic_is_there_once() -> None:
    assert len(TABLE) == len(topics.topics(SETTINGS)) == 8
    assert set(TABLE) == {value for name, value in vars(topics).items() if name.isupper() and type(value) is str}


def test_partitions_follow_the_settings() -> None:
    assert {name: topic.partitions for name, topic in TABLE.items()} == {
        topics.RAW: 5,
        topics.CLEAN: 3,
        topics.UNIQUE: 5,
        topics.ENRICHED: 5,
        topics.DUPLICATES: 5,
        topics.STORIES: 5,
        topics.LEDGER: 3,
        topics.DEAD_LETTERS: 3,
    }


def test_the_ledger_is_partitioned_as_the_articles_it_speaks_of() -> None:
    for settings in (SETTINGS, Settings()):
        table = {topic.name: topic for topic in topics.topics(settings)}
        assert table[topics.LEDGER].partitions == table[topics.CLEAN].partitions == len(settings.shards)


@pytest.mark.parametrize(("language", "shard"), [("en", 0), ("fr", 1), ("de", 2), ("und", 2), ("", 2)])
def test_a_language_has_one_shard(language: str, shard: int) -> None:
    assert topics.shard_of(language, SETTINGS) == shard


def test_the_dead_letters_take_whatever_a_stage_may_read() -> None:
    for name in (topics.RAW, topics.CLEAN, topics.UNIQUE):
        assert TABLE[topics.DEAD_LETTERS].max_bytes > TABLE[name].max_bytes
    assert topics.largest(SETTINGS) == max(topic.max_bytes for topic in TABLE.values())


def test_what_is_kept_by_key_is_compacted_and_what_flows_is_deleted_in_time() -> None:
    for name, topic in TABLE.items():
        compacted = topic.config.get("cleanup.policy") == "compact"
        assert compacted == (name in {topics.STORIES, topics.LEDGER})
        assert compacted != ("retention.ms" in topic.config)


def test_no_entry_is_compacted_away_while_it_may_be_needed() -> None:
    """A deletion is kept a day by Kafka; an entry is not touched sooner than its window ends or a day has passed."""
    assert int(TABLE[topics.LEDGER].config["min.compaction.lag.ms"]) == 6 * topics.HOUR
