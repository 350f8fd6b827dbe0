"""The HTTP server for metrics and probes."""

from __future__ import annotations

import socket
import time
from http.client import HTTPConnection

import pytest

from tests.fakes import NO_CONSUMER
from workers.errors import SettingsError
from workers.observability.health import (
    HEARTBEAT_TIMEOUT_SECONDS,
    PORT_TIMEOUT_SECONDS,
    Health,
    serve,
    serve_when_free,
)
from workers.observability.metrics import Metrics
from workers.settings import Settings
from workers.supervisor import SHUTDOWN_TIMEOUT


def get(port: int, path: str, method: str = "GET", host: str = "127.0.0.1") -> tuple[int, str]:
    connection = HTTPConnection(host, port, timeout=5)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_server_answers_metrics_and_probes() -> None:
    metrics, health = Metrics(), Health()
    port = serve(metrics.registry, health, "127.0.0.1", 0)
    assert port > 0
    metrics.rebalances.inc()
    status, text = get(port, "/metrics?name[]=x")
    assert status == 200
    assert "copydesk_rebalances_total 1.0" in text
    assert "_created" not in text

    assert get(port, "/livez") == (200, "ok\n")
    assert get(port, "/readyz") == (503, "no\n")
    health.is_assigned = True
    assert get(port, "/readyz") == (200, "ok\n")
    health.is_recovering = True
    assert get(port, "/readyz") == (503, "no\n")
    assert get(port, "/livez") == (200, "ok\n")
    health.is_recovering = False
    health.is_broker_up = False
    assert get(port, "/readyz") == (503, "no\n")
    assert get(port, "/livez") == (200, "ok\n")
    health.is_broker_up = True

    health.heartbeat = time.monotonic() - HEARTBEAT_TIMEOUT_SECONDS - 1
    assert get(port, "/livez") == (503, "no\n")
    assert get(port, "/readyz") == (503, "no\n")
    health.loop_ticked(NO_CONSUMER)
    assert get(port, "/livez") == (200, "ok\n")
    assert get(port, "/")[0] == 404

    # A stopping worker stays live, because its last batch may take longer than the timeout.
    health.is_stopping, health.heartbeat = True, time.monotonic() - HEARTBEAT_TIMEOUT_SECONDS - 1
    assert get(port, "/livez") == (200, "ok\n")
    assert get(port, "/readyz") == (503, "no\n")


def test_port_in_use_raises_os_error() -> None:
    port = serve(Metrics().registry, Health(), "127.0.0.1", 0)
    with pytest.raises(OSError, match="in use"):
        serve(Metrics().registry, Health(), "127.0.0.1", port)


@pytest.mark.parametrize("path", ["/metrics", "/livez", "/readyz", "/elsewhere"])
def test_head_answers_like_get_without_a_body(path: str) -> None:
    port = serve(Metrics().registry, Health(), "127.0.0.1", 0)
    status, body = get(port, path, "HEAD")
    assert (status, body) == (get(port, path)[0], "")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_not_allowed(method: str) -> None:
    port = serve(Metrics().registry, Health(), "127.0.0.1", 0)
    assert get(port, "/metrics", method) == (405, "use GET or HEAD\n")


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_ipv6_addresses_are_served() -> None:
    port = serve(Metrics().registry, Health(), "::1", 0)
    assert get(port, "/livez", host="::1") == (200, "ok\n")
    everywhere = serve(Metrics().registry, Health(), "::", 0)
    assert [get(everywhere, "/livez", host=host)[0] for host in ("::1", "127.0.0.1")] == [200, 200]


class Waiting:
    """A fake clock; after so many seconds of sleep, the other process leaves the port."""

    def __init__(self, taken: socket.socket, leaves_after: float) -> None:
        self.seconds, self.taken, self.leaves_after = 0.0, taken, leaves_after

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        if self.seconds >= self.leaves_after:
            self.taken.close()


def start(waiting: Waiting) -> int:
    """Serve on the port that is taken."""
    port = int(waiting.taken.getsockname()[1])
    settings = Settings(metrics_host="127.0.0.1")
    return serve_when_free(
        settings, port, Metrics().registry, Health(), clock=lambda: waiting.seconds, sleep=waiting.sleep
    )


def test_start_waits_for_a_port_as_long_as_a_stopping_worker_may_need(caplog: pytest.LogCaptureFixture) -> None:
    waiting = Waiting(socket.create_server(("127.0.0.1", 0)), leaves_after=70)
    assert get(start(waiting), "/livez") == (200, "ok\n")
    assert caplog.messages == ["the metrics port is taken; waiting, because a worker that is stopping may have it"]
    assert PORT_TIMEOUT_SECONDS > SHUTDOWN_TIMEOUT + 10


def test_port_that_stays_taken_refuses_the_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        waiting = Waiting(taken, leaves_after=1_000)
        with pytest.raises(SettingsError, match=r"COPYDESK_METRICS_PORT=\d+ .*\(Address already in use\)"):
            start(waiting)
        assert waiting.seconds == PORT_TIMEOUT_SECONDS
