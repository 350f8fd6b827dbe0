"""Notifications to systemd, received by a socket in systemd's place."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import NO_CONSUMER
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
    health = Health()
    notifier = Notifier(address, health)
    notifier.loop_ticked(NO_CONSUMER)
    assert received(listener) == ["STATUS=joining its consumer group", "WATCHDOG=1"]
    health.is_assigned = True
    notifier.loop_ticked(NO_CONSUMER)
    assert received(listener) == ["READY=1", "STATUS=running", "WATCHDOG=1"]
    notifier.loop_ticked(NO_CONSUMER)
    assert received(listener) == ["WATCHDOG=1"]
    health.is_recovering = True
    notifier.loop_ticked(NO_CONSUMER)
    assert received(listener) == ["STATUS=recovering: reading its ledgers back", "WATCHDOG=1"]
    health.is_halted, health.is_recovering = True, False
    notifier.loop_ticked(NO_CONSUMER)
    assert received(listener)[0].startswith("STATUS=halted: ")
    notifier.stopping()
    assert received(listener)[0] == "STOPPING=1"


def test_hanging_event_loop_sends_no_watchdog_keep_alive(systemd: tuple[str, socket.socket]) -> None:
    address, listener = systemd
    health = Health(is_assigned=True, heartbeat=time.monotonic() - HEARTBEAT_TIMEOUT_SECONDS - 1)
    Notifier(address, health).loop_ticked(NO_CONSUMER)
    assert received(listener) == ["STATUS=running"]


def test_nothing_is_sent_without_systemd() -> None:
    for address in (None, ""):
        notifier = Notifier(address, Health(is_assigned=True))
        notifier.loop_ticked(NO_CONSUMER)
        notifier.stopping()


def test_notification_that_failed_is_sent_again(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    notifier = Notifier(address, Health(is_assigned=True))
    notifier.loop_ticked(NO_CONSUMER)  # nobody listens yet
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        notifier.loop_ticked(NO_CONSUMER)
        assert received(listener)[0] == "READY=1"


def test_full_socket_does_not_block_the_worker(systemd: tuple[str, socket.socket]) -> None:
    address, _ = systemd
    notifier = Notifier(address, Health(is_assigned=True))
    started = time.monotonic()
    for _ in range(5_000):  # far more than the socket's queue holds
        notifier.loop_ticked(NO_CONSUMER)
    assert time.monotonic() - started < 5
