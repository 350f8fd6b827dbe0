"""Real workers in trouble: one that hangs ends itself, and one that rejects nearly everything stops consuming."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.integration.support import until, worker
from workers.embedded_kafka.broker import EmbeddedBroker
from workers.embedded_kafka.ports import free_port
from workers.kafka.kafka_python import (
    CoordinatorNotAvailableError,
    KafkaAdminClient,
    KafkaError,
    KafkaProducer,
    TopicPartition,
)
from workers.outcomes import ExitCode, Stage
from workers.stages import group_of
from workers.topics import RAW

pytestmark = pytest.mark.slow
HANGING_WORKER = "tests.integration.hanging_worker"


def publish(bootstrap: str, *values: bytes) -> int:
    """Send the values; return the offset after the last one."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    sent = [producer.send(RAW, value) for value in values]
    producer.close()
    return int(sent[-1].get().offset) + 1


def committed(bootstrap: str) -> int:
    """The offset of the raw topic that the clean workers have committed."""
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    group = group_of(Stage.CLEAN)
    deadline = time.monotonic() + 30
    try:
        while True:
            try:
                offset = client.list_group_offsets([group])[group].get(TopicPartition(RAW, 0))
            except CoordinatorNotAvailableError:  # until the broker's first consumer group exists
                return 0
            except KafkaError as error:  # for a moment after the broker was paused for longer than its session
                if not error.retriable or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return int(offset.offset) if offset else 0
    finally:
        client.close()


def get(port: int, path: str) -> tuple[int, str]:
    """The status and body that the worker answers; (0, "") if it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""
    except OSError:
        return 0, ""


@pytest.mark.parametrize(
    ("mode", "code", "function"),
    [
        ("handler", ExitCode.STALLED, "hang_in_the_handler"),
        ("loop", ExitCode.STALLED, "block_the_loop"),
        ("lock", 1, "hang_in_the_handler"),
    ],
)
def test_hanging_worker_ends_itself_and_logs_the_stack(
    bootstrap: str, tmp_path: Path, mode: str, code: int, function: str
) -> None:
    log = tmp_path / "worker.log"
    publish(bootstrap, b"A headline\n\nA ferry ran aground off Valdoria on Monday.")
    with worker(bootstrap, log, HANGING_WORKER, mode) as process:
        assert process.wait(60) == code, log.read_text()[-4000:]
    text = log.read_text()
    assert f" in {function}\n" in text, text
    if code == ExitCode.STALLED:
        (critical,) = (json.loads(line) for line in text.splitlines() if '"critical"' in line)
        assert critical["exit_code"] == ExitCode.STALLED


def test_worker_that_never_fetches_ends_itself(bootstrap: str, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    publish(bootstrap, b"{broken")
    with worker(bootstrap, log, HANGING_WORKER, "deaf") as process:
        assert process.wait(60) == ExitCode.STALLED, log.read_text()[-4000:]
    assert re.search(r"; 0 [a-z ]+, [1-9]\d* unread", log.read_text())


def test_idle_worker_keeps_running_even_behind_a_transaction_marker(bootstrap: str, tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    producer = KafkaProducer(bootstrap_servers=bootstrap, transactional_id="crawler")
    producer.init_transactions()
    producer.begin_transaction()
    end = producer.send(RAW, b"{broken").get(timeout=10).offset + 2  # with the marker
    producer.commit_transaction()
    producer.close()
    with worker(bootstrap, log, HANGING_WORKER, "healthy") as process:
        until(lambda: committed(bootstrap) == end, log)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(14)  # more than twice STALL_SECONDS
        process.terminate()
        assert process.wait(10) == 0, log.read_text()[-4000:]


def test_worker_resends_what_the_broker_does_not_acknowledge_in_time(
    broker: EmbeddedBroker, bootstrap: str, tmp_path: Path
) -> None:
    log, port = tmp_path / "worker.log", free_port()
    assert broker.pid is not None
    with worker(bootstrap, log, HANGING_WORKER, "late", COPYDESK_METRICS_PORT=str(port)) as process:
        until(lambda: get(port, "/readyz")[0] == 200, log)
        before = committed(bootstrap)
        publish(bootstrap, b"{broken")
        until(lambda: "copydesk_inflight_records 1.0" in get(port, "/metrics")[1], log)
        os.kill(broker.pid, signal.SIGSTOP)
        try:
            retried = re.compile(r"^copydesk_produce_retries_total\{.*\} [1-9]", re.MULTILINE)
            until(lambda: retried.search(get(port, "/metrics")[1]), log)
        finally:
            os.kill(broker.pid, signal.SIGCONT)
        until(lambda: committed(bootstrap) > before, log)
        process.terminate()
        assert process.wait(15) == 0, log.read_text()[-4000:]
    assert "outputs not acknowledged; sending them again" in log.read_text()


def test_worker_that_rejects_nearly_everything_halts_and_resumes_after_a_restart(
    bootstrap: str, tmp_path: Path
) -> None:
    log, port = tmp_path / "worker.log", free_port()
    limit = {"COPYDESK_DEAD_LETTER_WINDOW": "20", "COPYDESK_METRICS_PORT": str(port)}
    first_window = committed(bootstrap) + 20
    publish(bootstrap, *[b"{broken"] * 30)
    with worker(bootstrap, log, "workers", "worker", "clean", **limit) as process:
        until(lambda: committed(bootstrap) >= first_window, log)
        end = publish(bootstrap, *[b"{broken"] * 5)
        until(lambda: 'copydesk_halted{stage="clean"} 1.0' in get(port, "/metrics")[1], log)
        assert get(port, "/livez") == (200, "ok\n")
        assert get(port, "/readyz")[0] == 503
        assert "COPYDESK_DEAD_LETTER_LIMIT" in log.read_text()
        time.sleep(2.5)  # ten commit intervals
        before = committed(bootstrap)
        assert before <= end - 5
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, log.read_text()[-4000:]
        assert time.monotonic() - started < 10
    assert committed(bootstrap) == before
    with worker(bootstrap, log, "workers", "worker", "clean", COPYDESK_DEAD_LETTER_LIMIT="100"):
        until(lambda: committed(bootstrap) == end, log)
