"""Faults of brokers and of the network: each happens to a scene under load and returns when it is over."""

from __future__ import annotations

import random
import time

from tests.reliability.checker.history import end_of
from tests.reliability.harness.cluster import kill, persist
from tests.reliability.harness.scene import Scene
from workers.outcomes import Stage
from workers.stages import STAGES
from workers.topics import CLEAN, ENRICHED

LONGEST_RESUMPTION = 15.0
"""Seconds from a broker's return until enriched articles come out again."""
AFTER_A_MOMENT = 30.0
"""The same where it was away for so short that it takes the members of before for alive: each group waits for its own
to come back, or for their sessions to run out."""
DOWN = 30.0
"""Seconds for which the broker is away."""
LED = (CLEAN, 0)
"""The partition whose leader dies."""
IN_SYNC = 60.0
"""Seconds that a broker has to catch up with the others."""


def kill_the_broker(scene: Scene, chance: random.Random) -> None:
    """kill -9 of Kafka and a new start with the same data, at once, twice."""
    for _ in range(2):
        time.sleep(chance.uniform(2, 4))
        brokers_away(scene, 0, AFTER_A_MOMENT)


def broker_away(scene: Scene, chance: random.Random) -> None:
    """Every broker dies at once, and Kafka is away for half a minute."""
    time.sleep(chance.uniform(2, 4))
    brokers_away(scene, DOWN)


def brokers_away(scene: Scene, seconds: float, longest: float = LONGEST_RESUMPTION) -> None:
    """Every broker dies at once and is away for so long; output resumes soon after."""
    for broker in scene.cluster.brokers:
        kill(broker)
    scene.await_that(lambda: not any(broker.alive for broker in scene.cluster.brokers), 10, "the brokers are dead")
    time.sleep(seconds)
    scene.cluster.start()
    must_resume(scene, "the return of Kafka", longest)


def leader_dies(scene: Scene, chance: random.Random) -> None:
    """kill -9 of the broker that leads an input of dedupe: another takes over; later the first comes back."""
    time.sleep(chance.uniform(2, 4))
    leader = scene.cluster.leader(*LED)
    assert leader
    died = time.monotonic()
    kill(leader)
    scene.await_that(lambda: scene.cluster.leader(*LED) not in (None, leader), 60, "another broker leads")
    must_resume(scene, "the change of leaders")
    scene.figures["longest pause"] = f"{scene.watch.longest_pause(died, time.monotonic()):.1f} s"
    leader.start()
    await_copies(scene)


def restart_each_broker(scene: Scene, chance: random.Random) -> None:
    """Every broker ends in order and is started again, one after the other, each when the one before has caught up."""
    for broker in chance.sample(scene.cluster.brokers, len(scene.cluster.brokers)):
        await_copies(scene)
        broker.stop()
        time.sleep(chance.uniform(1, 3))
        broker.start()
    await_copies(scene)
    must_resume(scene, "the restart of all brokers")


def await_copies(scene: Scene) -> None:
    """Return once every broker has everything."""
    scene.await_that(lambda: not scene.cluster.copies_missing(), IN_SYNC, "every broker is up to date")


def must_resume(scene: Scene, what: str, longest: float = LONGEST_RESUMPTION) -> None:
    """Return once output has resumed, which must be soon."""
    seconds = resumption(scene)
    assert seconds < longest, f"output resumes {seconds:.1f} s after {what}"


def resumption(scene: Scene) -> float:
    """The seconds from now until enriched articles come out that were not on their way yet."""
    began = time.monotonic()
    # Each worker may have had a batch on its way, which its producer sends again.
    under_way = STAGES[Stage.ENRICH].batch_size * len(scene.children(Stage.ENRICH))
    before = written(scene)
    scene.await_that(lambda: written(scene) > before + under_way, 90, "articles come out again")
    seconds = time.monotonic() - began
    longest = max(seconds, float(scene.figures.get("resumed after", "0 s").split()[0]))
    scene.figures["resumed after"] = f"{longest:.1f} s"
    return seconds


def written(scene: Scene) -> int:
    """How many enriched articles there are, asked of Kafka anew: a consumer that lives on may be slow to find back."""
    return persist(lambda: end_of(scene.cluster.bootstrap, scene.settings, ENRICHED))


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


BROKER_FAULTS = (
    kill_the_broker, broker_away, leader_dies, restart_each_broker, reset_connections, black_hole, latency,
)  # fmt: skip
