"""Creates the topics of ``workers/topics.py`` on a broker, and reports where the broker's topics differ from them.

Nothing is ever repartitioned: the partitions of news-clean and news-ledger stand for languages, and keys would
move to other partitions. Other topics may have been enlarged by their operators, which workers can live with.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workers.errors import TopicsRefusedError
from workers.fault_points import fault_point
from workers.kafka.admin_client import CONNECT_TIMEOUT, connect_admin
from workers.kafka.kafka_python import (
    ConfigResource,
    ConfigResourceType,
    InvalidReplicationFactorError,
    KafkaError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    TopicPartition,
)
from workers.kafka.ledger_languages import ledger_languages
from workers.settings import Settings
from workers.state.lineage import LANGUAGES_REMEDY, Lineage
from workers.topics import LEDGER, Topic, topics

LEADER_TIMEOUT = 20.0
"""Seconds for the partitions of new topics to get a leader."""
UNKNOWN = "unknown"
"""Found instead of a value that the broker does not tell."""
LISTED = "`copydesk topics list` shows"
GRANT = "grant us {operation} on it, so that it can be compared"
EARLIEST_OFFSET = -2
"""The first offset of a partition, in Kafka's protocol."""


class Severity(StrEnum):
    """How bad a difference is: workers cannot run with an error, but can with a warning."""

    ERROR = "error"
    WARNING = "warning"


class Action(StrEnum):
    """What ``apply`` did with a topic."""

    CREATED = "created"
    ALTERED = "altered"
    LEFT = "left"
    """The topic differs from the table and was not changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One difference between a topic and the table. ``str()`` gives one line: what differs, where, and how to fix it.

    Attributes:
        topic: the topic's name.
        attribute: ``topic``, ``partitions``, ``replicas``, ``languages``, the name of a topic config, or, where they
            are unknown, ``form`` for all of these and ``configuration`` for all topic configs.
        expected: the value in the table.
        found: the value on the broker; None if the topic is missing, ``UNKNOWN`` if the broker does not tell.
        severity: whether workers can run with it.
        remedy: how to fix it.
    """

    topic: str
    attribute: str
    expected: str | None
    found: str | None
    severity: Severity
    remedy: str

    @property
    def difference(self) -> str:
        """What differs, after the topic's name."""
        match self.found:
            case None:
                return "is missing"
            case _ if self.found == UNKNOWN:
                return f"may have another {self.attribute} than {self.expected}"
            case found:
                return f"has {self.attribute} {found}, not {self.expected}"

    def __str__(self) -> str:
        return f"{self.severity}: {self.topic} {self.difference}; {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What ``apply`` did with one topic. ``str()`` gives one line.

    Attributes:
        severity: how bad the difference is that was left; None where nothing was left.
    """

    action: Action
    topic: str
    detail: str
    severity: Severity | None = None

    def __str__(self) -> str:
        return f"{self.severity or self.action}: {self.topic} {self.detail}"


def check(settings: Settings, bootstrap: str) -> list[Drift]:
    """Every difference between the broker's topics and the table, in the table's order.

    Raises:
        BrokerUnreachableError: no Kafka answers.
    """
    return inspect_topics(settings, bootstrap)[0]


def inspect_topics(
    settings: Settings, bootstrap: str, timeout: float = CONNECT_TIMEOUT
) -> tuple[list[Drift], dict[str, str]]:
    """The result of ``check``, and Kafka's topic id for each topic of the stream that exists, by name.

    A topic that was deleted and recreated has a new id.

    Args:
        settings: the topics to expect, and how to connect.
        bootstrap: addresses ``host:port``, separated by commas.
        timeout: seconds to wait for the broker.

    Raises:
        BrokerUnreachableError: no Kafka answers in time.
    """
    with connect_admin(bootstrap, settings, timeout) as admin:
        existing = _existing_topics(admin, settings)
        # Without ids (an old Kafka, some other brokers), recreated topics cannot be detected.
        ids = {name: str(topic.get("topic_id")) for name, topic in existing.items() if _is_visible(topic)}
        drifts = _drifts(admin, settings, existing)
        if LEDGER in existing and len(existing[LEDGER]["partitions"]) == len(settings.shards):
            drifts += _language_drifts(settings, bootstrap, Lineage.of(ids, settings.shards))
        return drifts, ids


def apply(settings: Settings, bootstrap: str, *, alter: bool = False) -> list[Change]:
    """Create the missing topics; return what was done and which differences remain. Empty if the topics match already.

    Args:
        settings: the topics to create, and how to connect.
        bootstrap: addresses ``host:port``, separated by commas.
        alter: also set the config of existing topics. Partition counts and replicas are never changed.

    Raises:
        BrokerUnreachableError: no Kafka answers.
        TopicsRefusedError: the broker rejects the change, e.g. because there are fewer brokers than replicas.
    """
    with connect_admin(bootstrap, settings) as admin:
        drifts = _drifts(admin, settings, _existing_topics(admin, settings))
        missing = {drift.topic for drift in drifts if drift.found is None}
        changes = _create(admin, [topic for topic in topics(settings) if topic.name in missing], settings)
        for topic in topics(settings):
            topic_drifts = [drift for drift in drifts if drift.topic == topic.name and drift.found is not None]
            altered = {
                drift.attribute: topic.config[drift.attribute]
                for drift in topic_drifts
                if alter and drift.attribute in topic.config and drift.found != UNKNOWN
            }
            if altered:
                _alter(admin, topic.name, altered)
            for drift in topic_drifts:
                if drift.attribute in altered:
                    detail = f"{drift.attribute} from {drift.found} to {drift.expected}"
                    changes.append(Change(action=Action.ALTERED, topic=topic.name, detail=detail))
                else:
                    detail = f"{drift.difference}; {drift.remedy}"
                    changes.append(Change(action=Action.LEFT, topic=topic.name, detail=detail, severity=drift.severity))
        return changes


def _existing_topics(admin: Any, settings: Settings) -> dict[str, dict[str, Any]]:
    """The broker's description of each topic of the stream that exists, or that we are not allowed to see, by name."""
    # Asked for all topics, the broker leaves out those that we are not allowed to see, as if they were missing.
    described = admin.describe_topics([topic.name for topic in topics(settings)])
    return {topic["name"]: topic for topic in described if not topic["error_code"] or not _is_visible(topic)}


def _is_visible(description: dict[str, Any]) -> bool:
    return bool(description["error_code"] != TopicAuthorizationFailedError.errno)


@fault_point("find topic drift")
def _drifts(admin: Any, settings: Settings, existing: dict[str, dict[str, Any]]) -> list[Drift]:
    expected = topics(settings)
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, topic.name, list(topic.config))
        for topic in expected
        if topic.name in existing and _is_visible(existing[topic.name])
    ]
    configs = admin.describe_configs(resources, config_filter="all")["topic"] if resources else {}
    return [
        drift
        for topic in expected
        for drift in _topic_drifts(topic, existing.get(topic.name), configs.get(topic.name, {}), settings.replication)
    ]


def _topic_drifts(
    topic: Topic, description: dict[str, Any] | None, config: dict[str, dict[str, Any]], replication: int
) -> Iterator[Drift]:
    def drift(attribute: str, expected: object, found: object, severity: Severity, remedy: str) -> Drift:
        return Drift(
            topic=topic.name, attribute=attribute, expected=str(expected), found=None if found is None else str(found),
            severity=severity, remedy=remedy,
        )  # fmt: skip

    if description is None:
        yield drift("topic", topic.name, None, Severity.ERROR, "`copydesk topics apply` creates it")
        return
    if not _is_visible(description):
        yield drift("form", LISTED, UNKNOWN, Severity.WARNING, GRANT.format(operation="Describe"))
        return
    partitions = description["partitions"]
    if (count := len(partitions)) != topic.partitions:
        severity, remedy = _judge_partitions(topic, count)
        yield drift("partitions", topic.partitions, count, severity, remedy)
    replicas = min((len(partition["replica_nodes"]) for partition in partitions), default=0)
    if replicas != replication:
        yield drift(
            "replicas", replication, replicas, Severity.WARNING,
            "set COPYDESK_REPLICATION, or reassign it with Kafka's kafka-reassign-partitions",
        )  # fmt: skip
    if not config:  # the answer to a request that is not allowed
        yield drift("configuration", LISTED, UNKNOWN, Severity.WARNING, GRANT.format(operation="DescribeConfigs"))
        return
    for name, value in topic.config.items():
        if name not in config:
            yield drift(name, value, UNKNOWN, Severity.WARNING, "this broker does not know that configuration")
        elif (found := config[name]["value"]) != value:
            yield drift(name, value, found, Severity.WARNING, "`copydesk topics apply --alter` sets it")


def _judge_partitions(topic: Topic, count: int) -> tuple[Severity, str]:
    """How bad another partition count is, and what to do about it."""
    if count in topic.allowed_partitions:
        return Severity.WARNING, "workers use all of them; if it was enlarged, a key may have records in two partitions"
    if len(topic.allowed_partitions) == 1:
        return Severity.ERROR, (
            "each stands for a language: set COPYDESK_LANGUAGES to what it was when the topic was created, "
            "or drain it, delete it and run `copydesk topics apply`"
        )
    return Severity.ERROR, f"add partitions with Kafka's kafka-topics.sh --alter --partitions {topic.partitions}"


@fault_point("find language drift")
def _language_drifts(settings: Settings, bootstrap: str, lineage: Lineage) -> list[Drift]:
    """The difference between the languages in the settings and those that the ledger was written for, if there is one.

    The number of partitions says nothing about their order.
    """
    shards = lineage.shards
    found = ledger_languages(settings, bootstrap, lineage)
    # A language has one partition. If it is in that, another partition that names it holds nothing but strays.
    in_place = {language for number, language in found.items() if shards[number] == language}
    if in_place.issuperset(found.values()):
        return []
    written_for = ",".join(found.get(number, "?") for number in range(len(shards)))
    return [
        Drift(
            topic=LEDGER, attribute="languages", expected=",".join(shards), found=written_for,
            severity=Severity.ERROR, remedy=LANGUAGES_REMEDY,
        )
    ]  # fmt: skip


def _create(admin: Any, missing: list[Topic], settings: Settings) -> list[Change]:
    if not missing:
        return []
    requests = {
        topic.name: {
            "num_partitions": topic.partitions,
            "replication_factor": settings.replication,
            "configs": topic.config,
        }
        for topic in missing
    }
    response = admin.create_topics(requests, raise_errors=False)
    created_by_others = set()
    for result in response["topics"]:
        if result["error_code"] == TopicAlreadyExistsError.errno:
            created_by_others.add(result["name"])  # another process was faster
        elif result["error_code"]:
            message = str(result["error_message"]).removesuffix(".")
            hint = "; set COPYDESK_REPLICATION" if result["error_code"] == InvalidReplicationFactorError.errno else ""
            raise TopicsRefusedError(f"the broker did not create {result['name']}: {message}{hint}")
    admin.wait_for_topics([topic.name for topic in missing])
    _await_leaders(admin, missing)
    return [
        Change(
            action=Action.CREATED, topic=topic.name,
            detail=f"with {topic.partitions} partitions, {settings.replication} replica(s), "
            + ", ".join(f"{name}={value}" for name, value in topic.config.items()),
        )
        for topic in missing
        if topic.name not in created_by_others
    ]  # fmt: skip


def _await_leaders(admin: Any, created: list[Topic]) -> None:
    """Wait until every partition accepts records.

    Metadata names a partition's leader before the leader itself knows; it answers offset requests only once it does.
    """
    earliest = {
        TopicPartition(topic.name, number): EARLIEST_OFFSET for topic in created for number in range(topic.partitions)
    }
    deadline = time.monotonic() + LEADER_TIMEOUT
    while True:
        try:
            admin.list_partition_offsets(earliest)
        except KafkaError as error:
            if not error.retriable or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _alter(admin: Any, topic: str, config: dict[str, str]) -> None:
    response = admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, config)], incremental=True)
    if (result := response["topic"][topic]) != "OK":
        raise TopicsRefusedError(f"the broker did not alter {topic}: {result}")
