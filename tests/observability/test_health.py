"""The HTTP server for metrics and probes."""

from __future__ import annotations

import time
from http.client import HTTPConnection

import pytest

from tests.fakes import NO_CONSUMER
from workers.observability.health import HEARTBEAT_TIMEOUT_SECONDS, Health, serve
from workers.observability.metrics import Metrics


def get(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_server_answers_metrics_and_probes() -> None:
    metrics, health = Metrics(), Health()
    port = serve(metrics, health, "127.0.0.1", 0)
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
    port = serve(Metrics(), Health(), "127.0.0.1", 0)
    with pytest.raises(OSError, match="in use"):
        serve(Metrics(), Health(), "127.0.0.1", port)
