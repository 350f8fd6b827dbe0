"""A campaign: every target in processes of their own, as many at a time as there are cores, and what came of it."""

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
from tests.fuzz.trial import LONGEST

INPUTS = 1_000_000
SEED = 20_250_309
_SHARE = 50_000
"""Inputs for one process: then another begins afresh from the seeds."""


@dataclass(slots=True)
class Outcome:
    """What came of the inputs of a target; ``faults`` has a file for each, the input that showed it."""

    target: str
    inputs: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    faults: dict[str, str] = field(default_factory=dict)

    def add(self, other: Outcome) -> None:
        """Take in what came of more inputs."""
        self.inputs += other.inputs
        self.seconds += other.seconds
        self.slowest = max(self.slowest, other.slowest)
        self.faults = other.faults | self.faults


def shares(inputs: int) -> list[tuple[str, int]]:
    """The processes to start, target and inputs, so that all have ``inputs`` at least; each target is in them."""
    total = sum(target.weight for target in TARGETS.values())
    out = []
    for target in TARGETS.values():
        left = int(inputs * target.weight / total) + 1
        while left > 0:
            out.append((target.name, min(left, _SHARE)))
            left -= _SHARE
    return out


def run(inputs: int, directory: Path) -> list[Outcome]:
    """What came of so many inputs, by target; those that failed are kept in the directory."""
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
    """What came of one process; that it ended before its time is a fault, too."""
    outcome = Outcome(name)
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "tests.fuzz.worker", name, str(inputs), str(seed), scratch]
        log = Path(scratch) / "log"
        with log.open("wb") as errors, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith(b'{"inputs"'):
                    said = Outcome(name, **orjson.loads(line))
                    advance(said.inputs - outcome.inputs)
                    outcome = said
        if process.returncode:
            fault = f"the process ended with code {process.returncode} (a hang, a crash or too much memory)"
            inputs_left = [path for path in Path(scratch).glob(f"{name}-*") if str(path) not in outcome.faults.values()]
            outcome.faults[fault] = str(max(inputs_left, default=log, key=lambda path: path.stat().st_mtime))
        outcome.faults = {fault: _kept(Path(path), directory) for fault, path in outcome.faults.items()}
    return outcome


def _kept(path: Path, directory: Path) -> str:
    directory.mkdir(parents=True, exist_ok=True)
    return str((directory / path.name).write_bytes(path.read_bytes()) and directory / path.name)


def report(outcomes: Iterable[Outcome]) -> int:
    """The exit code, once the outcomes are printed: 1 where there was a fault."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    rows = Table("target", box=None)
    for name in ("inputs", "inputs/s", "slowest (ms)", "faults"):
        rows.add_column(name, justify="right")
    every = Outcome("all")
    for outcome in outcomes:
        every.add(outcome)
        rows.add_row(*_row(outcome))
        for fault, path in outcome.faults.items():
            console.print(f"{outcome.target}: {fault}\n  python -m tests.fuzz {outcome.target} {path}", markup=False)
    rows.add_row(*_row(every))
    console.print(rows)
    if every.faults:
        console.print(f"{len(every.faults)} faults (no input may take over {LONGEST:g} s of processor time)")
    return 1 if every.faults else 0


def _row(outcome: Outcome) -> tuple[str, ...]:
    rate = outcome.inputs / outcome.seconds if outcome.seconds else 0
    return (
        outcome.target,
        f"{outcome.inputs:,}",
        f"{rate:,.0f}",
        f"{1000 * outcome.slowest:,.0f}",
        str(len(outcome.faults)),
    )
