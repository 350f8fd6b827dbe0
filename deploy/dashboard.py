"""The Grafana dashboard: a table of rows and panels, and its conversion to Grafana's JSON.

In a query, ``@`` stands for the label matchers of the dashboard's variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from workers.observability.metrics import table

MATCHERS = 'job=~"$job",role=~"$role",instance=~"$instance"'
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH = 24
"""Columns of Grafana's grid."""
HEIGHTS = {"stat": 4, "timeseries": 8}
"""Rows of the grid that a panel takes, by kind."""
QUANTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A PromQL query and the legend of its series."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel.

    Attributes:
        unit: Grafana's name of the unit: short, s, bytes, percentunit, ops (per second) ...
        warn: the value from which the panel is yellow.
        bad: the value from which the panel is red.
        stacked: whether to stack the series, because their sum is meaningful.
        note: a text for the description, in addition to the metrics' help.
    """

    title: str
    unit: str
    queries: Sequence[Query]
    kind: str = "timeseries"
    warn: float | None = None
    bad: float | None = None
    stacked: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under a title, ``across`` of them side by side."""

    title: str
    across: int
    panels: Sequence[Panel]


def _rate(metric: str, by: str, *, only: str = "", legend: str = "") -> Query:
    """The rate per second, by a label."""
    return Query(expr=f"sum by ({by}) (rate({metric}{{{only}@}}[$__rate_interval]))", legend=legend or f"{{{{{by}}}}}")


def _quantiles(metric: str, by: str = "") -> list[Query]:
    """The quantiles of a histogram, by a label if one is given."""
    comma, name = (f", {by}", f"{{{{{by}}}}} ") if by else ("", "")
    return [
        Query(
            expr=f"histogram_quantile({q}, sum by (le{comma}) (rate({metric}_bucket{{@}}[$__rate_interval])))",
            legend=f"{name}p{q * 100:g}",
        )
        for q in QUANTILES
    ]


def _share(part: str, whole: str, by: str, *, only: str = "") -> Query:
    """The ratio of one counter's rate to another's, by a label."""
    return Query(
        expr=f"sum by ({by}) (rate({part}{{@}}[$__rate_interval])) "
        f"/ sum by ({by}) (rate({whole}{{{only}@}}[$__rate_interval]))",
        legend=f"{{{{{by}}}}}",
    )


REFUSED = 'sum(rate(copydesk_articles_total{outcome="dead_letter",@}[$__rate_interval]))'
FIRING = 'ALERTS{alertname=~"Copydesk.+",alertstate="firing",@}'
CLEANED, JUDGED = 'stage="clean",', 'stage="dedupe",'
BY_STAGE = "{{stage}} {{outcome}}"
BY_PARTITION = "{{topic}} {{partition}}"
NO_SERIES = "The series does not exist before the first event; the panel then shows 0."

ROWS = (
    Row("Objectives", 6, (
        Panel("Freshness", "s", [Query(expr="max(copydesk_consumer_lag_seconds{@})")], "stat", 60, 300),
        Panel("p99 end to end", "s", _quantiles("copydesk_end_to_end_latency_seconds")[-1:], "stat", 30, 60),
        Panel("Articles finished per second", "ops", [Query(
            expr='sum(rate(copydesk_articles_total{outcome=~"enriched|duplicate|dead_letter",@}[$__rate_interval]))'
        )], "stat"),
        Panel("Refused", "percentunit", [Query(
            expr=f"({REFUSED} or vector(0)) / sum(rate(copydesk_articles_total{{@}}[$__rate_interval]))"
        )], "stat", 0.001, 0.0144, note=NO_SERIES),
        Panel("Workers up", "short", [Query(expr="sum by (role) (up{@})", legend="{{role}}")], "stat"),
        Panel("Firing alerts", "short", [Query(expr=f"sum({FIRING}) or vector(0)")], "stat", bad=1, note=NO_SERIES),
    )),
    Row("Flow by stage and outcome", 3, (
        Panel("Articles", "ops", [_rate("copydesk_articles_total", "stage, outcome", legend=BY_STAGE)]),
        Panel("Refused, by reason", "ops", [
            _rate("copydesk_dead_letters_total", "stage, reason", legend="{{stage}} {{reason}}")], stacked=True),
        Panel("Bytes read", "Bps", [_rate("copydesk_consumed_bytes_total", "topic")]),
    )),
    Row("Lag", 3, (
        Panel("Waiting messages", "short", [
            Query(expr="sum by (topic) (copydesk_consumer_lag_records{@})", legend="{{topic}}")]),
        Panel("Age of the oldest waiting message", "s", [
            Query(expr="max by (topic) (copydesk_consumer_lag_seconds{@})", legend="{{topic}}")], warn=60, bad=300),
        Panel("The five partitions with the largest lag", "short", [
            Query(expr="topk(5, sum by (topic, partition) (copydesk_consumer_lag_records{@}))", legend=BY_PARTITION)]),
    )),
    Row("Latency", 3, (
        Panel("End to end", "s", _quantiles("copydesk_end_to_end_latency_seconds"), warn=30, bad=60),
        Panel("Time in the stage", "s", _quantiles("copydesk_stage_duration_seconds", "stage")),
        Panel("Age of articles on arrival", "s", _quantiles("copydesk_article_age_seconds")),
    )),
    Row("Dedupe and enrichment", 3, (
        Panel("Verdicts", "ops", [_rate("copydesk_dedupe_verdicts_total", "kind")], stacked=True),
        Panel("Stories corrected", "ops", [_rate("copydesk_story_changes_total", "kind")], stacked=True),
        Panel("Entities", "ops", [_rate("copydesk_entities_total", "type")], stacked=True),
        Panel("Models loaded", "short", [
            Query(expr="min by (language) (copydesk_model_loaded{@})", legend="{{language}}")]),
        Panel("Removed spans", "ops", [_rate("copydesk_removed_spans_total", "category")], stacked=True),
        Panel("Dropped fields", "ops", [_rate("copydesk_field_warnings_total", "field")], stacked=True),
        Panel("Share of text removed per article", "percentunit", _quantiles("copydesk_removed_text_ratio")),
        Panel("Languages", "ops", [_rate("copydesk_source_articles_total", "language", only=CLEANED)],
              stacked=True),
    )),
    Row("Sources", 4, (
        Panel("Articles", "ops", [_rate("copydesk_source_articles_total", "source", only=CLEANED)],
              stacked=True),
        Panel("Share of text removed", "percentunit", [
            _share("copydesk_source_removed_characters_total", "copydesk_source_characters_total", "source")]),
        Panel("Articles without a date", "percentunit", [
            _share("copydesk_source_undated_total", "copydesk_source_articles_total", "source", only=CLEANED)]),
        Panel("Copies", "percentunit", [
            _share("copydesk_source_copies_total", "copydesk_source_articles_total", "source", only=JUDGED)]),
    )),
    Row("Rebalances, recovery, state", 4, (
        Panel("Rebalances", "short", [
            Query(expr="max by (role) (increase(copydesk_rebalances_total{@}[$__rate_interval]))", legend="{{role}}")]),
        Panel("Duration of rebalances", "s", _quantiles("copydesk_rebalance_duration_seconds")),
        Panel("Partitions assigned", "short", [
            Query(expr="copydesk_partitions_assigned{@}", legend="{{role}} {{instance}}")], stacked=True),
        Panel("Kafka answers", "short", [
            Query(expr="min by (role) (copydesk_broker_up{@})", legend="{{role}}")],
            note="1 if Kafka answers every worker of the role."),
        Panel("Time since the last commit", "s", [
            Query(expr="time() - (copydesk_last_commit_timestamp_seconds{@} > 0)", legend="{{role}} {{instance}}")],
            note="Grows while a worker is idle, because there is nothing to commit."),
        Panel("Ledger entries left to read back", "short", [
            Query(expr="sum by (instance) (copydesk_recovery_remaining_records{@})", legend="{{instance}}")]),
        Panel("Ledger entries", "short", [
            Query(expr="sum by (partition) (copydesk_ledger_entries{@})", legend="{{partition}}")], stacked=True),
        Panel("Ledger memory", "bytes", [
            Query(expr="sum by (partition) (copydesk_ledger_bytes{@})", legend="{{partition}}")], stacked=True),
        Panel("Snapshots", "short", [Query(
            expr="sum by (result) (increase(copydesk_snapshots_total{@}[$__rate_interval]))", legend="{{result}}"
        )], note="Always 0 without COPYDESK_STATE_DIR."),
    )),
    Row("Producer", 4, (
        Panel("Messages acknowledged", "ops", [_rate("copydesk_produced_total", "topic")]),
        Panel("Time to acknowledgement", "s", _quantiles("copydesk_produce_duration_seconds")),
        Panel("Messages sent again", "ops", [_rate("copydesk_produce_retries_total", "topic")]),
        Panel("Commits", "ops", [_rate("copydesk_commits_total", "result")]),
    )),
    Row("Processes", 4, (
        Panel("CPU", "percentunit", [
            _rate("process_cpu_seconds_total", "role, instance", legend="{{role}} {{instance}}")],
            note="100 % is one core; a worker processes messages on one core at most."),
        Panel("Memory", "bytes", [
            Query(expr="process_resident_memory_bytes{@}", legend="{{role}} {{instance}}"),
            Query(expr="min(copydesk_memory_limit_bytes{@})", legend="lowest limit")]),
        Panel("Event loop lag", "s", [
            Query(expr="copydesk_event_loop_lag_seconds{@}", legend="{{role}} {{instance}}")]),
        Panel("Uptime", "s", [
            Query(expr="time() - process_start_time_seconds{@}", legend="{{role}} {{instance}}")],
            note="A drop to 0 is a restart."),
    )),
)  # fmt: skip
"""The rows of the dashboard, from the objectives to the details that explain them."""

HELP = {metric.name: f"{metric.help} {metric.remedy}".strip() for metric in table()}


def dashboard() -> str:
    """The dashboard as Grafana's JSON."""
    content = {
        "uid": "copydesk",
        "title": "Copydesk",
        "description": "The stream of raw news articles: clean, dedupe, enrich. Generated by `python -m deploy`.",
        "tags": ["copydesk"],
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "timezone": "browser",
        "schemaVersion": 41,
        "templating": {"list": list(_variables())},
        "annotations": {"list": [_alerts()]},
        "panels": list(_panels()),
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _variables() -> Iterator[dict[str, Any]]:
    yield {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}
    matchers = ""
    for name, all_values in (("job", ".+"), ("role", ".*"), ("instance", ".*")):
        yield {
            "name": name,
            "label": name.capitalize(),
            "type": "query",
            "datasource": DATASOURCE,
            "query": f"label_values(copydesk_build_info{{{matchers}}}, {name})",
            "refresh": 2,
            "sort": 1,
            "multi": True,
            "includeAll": True,
            "allValue": all_values,
            "current": {"text": ["All"], "value": ["$__all"]},
        }
        matchers += f'{"," if matchers else ""}{name}=~"${name}"'


def _alerts() -> dict[str, Any]:
    return {
        "name": "Alerts",
        "datasource": DATASOURCE,
        "enable": True,
        "iconColor": "red",
        "expr": _with_matchers(FIRING),
        "titleFormat": "{{alertname}}",
        "textFormat": "{{role}} {{instance}}",
    }


def _panels() -> Iterator[dict[str, Any]]:
    y, number = 0, 1
    for row in ROWS:
        place = {"x": 0, "y": y, "w": WIDTH, "h": 1}
        yield {"type": "row", "id": number, "title": row.title, "collapsed": False, "gridPos": place, "panels": []}
        y, number = y + 1, number + 1
        width = WIDTH // row.across
        for start in range(0, len(row.panels), row.across):
            line = row.panels[start : start + row.across]
            height = max(HEIGHTS[panel.kind] for panel in line)
            for column, panel in enumerate(line):
                place = {"x": column * width, "y": y, "w": width, "h": height}
                yield {"id": number, "gridPos": place, **_panel(panel)}
                number += 1
            y += height


def _panel(panel: Panel) -> dict[str, Any]:
    queries = [query.expr for query in panel.queries]
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": "\n\n".join([*_descriptions(queries), *([panel.note] if panel.note else [])]),
        "datasource": DATASOURCE,
        "targets": [
            {
                "refId": chr(ord("A") + number),
                "datasource": DATASOURCE,
                "expr": _with_matchers(query.expr),
                "legendFormat": query.legend or panel.title,
            }
            for number, query in enumerate(panel.queries)
        ],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": OPTIONS[panel.kind],
    }


OPTIONS: dict[str, dict[str, Any]] = {
    "stat": {
        "colorMode": "background",
        "graphMode": "area",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
    },
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom", "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
}


def _defaults(panel: Panel) -> dict[str, Any]:
    colours: list[dict[str, Any]] = [{"color": "green", "value": None}]
    colours += [
        {"color": colour, "value": value}
        for colour, value in (("yellow", panel.warn), ("red", panel.bad))
        if value is not None
    ]
    defaults: dict[str, Any] = {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": colours}}
    if panel.kind == "timeseries":
        defaults["custom"] = {
            "fillOpacity": 20 if panel.stacked else 5,
            "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
            "showPoints": "never",
            "thresholdsStyle": {"mode": "off" if panel.bad is None else "dashed"},
        }
    return defaults


def _with_matchers(expr: str) -> str:
    return expr.replace("@", MATCHERS)


def _descriptions(queries: Sequence[str]) -> list[str]:
    """The help and remedy of each metric in the queries, without repetitions."""
    series = re.findall(r"copydesk_\w+", " ".join(queries))
    metrics = [name.removesuffix("_bucket") for name in series]
    return list(dict.fromkeys(HELP[metric] for metric in metrics if metric in HELP))
