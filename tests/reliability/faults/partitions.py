"""Faults of partitions: reassignments, the ledgers that move with them, and offsets without a message."""

from __future__ import annotations

import random
import time
from itertools import islice

import orjson

from tests.integration.articles import inputs
from tests.reliability.faults.workers import die_at, kill_one
from tests.reliability.harness.launch import metric
from tests.reliability.harness.stream import WAIT_TIMEOUT, DrillStream
from tests.reliability.harness.worker import RECOVERY
from workers.outcomes import Stage
from workers.supervisor import Child
from workers.topics import CLEAN

TRANSACTIONS = 300
"""So many that a worker which committed them one by one would take more than a minute."""

ARTICLES_TO_JUDGE = 100
"""Articles that a worker judges before its ledgers move: enough to have copies among them."""


def scale_up_and_down(stream: DrillStream, rng: random.Random) -> None:
    """Scale every role from one worker to three and back to one; the last that was added stays."""
    for stage in Stage:
        before = [child for child in stream.supervisor.children if child.stage == stage]
        added = [stream.add_worker(stage) for _ in range(2)]
        stream.wait_until_ready(added)
        time.sleep(rng.uniform(0, 2))
        for child in [*before, *added][:2]:
            stream.remove_worker(child)
            time.sleep(rng.uniform(0, 1))


def move_ledgers_and_back(stream: DrillStream, rng: random.Random) -> None:
    """Let a second dedupe worker take over some languages, judge for a while, and give them back; twice."""
    for _ in range(2):
        [first] = stream.children(Stage.DEDUPE)
        second = stream.add_worker(Stage.DEDUPE)
        _wait_until_judged(stream, second)
        stream.remove_worker(second)
        _wait_until_judged(stream, first)


def _wait_until_judged(stream: DrillStream, child: Child) -> None:
    """Return once the dedupe worker has judged ``ARTICLES_TO_JUDGE`` more articles."""
    name = f'copydesk_records_consumed_total{{topic="{CLEAN}"}}'
    before = metric(child, name)
    stream.wait_until(
        lambda: metric(child, name) >= before + ARTICLES_TO_JUDGE,
        WAIT_TIMEOUT,
        "a worker judges articles of its new partitions",
    )


def reload_during_kills_and_rebalances(stream: DrillStream, rng: random.Random) -> None:
    """Kill the dedupe worker, twice again while its large ledger loads, and add and remove a second one meanwhile."""
    kill_one(stream, Stage.DEDUPE, rng)
    die_at(stream, [f"{Stage.DEDUPE}.{RECOVERY}.{count}-{count}" for count in (50, 150)])
    wait_for_load(stream)
    second = stream.add_worker(Stage.DEDUPE)
    stream.wait_until_ready([second])
    stream.remove_worker(second)
    stream.figures["longest load"] = f"{max(load_seconds(stream)):.1f} s"


def wait_for_load(stream: DrillStream) -> None:
    """Return once a dedupe worker is reading its ledger back."""
    stream.wait_until(
        lambda: any(metric(child, "copydesk_recovering") for child in stream.children(Stage.DEDUPE)),
        WAIT_TIMEOUT,
        "a ledger is being read back",
    )


def load_seconds(stream: DrillStream) -> list[float]:
    """The seconds of each ledger load, from the workers' log."""
    lines = [line for line in stream.log.splitlines() if '"message":"ledger read back"' in line]
    return [float(orjson.loads(line)["seconds"]) for line in lines]


def send_in_transactions(stream: DrillStream, rng: random.Random) -> None:
    """Publish messages in transactions. Their end markers take offsets that no worker ever sees."""
    workload = inputs(1_000, rng.randint(0, 1_000), words=30)
    stream.crawler.publish_in_transactions(islice(workload, TRANSACTIONS), 1, partition=0)
    for partition in range(stream.settings.partitions):
        stream.crawler.publish(islice(workload, 5), partition)


PARTITION_FAULTS = (
    scale_up_and_down, move_ledgers_and_back, reload_during_kills_and_rebalances, send_in_transactions,
)  # fmt: skip
