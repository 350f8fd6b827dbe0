"""What is made from tables of the code is as they are."""

from __future__ import annotations

import re

import pytest

from deploy.generate import GENERATED, drifted
from tests.deploy.programs import DEPLOY
from workers.observability.metrics import MetricDescription, table


def test_the_generated_files_are_as_their_sources() -> None:
    assert drifted() == [], "run `python -m deploy` and commit the result"


def test_a_file_that_differs_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GENERATED, "metrics.md", lambda: "something else")
    monkeypatch.setitem(GENERATED, "not-there.md", lambda: "")
    assert drifted() == ["metrics.md", "not-there.md"]


@pytest.mark.parametrize("metric", table(), ids=lambda metric: metric.name)
def test_the_page_on_the_metrics_tells_all_of_each(metric: MetricDescription) -> None:
    page = (DEPLOY / "metrics.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{metric.name}` \| .*$", page, re.MULTILINE)
    told = [metric.type, metric.unit, metric.help, metric.remedy, *(f"`{label}`" for label in metric.labels)]
    assert all(each in row for each in told)
    assert row.count("|") == 7
