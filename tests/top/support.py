"""Processes whose metrics a test sets."""

from __future__ import annotations

from prometheus_client import generate_latest

from workers.observability.metrics import Metrics, RunMetrics
from workers.top.scraping import Endpoint, Scrape, parse


def served(metrics: Metrics | RunMetrics) -> str:
    return generate_latest(metrics.registry).decode()


class Worker:
    """A worker's metrics, and the endpoint that serves them."""

    def __init__(self, stage: str, port: int) -> None:
        self.metrics = Metrics()
        self.metrics.halted.labels(stage).set(0)
        self.metrics.partitions_assigned.set(1)
        self.stage, self.endpoint = stage, Endpoint(f"http://localhost:{port}/metrics", stage)

    def handle(self, count: int, outcome: str, reason: str = "") -> None:
        self.metrics.articles.labels(self.stage, outcome, reason).inc(count)
        for _ in range(count):
            self.metrics.stage_duration_seconds.labels(self.stage).observe(0.002)

    def at(self, second: float) -> Scrape:
        return Scrape(self.endpoint, second, parse(served(self.metrics)))
