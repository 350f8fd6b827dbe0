"""Creating and checking topics on a broker."""

from __future__ import annotations

import dataclasses
import time

import pytest

from tests.reliability.harness.cluster import alter
from workers import topics
from workers.embedded_kafka.broker import EmbeddedBroker
from workers.errors import TopicsRefusedError
from workers.kafka import topic_admin
from workers.kafka.kafka_python import KafkaAdminClient
from workers.kafka.topic_admin import Action, Severity
from workers.settings import Settings

SMALL = Settings(partitions=2, languages=("en", "fr"))


@pytest.fixture(scope="module")
def bootstrap(broker: EmbeddedBroker) -> str:
    return broker.bootstrap


@pytest.fixture
def prefixed(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """A prefix that makes the topics' names unique to the test, since the broker is shared."""
    prefix: str = request.node.name
    table = topics.topics

    def renamed(settings: Settings) -> tuple[topics.Topic, ...]:
        return tuple(dataclasses.replace(topic, name=f"{prefix}.{topic.name}") for topic in table(settings))

    monkeypatch.setattr(topic_admin, "topics", renamed)
    return prefix


def test_missing_topics_are_errors_until_apply_creates_them(bootstrap: str, prefixed: str) -> None:
    before = topic_admin.check(SMALL, bootstrap)
    assert [drift.severity for drift in before] == [Severity.ERROR] * 8
    assert str(before[0]) == f"error: {prefixed}.news-raw is missing; `copydesk topics apply` creates it"

    changes = topic_admin.apply(SMALL, bootstrap)
    assert [change.action for change in changes] == [Action.CREATED] * 8
    assert str(changes[0]).startswith(
        f"created: {prefixed}.news-raw with 2 partitions, 1 replica(s), max.message.bytes="
    )
    assert topic_admin.check(SMALL, bootstrap) == []


def test_a_second_apply_does_nothing(bootstrap: str, prefixed: str) -> None:
    topic_admin.apply(SMALL, bootstrap)
    assert topic_admin.apply(SMALL, bootstrap) == []


def test_apply_creates_only_the_missing_topic(bootstrap: str, prefixed: str) -> None:
    topic_admin.apply(SMALL, bootstrap)
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    client.delete_topics([f"{prefixed}.{topics.LEDGER}"])
    client.close()
    while not topic_admin.check(SMALL, bootstrap):
        time.sleep(0.05)  # Kafka deletes asynchronously
    assert [change.topic for change in topic_admin.apply(SMALL, bootstrap)] == [f"{prefixed}.{topics.LEDGER}"]


def test_different_partition_count_is_an_error_and_is_never_altered(bootstrap: str, prefixed: str) -> None:
    topic_admin.apply(SMALL, bootstrap)
    more = dataclasses.replace(SMALL, languages=("en", "fr", "de"))
    drifts = topic_admin.check(more, bootstrap)
    assert [(drift.topic, drift.attribute, drift.expected, drift.found, drift.severity) for drift in drifts] == [
        (f"{prefixed}.news-clean", "partitions", "4", "3", Severity.ERROR),
        (f"{prefixed}.news-ledger", "partitions", "4", "3", Severity.ERROR),
    ]
    assert "COPYDESK_LANGUAGES" in str(drifts[0])
    left = topic_admin.apply(more, bootstrap, alter=True)
    assert [(change.action, change.severity) for change in left] == [(Action.LEFT, Severity.ERROR)] * 2
    assert [str(change) for change in left] == [str(drift) for drift in drifts]
    assert topic_admin.check(SMALL, bootstrap) == []


def test_enlarged_topics_are_warnings_and_too_few_dead_letter_partitions_an_error(
    bootstrap: str, prefixed: str
) -> None:
    topic_admin.apply(SMALL, bootstrap)
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    client.create_partitions({f"{prefixed}.news-raw": 4, f"{prefixed}.news-dead-letters": 5})
    client.close()
    while len(drifts := topic_admin.check(SMALL, bootstrap)) < 2:
        time.sleep(0.05)
    assert [str(drift) for drift in drifts] == [
        f"warning: {prefixed}.{name} has partitions {found}, not {expected}; workers use all of them; "
        "if it was enlarged, a key may have records in two partitions"
        for name, found, expected in (("news-raw", 4, 2), ("news-dead-letters", 5, 3))
    ]
    letters = {topic.name: topic for topic in topics.topics(SMALL)}[topics.DEAD_LETTERS]
    assert topic_admin._judge_partitions(letters, 2)[0] is Severity.ERROR


def test_different_config_is_a_warning_and_is_altered_only_on_request(bootstrap: str, prefixed: str) -> None:
    topic_admin.apply(SMALL, bootstrap)
    longer = dataclasses.replace(SMALL, window_hours=2)
    changed = [
        ("retention.ms", "612000000", "864000000", Severity.WARNING),  # of news-stories
        ("min.compaction.lag.ms", "7200000", "86400000", Severity.WARNING),
    ]
    assert [
        (drift.attribute, drift.expected, drift.found, drift.severity) for drift in topic_admin.check(longer, bootstrap)
    ] == changed

    left = topic_admin.apply(longer, bootstrap)
    assert [change.action for change in left] == [Action.LEFT] * 2
    assert str(left[1]).endswith("min.compaction.lag.ms 86400000, not 7200000; `copydesk topics apply --alter` sets it")

    altered = topic_admin.apply(longer, bootstrap, alter=True)
    assert [change.action for change in altered] == [Action.ALTERED] * 2
    assert topic_admin.check(longer, bootstrap) == []


def test_compaction_of_a_topic_that_must_keep_every_record_is_a_warning(bootstrap: str, prefixed: str) -> None:
    topic_admin.apply(SMALL, bootstrap)
    alter(bootstrap, f"{prefixed}.{topics.DEAD_LETTERS}", {"cleanup.policy": "compact"})
    (drift,) = topic_admin.check(SMALL, bootstrap)
    assert (drift.attribute, drift.expected, drift.found) == ("cleanup.policy", "delete", "compact")
    topic_admin.apply(SMALL, bootstrap, alter=True)
    assert topic_admin.check(SMALL, bootstrap) == []


def test_more_replicas_than_brokers_raises_one_line(bootstrap: str, prefixed: str) -> None:
    with pytest.raises(
        TopicsRefusedError,
        match=r"^the broker did not create .*news-raw: .*replication factor.*; set COPYDESK_REPLICATION$",
    ) as raised:
        topic_admin.apply(dataclasses.replace(SMALL, replication=3), bootstrap)
    assert "\n" not in str(raised.value)


def test_different_replica_count_and_min_insync_replicas_are_warnings(bootstrap: str, prefixed: str) -> None:
    topic_admin.apply(SMALL, bootstrap)
    drifts = topic_admin.check(dataclasses.replace(SMALL, replication=3), bootstrap)
    assert {(drift.attribute, drift.severity) for drift in drifts} == {
        ("replicas", Severity.WARNING),
        ("min.insync.replicas", Severity.WARNING),
    }
