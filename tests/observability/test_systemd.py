"""Notifications to systemd, received by a socket in systemd's place."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.observability.health import HEARTBEAT_TIMEOUT_SECONDS, Health
from workers.observability.systemd import Notifier


@pytest.fixture(params=["a path", "an abstract name"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """The address to notify and the socket that listens there."""
    address = str(tmp_path / "notify") if request.param == "a path" else f"@copydesk-{os.getpid()}-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address.replace("@", "\0"))
        listener.setblocking(False)
        yield address, listener


def received(listener: socket.socket) -> list[str]:
    """The lines of the next notification."""
    return listener.recv(4096).decode().split("\n")


def test_ready_is_sent_once_status_on_change_and_keep_alive_every_time(
    systemd: tuple[str, socket.socket],
) -> None:
    address, listener = systemd
    notifier, health = Notifier(address), Health()
    notifier.report(health)
    assert received(listener) == ["STATUS=joining its consumer group", "WATCHDOG=1"]
    health.assigned = True
    notifier.report(health)
    assert received(listener) == ["READY=1", "STATUS=running", "WATCHDOG=1"]
    notifier.report(health)
    assert received(listener) == ["WATCHDOG=1"]
    health.recovering = True
    notifier.report(health)
    assert received(listener) == ["STATUS=recovering: reading its ledgers back", "WATCHDOG=1"]
    health.halted, health.recovering = True, False
    notifier.report(health)
    assert received(listener)[0].startswith("STATUS=halted: ")
    notifier.report_stopping()
    assert received(listener)[0] == "STOPPING=1"


def test_hanging_event_loop_sends_no_watchdog_keep_alive(systemd: tuple[str, socket.socket]) -> None:
    address, listener = systemd
    health = Health(assigned=True, heartbeat=time.monotonic() - HEARTBEAT_TIMEOUT_SECONDS - 1)
    Notifier(address).report(health)
    assert received(listener) == ["STATUS=running"]


def test_nothing_is_sent_without_systemd() -> None:
    for address in (None, ""):
        notifier = Notifier(address)
        notifier.report(Health(assigned=True))
        notifier.report_stopping()


def test_notification_that_failed_is_sent_again(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    notifier, health = Notifier(address), Health(assigned=True)
    notifier.report(health)  # nobody listens yet
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        notifier.report(health)
        assert received(listener)[0] == "READY=1"


def test_full_socket_does_not_block_the_worker(systemd: tuple[str, socket.socket]) -> None:
    address, _ = systemd
    notifier, health = Notifier(address), Health(assigned=True)
    started = time.monotonic()
    for _ in range(5_000):  # far more than the socket's queue holds
        notifier.report(health)
    assert time.monotonic() - started < 5
