"""The generated files of deploy/: each is made from a table of the code, so that the two cannot drift apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from deploy.dashboard import dashboard
from workers.observability.metrics import MetricDescription, table

HERE = Path(__file__).parent

METRICS_HEAD = """\
# Metrics

What every worker serves at `/metrics`, made from the table in `workers/observability/metrics.py` by `python -m deploy`.

A histogram has the series `…_bucket` (with the label `le`), `…_sum` and `…_count`. Prometheus adds `job`, `role`
(clean, dedupe or enrich) and `instance`: see [prometheus.yml](prometheus/prometheus.yml). Each process also serves what
the client library knows of it: `process_start_time_seconds`, `process_cpu_seconds_total`,
`process_resident_memory_bytes`, `process_open_fds`, `python_info` and the like.

| metric | type | unit | labels | what it tells | when it is bad |
|---|---|---|---|---|---|
"""


def metrics_page() -> str:
    """The page on the metrics, in Markdown."""
    return METRICS_HEAD + "".join(map(_row, table()))


def _row(metric: MetricDescription) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{metric.name}` | {metric.type} | {metric.unit} | {labels} | {metric.help} | {metric.remedy} |\n"


GENERATED: dict[str, Callable[[], str]] = {"metrics.md": metrics_page, "grafana/copydesk.json": dashboard}
"""What makes each file, by its path in this folder."""


def drifted() -> list[str]:
    """The files that are missing or differ from what would be written now."""
    return [
        name
        for name, make in GENERATED.items()
        if not (HERE / name).exists() or (HERE / name).read_text(encoding="utf-8") != make()
    ]


def write() -> None:
    """Write every file."""
    for name, make in GENERATED.items():
        (HERE / name).write_text(make(), encoding="utf-8")
