"""What systemd is told of a worker over ``$NOTIFY_SOCKET``: that it is ready, how it fares, that it is alive."""

from __future__ import annotations

import socket

from workers.observability.health import Health


class Notifier:
    """systemd's ear at the address: a socket's path, ``@name`` for an abstract one, or None, where nobody listens."""

    def __init__(self, address: str | None) -> None:
        self._address = f"\0{address[1:]}" if address and address.startswith("@") else address
        self._ready = False
        self._status: str | None = None

    def tell(self, health: Health) -> None:
        """Say what the probes would be told: once that the worker is ready, and each time that it is alive."""
        ready, status = self._ready or health.ready, _status(health)
        news = [
            *(["READY=1"] if ready and not self._ready else []),
            *([f"STATUS={status}"] if status != self._status else []),
            *(["WATCHDOG=1"] if health.live else []),
        ]
        if self._send(news):
            self._ready, self._status = ready, status

    def stops(self) -> None:
        """Say that the worker is about to end."""
        self._send(["STOPPING=1", "STATUS=finishing the batch at hand"])

    def _send(self, lines: list[str]) -> bool:
        """Whether the lines were taken; the event loop does not wait for a systemd that is busy."""
        if not (self._address and lines):
            return False
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC) as ear:
                ear.sendto("\n".join(lines).encode(), self._address)
        except OSError:
            return False
        return True


def _status(health: Health) -> str:
    """How the worker fares, for people: what `systemctl status` shows."""
    if health.halted:
        return "halted: too many messages were refused; the log says how to go on"
    if health.recovering:
        return "reading its ledgers back"
    return "takes part in the stream" if health.assigned else "joining its group"
