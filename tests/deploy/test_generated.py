"""The generated files match the tables in the code."""

from __future__ import annotations

import re

import pytest

from deploy.generate import GENERATED, drifted
from tests.deploy.programs import DEPLOY
from workers.observability.metrics import MetricDescription, table


def test_generated_files_are_current() -> None:
    assert drifted() == [], "run `python -m deploy` and commit the result"


def test_changed_and_missing_files_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GENERATED, "metrics.md", lambda: "something else")
    monkeypatch.setitem(GENERATED, "not-there.md", lambda: "")
    assert drifted() == ["metrics.md", "not-there.md"]


@pytest.mark.parametrize("metric", table(), ids=lambda metric: metric.name)
def test_metrics_page_describes_every_metric(metric: MetricDescription) -> None:
    page = (DEPLOY / "metrics.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{metric.name}` \| .*$", page, re.MULTILINE)
    cells = [metric.type, metric.unit, metric.help, metric.remedy, *(f"`{label}`" for label in metric.labels)]
    assert all(cell in row for cell in cells)
    assert row.count("|") == 7
