"""Draws the pictures of the documents: ``make pictures``, or ``python -m tests.pictures NAME…`` for some of them.

The console and ``copydesk top`` are pictures of a stream that runs for some minutes; they need Prometheus, and the
console and the report of ``copydesk explain`` need Chromium.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

from tests.deploy.programs import DEPLOY, browse
from tests.deploy.watched import watched_stream
from tests.pictures.chart import Bar, chart
from tests.pictures.diagram import diagram
from tests.pictures.terminal import excerpt, picture, shown

PICTURES = DEPLOY / "pictures"
COLUMNS = 110
STREAM_SECONDS = 240
"""How long the stream runs before its picture is taken, so that the graphs show something."""
RATE = 15.0
"""Messages per second of that stream."""


def copydesk(*arguments: str, **environment: str) -> str:
    """What a command of ours shows on a terminal."""
    return shown([sys.executable, "-m", "workers", *arguments], COLUMNS, environment)


def draw_stream() -> None:
    """The diagram of the stream."""
    (PICTURES / "stream.svg").write_text(diagram(), encoding="utf-8")


def draw_charts() -> None:
    """The charts of ``figures.toml``."""
    with (PICTURES / "figures.toml").open("rb") as file:
        for each in tomllib.load(file)["chart"]:
            bars = [Bar(**bar) for bar in each["bars"]]
            (PICTURES / f"{each['name']}.svg").write_text(chart(each["title"], bars), encoding="utf-8")


def draw_demo() -> None:
    """The first and the last lines of ``copydesk demo``, as it writes them without a live display, which waits."""
    done = subprocess.run(
        [sys.executable, "-m", "workers", "demo"],
        env=os.environ | {"COLUMNS": str(COLUMNS), "FORCE_COLOR": "1"},
        stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    text = excerpt(done.stdout, 20, 44)
    (PICTURES / "demo.svg").write_text(picture("copydesk demo", text, COLUMNS), encoding="utf-8")


def draw_explain() -> None:
    """The page that ``copydesk explain --html`` writes about the article ``bridge.html``."""
    with tempfile.TemporaryDirectory() as directory:
        page = Path(directory) / "report.html"
        copydesk("explain", str(PICTURES / "bridge.html"), "--html", str(page))
        text = page.read_text(encoding="utf-8").replace(str(PICTURES / "bridge.html"), "bridge.html")
        page.write_text(text, encoding="utf-8")
        browse(page.as_uri(), PICTURES / "explain.png", "1000,1290")


def draw_live() -> None:
    """``copydesk top`` and the console of Prometheus, of a stream that runs for some minutes."""
    with (
        tempfile.TemporaryDirectory(prefix="copydesk-pictures-") as directory,
        watched_stream(Path(directory), RATE) as stream,
    ):
        time.sleep(STREAM_SECONDS)
        ports = [f"--url=127.0.0.1:{child.metrics_port}" for child in stream.supervisor.children]
        text = copydesk("top", "--once", "--interval", "10", *ports)
        (PICTURES / "top.svg").write_text(picture("copydesk top", text, COLUMNS), encoding="utf-8")
        console = DEPLOY / "prometheus" / "consoles" / "copydesk.png"
        browse(f"{stream.prometheus}/consoles/copydesk.html", console, "1500,1210")


DRAWINGS: dict[str, Callable[[], None]] = {
    "stream": draw_stream,
    "charts": draw_charts,
    "demo": draw_demo,
    "explain": draw_explain,
    "live": draw_live,
}


def main(names: list[str]) -> None:
    """Draw the pictures of these names, by default all."""
    if unknown := set(names) - set(DRAWINGS):
        sys.exit(f"no picture {', '.join(sorted(unknown))}; there are {', '.join(DRAWINGS)}")
    for name in names or DRAWINGS:
        print(f"drawing {name} ...", file=sys.stderr)
        DRAWINGS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
