"""Notifications to systemd over ``$NOTIFY_SOCKET``: readiness, status and watchdog keep-alives."""

from __future__ import annotations

import socket

from workers.hooks import ConsumerState, WorkerHook
from workers.observability.health import Health


class Notifier(WorkerHook):
    """A client for systemd's notification socket.

    ``address`` is the socket's path, ``@name`` for an abstract socket, or None when systemd does not run the process;
    then nothing is sent.
    """

    def __init__(self, address: str | None, health: Health) -> None:
        self._health = health
        self._address = f"\0{address[1:]}" if address and address.startswith("@") else address
        self._ready = False
        self._status: str | None = None

    def loop_ticked(self, consumer: ConsumerState) -> None:
        """Send a keep-alive while the worker is live, ``READY=1`` once, and the status whenever it changes."""
        health = self._health
        ready, status = self._ready or health.ready, _status(health)
        lines = [
            *(["READY=1"] if ready and not self._ready else []),
            *([f"STATUS={status}"] if status != self._status else []),
            *(["WATCHDOG=1"] if health.live else []),
        ]
        if self._send(lines):
            self._ready, self._status = ready, status

    def stopping(self) -> None:
        """Say that the worker is shutting down."""
        self._send(["STOPPING=1", "STATUS=stopping: finishing the current batch"])

    def _send(self, lines: list[str]) -> bool:
        """Send the lines and return whether systemd took them; a busy systemd does not block the event loop."""
        if not (self._address and lines):
            return False
        try:
            with socket.socket(
                socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
            ) as client:
                client.sendto("\n".join(lines).encode(), self._address)
        except OSError:
            return False
        return True


def _status(health: Health) -> str:
    """The status line that ``systemctl status`` shows."""
    if health.is_halted:
        return "halted: too many messages were refused; see the log for how to continue"
    if health.is_recovering:
        return "recovering: reading its ledgers back"
    if not health.is_broker_up:
        return "waiting: Kafka does not answer"
    return "running" if health.is_assigned else "joining its consumer group"
