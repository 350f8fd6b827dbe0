"""An HTTP server for ``/metrics``, ``/livez`` and ``/readyz``.

It runs in its own threads, so that it answers while the event loop is busy.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from faust.types import TP
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from workers.hooks import ConsumerState, WorkerHook
from workers.observability.metrics import Metrics

HEARTBEAT_TIMEOUT_SECONDS = 30.0
"""A process whose event loop has sent no heartbeat for this long is not alive."""


@dataclass(slots=True)
class Health(WorkerHook):
    """The state that the probes report. The worker's event loop writes it; the server's threads read it."""

    heartbeat: float = field(default_factory=time.monotonic)
    is_assigned: bool = False
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
        """Whether the worker processes messages: it has its partitions and ledgers and is not halted or stopping."""
        return self.live and self.is_assigned and not (self.is_recovering or self.is_halted or self.is_stopping)


def serve(metrics: Metrics, health: Health, host: str, port: int) -> int:
    """Start the server, which runs until the process ends, and return the port that it listens on.

    Raises:
        OSError: the address cannot be bound.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            match self.path.partition("?")[0]:
                case "/metrics":
                    self._answer(200, generate_latest(metrics.registry), CONTENT_TYPE_LATEST)
                case "/livez":
                    self._probe(health.live)
                case "/readyz":
                    self._probe(health.ready)
                case _:
                    self._answer(404, b"/metrics, /livez or /readyz\n")

        def _probe(self, healthy: bool) -> None:
            self._answer(200 if healthy else 503, b"ok\n" if healthy else b"no\n")

        def _answer(self, status: int, body: bytes, content_type: str = "text/plain; charset=utf-8") -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: probes arrive every few seconds."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, name="health", daemon=True).start()
    return int(server.server_address[1])
