"""What the demo shows: a live view before a person, plain lines elsewhere, and a summary at the end."""

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
from workers.cli.demo.tally import Arrival, DeadLetter, Tally, detail
from workers.outcomes import Stage

SHOWN = 6
"""Rows of each list."""
ENTITIES = 5
"""Entities named of an article."""


def plain_line(arrival: Arrival, tally: Tally) -> str:
    """What arrived, in one line."""
    name = tally.names.get(arrival.origin, str(arrival.origin))
    return f"{detail(arrival):32} {name}: {_about(arrival, tally)}"


def _about(arrival: Arrival, tally: Tally) -> str:
    match arrival:
        case EnrichedArticle():
            return f"{arrival.headline or '(no headline)'} [{_entities(arrival)}]"
        case Duplicate():
            original = tally.headlines.get(arrival.duplicate_of) or arrival.duplicate_of
            return f"{arrival.score:.0%} in common with: {original}"
        case DeadLetter():
            return arrival.message


def _entities(article: EnrichedArticle) -> str:
    return ", ".join(f"{entity.name} {entity.type}" for entity in article.entities[:ENTITIES])


def summary(tally: Tally, first_enriched: float | None) -> str:
    """The tally in the end, as a table and the inputs that are not accounted for."""
    console = Console(record=True, width=100, file=None)
    table = Table("outcome", "articles", title="What became of the articles", title_justify="left")
    for name, count in sorted(tally.outcomes.items()):
        table.add_row(name, str(count))
    table.add_section()
    table.add_row("in exactly one outcome", f"{len(tally.names) - len(tally.missing) - len(tally.ambiguous)}")
    table.add_row("sent", str(len(tally.names)))
    told = [story for story in tally.stories.values() if story.articles > 1]
    lines: list[RenderableType] = [table]
    lines += [f"story of {story.articles} articles: {story.headline}" for story in told]
    if first_enriched is not None:
        lines.append(f"first enriched article after {first_enriched:.1f} s")
    lines += [f"MISSING: {name}" for name in tally.missing]
    lines += [f"IN MORE THAN ONE OUTCOME: {name}" for name in tally.ambiguous]
    with console.capture() as text:
        for line in lines:
            console.print(line, highlight=False, markup=False)
    return text.get()


class LiveView:
    """A screen that follows the stream."""

    def __init__(self, tally: Tally, metrics: list[tuple[str, int]]) -> None:
        self._tally = tally
        self._metrics = metrics
        self._began = time.monotonic()
        self._enriched: deque[EnrichedArticle] = deque(maxlen=SHOWN)
        self._copies: deque[Duplicate] = deque(maxlen=SHOWN)
        self._refused: deque[DeadLetter] = deque(maxlen=SHOWN)
        self._live = Live(self._screen(), refresh_per_second=4)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, arrival: Arrival | None) -> None:
        """Take in what arrived (or just the passing of time)."""
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
        seconds = max(0.1, time.monotonic() - self._began)
        stages = Table("stage", "articles", "a second", "metrics", expand=True)
        for stage in Stage:
            urls = "  ".join(f"http://localhost:{port}/metrics" for name, port in self._metrics if name == stage)
            stages.add_row(stage, str(tally.handled[stage]), f"{tally.handled[stage] / seconds:.1f}", urls)
        left = len(tally.missing)
        state = (
            f"{left} of {len(tally.names)} on their way" if left else "Every article has arrived. Ctrl-C ends the demo."
        )
        return Group(
            stages,
            _panel("enriched", [f"{article.headline}  [{_entities(article)}]" for article in self._enriched]),
            _panel("copies", [f"{copy.kind}: {copy.headline}  =  {_about(copy, tally)}" for copy in self._copies]),
            _panel(
                "stories",
                [
                    f"{story.articles} articles: {story.headline}"
                    for story in tally.stories.values()
                    if story.articles > 1
                ],
            ),
            _panel("dead letters", [f"{letter.reason}: {letter.message}" for letter in self._refused]),
            Text(state, style="bold"),
        )


def _panel(title: str, lines: list[str]) -> Panel:
    return Panel(
        Text("\n".join(lines[-SHOWN:]) or "none yet", no_wrap=True, overflow="ellipsis"),
        title=title,
        title_align="left",
    )
