"""The drills: each a workload, faults and a seed. ``run`` gives the figures of one, or fails with what was wrong."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain, groupby, islice, repeat
from pathlib import Path

from tests.integration.articles import inputs
from tests.reliability.checker import Verdict, examine
from tests.reliability.faults import FAULTS
from tests.reliability.scene import NO_MODEL, Scene, scene
from workers.outcomes import Stage
from workers.settings import Settings

ONE_EACH = tuple(Stage)
TWO_EACH = tuple(chain.from_iterable(repeat(stage, 2) for stage in Stage))
LANGUAGES = ("en", "de", "fr")
SETTLE = 120
"""Seconds that a stream has after the faults to take everything through."""

SHOWN = 5
"""Findings of each check that a failure tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A drill: a backlog of so many articles and more at a rate (a second) for as long as the faults last."""

    name: str
    faults: tuple[str, ...]
    seed: int
    backlog: int = 400
    rate: float = 30
    slow: float = 0.01
    roles: tuple[Stage, ...] = ONE_EACH
    proxied: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    finding: str | None = None
    """What the checker must find, for a guarantee is broken on purpose; None where it must find nothing."""
    settings: Settings = Settings(session_timeout=6, partitions=6, models=NO_MODEL)


@dataclass(frozen=True, slots=True)
class Figures:
    """A row of the table of results."""

    drill: str
    messages: int
    lost: int
    wrong: int
    repeats: int
    seconds: float
    notes: str = ""


FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
"""Debian's libfaketime, where it is installed."""
TWISTED = {"LD_PRELOAD": str(FAKETIME), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

DRILLS = (
    Drill(name="kill -9 of each role", faults=("kill_each_role",), seed=1),
    Drill(name="death at each point of a batch", faults=("die_at_each_point",), seed=2),
    Drill(name="death amid a recovery", faults=("die_amid_recovery",), seed=3),
    Drill(name="SIGSTOP beyond the session", faults=("stop_longer_than_the_session",), seed=4, roles=TWO_EACH),
    Drill(name="rolling SIGTERM", faults=("rolling_restart",), seed=5, roles=TWO_EACH),
    Drill(name="1 to 3 to 1 workers", faults=("one_three_one",), seed=6),
    Drill(name="broker kill -9", faults=("kill_the_broker",), seed=7),
    Drill(name="broker away for 30 s", faults=("broker_away",), seed=8, rate=20),
    Drill(name="connection resets", faults=("reset_connections",), seed=9, proxied=True),
    Drill(name="black hole", faults=("black_hole",), seed=10, proxied=True, rate=20),
    Drill(name="500 ms latency", faults=("latency",), seed=11, proxied=True, rate=20),
    Drill(name="clock jumps", faults=("clock_jumps",), seed=12, environment=TWISTED),
    Drill(
        name="sabotage: acknowledge early", faults=("kill_each_role",), seed=1, finding="is lost",
        environment={"DRILL_SABOTAGE": "acknowledge early"},
    ),
    Drill(
        name="sabotage: forget the claim", faults=("kill_each_role",), seed=1, finding="should be in news-ledger",
        environment={"DRILL_SABOTAGE": "forget the claim"},
    ),
)  # fmt: skip


def run(drill: Drill) -> Figures:
    """The figures of the drill.

    Raises:
        AssertionError: a promise was broken; the message says which.
    """
    began, chance = time.monotonic(), random.Random(drill.seed)
    environment = {"DRILL_SLOW": str(drill.slow), **drill.environment}
    with scene(drill.settings, drill.roles, environment, proxied=drill.proxied) as running:
        workload = inputs(1_000_000, drill.seed, words=30, languages=LANGUAGES)
        running.publish(islice(workload, drill.backlog))
        running.await_that(lambda: len(running.watch.arrived) > drill.backlog // 10, 90, "articles come out")
        with running.load(workload, drill.rate):
            for name in drill.faults:
                FAULTS[name](running, chance)
        verdict = settle(running, finding=drill.finding)
    return figures(drill.name, running, verdict, time.monotonic() - began)


def settle(running: Scene, seconds: float = SETTLE, finding: str | None = None) -> Verdict:
    """The verdict on the run, once every role has committed all there is: nothing is wrong, or the finding is there."""
    running.await_commits(seconds)
    verdict = examine(running.end())
    if finding is None:
        assert not verdict.findings, _readable(verdict.findings)
    else:
        assert any(finding in line for line in verdict.findings), _readable(verdict.findings)
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
