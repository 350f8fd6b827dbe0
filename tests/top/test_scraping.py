"""Reading the metrics of processes, those of other programs included."""

from __future__ import annotations

import json
import urllib.error
from email.message import Message

import pytest
from click.testing import CliRunner

from tests.top.support import Worker
from workers.cli import main
from workers.observability.health import Health, serve
from workers.outcomes import ExitCode, Stage
from workers.settings import Settings
from workers.top.scraping import Endpoint, endpoint_of, local_endpoints, scrape, targets_in

PLACE = Endpoint("http://localhost:9641/metrics", Stage.CLEAN)


@pytest.mark.parametrize("text", ["", "<!doctype html><p>Hello", "up 1\n", 'copydesk_x{a="', "copydesk_x {{}} 1", "\0"])
def test_an_answer_of_another_program_is_a_problem(text: str) -> None:
    assert scrape(PLACE, lambda url: text).problem == "it serves no metrics of Copydesk"


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (urllib.error.HTTPError("", 404, "", Message(), None), "it answers 404"),
        (urllib.error.URLError(ConnectionRefusedError(111, "Connection refused")), "Connection refused"),
        (TimeoutError("timed out"), "timed out"),
    ],
)
def test_no_answer_is_a_problem(error: OSError, problem: str) -> None:
    def read(url: str) -> str:
        raise error

    found = scrape(PLACE, read)
    assert (found.is_up, found.problem, found.role) == (False, problem, "clean")


def test_addresses_are_completed() -> None:
    for text in ("enrich-1:9643", "http://enrich-1:9643", "http://enrich-1:9643/metrics"):
        assert endpoint_of(text).url == "http://enrich-1:9643/metrics"
    assert endpoint_of("https://host/copydesk/metrics").url == "https://host/copydesk/metrics"
    for text in ("host", "file:///etc/passwd", "http://", ":9640", "host:port"):
        with pytest.raises(ValueError, match="is not an address"):
            endpoint_of(text)


def test_targets_are_read_from_a_file_of_prometheus() -> None:
    text = '[{"targets": ["a:1", "b:2"], "labels": {"role": "enrich"}}, {"targets": ["c:3"]}]'
    assert [(place.url, place.role) for place in targets_in(text)] == [
        ("http://a:1/metrics", "enrich"), ("http://b:2/metrics", "enrich"), ("http://c:3/metrics", ""),
    ]  # fmt: skip
    for wrong in (
        "",
        "- targets: [a:1]",
        "{}x",
        "[1]",
        '[{"targets": [1]}]',
        '[{"targets": ["a"]}]',
        '[{"x": []}]',
        "3",
    ):
        with pytest.raises(ValueError, match=r"targets|address"):
            targets_in(wrong)


def test_local_endpoints_are_those_of_run() -> None:
    settings = Settings(metrics_port=100, enrich_processes=2, metrics_host="::1")
    assert [(place.url, place.role) for place in local_endpoints(settings)] == [
        (f"http://[::1]:{100 + number}/metrics", role)
        for number, role in enumerate(["run", "clean", "dedupe", "enrich", "enrich"])
    ]


def test_once_writes_json_about_the_processes_that_answer() -> None:
    worker = Worker(Stage.CLEAN, 0)
    worker.handle(3, "clean")
    port = serve(worker.metrics.registry, Health(), "127.0.0.1", 0)
    arguments = ["top", "--once", "--json", "--interval", "0.2", "--url", f"127.0.0.1:{port}", "--url", "127.0.0.1:1"]
    done = CliRunner().invoke(main, arguments)
    found = json.loads(done.output)
    assert done.exit_code == 0
    assert [(role["name"], role["processes"][0]["state"]) for role in found["roles"]] == [
        ("clean", "up"),
        ("?", "down"),
    ]
    assert found["roles"][0]["figures"]["per_second"] == 0
    assert found["outcomes"][0]["total"] == 3


def test_once_fails_with_one_line_where_nothing_answers() -> None:
    done = CliRunner().invoke(main, ["top", "--once", "--interval", "0.2", "--url", "127.0.0.1:1"])
    assert done.exit_code == ExitCode.UNAVAILABLE
    assert done.stdout == ""
    assert done.stderr.startswith("copydesk: no process of Copydesk answers at 127.0.0.1:1: start `copydesk run`")
    assert done.stderr.count("\n") == 1


def test_a_bad_address_is_a_usage_error() -> None:
    assert CliRunner().invoke(main, ["top", "--url", "host"]).exit_code == 2
