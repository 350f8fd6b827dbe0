"""The Kafka of a drill: one broker, or several that keep a copy of everything, each of which can die and come back."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from workers.embedded_kafka.broker import EmbeddedBroker, new_cluster_id
from workers.embedded_kafka.ports import free_ports
from workers.errors import BrokerUnreachableError
from workers.kafka.kafka_python import ConfigResource, ConfigResourceType, KafkaAdminClient, KafkaError

T = TypeVar("T")

THREE = 3
IN_SYNC = 2
"""Brokers that must have a record before it is acknowledged, of three."""
PATIENCE = 30.0
"""Seconds that the cluster has to say how it is."""
KEPT_BY_ALL = ("default.replication.factor", "offsets.topic.replication.factor")


class Cluster:
    """Embedded brokers, as a context manager: each broker and controller at once, the controllers one quorum."""

    def __init__(self, brokers: Sequence[EmbeddedBroker]) -> None:
        self.brokers = brokers

    @property
    def bootstrap(self) -> str:
        """The addresses of all brokers, whether they run or not."""
        return ",".join(broker.bootstrap for broker in self.brokers)

    def start(self) -> None:
        """Return once every broker serves clients; none does before most of the controllers are up."""
        with ThreadPoolExecutor(len(self.brokers)) as pool:
            list(pool.map(EmbeddedBroker.start, self.brokers))

    def stop(self) -> None:
        """Return once every broker is gone, none of them in order: they would wait for each other."""
        for broker in self.brokers:
            if broker.alive:
                kill(broker)
        with ThreadPoolExecutor(len(self.brokers)) as pool:
            list(pool.map(EmbeddedBroker.stop, self.brokers))

    def leader(self, topic: str, partition: int) -> EmbeddedBroker | None:
        """The broker that leads the partition; None while there is none."""
        (found,) = (place["leader_id"] for place in self._partitions([topic]) if place["partition_index"] == partition)
        return self.brokers[found - 1] if found > 0 else None

    def copies_missing(self) -> int:
        """How many copies of partitions are not up to date."""
        return sum(len(place["replica_nodes"]) - len(place["isr_nodes"]) for place in self._partitions(None))

    def _partitions(self, names: list[str] | None) -> list[Any]:
        """What the cluster says of each partition of the topics, or of all topics."""

        def ask() -> list[Any]:
            client = KafkaAdminClient(bootstrap_servers=[broker.bootstrap for broker in self.brokers if broker.alive])
            try:
                return [place for topic in client.describe_topics(names) for place in topic["partitions"]]
            finally:
                client.close()

        return persist(ask)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def persist(ask: Callable[[], T]) -> T:
    """What is answered, in the end: clients ask any of the brokers, also one that has died or does not know yet."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return ask()
        except (KafkaError, BrokerUnreachableError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def alter(bootstrap: str, topic: str, config: Mapping[str, str]) -> None:
    """Return once the topic has the config."""
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, dict(config))

    def ask() -> None:
        client = KafkaAdminClient(bootstrap_servers=bootstrap)
        try:
            client.alter_configs([resource], incremental=True)
        finally:
            client.close()

    persist(ask)


def kill(broker: EmbeddedBroker) -> None:
    """Return at once, after a kill -9 of the broker."""
    assert broker.pid
    os.kill(broker.pid, signal.SIGKILL)


def one_broker(home: Path, max_message_bytes: int, properties: Mapping[str, str]) -> Cluster:
    """A single broker, with properties of Kafka's own."""
    return Cluster([EmbeddedBroker(home / "kafka", max_message_bytes=max_message_bytes, properties=properties)])


def three_brokers(home: Path, max_message_bytes: int) -> Cluster:
    """Three brokers that each keep everything; what two of them have is acknowledged."""
    return _brokers(home, max_message_bytes, THREE, controllers=THREE, in_sync=IN_SYNC)


def two_brokers(home: Path, max_message_bytes: int) -> Cluster:
    """Two brokers that each keep everything, of which the second may die: what one has is acknowledged."""
    return _brokers(home, max_message_bytes, 2, controllers=1, in_sync=1)


def _brokers(home: Path, max_message_bytes: int, count: int, controllers: int, in_sync: int) -> Cluster:
    found = free_ports(2 * count)
    ports = list(zip(found[::2], found[1::2], strict=True))
    quorum = ",".join(f"{node}@127.0.0.1:{controller}" for node, (_, controller) in enumerate(ports[:controllers], 1))
    cluster_id = new_cluster_id()
    brokers = []
    for node, (port, controller) in enumerate(ports, 1):
        data_dir = home / f"kafka-{node}"
        data_dir.mkdir(parents=True)
        (data_dir / "port").write_text(f"{port}\n")
        controls = node <= controllers
        properties = dict.fromkeys(KEPT_BY_ALL, str(count)) | {
            "node.id": str(node),
            "process.roles": "broker,controller" if controls else "broker",
            "controller.quorum.voters": quorum,
            "listeners": f"BROKER://127.0.0.1:{port}" + (f",CONTROLLER://127.0.0.1:{controller}" if controls else ""),
            "min.insync.replicas": str(in_sync),
        }
        brokers.append(
            EmbeddedBroker(data_dir, max_message_bytes=max_message_bytes, properties=properties, cluster_id=cluster_id)
        )
    return Cluster(brokers)
