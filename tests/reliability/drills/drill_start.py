"""A worker that cannot run exits at once with one line: a missing or wrong topic, or a static id that is taken."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.articles import inputs
from tests.reliability.checker.history import origin_of, read_topics
from tests.reliability.drills.report import note
from tests.reliability.drills.run import Figures
from tests.reliability.findings import ONE_PROCESS_EXPECTED, START_EXPECTED_TO_FAIL
from tests.reliability.harness.launch import environment_of
from tests.reliability.harness.stream import NO_MODEL
from workers.embedded_kafka.broker import EmbeddedBroker
from workers.kafka import topic_admin
from workers.kafka.kafka_python import KafkaAdminClient, KafkaProducer
from workers.outcomes import ExitCode, Stage
from workers.settings import Settings
from workers.state.lineage import Lineage
from workers.topics import CLEAN, DEAD_LETTERS, LEDGER, RAW

pytestmark = [pytest.mark.broker, pytest.mark.process, pytest.mark.slow]

SETTINGS = Settings(partitions=3, models=NO_MODEL, session_timeout=6, metrics_port=0)
MESSAGES = 30
REFUSAL_TIMEOUT = 30.0
"""Seconds that a worker has to refuse to start."""
HANDLING_TIMEOUT = 60.0
"""Seconds that a worker has to handle the messages."""
TAKEOVER_TIMEOUT = 45.0
"""Seconds after which one of two processes with the same static id must have exited."""


@pytest.fixture
def topics() -> Iterator[EmbeddedBroker]:
    """A Kafka with the topics of the stream."""
    with EmbeddedBroker() as broker:
        topic_admin.apply(SETTINGS, broker.bootstrap)
        yield broker


def start(
    stage: Stage, broker: EmbeddedBroker, settings: Settings, log: Path, sabotage: str = ""
) -> subprocess.Popen[bytes]:
    """Start a worker process that writes to the log file."""
    variables = {"COPYDESK_BROKER": broker.bootstrap, "DRILL_SABOTAGE": sabotage}
    environment = os.environ | environment_of(settings) | variables
    with log.open("ab") as output:
        command = [sys.executable, "-m", "tests.reliability.harness.worker", "worker", stage]
        return subprocess.Popen(command, env=environment, stdout=output, stderr=output)


def refused(broker: EmbeddedBroker, settings: Settings, log: Path, sabotage: str = "") -> str:
    """The line that every role prints when it refuses to start; it must be the only one and the same for all."""
    lines = set()
    for stage in Stage:
        log.write_bytes(b"")
        process = start(stage, broker, settings, log, sabotage)
        try:
            code = process.wait(REFUSAL_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = None
        assert code == ExitCode.MISCONFIGURED, f"{stage} {START_EXPECTED_TO_FAIL}: {code}"
        (line,) = log.read_text().splitlines()
        lines.add(line)
    (line,) = lines
    return line


def test_a_missing_topic_ends_every_role_with_one_line(topics: EmbeddedBroker, tmp_path: Path) -> None:
    start_without_a_topic(topics, tmp_path)


def start_without_a_topic(topics: EmbeddedBroker, home: Path, sabotage: str = "") -> None:
    client = KafkaAdminClient(bootstrap_servers=topics.bootstrap)
    client.delete_topics([LEDGER])
    deadline = time.monotonic() + 30
    while LEDGER in client.list_topics():
        assert time.monotonic() < deadline, "the topic was not deleted"
        time.sleep(0.1)
    client.close()
    assert f"{LEDGER} is missing" in refused(topics, SETTINGS, home / "log", sabotage)


def test_a_wrong_partition_count_ends_every_role_with_one_line(topics: EmbeddedBroker, tmp_path: Path) -> None:
    start_with_other_partitions(topics, tmp_path)


def start_with_other_partitions(topics: EmbeddedBroker, home: Path, sabotage: str = "") -> None:
    fewer = Settings(languages=("en",), partitions=3, models=NO_MODEL, metrics_port=0)
    assert f"{CLEAN} has partitions 8, not 2" in refused(topics, fewer, home / "log", sabotage)


def test_other_languages_end_every_role_with_one_line(topics: EmbeddedBroker, tmp_path: Path) -> None:
    start_with_other_languages(topics, tmp_path)


def start_with_other_languages(topics: EmbeddedBroker, home: Path, sabotage: str = "") -> None:
    lineage = Lineage("", SETTINGS.shards)
    producer = KafkaProducer(bootstrap_servers=topics.bootstrap, acks="all")
    for number in range(2):
        producer.send(LEDGER, b"{}", b"key", partition=number, headers=list(lineage.headers(number))).get(30)
    producer.close()
    first, second, *others = SETTINGS.languages
    swapped = dataclasses.replace(SETTINGS, languages=(second, first, *others))
    assert f"{LEDGER} has languages {first},{second},?" in refused(topics, swapped, home / "log", sabotage)


def test_the_first_of_two_processes_with_one_static_id_exits(topics: EmbeddedBroker, tmp_path: Path) -> None:
    note(start_two_of_one_id(topics, tmp_path))


def start_two_of_one_id(topics: EmbeddedBroker, home: Path, sabotage: str = "") -> Figures:
    began = time.monotonic()
    one_id = Settings(partitions=3, models=NO_MODEL, session_timeout=6, metrics_port=0, instance_id="the-one")
    logs = [home / "one", home / "two"]
    processes = [start(Stage.CLEAN, topics, one_id, logs[0], sabotage)]
    while "partitions assigned" not in logs[0].read_text():
        assert time.monotonic() - began < 30, logs[0].read_text()
        time.sleep(0.2)
    processes.append(start(Stage.CLEAN, topics, one_id, logs[1], sabotage))
    producer = KafkaProducer(bootstrap_servers=topics.bootstrap, acks="all")
    try:
        second_started = time.monotonic()
        while time.monotonic() - second_started < TAKEOVER_TIMEOUT and all(
            process.poll() is None for process in processes
        ):
            time.sleep(0.5)
        after = time.monotonic() - began
        codes = [process.poll() for process in processes]
        tails = [log.read_text()[-1500:] for log in logs]
        assert sum(code is None for code in codes) == 1, (
            f"{ONE_PROCESS_EXPECTED}: exit codes {codes} after {after:.0f} s: {tails}"
        )
        assert codes[0] not in (0, None), f"the second process exited instead of the first: {tails}"
        for message in inputs(MESSAGES, seed=13):
            producer.send(RAW, message.value)
        producer.flush()
        survivor = processes[codes.index(None)]
        sent = time.monotonic()
        while (handled := count_handled(topics, one_id)) < MESSAGES and time.monotonic() - sent < HANDLING_TIMEOUT:
            assert survivor.poll() is None, "the second process exited too"
            time.sleep(0.5)
        survivor.send_signal(signal.SIGTERM)
        assert survivor.wait(30) == 0
        assert handled == MESSAGES
        notes = f"the first ends with {codes[0]} after {after:.0f} s"
        return Figures("two processes of one static id", MESSAGES, 0, 0, 0, time.monotonic() - began, notes)
    finally:
        producer.close()
        for process in processes:
            process.kill()
            process.wait()


def count_handled(broker: EmbeddedBroker, settings: Settings) -> int:
    """The number of raw messages that clean has handled."""
    records = read_topics(broker.bootstrap, settings)
    return len({origin_of(record) for topic in (CLEAN, DEAD_LETTERS) for record in records[topic]})
