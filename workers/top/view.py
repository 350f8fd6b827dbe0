"""Shows a snapshot of the stream as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from workers.observability.disk import LOW_SHARE
from workers.top.figures import DOWN, UP, Count, Figures, Process, Role, Run, Snapshot
from workers.top.scraping import name_of

UNKNOWN = "-"
MIB, GIB = 1024**2, 1024**3
FULL = 0.9
"""The share of its memory limit from which a process is in danger, and the share is shown."""


def screen(snapshot: Snapshot, title: str) -> RenderableType:
    """The tables of the snapshot below the title."""
    parts: list[RenderableType] = [Text(_heading(snapshot, title), style="bold"), _processes(snapshot.roles)]
    if snapshot.outcomes:
        parts.append(_outcomes(snapshot.outcomes))
    if snapshot.dead_letters:
        parts.append(_dead_letters(snapshot.dead_letters))
    parts += _remarks(snapshot)
    return Group(*parts)


def _heading(snapshot: Snapshot, title: str) -> str:
    processes = snapshot.processes
    down = sum(process.state == DOWN for process in processes)
    rates = "" if snapshot.seconds is None else f", rates over the last {snapshot.seconds:.0f} s"
    count = "1 process" if len(processes) == 1 else f"{len(processes)} processes"
    return f"{title}: {count}{f', {down} down' if down else ''}{rates}"


def _table(*columns: str, left: int = 1) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < left else "right", no_wrap=True)
    return table


def _processes(roles: Iterable[Role]) -> Table:
    table = _table("role", "state", "per s", "waiting", "oldest", "p50", "p95", "cpu", "memory", left=2)
    for role in roles:
        if len(role.processes) == 1:
            (process,) = role.processes
            table.add_row(f"{role.name} {_place(process)}", _state(process.state), *_cells(role.figures))
            continue
        up = sum(process.state == UP for process in role.processes)
        state = Text(f"{up}/{len(role.processes)} up", style="" if up == len(role.processes) else "bold red")
        table.add_row(role.name, state, *_cells(role.figures))
        for process in role.processes:
            table.add_row(f"  {_place(process)}", _state(process.state), *_cells(process.figures))
    return table


def _place(process: Process) -> str:
    """Where it is; the port alone on this machine."""
    return name_of(process.url).removeprefix("localhost")


def _state(state: str) -> Text:
    return Text(state, style={UP: "green", "recovering": "yellow", "no partitions": "yellow"}.get(state, "bold red"))


def _cells(figures: Figures) -> Iterator[Text | str]:
    yield _number(figures.per_second)
    yield UNKNOWN if figures.lag_records is None else f"{figures.lag_records:.0f}"
    yield duration(figures.lag_seconds)
    yield duration(figures.p50_seconds)
    yield duration(figures.p95_seconds)
    yield UNKNOWN if figures.cpu is None else f"{figures.cpu:.0%}"
    if figures.memory_bytes is None:
        yield UNKNOWN
        return
    share = figures.memory_bytes / figures.memory_limit_bytes if figures.memory_limit_bytes else None
    text = f"{figures.memory_bytes / MIB:.0f} MiB"
    yield Text(f"{text} {share:.0%}", style="bold red") if share and share >= FULL else text


def _outcomes(counts: Iterable[Count]) -> Table:
    table = _table("stage", "outcome", "per s", "in all", "p50 from news-raw", "p95", left=2)
    for count in counts:
        table.add_row(
            count.stage, count.outcome, _number(count.per_second), str(count.total),
            duration(count.p50_seconds), duration(count.p95_seconds),
        )  # fmt: skip
    return table


def _dead_letters(counts: Iterable[Count]) -> Table:
    table = _table("stage", "refused for", "per s", "in all", left=2)
    for count in counts:
        table.add_row(count.stage, count.reason, _number(count.per_second), str(count.total))
    return table


def _remarks(snapshot: Snapshot) -> Iterator[Text]:
    """A line for each process that is down and each role that was restarted, and what ``copydesk run`` says."""
    for process in snapshot.processes:
        if process.state == DOWN:
            yield Text(_down(process), style="red")
    for role in snapshot.roles:
        if role.restarts:
            yield Text(
                f"{role.name} was restarted {_times(role.restarts)} since `copydesk run` started", style="yellow"
            )
    if snapshot.run:
        yield from _run(snapshot.run)


def _down(process: Process) -> str:
    return f"{process.role} at {name_of(process.url)} does not answer: {process.problem}"


def _run(run: Run) -> Iterator[Text]:
    if run.embedded_kafka_up is not None:
        style = "" if run.embedded_kafka_up else "bold red"
        state = "up" if run.embedded_kafka_up else "down"
        restarts = f", restarted {_times(run.kafka_restarts)}" if run.kafka_restarts else ""
        yield Text(f"Embedded Kafka: {state}{restarts}", style=style)
    if run.disk_free_bytes is not None and run.disk_size_bytes:
        style = "bold red" if run.disk_free_bytes < LOW_SHARE * run.disk_size_bytes else ""
        yield Text(f"Disk: {run.disk_free_bytes / GIB:.1f} of {run.disk_size_bytes / GIB:.1f} GiB free", style=style)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1f}"


def duration(seconds: float | None) -> str:
    """A duration in its natural unit: ``1.2 ms``, ``3.4 s``, ``5 min``, ``7.5 h``."""
    if seconds is None:
        return UNKNOWN
    if seconds == 0:
        return "0 s"
    for unit, size, digits in (("h", 3600, 1), ("min", 60, 0), ("s", 1, 1)):
        if seconds >= size:
            return f"{seconds / size:.{digits}f} {unit}"
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"
