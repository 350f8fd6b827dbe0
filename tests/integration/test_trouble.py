"""Real workers in trouble: one that hangs is ended, one that refuses everything stops consuming."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workers.embedded_kafka.broker import EmbeddedBroker
from workers.embedded_kafka.ports import free_port
from workers.kafka import topic_admin
from workers.kafka.kafka_python import CoordinatorNotAvailableError, KafkaAdminClient, KafkaProducer, TopicPartition
from workers.outcomes import ExitCode, Stage
from workers.settings import Settings
from workers.stream.faust_app import group_of
from workers.topics import RAW

pytestmark = [pytest.mark.broker, pytest.mark.slow]
SETTINGS = Settings(partitions=1, languages=("en",))


@pytest.fixture(scope="module")
def broker_of_ours() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as running:
        topic_admin.apply(SETTINGS, running.bootstrap)
        yield running


@pytest.fixture
def bootstrap(broker_of_ours: EmbeddedBroker) -> str:
    return broker_of_ours.bootstrap


def publish(bootstrap: str, *values: bytes) -> int:
    """The offset after the last of the values, which are sent."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    sent = [producer.send(RAW, value) for value in values]
    producer.close()
    return int(sent[-1].get().offset) + 1


def committed(bootstrap: str) -> int:
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        group = group_of(Stage.CLEAN)
        offsets = client.list_group_offsets([group])[group]
        found = offsets.get(TopicPartition(RAW, 0))
        return int(found.offset) if found else 0
    except CoordinatorNotAvailableError:  # until the first group of all has been made
        return 0
    finally:
        client.close()


@contextmanager
def worker(bootstrap: str, log: Path, *command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    given = {
        "COPYDESK_BROKER": bootstrap, "COPYDESK_PARTITIONS": "1", "COPYDESK_LANGUAGES": "en",
        "COPYDESK_SESSION_TIMEOUT": "6", "COPYDESK_METRICS_PORT": "0", **environment,
    }  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", *command], env=os.environ | given, stderr=output)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def until(true: Callable[[], object], log: Path, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, log.read_text()[-4000:]
        time.sleep(0.1)


def answer(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""
    except OSError:
        return 0, ""


@pytest.mark.parametrize(
    ("how", "code", "stack"),
    [
        ("handler", ExitCode.STALLED, "hang_in_the_handler"),
        ("loop", ExitCode.STALLED, "_run"),
        ("lock", 1, "hang_in_the_handler"),
    ],
)
def test_a_worker_that_hangs_ends_by_itself_and_shows_where(
    bootstrap: str, tmp_path: Path, how: str, code: int, stack: str
) -> None:
    log = tmp_path / "worker.log"
    publish(bootstrap, b"A headline\n\nA ferry ran aground off Valdoria on Monday.")
    with worker(bootstrap, log, "tests.integration.hanging_worker", how) as process:
        assert process.wait(30) == code, log.read_text()[-4000:]
    said = log.read_text()
    assert f" in {stack}\n" in said, said
    if code == ExitCode.STALLED:
        (last,) = (json.loads(line) for line in said.splitlines() if '"critical"' in line)
        assert last["exit_code"] == ExitCode.STALLED


def test_a_worker_that_takes_in_nothing_ends_by_itself(bootstrap: str, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    publish(bootstrap, b"{broken")
    with worker(bootstrap, log, "tests.integration.hanging_worker", "deaf") as process:
        assert process.wait(30) == ExitCode.STALLED, log.read_text()[-4000:]
    assert " 0 at hand, " in log.read_text()


def test_a_worker_that_has_nothing_to_do_stays_even_behind_the_marker_of_a_transaction(
    bootstrap: str, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    producer = KafkaProducer(bootstrap_servers=bootstrap, transactional_id="crawler")
    producer.init_transactions()
    producer.begin_transaction()
    end = producer.send(RAW, b"{broken").get(timeout=10).offset + 1
    producer.commit_transaction()
    producer.close()
    with worker(bootstrap, log, "tests.integration.hanging_worker", "not") as process:
        until(lambda: committed(bootstrap) == end, log)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(14)  # more than twice its patience
        process.terminate()
        assert process.wait(10) == 0, log.read_text()[-4000:]


def test_a_worker_sends_again_what_the_broker_did_not_acknowledge_in_time(
    broker_of_ours: EmbeddedBroker, tmp_path: Path
) -> None:
    log, port, bootstrap = tmp_path / "worker.log", free_port(), broker_of_ours.bootstrap
    own_port = {"COPYDESK_METRICS_PORT": str(port)}
    assert broker_of_ours.pid is not None
    with worker(bootstrap, log, "tests.integration.hanging_worker", "later", **own_port) as process:
        until(lambda: answer(port, "/readyz")[0] == 200, log)
        before = committed(bootstrap)
        publish(bootstrap, b"{broken")
        until(lambda: "copydesk_inflight_records 1.0" in answer(port, "/metrics")[1], log)
        os.kill(broker_of_ours.pid, signal.SIGSTOP)
        try:
            retried = re.compile(r"^copydesk_produce_retries_total\{.*\} [1-9]", re.MULTILINE)
            until(lambda: retried.search(answer(port, "/metrics")[1]), log)
        finally:
            os.kill(broker_of_ours.pid, signal.SIGCONT)
        until(lambda: committed(bootstrap) > before, log)
        process.terminate()
        assert process.wait(15) == 0, log.read_text()[-4000:]
    assert "not acknowledged; sending again" in log.read_text()


def test_a_worker_that_refuses_nearly_everything_stops_consuming_and_says_how_to_go_on(
    bootstrap: str, tmp_path: Path
) -> None:
    log, port = tmp_path / "worker.log", free_port()
    limit = {"COPYDESK_DEAD_LETTER_WINDOW": "20", "COPYDESK_METRICS_PORT": str(port)}
    enough = committed(bootstrap) + 20
    publish(bootstrap, *[b"{broken"] * 30)
    with worker(bootstrap, log, "workers", "worker", "clean", **limit) as process:
        until(lambda: committed(bootstrap) >= enough, log)
        end = publish(bootstrap, *[b"{broken"] * 5)
        until(lambda: 'copydesk_halted{stage="clean"} 1.0' in answer(port, "/metrics")[1], log)
        assert answer(port, "/livez") == (200, "ok\n")
        assert answer(port, "/readyz")[0] == 503
        assert "start the worker again" in log.read_text()
        time.sleep(2.5)  # ten intervals of commits
        before = committed(bootstrap)
        assert before <= end - 5
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, log.read_text()[-4000:]
        assert time.monotonic() - began < 10
    assert committed(bootstrap) == before
    with worker(bootstrap, log, "workers", "worker", "clean", COPYDESK_DEAD_LETTER_LIMIT="100"):
        until(lambda: committed(bootstrap) == end, log)
