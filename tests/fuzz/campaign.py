"""A campaign: runs every target in its own processes, one per core at a time, and reports the outcomes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.fuzz.targets import TARGETS
from tests.fuzz.trial import MAX_SECONDS

INPUTS = 1_000_000
SEED = 20_250_309
_INPUTS_PER_PROCESS = 50_000
"""After so many inputs a new process starts from the seeds."""


@dataclass(slots=True)
class Outcome:
    """The outcome of a target; ``faults`` maps each fault to the file with the input that caused it."""

    target: str
    inputs: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    faults: dict[str, str] = field(default_factory=dict)

    def add(self, other: Outcome) -> None:
        """Add the outcome of more inputs."""
        self.inputs += other.inputs
        self.seconds += other.seconds
        self.slowest = max(self.slowest, other.slowest)
        self.faults = other.faults | self.faults


def shares(inputs: int) -> list[tuple[str, int]]:
    """Return the target and the number of inputs for each process; together at least ``inputs``, for every target."""
    total = sum(target.weight for target in TARGETS.values())
    out = []
    for target in TARGETS.values():
        left = int(inputs * target.weight / total) + 1
        while left > 0:
            out.append((target.name, min(left, _INPUTS_PER_PROCESS)))
            left -= _INPUTS_PER_PROCESS
    return out


def run(inputs: int, directory: Path) -> list[Outcome]:
    """Run so many inputs and return the outcome of each target; failing inputs are written to the directory."""
    outcomes = {name: Outcome(name) for name in TARGETS}
    console = Console(stderr=True)
    columns = (TextColumn("fuzzing"), MofNCompleteColumn(), TextColumn("inputs"), TimeElapsedColumn())
    jobs = shares(inputs)
    with (
        Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar,
        ThreadPoolExecutor(os.cpu_count()) as pool,
    ):
        task = bar.add_task("inputs", total=sum(count for _, count in jobs))

        def one(numbered: tuple[int, tuple[str, int]]) -> Outcome:
            number, (name, count) = numbered
            return _process(name, count, SEED + number, directory, lambda more: bar.advance(task, more))

        for outcome in pool.map(one, enumerate(jobs)):
            outcomes[outcome.target].add(outcome)
    return list(outcomes.values())


def _process(name: str, inputs: int, seed: int, directory: Path, advance: Callable[[int], None]) -> Outcome:
    """Return the outcome of one process; ending early is also a fault."""
    outcome = Outcome(name)
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "tests.fuzz.worker", name, str(inputs), str(seed), scratch]
        log = Path(scratch) / "log"
        with log.open("wb") as errors, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith(b'{"inputs"'):
                    progress = Outcome(name, **orjson.loads(line))
                    advance(progress.inputs - outcome.inputs)
                    outcome = progress
        if process.returncode:
            fault = f"the process ended with code {process.returncode} (a hang, a crash or too much memory)"
            inputs_left = [path for path in Path(scratch).glob(f"{name}-*") if str(path) not in outcome.faults.values()]
            outcome.faults[fault] = str(max(inputs_left, default=log, key=lambda path: path.stat().st_mtime))
        outcome.faults = {fault: _keep(Path(path), directory) for fault, path in outcome.faults.items()}
    return outcome


def _keep(path: Path, directory: Path) -> str:
    directory.mkdir(parents=True, exist_ok=True)
    return str((directory / path.name).write_bytes(path.read_bytes()) and directory / path.name)


def report(outcomes: Iterable[Outcome]) -> int:
    """Print the outcomes and return the exit code, 1 if there was a fault."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    rows = Table("target", box=None)
    for name in ("inputs", "inputs/s", "slowest (ms)", "faults"):
        rows.add_column(name, justify="right")
    total = Outcome("all")
    for outcome in outcomes:
        total.add(outcome)
        rows.add_row(*_row(outcome))
        for fault, path in outcome.faults.items():
            console.print(f"{outcome.target}: {fault}\n  python -m tests.fuzz {outcome.target} {path}", markup=False)
    rows.add_row(*_row(total))
    console.print(rows)
    if total.faults:
        console.print(f"{len(total.faults)} faults (an input may take at most {MAX_SECONDS:g} s of processor time)")
    return 1 if total.faults else 0


def _row(outcome: Outcome) -> tuple[str, ...]:
    rate = outcome.inputs / outcome.seconds if outcome.seconds else 0
    return (
        outcome.target,
        f"{outcome.inputs:,}",
        f"{rate:,.0f}",
        f"{1000 * outcome.slowest:,.0f}",
        str(len(outcome.faults)),
    )
