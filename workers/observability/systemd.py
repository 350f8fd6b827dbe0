"""Notifications to systemd over ``$NOTIFY_SOCKET``: that a worker is ready, its status, that it is alive."""

from __future__ import annotations

import socket

from workers.hooks import ConsumerState, WorkerHook
from workers.observability.health import Health


class Notifier(WorkerHook):
    """A client for systemd's notification socket.

    ``address`` is the socket's path, ``@name`` for an abstract socket, or None when the process is not run by systemd.
    """

    def __init__(self, address: str | None, health: Health) -> None:
        self._health = health
        self._address = f"\0{address[1:]}" if address and address.startswith("@") else address
        self._ready = False
        self._status: str | None = None

    def loop_ticked(self, consumer: ConsumerState) -> None:
        """Report what the probes would answer: once that the worker is ready, each time that it is alive."""
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
        """Report that the worker is about to end."""
        self._send(["STOPPING=1", "STATUS=finishing the current batch"])

    def _send(self, lines: list[str]) -> bool:
        """Whether systemd took the lines. The event loop does not wait for a busy systemd."""
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
    """The status for people, as `systemctl status` shows it."""
    if health.is_halted:
        return "halted: too many messages were refused; the log says how to go on"
    if health.is_recovering:
        return "reading its ledgers back"
    return "takes part in the stream" if health.is_assigned else "joining its group"
