from __future__ import annotations

import time
from http.client import HTTPConnection

import pytest

from tests.fakes import NO_CONSUMER
from workers.observability.health import STALE, Health, serve
from workers.observability.metrics import Metrics


def get(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_metrics_and_probes_answer_on_a_port_of_their_own() -> None:
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

    health.heartbeat = time.monotonic() - STALE - 1
    assert get(port, "/livez") == (503, "no\n")
    assert get(port, "/readyz") == (503, "no\n")
    health.loop_ticked(NO_CONSUMER)
    assert get(port, "/livez") == (200, "ok\n")
    assert get(port, "/")[0] == 404

    # Its last batch may take longer than that.
    health.is_stopping, health.heartbeat = True, time.monotonic() - STALE - 1
    assert get(port, "/livez") == (200, "ok\n")
    assert get(port, "/readyz") == (503, "no\n")


def test_two_processes_can_not_have_one_port() -> None:
    port = serve(Metrics(), Health(), "127.0.0.1", 0)
    with pytest.raises(OSError, match="in use"):
        serve(Metrics(), Health(), "127.0.0.1", port)
