"""The console of Prometheus's own, as a browser shows it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.deploy.programs import DEPLOY, needs, run
from tests.deploy.watched import Watched

CONSOLE = DEPLOY / "prometheus" / "consoles" / "copydesk.html"
GRAPHS = re.findall(r'data-title="([^"]+)"', CONSOLE.read_text(encoding="utf-8"))
PNG = b"\x89PNG\r\n"


def test_it_needs_nothing_from_elsewhere() -> None:
    assert re.findall(r"https?://|src=|<link|@import", CONSOLE.read_text(encoding="utf-8")) == []


def shown(url: str, directory: Path) -> str:
    """The page after its scripts have run; a picture of it is left in the directory."""
    return run(
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
        f"--user-data-dir={directory / 'profile'}", "--window-size=1500,1210", "--virtual-time-budget=8000",
        f"--screenshot={directory / 'copydesk.png'}", "--dump-dom", url,
    )  # fmt: skip


def missing(page: str) -> list[str]:
    """What has no figure on the page, or no line."""
    figures = re.findall(r'<div class="tile[^>]*><b>([^<]*)</b><span>([^<]*)</span>', page)
    rows = re.findall(r"<tr>\s*<td>(\w+)</td>(.*?)</tr>", page, re.DOTALL)
    figures += [(figure, role) for role, row in rows for figure in re.findall(r"<td>([^<]*)</td>", row)]
    drawn = dict(re.findall(r'<figure data-title="([^"]+)"[^>]*data-lines="(\d+)"', page))
    assert len(figures) == 6 + 3 * 9
    assert [role for role, _ in rows] == ["clean", "dedupe", "enrich"]
    return [name for figure, name in figures if not re.match(r"\d", figure)] + [
        title for title in GRAPHS if drawn.get(title, "0") == "0"
    ]


@pytest.mark.slow
@pytest.mark.broker
@needs("prometheus")
@needs("chromium")
def test_a_browser_shows_every_figure_and_every_graph(live: Watched, tmp_path: Path) -> None:
    live.until_figures("sum(rate(copydesk_dead_letters_total[2m])) > 0", seconds=120)
    deadline = time.monotonic() + 120  # a scrape that came too late leaves a figure out until the next
    url = f"{live.prometheus}/consoles/copydesk.html"
    while (lacks := missing(shown(url, tmp_path))) and time.monotonic() < deadline:
        time.sleep(1)
    assert lacks == []
    assert (tmp_path / "copydesk.png").read_bytes().startswith(PNG)
