"""A real worker under a systemd that is only its socket: ready, alive, at its end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.reliability.harness.launch import environment_of
from workers.embedded_kafka.broker import EmbeddedBroker
from workers.kafka import topic_admin
from workers.settings import Settings

pytestmark = [pytest.mark.broker, pytest.mark.slow]
SETTINGS = Settings(partitions=1, languages=("en",), models={}, metrics_port=0)


def test_a_worker_says_that_it_is_ready_that_it_lives_and_that_it_stops(tmp_path: Path) -> None:
    address, log = str(tmp_path / "notify"), tmp_path / "worker.log"
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd,
        EmbeddedBroker() as broker,
        log.open("wb") as output,
    ):
        systemd.bind(address)
        systemd.settimeout(0.5)
        topic_admin.apply(SETTINGS, broker.bootstrap)
        given = environment_of(SETTINGS) | {"COPYDESK_BROKER": broker.bootstrap, "NOTIFY_SOCKET": address}
        process = subprocess.Popen(
            [sys.executable, "-m", "workers", "worker", "clean"], env=os.environ | given, stderr=output
        )
        heard: list[str] = []

        def until(line: str, times: int = 1) -> None:
            deadline = time.monotonic() + 60
            while heard.count(line) < times:
                assert time.monotonic() < deadline, f"{heard}\n{log.read_text()[-4000:]}"
                try:
                    heard.extend(systemd.recv(4096).decode().split("\n"))
                except TimeoutError:
                    assert process.poll() is None, log.read_text()[-4000:]

        try:
            until("READY=1")
            until("WATCHDOG=1", times=3)
            assert heard[0] == "READY=1"
            assert "STATUS=running" in heard
            process.send_signal(signal.SIGTERM)
            until("STOPPING=1")
            assert process.wait(30) == 0
            assert heard.count("READY=1") == 1
        finally:
            process.kill()
            process.wait()
