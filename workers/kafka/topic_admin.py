"""Topic administration: creates the topics of ``workers/topics.py``, and says where a broker's differ from them.

Nothing is ever repartitioned: the partitions of news-clean and news-ledger carry meaning, and keys would move.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workers.errors import BrokerUnreachableError, TopicsRefusedError
from workers.kafka.kafka_python import (
    ConfigResource,
    ConfigResourceType,
    KafkaAdminClient,
    KafkaError,
    KafkaNetClient,
    TopicAlreadyExistsError,
    TopicPartition,
)
from workers.kafka.security import client_options, refusal
from workers.settings import PLAINTEXT, Settings
from workers.topics import Topic, topics

TIMEOUT = 20.0
"""Seconds in which a broker must answer: a start that cannot go well is over, all in all, within half a minute."""
EARLIEST = -2
"""What Kafka's protocol calls the first offset of a partition."""


class Severity(StrEnum):
    """Whether workers can run with a drift."""

    ERROR = "error"
    WARNING = "warning"


class Action(StrEnum):
    """What ``apply`` did with a topic."""

    CREATED = "created"
    ALTERED = "altered"
    LEFT = "left"
    """It differs, and was left as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One way in which a topic is not as it must be. Its string is one line: what, where, and how to mend it."""

    topic: str
    what: str
    expected: str | None
    found: str | None
    severity: Severity
    mend: str

    def __str__(self) -> str:
        differs = "is missing" if self.found is None else f"has {self.what} {self.found}, not {self.expected}"
        return f"{self.severity}: {self.topic} {differs}; {self.mend}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What ``apply`` did with one topic. Its string is one line."""

    action: Action
    topic: str
    detail: str

    def __str__(self) -> str:
        return f"{self.action}: {self.topic} {self.detail}"


def check(settings: Settings, bootstrap: str) -> list[Drift]:
    """Every way in which the broker's topics differ from the table, in its order; empty if they are as they must be.

    Raises:
        BrokerUnreachableError: no Kafka answers.
    """
    return inspect_topics(settings, bootstrap)[0]


def inspect_topics(settings: Settings, bootstrap: str) -> tuple[list[Drift], dict[str, str]]:
    """What ``check`` tells, and Kafka's id of every topic of the stream by its name: one that is made anew has another.

    Raises:
        BrokerUnreachableError: no Kafka answers.
    """
    with _admin(bootstrap, settings) as admin:
        present = _present(admin, settings)
        return _drifts(admin, settings, present), {name: str(found["topic_id"]) for name, found in present.items()}


def apply(settings: Settings, bootstrap: str, *, alter: bool = False) -> list[Change]:
    """What was done: each missing topic created, and each drift named that was left as it is; empty if all was well.

    Args:
        alter: also give existing topics their config. Partition counts and replicas are never touched.

    Raises:
        BrokerUnreachableError: no Kafka answers.
        TopicsRefusedError: the broker refuses, e.g. more replicas than there are brokers.
    """
    with _admin(bootstrap, settings) as admin:
        drifts = _drifts(admin, settings, _present(admin, settings))
        missing = {drift.topic for drift in drifts if drift.found is None}
        changes = _create(admin, [topic for topic in topics(settings) if topic.name in missing], settings)
        for topic in topics(settings):
            of_topic = [drift for drift in drifts if drift.topic == topic.name and drift.found is not None]
            altered = {
                drift.what: topic.config[drift.what] for drift in of_topic if alter and drift.what in topic.config
            }
            if altered:
                _alter(admin, topic.name, altered)
            for drift in of_topic:
                if drift.what in altered:
                    detail = f"{drift.what} from {drift.found} to {drift.expected}"
                    changes.append(Change(action=Action.ALTERED, topic=topic.name, detail=detail))
                else:
                    detail = f"has {drift.what} {drift.found}, not {drift.expected}; {drift.mend}"
                    changes.append(Change(action=Action.LEFT, topic=topic.name, detail=detail))
        return changes


def wait_ready(bootstrap: str, timeout: float = TIMEOUT, settings: Settings | None = None) -> str:
    """The id of the Kafka cluster at the address, once it serves clients.

    Args:
        timeout: seconds to wait at most.
        settings: how to connect; by default without TLS and login.

    Raises:
        BrokerUnreachableError: none does within that time.
    """
    with _admin(bootstrap, settings, timeout) as admin:
        return str(admin.describe_cluster()["cluster_id"])


def _present(admin: Any, settings: Settings) -> dict[str, dict[str, Any]]:
    """The topics of the stream that are there, by name."""
    wanted = {topic.name for topic in topics(settings)}
    found = (topic for topic in admin.describe_topics() if not topic["error_code"])
    return {topic["name"]: topic for topic in found if topic["name"] in wanted}


def _drifts(admin: Any, settings: Settings, present: dict[str, dict[str, Any]]) -> list[Drift]:
    expected = topics(settings)
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, topic.name, list(topic.config))
        for topic in expected
        if topic.name in present
    ]
    configs = admin.describe_configs(resources, config_filter="all")["topic"] if resources else {}
    return [
        drift
        for topic in expected
        for drift in _topic_drifts(topic, present.get(topic.name), configs.get(topic.name, {}), settings.replication)
    ]


def _topic_drifts(
    topic: Topic, present: dict[str, Any] | None, config: dict[str, dict[str, Any]], replication: int
) -> Iterator[Drift]:
    def drift(what: str, expected: object, found: object, severity: Severity, mend: str) -> Drift:
        return Drift(
            topic=topic.name, what=what, expected=str(expected), found=None if found is None else str(found),
            severity=severity, mend=mend,
        )  # fmt: skip

    if present is None:
        yield drift("topic", topic.name, None, Severity.ERROR, "`copydesk topics apply` creates it")
        return
    partitions = present["partitions"]
    if len(partitions) != topic.partitions:
        yield drift(
            "partitions", topic.partitions, len(partitions), Severity.ERROR,
            "set COPYDESK_PARTITIONS and COPYDESK_LANGUAGES as they were when it was created, "
            "or drain and delete it and run `copydesk topics apply`",
        )  # fmt: skip
    replicas = min((len(partition["replica_nodes"]) for partition in partitions), default=0)
    if replicas != replication:
        yield drift(
            "replicas", replication, replicas, Severity.WARNING,
            "set COPYDESK_REPLICATION, or reassign it with Kafka's own kafka-reassign-partitions",
        )  # fmt: skip
    for name, value in topic.config.items():
        found = config[name]["value"]
        if found != value:
            yield drift(name, value, found, Severity.WARNING, "`copydesk topics apply --alter` sets it")


def _create(admin: Any, wanted: list[Topic], settings: Settings) -> list[Change]:
    if not wanted:
        return []
    rows = {
        topic.name: {
            "num_partitions": topic.partitions,
            "replication_factor": settings.replication,
            "configs": topic.config,
        }
        for topic in wanted
    }
    answer = admin.create_topics(rows, raise_errors=False)
    existing = set()
    for result in answer["topics"]:
        if result["error_code"] == TopicAlreadyExistsError.errno:
            existing.add(result["name"])  # another process was faster
        elif result["error_code"]:
            raise TopicsRefusedError(f"the broker did not create {result['name']}: {result['error_message']}")
    admin.wait_for_topics([topic.name for topic in wanted])
    _await_leaders(admin, wanted)
    return [
        Change(
            action=Action.CREATED, topic=topic.name,
            detail=f"with {topic.partitions} partitions, {settings.replication} replica(s), "
            + ", ".join(f"{name}={value}" for name, value in topic.config.items()),
        )
        for topic in wanted
        if topic.name not in existing
    ]  # fmt: skip


def _await_leaders(admin: Any, wanted: list[Topic]) -> None:
    """Return once every partition takes records.

    Metadata names a partition's leader before the leader knows of it; it answers for offsets once it does.
    """
    places = {TopicPartition(topic.name, number): EARLIEST for topic in wanted for number in range(topic.partitions)}
    deadline = time.monotonic() + TIMEOUT
    while True:
        try:
            admin.list_partition_offsets(places)
        except KafkaError as error:
            if not error.retriable or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _alter(admin: Any, topic: str, config: dict[str, str]) -> None:
    answer = admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, config)], incremental=True)
    if (result := answer["topic"][topic]) != "OK":
        raise TopicsRefusedError(f"the broker did not alter {topic}: {result}")


@contextmanager
def _admin(bootstrap: str, settings: Settings | None, timeout: float = TIMEOUT) -> Iterator[Any]:
    """kafka-python's admin client, connected; its failures become a ``BrokerUnreachableError``."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # it reports each attempt; we report the outcome
    deadline = time.monotonic() + timeout
    options = client_options(settings) if settings else {}
    listeners = _await_listeners(bootstrap, timeout)
    if settings and settings.security_protocol != PLAINTEXT and (why := refusal(listeners[0], settings)):
        raise BrokerUnreachableError(f"the Kafka at {listeners[0]} does not let us in: {why}")
    made: list[Any] = []

    def make_client(**configs: Any) -> Any:
        made.append(KafkaNetClient(**configs))
        return made[0]

    try:
        admin = KafkaAdminClient(
            bootstrap_servers=listeners,  # kafka-python leaks a socket for each address that refuses it
            bootstrap_timeout_ms=max(100, int(1000 * (deadline - time.monotonic()))),
            reconnect_backoff_max_ms=200,
            kafka_client=make_client,
            **options,
        )
    except KafkaError as error:
        for client in made:  # a client that fails in its constructor leaves its thread and sockets behind
            client.close()
        raise _unreachable(bootstrap, timeout) from error
    try:
        yield admin
    except KafkaError as error:
        raise BrokerUnreachableError(f"the Kafka at {bootstrap} fails: {type(error).__name__}: {error}") from error
    finally:
        admin.close()


def _await_listeners(bootstrap: str, timeout: float) -> list[str]:
    """The addresses at which somebody listens, once there is one: cheaper to find out than by a Kafka client."""
    deadline = time.monotonic() + timeout
    while True:
        if listeners := [address for address in bootstrap.split(",") if _listens(address, min(3.0, timeout / 2))]:
            return listeners
        if time.monotonic() > deadline:
            raise _unreachable(bootstrap, timeout)
        time.sleep(0.05)


def _listens(address: str, timeout: float) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=timeout).close()
    except OSError:
        return False
    return True


def _unreachable(bootstrap: str, timeout: float) -> BrokerUnreachableError:
    return BrokerUnreachableError(
        f"no Kafka answers at {bootstrap} within {timeout:g} s; check COPYDESK_BROKER, COPYDESK_SECURITY_PROTOCOL, "
        "and that it runs"
    )
