"""Faults of who has what: partitions that change hands, ledgers that go with them, offsets that hold no message.

Each happens to a scene and returns when it is over.
"""

from __future__ import annotations

import random
import time
from itertools import islice

import orjson

from tests.integration.articles import inputs
from tests.reliability.faults.workers import die_at, kill_one
from tests.reliability.harness.launch import metric
from tests.reliability.harness.scene import PATIENCE, Scene
from tests.reliability.harness.worker import RECOVERY
from workers.outcomes import Stage
from workers.supervisor import Child
from workers.topics import CLEAN

TRANSACTIONS = 300
"""Transactions, so many that a worker that commits them one by one would be at it for more than a minute."""

JUDGED = 100
"""Articles that a worker judges before its ledgers go elsewhere: enough for copies of one another."""


def one_three_one(scene: Scene, chance: random.Random) -> None:
    """Every role goes from one worker to three and back to one, which is the last that came."""
    for stage in Stage:
        before = [child for child in scene.supervisor.children if child.stage is stage]
        hired = [scene.hire(stage) for _ in range(2)]
        scene.await_ready(hired)
        time.sleep(chance.uniform(0, 2))
        for child in [*before, *hired][:2]:
            scene.dismiss(child)
            time.sleep(chance.uniform(0, 1))


def take_ledgers_away_and_back(scene: Scene, chance: random.Random) -> None:
    """A second dedupe worker takes over some languages, judges for a while, and gives them back to the first."""
    for _ in range(2):
        [first] = scene.children(Stage.DEDUPE)
        second = scene.hire(Stage.DEDUPE)
        _await_judged(scene, second)
        scene.dismiss(second)
        _await_judged(scene, first)


def _await_judged(scene: Scene, child: Child) -> None:
    """Return once the dedupe worker has judged so many more articles."""
    name = f'copydesk_records_consumed_total{{topic="{CLEAN}"}}'
    before = metric(child, name)
    scene.await_that(lambda: metric(child, name) >= before + JUDGED, PATIENCE, "a worker judges what it was given")


def reload_amid_kills_and_rebalances(scene: Scene, chance: random.Random) -> None:
    """The dedupe worker dies, and twice again amid the long load of its ledger; another comes and goes amid loads."""
    kill_one(scene, Stage.DEDUPE, chance)
    die_at(scene, [f"{Stage.DEDUPE}.{RECOVERY}.{count}-{count}" for count in (50, 150)])
    await_load(scene)
    second = scene.hire(Stage.DEDUPE)
    scene.await_ready([second])
    scene.dismiss(second)
    scene.figures["longest load"] = f"{max(loads(scene)):.1f} s"


def await_load(scene: Scene) -> None:
    """Return once a dedupe worker is amid the load of its ledger."""
    scene.await_that(
        lambda: any(metric(child, "copydesk_recovering") for child in scene.children(Stage.DEDUPE)),
        PATIENCE,
        "a ledger is read back",
    )


def loads(scene: Scene) -> list[float]:
    """The seconds that each load of a ledger took, as the workers say."""
    lines = [line for line in scene.log.splitlines() if '"message":"ledger read back"' in line]
    return [float(orjson.loads(line)["seconds"]) for line in lines]


def send_in_transactions(scene: Scene, chance: random.Random) -> None:
    """Messages come in transactions, whose ends take offsets that no worker ever sees."""
    workload = inputs(1_000, chance.randint(0, 1_000), words=30)
    scene.crawler.publish_in_transactions(islice(workload, TRANSACTIONS), 1, partition=0)
    for partition in range(scene.settings.partitions):
        scene.crawler.publish(islice(workload, 5), partition)


PARTITION_FAULTS = (
    one_three_one, take_ledgers_away_and_back, reload_amid_kills_and_rebalances, send_in_transactions,
)  # fmt: skip
