"""A real worker and systemd's notification socket: ready, alive, stopping."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path

import pytest

from tests.integration.support import worker

pytestmark = pytest.mark.slow


def test_worker_notifies_ready_watchdog_and_stopping(bootstrap: str, tmp_path: Path) -> None:
    address, log = str(tmp_path / "notify"), tmp_path / "worker.log"
    messages: list[str] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(0.5)
        with worker(bootstrap, log, "workers", "worker", "clean", NOTIFY_SOCKET=address) as process:

            def until(message: str, times: int = 1) -> None:
                deadline = time.monotonic() + 60
                while messages.count(message) < times:
                    assert time.monotonic() < deadline, f"{messages}\n{log.read_text()[-4000:]}"
                    try:
                        messages.extend(systemd.recv(4096).decode().split("\n"))
                    except TimeoutError:
                        assert process.poll() is None, log.read_text()[-4000:]

            until("READY=1")
            until("WATCHDOG=1", times=3)
            assert messages[0] == "READY=1"
            assert "STATUS=running" in messages
            process.send_signal(signal.SIGTERM)
            until("STOPPING=1")
            assert process.wait(30) == 0
            assert messages.count("READY=1") == 1
