"""A drill, played: ``run`` gives its figures, or fails with what was wrong."""

from __future__ import annotations

import random
import time
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice

from tests.integration.articles import inputs
from tests.reliability.checker.checker import Verdict, examine
from tests.reliability.drills.table import HEAD_START, LANGUAGES, SETTLE, Drill
from tests.reliability.faults import FAULTS
from tests.reliability.harness.prefill import prefill
from tests.reliability.harness.scene import PATIENCE, Scene, scene

SHOWN = 5
"""Findings of each check that a failure tells."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A row of the table of results."""

    drill: str
    messages: int
    lost: int | None
    wrong: int | None
    repeats: int | None
    """None where the run did not come to an end that could be counted."""
    seconds: float
    notes: str = ""


def run(drill: Drill) -> Figures:
    """The figures of the drill.

    Raises:
        AssertionError: a promise was broken; the message says which. Where the drill is to find something: it did not.
    """
    began = time.monotonic()
    prepare = partial(prefill, count=drill.prefill, seed=drill.seed) if drill.prefill else nothing
    environment = {"DRILL_SLOW": str(drill.slow), "DRILL_SABOTAGE": drill.sabotage, **drill.environment}
    with scene(
        drill.settings, drill.roles, environment, proxied=drill.proxied, prepare=prepare, disk=drill.disk
    ) as running:
        try:
            play(drill, running)
            verdict = settle(running, drill.patience)
        except Broken as broken:
            if drill.finding is None or not any(drill.finding in line for line in broken.verdict.findings):
                raise
            return figures(drill.title, running, broken.verdict, time.monotonic() - began)
        except AssertionError as error:
            if drill.finding is None or drill.finding not in str(error):
                raise
            notes = f"found: {str(error).splitlines()[0]}"
            return Figures(drill.title, len(running.crawler.sent), None, None, None, time.monotonic() - began, notes)
    assert drill.finding is None, f"nothing was found, though the guarantee was broken: {drill.finding}"
    return figures(drill.title, running, verdict, time.monotonic() - began)


def play(drill: Drill, running: Scene) -> None:
    """Return once the faults have happened, under load."""
    chance = random.Random(drill.seed)
    workload = inputs(1_000_000, drill.seed, words=30, bad=drill.bad, languages=LANGUAGES)
    running.crawler.publish(islice(workload, drill.backlog))
    started = drill.backlog * HEAD_START
    running.await_that(lambda: len(running.watch.arrived) >= started, PATIENCE, "articles come out")
    with running.crawler.load(workload, drill.rate) if drill.rate else nullcontext():
        for name in drill.faults:
            FAULTS[name](running, chance)


def nothing(bootstrap: str) -> None:
    """Leave the topics as they are."""


class Broken(AssertionError):
    """A promise was broken."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(_readable(verdict.findings))
        self.verdict = verdict


def settle(running: Scene, seconds: float = SETTLE) -> Verdict:
    """The verdict on the run, in which nothing is wrong, once every role has committed all there is.

    Raises:
        Broken: something is wrong.
    """
    running.await_commits(seconds)
    verdict = examine(running.end())
    if verdict.findings:
        raise Broken(verdict)
    return verdict


def figures(name: str, running: Scene, verdict: Verdict, seconds: float) -> Figures:
    """The row of a run."""
    told = {"between stages": f"{verdict.between} repeats"} | running.figures
    notes = ", ".join(f"{what} {figure}" for what, figure in told.items())
    return Figures(name, verdict.inputs, verdict.missing, len(verdict.findings), verdict.repeats, seconds, notes)


def _readable(findings: list[str]) -> str:
    """How many findings there are, and the first few of each check."""
    lines = [f"{len(findings)} findings"]
    for check, found in groupby(findings, key=lambda line: line.partition(":")[0]):
        several = list(found)
        more = [f"… and {len(several) - SHOWN} more of {check}"] if len(several) > SHOWN else []
        lines += [*several[:SHOWN], *more]
    return "\n".join(lines)
