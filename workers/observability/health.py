"""``/metrics``, ``/livez`` and ``/readyz``: a small server in a thread of its own, which answers under any load."""

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

STALE = 30.0
"""Seconds without a heartbeat of the event loop after which a process is no longer alive."""


@dataclass(slots=True)
class Health(WorkerHook):
    """What the probes ask for: written by the worker's event loop, read by the server's threads."""

    heartbeat: float = field(default_factory=time.monotonic)
    is_assigned: bool = False
    is_recovering: bool = False
    is_halted: bool = False
    is_stopping: bool = False

    def loop_ticked(self, consumer: ConsumerState) -> None:
        """Note that the event loop is responsive."""
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
        """Whether the event loop is responsive. Neither a broker that is away nor a recovery makes a worker dead.

        A worker that is stopping may finish its last batch: whoever stops it decides how long that may take.
        """
        return self.is_stopping or time.monotonic() - self.heartbeat < STALE

    @property
    def ready(self) -> bool:
        """Whether the worker takes part in the stream: it has its partitions and their ledgers, and consumes."""
        return self.live and self.is_assigned and not (self.is_recovering or self.is_halted or self.is_stopping)


def serve(metrics: Metrics, health: Health, host: str, port: int) -> int:
    """The port that the server listens on, which it does until the process ends.

    Raises:
        OSError: the port is taken.
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

        def _probe(self, well: bool) -> None:
            self._answer(200 if well else 503, b"ok\n" if well else b"no\n")

        def _answer(self, status: int, body: bytes, content_type: str = "text/plain; charset=utf-8") -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """A probe every few seconds is no news."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, name="health", daemon=True).start()
    return int(server.server_address[1])
