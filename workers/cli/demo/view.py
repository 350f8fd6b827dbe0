"""What the demo shows: a live view on a terminal, plain lines elsewhere, and a summary at the end."""

from __future__ import annotations

import time
from collections import deque
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from schemas import Duplicate, EnrichedArticle
from workers.cli.demo.tally import Arrival, DeadLetter, Tally, describe
from workers.outcomes import Stage

MAX_ROWS = 6
"""Rows shown of each list."""
MAX_ENTITIES = 5
"""Entities shown of an article."""


def plain_line(arrival: Arrival, tally: Tally) -> str:
    """One line about the arrival."""
    name = tally.names.get(arrival.origin, str(arrival.origin))
    return f"{describe(arrival):32} {name}: {_content(arrival, tally)}"


def _content(arrival: Arrival, tally: Tally) -> str:
    match arrival:
        case EnrichedArticle():
            return f"{arrival.headline or '(no headline)'} [{_entities(arrival)}]"
        case Duplicate():
            original = tally.headlines.get(arrival.duplicate_of) or arrival.duplicate_of
            return f"{arrival.score:.0%} in common with: {original}"
        case DeadLetter():
            return arrival.message


def _entities(article: EnrichedArticle) -> str:
    return ", ".join(f"{entity.name} {entity.type}" for entity in article.entities[:MAX_ENTITIES])


def summary(tally: Tally, seconds_to_first_enriched: float | None) -> str:
    """A table of outcomes, with the stories and the inputs without exactly one outcome."""
    console = Console(record=True, width=100, file=None)
    table = Table("outcome", "articles", title="Outcomes", title_justify="left")
    for name, count in sorted(tally.outcomes.items()):
        table.add_row(name, str(count))
    table.add_section()
    table.add_row("with exactly one outcome", f"{len(tally.names) - len(tally.missing) - len(tally.ambiguous)}")
    table.add_row("sent", str(len(tally.names)))
    lines: list[RenderableType] = [table]
    lines += [f"story of {line}" for line in _stories(tally)]
    if seconds_to_first_enriched is not None:
        lines.append(f"first enriched article after {seconds_to_first_enriched:.1f} s")
    lines += [f"MISSING: {name}" for name in tally.missing]
    lines += [f"SEVERAL OUTCOMES: {name}" for name in tally.ambiguous]
    with console.capture() as text:
        for line in lines:
            console.print(line, highlight=False, markup=False)
    return text.get()


def _stories(tally: Tally) -> list[str]:
    """One line for each story with several articles."""
    several = (story for story in tally.stories.values() if story.articles > 1)
    return [f"{story.articles} articles: {story.headline}" for story in several]


class LiveView:
    """A screen that follows the stream; a context manager."""

    def __init__(self, tally: Tally, metrics_ports: list[tuple[str, int]]) -> None:
        """Takes the tally to show, and the stage and metrics port of each worker."""
        self._tally = tally
        self._metrics_ports = metrics_ports
        self._started_at = time.monotonic()
        self._enriched: deque[EnrichedArticle] = deque(maxlen=MAX_ROWS)
        self._copies: deque[Duplicate] = deque(maxlen=MAX_ROWS)
        self._refused: deque[DeadLetter] = deque(maxlen=MAX_ROWS)
        self._live = Live(self._screen(), refresh_per_second=4)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, arrival: Arrival | None) -> None:
        """Add the arrival to the view; None refreshes the screen."""
        match arrival:
            case EnrichedArticle():
                self._enriched.append(arrival)
            case Duplicate():
                self._copies.append(arrival)
            case DeadLetter():
                self._refused.append(arrival)
            case None:
                self._live.update(self._screen())

    def _screen(self) -> RenderableType:
        tally = self._tally
        seconds = max(0.1, time.monotonic() - self._started_at)
        stages = Table("stage", "articles", "per second", "metrics", expand=True)
        for stage in Stage:
            urls = "  ".join(f"http://localhost:{port}/metrics" for name, port in self._metrics_ports if name == stage)
            stages.add_row(stage, str(tally.handled[stage]), f"{tally.handled[stage] / seconds:.1f}", urls)
        missing = len(tally.missing)
        waiting = f"Waiting for {missing} of {len(tally.names)} articles ..."
        status = waiting if missing else "Every article has arrived. Press Ctrl-C to end the demo."
        return Group(
            stages,
            _panel("enriched", [f"{article.headline}  [{_entities(article)}]" for article in self._enriched]),
            _panel("copies", [f"{copy.kind}: {copy.headline} ({_content(copy, tally)})" for copy in self._copies]),
            _panel("stories", _stories(tally)),
            _panel("dead letters", [f"{letter.reason}: {letter.message}" for letter in self._refused]),
            Text(status, style="bold"),
        )


def _panel(title: str, lines: list[str]) -> Panel:
    return Panel(
        Text("\n".join(lines[-MAX_ROWS:]) or "none yet", no_wrap=True, overflow="ellipsis"),
        title=title,
        title_align="left",
    )
