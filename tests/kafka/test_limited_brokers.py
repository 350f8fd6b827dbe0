"""Topics on brokers that tell less than Apache Kafka does to a user with all rights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from workers.kafka import topic_admin
from workers.kafka.kafka_python import TopicAuthorizationFailedError
from workers.kafka.topic_admin import Action, Severity
from workers.settings import Settings
from workers.topics import LEDGER, RAW, UNIQUE, topics

SETTINGS = Settings(partitions=2, languages=("en",))


class Admin:
    """An admin client of a broker whose topics match the table."""

    def __init__(self) -> None:
        self.hidden: set[str] = set()
        self.has_topic_ids = True
        self.configs = {topic.name: dict(topic.config) for topic in topics(SETTINGS)}
        self.altered: list[Any] = []

    def describe_topics(self, names: list[str]) -> list[dict[str, Any]]:
        return [self._describe(name) for name in names]

    def _describe(self, name: str) -> dict[str, Any]:
        count = {topic.name: topic.partitions for topic in topics(SETTINGS)}[name]
        if name in self.hidden:
            return {"name": name, "error_code": TopicAuthorizationFailedError.errno, "partitions": []}
        found = {"name": name, "error_code": 0, "partitions": [{"replica_nodes": [1]}] * count}
        return found | ({"topic_id": f"id of {name}"} if self.has_topic_ids else {})

    def describe_configs(self, resources: list[Any], config_filter: str) -> dict[str, Any]:
        return {
            "topic": {
                resource.name: {name: {"value": value} for name, value in self.configs[resource.name].items()}
                for resource in resources
            }
        }

    def alter_configs(self, resources: list[Any], incremental: bool) -> None:
        self.altered += resources


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> Admin:
    fake = Admin()

    @contextmanager
    def connect_admin(*_: object) -> Iterator[Admin]:
        yield fake

    monkeypatch.setattr(topic_admin, "connect_admin", connect_admin)
    monkeypatch.setattr(topic_admin, "ledger_languages", lambda *_: {})
    return fake


def test_without_the_right_to_read_configurations_a_warning_names_it(admin: Admin) -> None:
    admin.configs[RAW] = {}
    assert [str(drift) for drift in topic_admin.check(SETTINGS, "broker:9092")] == [
        "warning: news-raw may have another configuration than `copydesk topics list` shows; "
        "grant us DescribeConfigs on it, so that it can be compared"
    ]


def test_a_topic_that_we_may_not_see_is_not_called_missing_and_has_no_id(admin: Admin) -> None:
    admin.hidden = {UNIQUE, LEDGER}
    drifts, ids = topic_admin.inspect_topics(SETTINGS, "broker:9092")
    assert [(drift.topic, drift.severity) for drift in drifts] == [
        (UNIQUE, Severity.WARNING), (LEDGER, Severity.WARNING)
    ]  # fmt: skip
    assert "grant us Describe on it" in str(drifts[0])
    assert {UNIQUE, LEDGER}.isdisjoint(ids)
    assert ids[RAW] == "id of news-raw"


def test_a_configuration_that_the_broker_does_not_know_is_a_warning_and_is_not_set(admin: Admin) -> None:
    del admin.configs[RAW]["message.timestamp.after.max.ms"]
    (drift,) = topic_admin.check(SETTINGS, "broker:9092")
    assert str(drift) == (
        "warning: news-raw may have another message.timestamp.after.max.ms than 3600000; "
        "this broker does not know that configuration"
    )
    assert [change.action for change in topic_admin.apply(SETTINGS, "broker:9092", alter=True)] == [Action.LEFT]
    assert admin.altered == []


def test_a_broker_without_topic_ids_will_do(admin: Admin) -> None:
    admin.has_topic_ids = False
    drifts, ids = topic_admin.inspect_topics(SETTINGS, "broker:9092")
    assert drifts == []
    assert set(ids.values()) == {"None"}
