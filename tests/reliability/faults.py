"""The faults: each happens to a scene under load and returns when it is over. One table, ``FAULTS``, names them all."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable

from tests.reliability.history import end_of
from tests.reliability.scene import Scene
from tests.reliability.worker import DEAD_LETTER, POINTS, RECOVERY
from workers.outcomes import Stage
from workers.topics import ENRICHED

Fault = Callable[[Scene, random.Random], None]

LONGEST_PAUSE = 10.0
"""Seconds for which enriched output may pause while every worker is restarted in turn."""
LONGEST_RESUMPTION = 15.0
"""Seconds from a broker's return until enriched articles come out again."""
RESUMED = 100
"""Enriched articles that must come out before output counts as resumed: more than were on their way."""
DOWN = 30.0
"""Seconds for which the broker is away."""


def kill_each_role(scene: Scene, chance: random.Random) -> None:
    """kill -9 of every role, twice, at seeded moments."""
    stages = [*Stage, *Stage]
    chance.shuffle(stages)
    for stage in stages:
        time.sleep(chance.uniform(0.5, 2.5))
        kill_one(scene, stage, chance)


def kill_one(scene: Scene, stage: Stage, chance: random.Random) -> None:
    """kill -9 of one worker of the role, once one runs."""
    scene.await_that(lambda: scene.children(stage), 60, f"a {stage} worker runs")
    scene.signal(chance.choice(scene.children(stage)), signal.SIGKILL)


def die_at_each_point(scene: Scene, chance: random.Random) -> None:
    """Every role dies before the first output of a batch, after it, after the last, and after a dead letter."""
    points = [(stage, point) for stage in Stage for point in POINTS] + [(Stage.CLEAN, DEAD_LETTER)]
    die_at(scene, [f"{stage}.{point}.{chance.randint(1, 3)}" for stage, point in points], 150)


def die_amid_recovery(scene: Scene, chance: random.Random) -> None:
    """The dedupe worker dies, and twice again while its ledger is read back."""
    kill_one(scene, Stage.DEDUPE, chance)
    die_at(scene, [f"{Stage.DEDUPE}.{RECOVERY}.{chance.randint(1, 2)}-{number}" for number in range(2)], 90)


def die_at(scene: Scene, tokens: list[str], seconds: float) -> None:
    """Leave the tokens, and return once workers have died of all of them."""
    for token in tokens:
        (scene.deaths / token).touch()
    scene.await_that(
        lambda: not any(scene.deaths.iterdir()),
        seconds,
        f"workers die at {[path.name for path in scene.deaths.iterdir()]}",
    )


def stop_longer_than_the_session(scene: Scene, chance: random.Random) -> None:
    """One worker of each role freezes until Kafka has given its partitions away, and wakes up amid its batch."""
    zombies = [chance.choice(scene.children(stage)) for stage in Stage]
    for zombie in zombies:
        scene.signal(zombie, signal.SIGSTOP)
    time.sleep(scene.settings.session_timeout + 4)
    for zombie in zombies:
        scene.signal(zombie, signal.SIGCONT)
    time.sleep(4)


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


def kill_the_broker(scene: Scene, chance: random.Random) -> None:
    """kill -9 of Kafka and a new start with the same data, at once, twice."""
    for _ in range(2):
        time.sleep(chance.uniform(2, 4))
        _kill_broker(scene)
        _return_of_broker(scene)


def broker_away(scene: Scene, chance: random.Random) -> None:
    """Kafka is away for half a minute."""
    time.sleep(chance.uniform(2, 4))
    _kill_broker(scene)
    time.sleep(DOWN)
    _return_of_broker(scene)


def _kill_broker(scene: Scene) -> None:
    assert scene.broker.pid
    os.kill(scene.broker.pid, signal.SIGKILL)
    scene.await_that(lambda: not scene.broker.alive, 10, "the broker is dead")


def _return_of_broker(scene: Scene) -> None:
    scene.broker.start()
    seconds = resumption(scene)
    assert seconds < LONGEST_RESUMPTION, f"output resumes {seconds:.1f} s after the broker's return"


def resumption(scene: Scene) -> float:
    """The seconds from now until enriched articles that were not there yet come out."""
    began = time.monotonic()
    more = end_of(scene.broker.bootstrap, scene.settings, ENRICHED) + RESUMED
    scene.await_that(lambda: scene.watch.read_to(ENRICHED) >= more, 90, "articles come out again")
    seconds = time.monotonic() - began
    scene.figures["resumed after"] = f"{seconds:.1f} s"
    return seconds


def reset_connections(scene: Scene, chance: random.Random) -> None:
    """Every connection to Kafka breaks, a few times."""
    assert scene.proxy
    for _ in range(4):
        time.sleep(chance.uniform(0.5, 2.5))
        assert scene.proxy.connections, "no connection goes by the proxy"
        scene.proxy.reset()


def black_hole(scene: Scene, chance: random.Random) -> None:
    """Nothing reaches Kafka or comes back, for longer than a session, and no connection breaks."""
    assert scene.proxy
    with scene.proxy.black_hole():
        time.sleep(scene.settings.session_timeout + 6)
    resumption(scene)


def latency(scene: Scene, chance: random.Random) -> None:
    """Everything takes half a second each way."""
    assert scene.proxy
    scene.proxy.latency = 0.5
    time.sleep(12)
    scene.proxy.latency = 0.0


def clock_jumps(scene: Scene, chance: random.Random) -> None:
    """The workers' clock jumps days ahead and back, and a worker starts in each time."""
    for offset in ("+5d", "-3d", "+0"):
        scene.set_clock(offset)
        time.sleep(2)
        kill_one(scene, chance.choice(list(Stage)), chance)
        time.sleep(3)


FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        kill_each_role, die_at_each_point, die_amid_recovery, stop_longer_than_the_session, restart_each_in_turn,
        rolling_restart, one_three_one, kill_the_broker, broker_away, reset_connections, black_hole, latency,
        clock_jumps,
    )
}  # fmt: skip
