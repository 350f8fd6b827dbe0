"""The Prometheus console, as a browser renders it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.deploy.programs import DEPLOY, browse, needs
from tests.deploy.watched import WatchedStream

CONSOLE = DEPLOY / "prometheus" / "consoles" / "copydesk.html"
GRAPHS = re.findall(r'data-title="([^"]+)"', CONSOLE.read_text(encoding="utf-8"))
PNG = b"\x89PNG\r\n"
RENDER_TIMEOUT_SECONDS = 120
"""A late scrape leaves a value out until the next one; the test retries for this long."""


def test_console_loads_nothing_from_the_network() -> None:
    assert re.findall(r"https?://|src=|<link|@import", CONSOLE.read_text(encoding="utf-8")) == []


def missing(page: str) -> list[str]:
    """The tiles and cells without a value, and the graphs without a line."""
    values = re.findall(r'<div class="tile[^>]*><b>([^<]*)</b><span>([^<]*)</span>', page)
    rows = re.findall(r"<tr>\s*<td>(\w+)</td>(.*?)</tr>", page, re.DOTALL)
    values += [(value, role) for role, row in rows for value in re.findall(r"<td>([^<]*)</td>", row)]
    drawn = dict(re.findall(r'<figure data-title="([^"]+)"[^>]*data-lines="(\d+)"', page))
    assert len(values) == 6 + 3 * 9
    assert [role for role, _ in rows] == ["clean", "dedupe", "enrich"]
    return [name for value, name in values if not re.match(r"\d", value)] + [
        title for title in GRAPHS if drawn.get(title, "0") == "0"
    ]


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.process
@needs("prometheus")
@needs("chromium")
def test_every_value_and_graph_is_rendered(live: WatchedStream, tmp_path: Path) -> None:
    live.wait_for_values("sum(rate(copydesk_dead_letters_total[2m])) > 0", seconds=120)
    deadline = time.monotonic() + RENDER_TIMEOUT_SECONDS
    picture = tmp_path / "console.png"
    url = f"{live.prometheus}/consoles/copydesk.html"
    while (empty := missing(browse(url, picture, "1500,1210"))) and time.monotonic() < deadline:
        time.sleep(1)
    assert empty == []
    assert picture.read_bytes().startswith(PNG)
