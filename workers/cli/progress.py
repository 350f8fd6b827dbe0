"""The progress of commands that read files: a bar on a terminal, and lines about what goes wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


class Progress:
    """What a command has read and done, and the problems that it met.

    ``advance`` is called with bytes that were read, ``done`` for each article, ``problem`` with a line for stderr.
    """

    def __init__(self, show: Callable[[int, int], object], echo: Callable[[str], object]) -> None:
        self.articles = 0
        self.problems = 0
        self._bytes = 0
        self._show = show
        self._echo = echo
        self._started = time.monotonic()

    def advance(self, count: int) -> None:
        """Count bytes that were read."""
        self._bytes += count

    def done(self) -> None:
        """Count an article, and refresh the bar."""
        self.articles += 1
        self._show(self._bytes, self.articles)

    def problem(self, line: str) -> None:
        """Print a line about a file that cannot be read, or an article that cannot be sent."""
        self.problems += 1
        self._echo(f"copydesk: {line}")

    def note(self, line: str) -> None:
        """Print a line that is no problem."""
        self._echo(f"copydesk: {line}")

    def summary(self, text: str) -> str:
        """The text with the time that it took and the rate."""
        seconds = time.monotonic() - self._started
        return f"copydesk: {text} in {seconds:.1f} s ({self.articles / max(seconds, 0.001):,.1f} per second)"


@contextmanager
def progress(total_bytes: int | None) -> Iterator[Progress]:
    """A progress bar on stderr while the block runs; none if stderr is no terminal.

    Args:
        total_bytes: the bytes that will be read; None if that is unknown.
    """
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    if not console.is_terminal:
        yield Progress(lambda *_: None, lambda line: click.echo(line, err=True))
        return
    rate = TextColumn("{task.fields[articles]:,} articles  {task.fields[rate]:,.1f}/s")
    columns = [SpinnerColumn(), rate]
    if total_bytes:
        columns += [BarColumn(), TaskProgressColumn(), TimeRemainingColumn(compact=True)]
    started = time.monotonic()
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("articles", total=total_bytes, articles=0, rate=0.0)

        def show(read: int, articles: int) -> None:
            per_second = articles / max(time.monotonic() - started, 0.001)
            bar.update(task, completed=read, articles=articles, rate=per_second)

        def echo(line: str) -> None:
            console.print(line, markup=False, highlight=False, soft_wrap=True)

        yield Progress(show, echo)
