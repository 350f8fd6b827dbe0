"""What the demo shows while it runs: a screen on a terminal, a line for each article elsewhere."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from schemas import Duplicate, EnrichedArticle
from workers.cli.demo.tally import Arrival, DeadLetter, Tally
from workers.cli.demo.words import content, line, quoted
from workers.outcomes import Stage
from workers.reading.text import plural, printable

MAX_ROWS = 6
"""Rows shown of each list, on a high terminal."""
OTHER_ROWS = 16
"""Rows of the screen that are no row of one of its lists: the table, frames and the last line."""
RATE_SECONDS = 5.0
"""Seconds that the rates cover."""


class Lines:
    """A line for each arrival. That of a copy waits until the headline of its original is known."""

    def __init__(self, tally: Tally, width: int, echo: Callable[[str], object] = click.echo) -> None:
        self._tally = tally
        self._width = width
        self._echo = echo
        self._waiting: list[Duplicate] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for copy in self._waiting:
            self._print(copy)

    def show(self, arrival: Arrival | None) -> None:
        """Print the line of an arrival; with None, those that waited and are complete now."""
        if isinstance(arrival, Duplicate):
            self._waiting.append(arrival)
        elif arrival:
            self._print(arrival)
        complete = [copy for copy in self._waiting if copy.duplicate_of in self._tally.headlines]
        self._waiting = [copy for copy in self._waiting if copy not in complete]
        for copy in complete:
            self._print(copy)

    def _print(self, arrival: Arrival) -> None:
        self._echo(line(arrival, self._tally, self._width))


class Rates:
    """Articles per second of each stage, over the last seconds."""

    def __init__(self, seconds: float = RATE_SECONDS) -> None:
        self._seconds = seconds
        self._counts: deque[tuple[float, Counter[Stage]]] = deque()

    def of(self, handled: Counter[Stage], now: float) -> dict[Stage, float]:
        """The rates, from how many articles each stage has handled by now, in seconds of any clock."""
        self._counts.append((now, handled.copy()))
        while len(self._counts) > 2 and self._counts[1][0] <= now - self._seconds:
            self._counts.popleft()
        then, before = self._counts[0]
        return {stage: (handled[stage] - before[stage]) / max(now - then, 1.0) for stage in Stage}


class Screen:
    """A screen that follows the stream; a context manager."""

    def __init__(self, tally: Tally, metrics_ports: list[tuple[str, int]], console: Console) -> None:
        """Takes the tally to show, and the stage and metrics port of each worker."""
        self._tally = tally
        self._metrics_ports = metrics_ports
        self._console = console
        self._rates = Rates()
        self._enriched: deque[EnrichedArticle] = deque(maxlen=MAX_ROWS)
        self._copies: deque[Duplicate] = deque(maxlen=MAX_ROWS)
        self._refused: deque[DeadLetter] = deque(maxlen=MAX_ROWS)
        self._live = Live(self._render(), console=console, refresh_per_second=4)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, arrival: Arrival | None) -> None:
        """Add the arrival to the screen; None refreshes it."""
        match arrival:
            case EnrichedArticle():
                self._enriched.append(arrival)
            case Duplicate():
                self._copies.append(arrival)
            case DeadLetter():
                self._refused.append(arrival)
            case None:
                self._live.update(self._render())

    def _render(self) -> RenderableType:
        tally = self._tally
        names = {letter.origin: printable(tally.names.get(letter.origin, "")) for letter in self._refused}
        missing = len(tally.missing)
        waiting = f"Waiting for {missing:,} of {plural(len(tally.names), 'article')} ..."
        lists = {
            "enriched": [content(article, tally) for article in self._enriched],
            "copies": [f"{quoted(printable(copy.headline))}: {content(copy, tally)}" for copy in self._copies],
            "stories": stories(tally),
            "dead letters": [f"{names[letter.origin]}: {content(letter, tally)}" for letter in self._refused],
        }
        rows = max(1, min(MAX_ROWS, (self._console.height - OTHER_ROWS) // len(lists)))
        return Group(
            self._stages(),
            *(_panel(title, lines[-rows:]) for title, lines in lists.items()),
            Text(waiting if missing else "Every article has arrived. Ctrl-C ends the demo.", style="bold"),
        )

    def _stages(self) -> Table:
        rates = self._rates.of(self._tally.handled, time.monotonic())
        table = Table("stage", "articles", "per second", expand=True)
        table.add_column("http://localhost:…/metrics", no_wrap=True)
        for stage in Stage:
            ports = " ".join(str(port) for name, port in self._metrics_ports if name == stage)
            table.add_row(stage, f"{self._tally.handled[stage]:,}", f"{rates[stage]:,.1f}", ports)
        return table


def stories(tally: Tally) -> list[str]:
    """One line for each story with several articles."""
    several = (story for story in tally.stories.values() if story.articles > 1 and not story.merged_into)
    return [f"{story.articles} articles: {quoted(printable(story.headline))}" for story in several]


def _panel(title: str, lines: list[str]) -> Panel:
    text = Text("\n".join(lines) or "none yet", no_wrap=True, overflow="ellipsis")
    return Panel(text, title=title, title_align="left")
