"""Running a drill: ``run`` returns its figures, or fails with the findings."""

from __future__ import annotations

import random
import time
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice

from tests.integration.articles import inputs
from tests.reliability.checker.checker import CheckResult, check_history
from tests.reliability.drills.table import COMMIT_TIMEOUT, HEAD_START, LANGUAGES, Drill
from tests.reliability.faults import FAULTS
from tests.reliability.findings import COMMITS_REACH_THE_END, SLOW_RESUMPTION
from tests.reliability.harness.prefill import prefill
from tests.reliability.harness.stream import WAIT_TIMEOUT, DrillStream, drill_stream

MAX_FINDINGS_SHOWN = 5
"""Findings per check in the message of a failure."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A row of the table of results."""

    drill: str
    messages: int
    lost: int | None
    wrong: int | None
    repeats: int | None
    """None if the run did not reach an end at which lost, wrong and repeats can be counted."""
    seconds: float
    notes: str = ""


def run(drill: Drill) -> Figures:
    """The figures of the drill.

    Raises:
        AssertionError: a promise is broken, or the drill did not come to the finding that it must have.
    """
    began = time.monotonic()
    prepare = partial(prefill, count=drill.prefill, seed=drill.seed) if drill.prefill else leave_topics_empty
    environment = {"DRILL_SLOW": str(drill.slow), "DRILL_SABOTAGE": drill.sabotage, **drill.environment}
    with drill_stream(
        drill.settings, drill.roles, environment, proxied=drill.proxied, prepare=prepare, disk_kib=drill.disk_kib
    ) as stream:
        try:
            inject_faults(drill, stream)
            # A mutant must be found, whatever else it breaks.
            must_commit = drill.finding in (None, COMMITS_REACH_THE_END)
            result = finish_and_check(stream, drill.commit_timeout, must_commit=must_commit)
        except BrokenGuaranteeError as broken:
            if drill.finding is None or not any(drill.finding in line for line in broken.result.findings):
                raise
            return figures(drill.title, stream, broken.result, time.monotonic() - began)
        except AssertionError as error:
            if drill.finding is None or drill.finding not in str(error):
                raise
            notes = f"found: {str(error).splitlines()[0]}"
            return Figures(drill.title, len(stream.crawler.sent), None, None, None, time.monotonic() - began, notes)
    assert drill.finding is None, f"the sabotage was not found; expected {drill.finding!r}"
    return figures(drill.title, stream, result, time.monotonic() - began)


def inject_faults(drill: Drill, stream: DrillStream) -> None:
    """Return once the faults are over; they happen under load."""
    rng = random.Random(drill.seed)
    workload = inputs(1_000_000, drill.seed, words=30, bad=drill.bad, languages=LANGUAGES)
    stream.crawler.publish(islice(workload, drill.backlog))
    head_start = drill.backlog * HEAD_START
    stream.wait_until(lambda: len(stream.monitor.arrived) >= head_start, WAIT_TIMEOUT, "articles come out")
    with stream.crawler.load(workload, drill.rate) if drill.rate else nullcontext():
        for name in drill.faults:
            try:
                FAULTS[name](stream, rng)
            except AssertionError as error:
                # A mutant must be found, not be fast.
                if drill.finding is None or SLOW_RESUMPTION not in str(error):
                    raise


def leave_topics_empty(bootstrap: str) -> None:
    """Publish nothing before the workers start."""


class BrokenGuaranteeError(AssertionError):
    """The checker has findings."""

    def __init__(self, result: CheckResult) -> None:
        super().__init__(_readable(result.findings))
        self.result = result


def finish_and_check(stream: DrillStream, seconds: float = COMMIT_TIMEOUT, *, must_commit: bool = True) -> CheckResult:
    """Wait until every role has committed all of its input, and return the result of the checker.

    Unless they ``must_commit``, the checker also judges a stream whose commits have not reached the end in time.

    Raises:
        BrokenGuaranteeError: the checker has findings.
    """
    try:
        stream.wait_for_commits(seconds)
    except AssertionError:
        if must_commit:
            raise
    result = check_history(stream.collect_history())
    if result.findings:
        raise BrokenGuaranteeError(result)
    return result


def figures(name: str, stream: DrillStream, result: CheckResult, seconds: float) -> Figures:
    """The row of a run in the table of results."""
    measured = {"between stages": f"{result.intermediate_repeats} repeats"} | stream.figures
    notes = ", ".join(f"{label} {figure}" for label, figure in measured.items())
    return Figures(name, result.inputs, result.missing, len(result.findings), result.repeats, seconds, notes)


def _readable(findings: list[str]) -> str:
    """The number of findings and the first few of each check."""
    lines = [f"{len(findings)} findings"]
    for check, group in groupby(findings, key=lambda line: line.partition(":")[0]):
        several = list(group)
        more = (
            [f"… and {len(several) - MAX_FINDINGS_SHOWN} more of {check}"] if len(several) > MAX_FINDINGS_SHOWN else []
        )
        lines += [*several[:MAX_FINDINGS_SHOWN], *more]
    return "\n".join(lines)
