from __future__ import annotations

import dataclasses

import pytest

from workers import topics
from workers.settings import Settings

SETTINGS = Settings(partitions=5, languages=("en", "fr"), max_message_bytes=100_000, window_hours=6)
TABLE = {topic.name: topic for topic in topics.topics(SETTINGS)}


def test_the_table_has_each_topic_once() -> None:
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


def test_the_ledger_has_as_many_partitions_as_clean_articles() -> None:
    for settings in (SETTINGS, Settings()):
        table = {topic.name: topic for topic in topics.topics(settings)}
        assert table[topics.LEDGER].partitions == table[topics.CLEAN].partitions == len(settings.shards)


@pytest.mark.parametrize("settings", [SETTINGS, Settings(), Settings(raw_retention_hours=2, window_hours=1)])
def test_a_verdict_outlives_every_copy_of_its_message_in_the_input_topics(settings: Settings) -> None:
    """Kafka keeps a message for the retention time after the last message of its segment."""
    assert topics.memory_ms(settings) >= settings.window_hours * topics.HOUR
    for topic in topics.topics(settings):
        if topic.name in {topics.RAW, topics.CLEAN}:
            kept = int(topic.config["retention.ms"]) + int(topic.config["segment.ms"])
            assert topics.memory_ms(settings) >= kept + int(topic.config["segment.ms"])


@pytest.mark.parametrize(("language", "shard"), [("en", 0), ("fr", 1), ("de", 2), ("und", 2), ("", 2), ("other", 2)])
def test_each_language_maps_to_one_shard(language: str, shard: int) -> None:
    assert topics.shards_of(language, SETTINGS) == range(shard, shard + 1)


def test_a_language_with_several_shards_has_their_partitions() -> None:
    settings = dataclasses.replace(SETTINGS, languages=("fr", "en:3", "de"))
    found = {language: topics.shards_of(language, settings) for language in ("fr", "en", "de", "und")}
    assert found == {"fr": range(1), "en": range(1, 4), "de": range(4, 5), "und": range(5, 6)}


def test_dead_letters_have_room_for_the_largest_input_of_each_stage() -> None:
    for name in (topics.RAW, topics.CLEAN, topics.UNIQUE):
        assert TABLE[topics.DEAD_LETTERS].max_bytes > TABLE[name].max_bytes
    assert topics.largest(SETTINGS) == max(topic.max_bytes for topic in TABLE.values())


def test_stories_and_ledger_are_compacted_and_other_topics_have_a_retention_time() -> None:
    for name, topic in TABLE.items():
        # Also where Kafka's default would do: a compacted topic of dead letters loses those with the same key.
        assert ("compact" in topic.config["cleanup.policy"]) == (name in {topics.STORIES, topics.LEDGER})
        assert ("retention.ms" in topic.config) == (name != topics.LEDGER)


def test_stories_are_deleted_once_their_window_is_over() -> None:
    config = TABLE[topics.STORIES].config
    assert config["cleanup.policy"] == "compact,delete"
    assert int(config["retention.ms"]) == 6 * topics.HOUR + 7 * topics.DAY
    assert int(config["segment.ms"]) <= topics.DAY  # Kafka deletes whole segments


def test_embedded_kafka_bounds_every_topic_but_the_ledger() -> None:
    bounded = {name for name, topic in TABLE.items() if "retention.bytes" in topic.config}
    assert bounded == TABLE.keys() - {topics.LEDGER}
    size = topics.EMBEDDED_RETENTION_BYTES
    assert {TABLE[name].config["retention.bytes"] for name in bounded} == {str(size)}
    assert topics.disk_bytes(SETTINGS) == sum(TABLE[name].partitions for name in bounded) * (size + size // 8)


@pytest.mark.parametrize("limit", [1024**2, 1024**3, 1024**4])
def test_segments_are_small_enough_for_deletion_and_large_enough_for_any_message(limit: int) -> None:
    for topic in topics.topics(Settings(broker="kafka:9092", retention_bytes=limit)):
        if topic.name != topics.LEDGER:
            assert topic.config["retention.bytes"] == str(limit)
            assert topic.max_bytes <= int(topic.config["segment.bytes"]) <= max(topic.max_bytes, limit // 8)


def test_other_brokers_bound_topics_only_if_asked() -> None:
    external = Settings(broker="kafka:9092")
    assert not any("retention.bytes" in topic.config for topic in topics.topics(external))
    assert topics.disk_bytes(external) is None


def test_producers_date_raw_messages_and_the_broker_dates_all_others() -> None:
    for name, topic in TABLE.items():
        assert topic.config["message.timestamp.type"] == ("CreateTime" if name == topics.RAW else "LogAppendTime")


def test_the_ledger_is_not_compacted_before_its_window_ends() -> None:
    """Compaction waits for the shorter of window and one day, for which Kafka also keeps tombstones."""
    assert int(TABLE[topics.LEDGER].config["min.compaction.lag.ms"]) == 6 * topics.HOUR
