"""Faults of workers: each happens to a scene under load and returns when it is over."""

from __future__ import annotations

import random
import signal
import time

from tests.integration.articles import inputs
from tests.reliability.drills.table import LANGUAGES
from tests.reliability.harness.launch import metric
from tests.reliability.harness.scene import PATIENCE, Scene
from tests.reliability.harness.worker import CRASH, DEAD_LETTER, HALF, HANG, POINTS, RECOVERY, REFUSED
from workers.outcomes import Stage

LONGEST_PAUSE = 10.0
"""Seconds for which enriched output may pause while every worker is restarted in turn."""
GATHERED = 200
"""Articles that wait for a worker that is away, or have come out before one falls that remembers them."""


def kill_each_role(scene: Scene, chance: random.Random) -> None:
    """kill -9 of every role, twice, at seeded moments."""
    stages = [*Stage, *Stage]
    chance.shuffle(stages)
    for stage in stages:
        time.sleep(chance.uniform(0.5, 2.5))
        kill_one(scene, stage, chance)


def kill_one(scene: Scene, stage: Stage, chance: random.Random) -> None:
    """kill -9 of one worker of the role, once one runs."""
    scene.await_that(lambda: scene.children(stage), PATIENCE, f"a {stage} worker runs")
    scene.signal(chance.choice(scene.children(stage)), signal.SIGKILL)


def die_at_each_point(scene: Scene, chance: random.Random) -> None:
    """Every role dies before the first output of a batch, after it, after the last, and after a dead letter."""
    points = [(stage, point) for stage in Stage for point in POINTS] + [(Stage.CLEAN, DEAD_LETTER)]
    die_at(scene, [f"{stage}.{point}.{chance.randint(1, 3)}" for stage, point in points])


def die_unacknowledged(scene: Scene, chance: random.Random) -> None:
    """Every role dies after a batch was delivered and before it is acknowledged: the next stage sees it twice."""
    die_at(scene, [f"{stage}.delivered.{chance.randint(1, 3)}" for stage in Stage])


def die_amid_recovery(scene: Scene, chance: random.Random) -> None:
    """The dedupe worker dies, and twice again while its ledger is read back."""
    scene.await_that(lambda: len(scene.watch.arrived) >= GATHERED, PATIENCE, "there is a ledger worth speaking of")
    kill_one(scene, Stage.DEDUPE, chance)
    # At the first entries that it reads: a small ledger is read at once, so there may be no second time.
    die_at(scene, [f"{Stage.DEDUPE}.{RECOVERY}.1-{number}" for number in range(2)])


def die_at(scene: Scene, tokens: list[str]) -> None:
    """Leave the tokens, and return once workers have come to the points of all of them."""
    for token in tokens:
        (scene.tokens / token).touch()
    scene.await_that(
        lambda: not any(scene.tokens.iterdir()),
        PATIENCE,
        f"workers come to {tokens}",
    )


def crash_amid_a_batch(scene: Scene, chance: random.Random) -> None:
    """Another part of each worker fails while a batch is at hand, and Faust brings the worker down in order."""
    die_at(scene, [f"{stage}.{CRASH}.{chance.randint(1, 3)}" for stage in Stage])


def write_half_a_batch(scene: Scene, chance: random.Random) -> None:
    """Dedupe dies when of a batch only what came of the later half of each partition was written."""
    [worker] = [child for child in scene.supervisor.children if child.stage is Stage.DEDUPE]
    scene.await_ready([worker])
    # While it stands still, and until it is there again, a large batch gathers, with copies and revisions within it.
    scene.signal(worker, signal.SIGSTOP)
    scene.crawler.publish(inputs(GATHERED, chance.randint(0, 1_000), words=30, languages=LANGUAGES))
    scene.await_that(lambda: scene.waiting(Stage.DEDUPE) >= GATHERED, PATIENCE, "a batch gathers")
    kill_one(scene, Stage.DEDUPE, chance)
    die_at(scene, [f"{Stage.DEDUPE}.{HALF}.1"])


def refuse_an_output(scene: Scene, chance: random.Random) -> None:
    """The broker refuses one output of every role for good, amid a batch."""
    die_at(scene, [f"{stage}.{REFUSED}.{chance.randint(5, 15)}" for stage in Stage])


def hang(scene: Scene, chance: random.Random) -> None:
    """The dedupe stage hangs."""
    die_at(scene, [f"{Stage.DEDUPE}.{HANG}.1"])


def restart_after_each_halt(scene: Scene, chance: random.Random) -> None:
    """The clean worker stops consuming, as nearly everything is bad, and is started again until it is through.

    It is killed once what it finished is committed, so that every worker begins with messages that none has seen.
    """
    halts = 0
    while True:
        scene.await_that(lambda: scene.all_out or halted(scene), PATIENCE, "a worker halts")
        if scene.all_out:
            break
        halts += 1
        scene.await_that(
            lambda: scene.committed(Stage.CLEAN) == len(scene.watch.arrived),
            PATIENCE,
            "a halted worker has committed what it finished",
        )
        worker = scene.children(Stage.CLEAN)[0]
        process = worker.process
        assert process
        kill_one(scene, Stage.CLEAN, chance)
        scene.await_successor(worker, process)
    scene.figures["halts"] = str(halts)
    assert halts, "no worker halts"


def halted(scene: Scene) -> bool:
    """Whether a clean worker has halted."""
    return any(metric(child, 'copydesk_halted{stage="clean"}') for child in scene.children(Stage.CLEAN))


def stop_longer_than_the_session(scene: Scene, chance: random.Random) -> None:
    """One worker of each role freezes until Kafka has given its partitions away, and wakes up amid its batch."""
    scene.await_ready(scene.supervisor.children)
    zombies = [chance.choice(scene.children(stage)) for stage in Stage]
    for zombie in zombies:
        scene.signal(zombie, signal.SIGSTOP)
    time.sleep(scene.settings.session_timeout + 4)
    for zombie in zombies:
        scene.signal(zombie, signal.SIGCONT)
    time.sleep(10)  # in which they find out, and have partitions and messages again


def restart_each_in_turn(scene: Scene, chance: random.Random) -> None:
    """Every worker ends by SIGTERM and is started again, one after the other, each when the one before is back."""
    exits: list[int] = []
    for child in chance.sample(list(scene.supervisor.children), len(scene.supervisor.children)):
        scene.await_ready([child])
        process = child.process
        assert process
        process.terminate()
        exits.append(process.wait(60))
        scene.await_successor(child, process)
        scene.await_ready([child])
        time.sleep(1)
    assert set(exits) == {0}, f"SIGTERM ends workers with {exits}"


def rolling_restart(scene: Scene, chance: random.Random) -> None:
    """The same, and enriched articles come out meanwhile without a long pause."""
    scene.await_ready(scene.supervisor.children)
    began = time.monotonic()
    restart_each_in_turn(scene, chance)
    pause = scene.watch.longest_pause(began, time.monotonic())
    scene.figures["longest pause"] = f"{pause:.1f} s"
    assert pause < LONGEST_PAUSE, f"enriched output pauses for {pause:.1f} s"


def clock_jumps(scene: Scene, chance: random.Random) -> None:
    """The workers' clock jumps days ahead and back, and a worker starts in each time."""
    for offset in ("+5d", "-3d", "+0"):
        scene.set_clock(offset)
        time.sleep(2)
        kill_one(scene, chance.choice(list(Stage)), chance)
        time.sleep(3)


WORKER_FAULTS = (
    kill_each_role, die_at_each_point, die_unacknowledged, die_amid_recovery, crash_amid_a_batch, write_half_a_batch,
    refuse_an_output, hang, restart_after_each_halt, stop_longer_than_the_session, restart_each_in_turn,
    rolling_restart, clock_jumps,
)  # fmt: skip
