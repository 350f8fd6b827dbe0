"""The Grafana dashboard: its schema, its conventions, and each query on a Prometheus that scrapes workers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.dashboard import HEIGHTS, WIDTH
from tests.deploy.names import unknown_metrics
from tests.deploy.programs import DEPLOY, needs
from tests.deploy.watched import WatchedStream
from workers.observability.metrics import table
from workers.outcomes import Stage

DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "copydesk.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
ROWS = [
    "Objectives", "Flow by stage and outcome", "Lag", "Latency", "Dedupe and enrichment", "Sources",
    "Rebalances, recovery, state", "Producer", "Processes",
]  # fmt: skip
UNITS = {"short", "s", "ops", "bytes", "Bps", "percentunit"}
VARIABLES = {
    "${datasource}": "", "$job": "copydesk", "$role": ".*", "$instance": ".*", "$__rate_interval": "1m",
}  # fmt: skip
"""The values that replace Grafana's variables."""
DATA_SOURCE_FIELDS = (".annotations.list[0].titleFormat", ".annotations.list[0].textFormat")
"""Annotation fields of the Prometheus plugin, which Grafana's SDK does not know."""
QUERY_TIMEOUT_SECONDS = 120.0
"""How long the queries may take to return values: some need an event first."""

QUERIES = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]
each_query = pytest.mark.parametrize("query", [query for _, query in QUERIES], ids=[title for title, _ in QUERIES])


def strings(node: object) -> Iterator[str]:
    """Every string in a JSON value, at any depth."""
    match node:
        case str():
            yield node
        case list():
            for item in node:
                yield from strings(item)
        case dict():
            for item in node.values():
                yield from strings(item)


def test_rows_are_in_order() -> None:
    assert [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"] == ROWS


def test_grafana_sdk_knows_every_field() -> None:
    models = pytest.importorskip("grafana_foundation_sdk.models.dashboard", reason="grafana-foundation-sdk is missing")
    cog = pytest.importorskip("grafana_foundation_sdk.cog.encoder")
    pytest.importorskip("grafana_foundation_sdk.cog.plugins").register_default_plugins()
    decoded = json.loads(cog.JSONEncoder().encode(models.Dashboard.from_json(DASHBOARD)))
    assert [field for field in lost(DASHBOARD, decoded) if not field.startswith(DATA_SOURCE_FIELDS)] == []


def lost(before: object, after: object, path: str = "") -> list[str]:
    """The fields of ``before`` that ``after`` lacks or changes."""
    match before, after:
        case dict(), dict():
            return [field for key in before for field in lost(before[key], after.get(key, "nothing"), f"{path}.{key}")]
        case list(), list() if len(before) == len(after):
            return [field for n in range(len(before)) for field in lost(before[n], after[n], f"{path}[{n}]")]
        case _:
            return [] if before == after else [f"{path}: {before!r} became {after!r}"]


def test_panels_have_titles_units_and_legends() -> None:
    for panel in PANELS:
        assert panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
        assert all(target["legendFormat"] for target in panel["targets"])
        assert [target["refId"] for target in panel["targets"]] == ["A", "B", "C", "D"][: len(panel["targets"])]


def test_panel_ids_are_unique_and_panels_do_not_overlap() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken
        assert place["x"] + place["w"] <= WIDTH
        assert place["h"] == HEIGHTS.get(panel["type"], 1)
        taken |= cells


def test_everything_uses_the_data_source_variable() -> None:
    variables = DASHBOARD["templating"]["list"]
    assert [(variable["name"], variable["type"]) for variable in variables] == [
        ("datasource", "datasource"), ("job", "query"), ("role", "query"), ("instance", "query"),
    ]  # fmt: skip
    users = [*PANELS, *(target for panel in PANELS for target in panel["targets"]), *variables[1:]]
    users += DASHBOARD["annotations"]["list"]
    assert all(user["datasource"] == {"type": "prometheus", "uid": "${datasource}"} for user in users)


@each_query
def test_every_query_uses_the_variables_and_the_rate_interval(query: str) -> None:
    for selector in re.findall(r"\{([^}]*)\}", query):
        assert selector.endswith('job=~"$job",role=~"$role",instance=~"$instance"')
    assert set(re.findall(r"\[(.*?)\]", query)) <= {"$__rate_interval"}
    selectors = re.findall(r"\b(copydesk_\w+|process_\w+|up|ALERTS)\b(\{)?", query)
    assert selectors
    assert all(brace for _, brace in selectors)
    assert query.count("(") == query.count(")")


@each_query
def test_only_counters_are_queried_as_rates(query: str) -> None:
    for function, metric in re.findall(r"(\w+)\(((?:copydesk|process)_\w+)\{", query):
        assert metric.endswith(("_total", "_bucket")) == (function in {"rate", "increase"})
    for metric in re.findall(r"\w+(?:_total|_bucket)(?=\{)", query):
        assert re.search(rf"(rate|increase)\({metric}\{{", query)


def test_every_metric_on_the_dashboard_is_served() -> None:
    assert unknown_metrics(" ".join(strings(DASHBOARD))) == set()


def test_every_metric_is_on_the_dashboard_or_left_out_on_purpose() -> None:
    shown = " ".join(strings([panel["targets"] for panel in PANELS]))
    left_out = {
        "copydesk_records_consumed_total",  # articles_total shows the same and more
        "copydesk_inflight_records", "copydesk_recovering", "copydesk_halted",  # alerts use them
        "copydesk_records_skipped_total", "copydesk_open_transaction_seconds",  # likewise
        "copydesk_headers_left_out_total",  # rare; the log names the records
        "copydesk_outputs_refused_total",  # dead_letters_total shows the messages
        "copydesk_build_info",  # the variables use it
        # of `copydesk run`, not of a worker
        "copydesk_role_restarts_total", "copydesk_embedded_kafka_up",
        "copydesk_disk_free_bytes", "copydesk_disk_size_bytes",
    }  # fmt: skip
    assert {metric.name for metric in table() if metric.name not in shown} == left_out


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.process
@needs("prometheus")
def test_every_query_returns_values_on_a_live_stream(live: WatchedStream) -> None:
    live.worker(Stage.ENRICH).kill()  # the duration of a rebalance shows for one minute only
    waiting = [(title, concrete(query)) for title, query in QUERIES]
    deadline = time.monotonic() + QUERY_TIMEOUT_SECONDS
    while waiting and time.monotonic() < deadline:
        waiting = [(title, query) for title, query in waiting if not live.values(query)]
        time.sleep(1)
    assert waiting == []


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.process
@needs("prometheus")
def test_variables_offer_the_running_workers(live: WatchedStream) -> None:
    options = {}
    for variable in DASHBOARD["templating"]["list"][1:]:
        query = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"])
        assert query
        options[variable["name"]] = live.get(f"label/{query[2]}/values", **{"match[]": concrete(query[1])})
    assert options["job"] == ["copydesk"]
    assert options["role"] == ["clean", "dedupe", "enrich"]
    assert len(options["instance"]) == 4


def concrete(query: str) -> str:
    """The query with the variables replaced, as Grafana sends it."""
    for variable, value in VARIABLES.items():
        query = query.replace(variable, value)
    assert "$" not in query
    return query
