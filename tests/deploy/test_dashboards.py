"""The Grafana dashboard: its form, the habits of good dashboards, each query on a Prometheus that scrapes workers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.dashboard import HEIGHTS, WIDTH
from tests.deploy.names import unknown
from tests.deploy.programs import DEPLOY, needs
from tests.deploy.watched import Watched
from workers.observability.metrics import table
from workers.outcomes import Stage

DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "copydesk.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
TITLES = [panel["title"] for panel in PANELS]
ROWS = [
    "Objectives", "Flow by stage and outcome", "Lag", "Latency", "Dedupe and enrichment", "Sources",
    "Rebalances, recovery, state", "Producer", "Processes",
]  # fmt: skip
UNITS = {"short", "s", "ops", "bytes", "Bps", "percentunit"}
CHOSEN = {
    "${datasource}": "", "$job": "copydesk", "$role": ".*", "$instance": ".*", "$__rate_interval": "1m",
}  # fmt: skip
"""What Grafana would put in place of the variables."""
OF_THE_DATA_SOURCE = (".annotations.list[0].titleFormat", ".annotations.list[0].textFormat")
"""Fields that Prometheus's plugin adds to an annotation, which Grafana's own types leave out."""
PATIENCE = 120.0
"""Seconds that a query has to give a figure: those of events are there once an event was."""


QUERIES = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]
each_query = pytest.mark.parametrize("query", [query for _, query in QUERIES], ids=[title for title, _ in QUERIES])


def strings(node: object) -> Iterator[str]:
    """Every string anywhere within."""
    match node:
        case str():
            yield node
        case list():
            for each in node:
                yield from strings(each)
        case dict():
            for each in node.values():
                yield from strings(each)


def test_the_rows_go_from_what_matters_to_what_explains_it() -> None:
    assert [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"] == ROWS


def test_grafanas_own_types_know_every_field() -> None:
    models = pytest.importorskip("grafana_foundation_sdk.models.dashboard", reason="grafana-foundation-sdk is missing")
    cog = pytest.importorskip("grafana_foundation_sdk.cog.encoder")
    pytest.importorskip("grafana_foundation_sdk.cog.plugins").register_default_plugins()
    read = json.loads(cog.JSONEncoder().encode(models.Dashboard.from_json(DASHBOARD)))
    assert [field for field in lost(DASHBOARD, read) if not field.startswith(OF_THE_DATA_SOURCE)] == []


def lost(before: object, after: object, path: str = "") -> list[str]:
    """The fields of ``before`` that ``after`` has not, or has otherwise."""
    match before, after:
        case dict(), dict():
            return [each for key in before for each in lost(before[key], after.get(key, "nothing"), f"{path}.{key}")]
        case list(), list() if len(before) == len(after):
            return [each for n in range(len(before)) for each in lost(before[n], after[n], f"{path}[{n}]")]
        case _:
            return [] if before == after else [f"{path}: {before!r} became {after!r}"]


def test_panels_have_titles_and_units_and_say_what_they_show() -> None:
    for panel in PANELS:
        assert panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
        assert all(target["legendFormat"] for target in panel["targets"])
        assert [target["refId"] for target in panel["targets"]] == ["A", "B", "C", "D"][: len(panel["targets"])]


def test_ids_differ_and_no_two_panels_overlap() -> None:
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


def test_the_data_source_is_the_one_that_is_chosen_above() -> None:
    variables = DASHBOARD["templating"]["list"]
    assert [(each["name"], each["type"]) for each in variables] == [
        ("datasource", "datasource"), ("job", "query"), ("role", "query"), ("instance", "query"),
    ]  # fmt: skip
    users = [*PANELS, *(target for panel in PANELS for target in panel["targets"]), *variables[1:]]
    users += DASHBOARD["annotations"]["list"]
    assert all(each["datasource"] == {"type": "prometheus", "uid": "${datasource}"} for each in users)


@each_query
def test_every_query_heeds_what_is_chosen_above_and_the_interval_of_the_scrapes(query: str) -> None:
    for selector in re.findall(r"\{([^}]*)\}", query):
        assert selector.endswith('job=~"$job",role=~"$role",instance=~"$instance"')
    assert set(re.findall(r"\[(.*?)\]", query)) <= {"$__rate_interval"}
    named = re.findall(r"\b(copydesk_\w+|process_\w+|up|ALERTS)\b(\{)?", query)
    assert named
    assert all(brace for _, brace in named)
    assert query.count("(") == query.count(")")


@each_query
def test_counters_are_shown_as_rates_and_nothing_else_is(query: str) -> None:
    for function, metric in re.findall(r"(\w+)\(((?:copydesk|process)_\w+)\{", query):
        assert metric.endswith(("_total", "_bucket")) == (function in {"rate", "increase"})
    for metric in re.findall(r"\w+(?:_total|_bucket)(?=\{)", query):
        assert re.search(rf"(rate|increase)\({metric}\{{", query)


def test_every_metric_that_it_names_is_served() -> None:
    assert unknown(" ".join(strings(DASHBOARD))) == set()


def test_every_metric_is_on_it_or_is_left_out_on_purpose() -> None:
    shown = " ".join(strings([panel["targets"] for panel in PANELS]))
    elsewhere = {
        "copydesk_records_consumed_total",  # articles_total says the same and more
        "copydesk_inflight_records", "copydesk_recovering", "copydesk_halted",  # alerts, and what they lead to
        "copydesk_build_info",  # the variables are made of it
    }  # fmt: skip
    assert {metric.name for metric in table() if metric.name not in shown} == elsewhere


@pytest.mark.slow
@pytest.mark.broker
@needs("prometheus")
def test_every_query_gives_figures_where_workers_run(live: Watched) -> None:
    live.worker(Stage.ENRICH).kill()  # how long a rebalance took is told for a minute
    waiting = [(title, concrete(query)) for title, query in QUERIES]
    deadline = time.monotonic() + PATIENCE
    while waiting and time.monotonic() < deadline:
        waiting = [(title, query) for title, query in waiting if not live.figures(query)]
        time.sleep(1)
    assert waiting == []


@pytest.mark.slow
@pytest.mark.broker
@needs("prometheus")
def test_the_variables_above_offer_what_runs(live: Watched) -> None:
    offered = {}
    for variable in DASHBOARD["templating"]["list"][1:]:
        found = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"])
        assert found
        offered[variable["name"]] = live.get(f"label/{found[2]}/values", **{"match[]": concrete(found[1])})
    assert offered["job"] == ["copydesk"]
    assert offered["role"] == ["clean", "dedupe", "enrich"]
    assert len(offered["instance"]) == 4


def concrete(query: str) -> str:
    """The query as Grafana would send it."""
    for variable, value in CHOSEN.items():
        query = query.replace(variable, value)
    assert "$" not in query
    return query
