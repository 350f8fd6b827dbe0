"""The table of metrics and what a process serves of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from workers.observability.metrics import MetricDescription, Metrics, RunMetrics, memory_limit, table

CLOSED = {
    "topic", "partition", "stage", "outcome", "reason", "kind", "category", "type", "result", "version", "python",
    "language", "field", "role",
}  # fmt: skip
"""Labels with a closed set of values. An article's own data (a URL, an id) is never a label."""
BOUNDED = {"source"}
"""Labels with a bounded number of values (``workers/observability/record_metrics.py``)."""


def served(metrics: Metrics | RunMetrics) -> dict[str, str]:
    """The type of each Copydesk metric in the exposition, by name."""
    families = text_string_to_metric_families(generate_latest(metrics.registry).decode())
    return {family.name: family.type for family in families if family.name.startswith("copydesk_")}


def value(metrics: Metrics | RunMetrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"copydesk_{name}", labels)


def test_names_follow_prometheus_conventions() -> None:
    metrics = Metrics()
    assert len(served(metrics)) > 20
    for name, kind in served(metrics).items():
        assert re.fullmatch(r"copydesk_[a-z]+(_[a-z]+)*", name)
        assert not re.search(r"_(ms|milliseconds|minutes|kb|percent|count|sum|bucket)(_|$)", name)
        if kind == "histogram":
            assert re.search(r"_(seconds|ratio)$", name)


def test_only_counters_end_in_total() -> None:
    families = list(Metrics().registry.collect())
    for family in families:
        for sample in family.samples:
            if family.name.startswith("copydesk_"):
                assert sample.name.endswith("_total") == (family.type == "counter")


@pytest.mark.parametrize("metric", table(), ids=lambda metric: metric.name)
def test_every_metric_has_help_and_bounded_labels(metric: MetricDescription) -> None:
    assert metric.help.endswith(".")
    assert not metric.remedy or metric.remedy.endswith(".")
    assert set(metric.labels) <= CLOSED | BOUNDED


def test_table_matches_served_metrics() -> None:
    rows = {metric.name.removesuffix("_total"): metric.type for metric in table()}
    assert served(Metrics()) | served(RunMetrics()) == rows


def test_run_serves_nothing_about_a_kafka_that_it_does_not_have() -> None:
    metrics = RunMetrics()
    metrics.without_kafka()
    assert served(metrics) == {"copydesk_role_restarts": "counter"}
    metrics = RunMetrics()
    metrics.watch_kafka(lambda: True, lambda: 10, lambda: 100)
    values = [value(metrics, name) for name in ("embedded_kafka_up", "disk_free_bytes", "disk_size_bytes")]
    assert values == [1, 10, 100]


def test_process_metrics_and_versions_are_served_too() -> None:
    metrics = Metrics()
    names = {family.name for family in metrics.registry.collect()}
    others = {name for name in names if not name.startswith("copydesk_")}
    assert all(name.startswith(("process_", "python_")) for name in others)
    assert any(name == "copydesk_build_info" for name in names)


def test_series_that_alerts_count_start_at_zero() -> None:
    metrics = Metrics()
    assert value(metrics, "produce_retries_total", topic="news-dead-letters") == 0
    assert value(metrics, "snapshots_total", result="failed") == 0
    assert value(RunMetrics(), "role_restarts_total", role="kafka") == 0


def test_registries_are_independent() -> None:
    one, other = Metrics(), Metrics()
    one.commits.labels("ok").inc()
    assert value(one, "commits_total", result="ok") == 1
    assert value(other, "commits_total", result="ok") == 0


MACHINE = memory_limit(Path("/nowhere"))


@pytest.mark.parametrize(
    ("groups", "limits", "expected"),
    [
        ("0::/", {"sys/fs/cgroup/memory.max": "4096\n"}, 4096),
        ("0::/", {"sys/fs/cgroup/memory.max": "max\n"}, MACHINE),
        ("0::/a/b", {"sys/fs/cgroup/a/memory.max": "4096\n", "sys/fs/cgroup/a/b/memory.max": "8192\n"}, 4096),
        ("5:cpu:/a\n4:memory:/a", {"sys/fs/cgroup/memory/a/memory.limit_in_bytes": "4096\n"}, 4096),
        ("4:memory:/seen/by/the/host", {"sys/fs/cgroup/memory/memory.limit_in_bytes": "4096\n"}, 4096),
        ("4:memory:/", {"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, MACHINE),
        ("5:cpu:/", {}, MACHINE),
    ],
)
def test_memory_limit_is_the_lowest_of_all_control_groups(
    tmp_path: Path, groups: str, limits: dict[str, str], expected: int
) -> None:
    for name, text in {"proc/self/cgroup": groups, **limits}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert memory_limit(tmp_path) == expected


def test_memory_limit_is_exported() -> None:
    assert value(Metrics(), "memory_limit_bytes") == memory_limit()
