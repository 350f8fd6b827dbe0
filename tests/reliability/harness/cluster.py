"""The Kafka of a drill: one broker, or several with every partition replicated to all. Each can die and return."""

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

REPLICAS = 3
"""Brokers of a replicated cluster; each holds every partition."""
MIN_IN_SYNC = 2
"""Replicas that must have a record before it is acknowledged."""
ADMIN_TIMEOUT = 30.0
"""Seconds for an admin request, all retries together."""
REPLICATION_PROPERTIES = ("default.replication.factor", "offsets.topic.replication.factor")


class Cluster:
    """Embedded brokers that form one cluster; a context manager that starts and stops them."""

    def __init__(self, brokers: Sequence[EmbeddedBroker]) -> None:
        self.brokers = brokers

    @property
    def bootstrap(self) -> str:
        """The addresses of all brokers, running or not."""
        return ",".join(broker.bootstrap for broker in self.brokers)

    def start(self) -> None:
        """Return once every broker serves clients. They start in parallel: none serves before a quorum is up."""
        with ThreadPoolExecutor(len(self.brokers)) as pool:
            list(pool.map(EmbeddedBroker.start, self.brokers))

    def stop(self) -> None:
        """Kill every broker and clean up. An orderly shutdown would make them wait for each other."""
        for broker in self.brokers:
            if broker.alive:
                kill(broker)
        with ThreadPoolExecutor(len(self.brokers)) as pool:
            list(pool.map(EmbeddedBroker.stop, self.brokers))

    def leader(self, topic: str, partition: int) -> EmbeddedBroker | None:
        """The broker that leads the partition; None while there is no leader."""
        partitions = self._describe_partitions([topic])
        (leader,) = (each["leader_id"] for each in partitions if each["partition_index"] == partition)
        return self.brokers[leader - 1] if leader > 0 else None

    def out_of_sync_replicas(self) -> int:
        """How many replicas are not in sync, over all partitions."""
        return sum(len(each["replica_nodes"]) - len(each["isr_nodes"]) for each in self._describe_partitions(None))

    def _describe_partitions(self, topics: list[str] | None) -> list[Any]:
        """The cluster's description of each partition of these topics, or of all topics."""

        def ask() -> list[Any]:
            client = KafkaAdminClient(bootstrap_servers=[broker.bootstrap for broker in self.brokers if broker.alive])
            try:
                return [partition for topic in client.describe_topics(topics) for partition in topic["partitions"]]
            finally:
                client.close()

        return retry(ask)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def retry(ask: Callable[[], T]) -> T:
    """The answer of ``ask``, retried for ``ADMIN_TIMEOUT`` seconds: a client may pick a dead or an outdated broker."""
    deadline = time.monotonic() + ADMIN_TIMEOUT
    while True:
        try:
            return ask()
        except (KafkaError, BrokerUnreachableError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def alter(bootstrap: str, topic: str, config: Mapping[str, str]) -> None:
    """Set config entries of the topic."""
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, dict(config))

    def ask() -> None:
        client = KafkaAdminClient(bootstrap_servers=bootstrap)
        try:
            client.alter_configs([resource], incremental=True)
        finally:
            client.close()

    retry(ask)


def kill(broker: EmbeddedBroker) -> None:
    """kill -9 the broker; does not wait for its exit."""
    assert broker.pid
    os.kill(broker.pid, signal.SIGKILL)


def one_broker(home: Path, max_message_bytes: int, properties: Mapping[str, str]) -> Cluster:
    """A single broker. ``properties`` are Kafka's own."""
    return Cluster([EmbeddedBroker(home / "kafka", max_message_bytes=max_message_bytes, properties=properties)])


def three_brokers(home: Path, max_message_bytes: int) -> Cluster:
    """Three brokers that hold every partition; a record is acknowledged once two of them have it."""
    return _replicated(home, max_message_bytes, REPLICAS, controllers=REPLICAS, in_sync=MIN_IN_SYNC)


def two_brokers(home: Path, max_message_bytes: int) -> Cluster:
    """Two brokers that hold every partition. The second may die: a record is acknowledged once one has it."""
    return _replicated(home, max_message_bytes, 2, controllers=1, in_sync=1)


def _replicated(home: Path, max_message_bytes: int, count: int, controllers: int, in_sync: int) -> Cluster:
    free = free_ports(2 * count)
    ports = list(zip(free[::2], free[1::2], strict=True))
    quorum = ",".join(f"{node}@127.0.0.1:{controller}" for node, (_, controller) in enumerate(ports[:controllers], 1))
    cluster_id = new_cluster_id()
    brokers = []
    for node, (port, controller) in enumerate(ports, 1):
        data_dir = home / f"kafka-{node}"
        data_dir.mkdir(parents=True)
        (data_dir / "port").write_text(f"{port}\n")
        is_controller = node <= controllers
        properties = dict.fromkeys(REPLICATION_PROPERTIES, str(count)) | {
            "node.id": str(node),
            "process.roles": "broker,controller" if is_controller else "broker",
            "controller.quorum.voters": quorum,
            "listeners": f"BROKER://127.0.0.1:{port}"
            + (f",CONTROLLER://127.0.0.1:{controller}" if is_controller else ""),
            "min.insync.replicas": str(in_sync),
        }
        brokers.append(
            EmbeddedBroker(data_dir, max_message_bytes=max_message_bytes, properties=properties, cluster_id=cluster_id)
        )
    return Cluster(brokers)
