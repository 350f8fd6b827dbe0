"""Notifications to systemd over ``$NOTIFY_SOCKET``: readiness, status and watchdog keep-alives."""

from __future__ import annotations

import socket

from workers.observability.health import Health


class Notifier:
    """A client for systemd's notification socket.

    ``address`` is the socket's path, ``@name`` for an abstract socket, or None when systemd does not run the process;
    then nothing is sent.
    """

    def __init__(self, address: str | None) -> None:
        self._address = f"\0{address[1:]}" if address and address.startswith("@") else address
        self._ready = False
        self._status: str | None = None

    def report(self, health: Health) -> None:
        """Send a keep-alive while the worker is live, ``READY=1`` once, and the status whenever it changes."""
        ready, status = self._ready or health.ready, _status(health)
        lines = [
            *(["READY=1"] if ready and not self._ready else []),
            *([f"STATUS={status}"] if status != self._status else []),
            *(["WATCHDOG=1"] if health.live else []),
        ]
        if self._send(lines):
            self._ready, self._status = ready, status

    def report_stopping(self) -> None:
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
    if health.halted:
        return "halted: too many messages were refused; see the log for how to continue"
    if health.recovering:
        return "recovering: reading its ledgers back"
    return "running" if health.assigned else "joining its consumer group"
