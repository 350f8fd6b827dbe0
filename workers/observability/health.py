"""An HTTP server for ``/metrics``, ``/livez`` and ``/readyz``.

It runs in its own threads, so that it answers while the event loop is busy.
"""

from __future__ import annotations

import errno
import logging
import socket
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Protocol

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from workers.errors import SettingsError
from workers.hooks import ConsumerState, WorkerHook
from workers.settings import PREFIX, Settings

if TYPE_CHECKING:
    from faust.types import TP

log = logging.getLogger(__name__)

PORT_TIMEOUT_SECONDS = 75.0
"""How long to wait for a port that is taken: the worker that has it may be stopping, which takes a minute at most."""
PORT_INTERVAL_SECONDS = 0.5
"""Between two attempts to bind the port."""
HEARTBEAT_TIMEOUT_SECONDS = 30.0
"""A process whose event loop has sent no heartbeat for this long is not alive."""


class Probes(Protocol):
    """What ``/livez`` and ``/readyz`` ask."""

    @property
    def live(self) -> bool:
        """Whether the process works; if not, only a restart helps."""

    @property
    def ready(self) -> bool:
        """Whether the process does what it is there for."""


@dataclass(slots=True)
class Health(WorkerHook):
    """The state that the probes report. The worker's event loop writes it; the server's threads read it."""

    heartbeat: float = field(default_factory=time.monotonic)
    is_assigned: bool = False
    is_broker_up: bool = True
    is_recovering: bool = False
    is_halted: bool = False
    is_stopping: bool = False

    def loop_ticked(self, consumer: ConsumerState) -> None:
        """Note that the event loop is running."""
        self.heartbeat = time.monotonic()

    def partitions_assigned(self, partitions: Collection[TP]) -> None:
        """Note that the worker has joined its group."""
        self.is_assigned = True

    def paused(self) -> None:
        """Note that the worker stopped consuming."""
        self.is_halted = True

    def stopping(self) -> None:
        """Note that the worker is about to end."""
        self.is_stopping = True

    @property
    def live(self) -> bool:
        """Whether the event loop is running. An unreachable broker or a recovery does not make a worker dead.

        A stopping worker counts as live so that it can finish its last batch; the process manager limits how long that
        takes.
        """
        return self.is_stopping or time.monotonic() - self.heartbeat < HEARTBEAT_TIMEOUT_SECONDS

    @property
    def ready(self) -> bool:
        """Whether the worker processes messages.

        It has its partitions and ledgers, the broker answers, and the worker is not halted or stopping.
        """
        able = self.live and self.is_assigned and self.is_broker_up
        return able and not (self.is_recovering or self.is_halted or self.is_stopping)


def serve_when_free(
    settings: Settings,
    port: int,
    registry: CollectorRegistry,
    probes: Probes,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Start the server once its port is free, and return the port that it listens on.

    Raises:
        SettingsError: the port is not free within ``PORT_TIMEOUT_SECONDS``, or the host is not an address of this
            machine.
    """
    deadline = clock() + PORT_TIMEOUT_SECONDS
    has_warned = False
    while True:
        try:
            return serve(registry, probes, settings.metrics_host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or clock() >= deadline:
                raise SettingsError(
                    f"cannot bind {PREFIX}METRICS_PORT={port} at {PREFIX}METRICS_HOST={settings.metrics_host!r} "
                    f"({error.strerror}): use a free port and a local address"
                ) from None
        if not has_warned:
            has_warned = True
            log.warning(
                "the metrics port is taken; waiting, because a worker that is stopping may have it",
                extra={"metrics_port": port, "seconds": PORT_TIMEOUT_SECONDS},
            )
        sleep(PORT_INTERVAL_SECONDS)


def serve(registry: CollectorRegistry, probes: Probes, host: str, port: int) -> int:
    """Start the server, which runs until the process ends, and return the port that it listens on.

    An IPv6 address is also served; ``::`` means every address of this machine, IPv4 included.

    Raises:
        OSError: the address cannot be bound.
    """
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]

    class Server(ThreadingHTTPServer):
        address_family = family
        daemon_threads = True

        def server_bind(self) -> None:
            if family == socket.AF_INET6:
                self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            super().server_bind()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            match self.path.partition("?")[0]:
                case "/metrics":
                    self._answer(200, generate_latest(registry), CONTENT_TYPE_LATEST)
                case "/livez":
                    self._probe(probes.live)
                case "/readyz":
                    self._probe(probes.ready)
                case _:
                    self._answer(404, b"/metrics, /livez or /readyz\n")

        do_HEAD = do_GET

        def __getattr__(self, name: str) -> Callable[[], None]:
            """The answer to any other method."""
            if not name.startswith("do_"):
                raise AttributeError(name)
            return lambda: self._answer(405, b"use GET or HEAD\n")

        def _probe(self, healthy: bool) -> None:
            self._answer(200 if healthy else 503, b"ok\n" if healthy else b"no\n")

        def _answer(self, status: int, body: bytes, content_type: str = "text/plain; charset=utf-8") -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            if status == 405:
                self.send_header("Allow", "GET, HEAD")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: probes arrive every few seconds."""

    server = Server((host, port), Handler)
    Thread(target=server.serve_forever, name="health", daemon=True).start()
    return int(server.server_address[1])
