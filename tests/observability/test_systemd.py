"""What systemd is told, by a socket in its place."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import NO_CONSUMER
from workers.observability.health import STALE, Health
from workers.observability.systemd import Notifier


@pytest.fixture(params=["a path", "an abstract name"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """An address to notify, and the socket that listens there."""
    address = str(tmp_path / "notify") if request.param == "a path" else f"@copydesk-{os.getpid()}-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address.replace("@", "\0"))
        listener.setblocking(False)
        yield address, listener


def heard(listener: socket.socket) -> list[str]:
    """The lines of the next message."""
    return listener.recv(4096).decode().split("\n")


def test_it_says_once_that_it_is_ready_each_time_that_it_lives_and_what_changes(
    systemd: tuple[str, socket.socket],
) -> None:
    address, listener = systemd
    health = Health()
    notifier = Notifier(address, health)
    notifier.loop_ticked(NO_CONSUMER)
    assert heard(listener) == ["STATUS=joining its group", "WATCHDOG=1"]
    health.is_assigned = True
    notifier.loop_ticked(NO_CONSUMER)
    assert heard(listener) == ["READY=1", "STATUS=takes part in the stream", "WATCHDOG=1"]
    notifier.loop_ticked(NO_CONSUMER)
    assert heard(listener) == ["WATCHDOG=1"]
    health.is_recovering = True
    notifier.loop_ticked(NO_CONSUMER)
    assert heard(listener) == ["STATUS=reading its ledgers back", "WATCHDOG=1"]
    health.is_halted, health.is_recovering = True, False
    notifier.loop_ticked(NO_CONSUMER)
    assert heard(listener)[0].startswith("STATUS=halted: ")
    notifier.stopping()
    assert heard(listener)[0] == "STOPPING=1"


def test_the_watchdog_is_not_fed_by_a_worker_whose_event_loop_hangs(systemd: tuple[str, socket.socket]) -> None:
    address, listener = systemd
    health = Health(is_assigned=True, heartbeat=time.monotonic() - STALE - 1)
    Notifier(address, health).loop_ticked(NO_CONSUMER)
    assert heard(listener) == ["STATUS=takes part in the stream"]


def test_without_systemd_nothing_is_said() -> None:
    for address in (None, ""):
        notifier = Notifier(address, Health(is_assigned=True))
        notifier.loop_ticked(NO_CONSUMER)
        notifier.stopping()


def test_what_was_not_heard_is_said_again(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    notifier = Notifier(address, Health(is_assigned=True))
    notifier.loop_ticked(NO_CONSUMER)  # nobody is there yet
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        notifier.loop_ticked(NO_CONSUMER)
        assert heard(listener)[0] == "READY=1"


def test_a_systemd_that_does_not_listen_does_not_hold_the_worker_up(systemd: tuple[str, socket.socket]) -> None:
    address, _ = systemd
    notifier = Notifier(address, Health(is_assigned=True))
    began = time.monotonic()
    for _ in range(5_000):  # far more than its queue takes
        notifier.loop_ticked(NO_CONSUMER)
    assert time.monotonic() - began < 5
