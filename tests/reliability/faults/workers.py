"""Faults of workers."""

from __future__ import annotations

import random
import signal
import time
from itertools import islice

import orjson

from tests.integration.articles import Input, inputs
from tests.reliability.drills.table import LANGUAGES
from tests.reliability.findings import HALT_EXPECTED, KILLER, SIGTERM_EXIT_CODES, TRIGGERS_FIRE
from tests.reliability.harness.launch import metric
from tests.reliability.harness.stream import WAIT_TIMEOUT, DrillStream
from tests.reliability.harness.worker import (
    CRASH,
    DEAD_LETTER,
    FETCHING,
    HALF,
    HANG,
    JOINING,
    POINTS,
    RECOVERY,
    REJECTED,
)
from workers.outcomes import Outcome, Stage

MAX_PAUSE_SECONDS = 10.0
"""Seconds for which enriched output may pause while workers are restarted one by one."""
NEIGHBOURS = 20
"""Innocent articles before and after each that ends its workers."""
ENRICH_KILLS = ("memory", "kill -9")
BATCH_TO_GATHER = 200
"""Articles that queue up for a stopped worker, or that a ledger has before its worker is killed."""


def kill_each_role(stream: DrillStream, rng: random.Random) -> None:
    """kill -9 every role, twice, at seeded moments."""
    stages = [*Stage, *Stage]
    rng.shuffle(stages)
    for stage in stages:
        time.sleep(rng.uniform(0.5, 2.5))
        kill_one(stream, stage, rng)


def kill_one(stream: DrillStream, stage: Stage, rng: random.Random) -> None:
    """kill -9 one worker of the role, once one runs."""
    stream.wait_until(lambda: stream.children(stage), WAIT_TIMEOUT, f"a {stage} worker runs")
    stream.signal(rng.choice(stream.children(stage)), signal.SIGKILL)


def die_at_each_point(stream: DrillStream, rng: random.Random) -> None:
    """Kill every role before a batch's first output, after it, and after the last; clean also after a dead letter."""
    points = [(stage, point) for stage in Stage for point in POINTS] + [(Stage.CLEAN, DEAD_LETTER)]
    die_at(stream, [f"{stage}.{point}.{rng.randint(1, 3)}" for stage, point in points])


def die_before_acknowledging(stream: DrillStream, rng: random.Random) -> None:
    """Kill every role after a batch is delivered and before it is acknowledged: the next stage sees it twice."""
    die_at(stream, [f"{stage}.delivered.{rng.randint(1, 3)}" for stage in Stage])


def die_during_recovery(stream: DrillStream, rng: random.Random) -> None:
    """Kill the dedupe worker, and twice again while its ledger is read back."""
    stream.wait_until(
        lambda: len(stream.monitor.arrived) >= BATCH_TO_GATHER, WAIT_TIMEOUT, "the ledger has enough entries"
    )
    kill_one(stream, Stage.DEDUPE, rng)
    # At the first fetch: a small ledger is read with one.
    die_at(stream, [f"{Stage.DEDUPE}.{RECOVERY}.1-{number}" for number in range(2)])


def die_at(stream: DrillStream, triggers: list[str]) -> None:
    """Create the triggers, and return once all of them have fired."""
    for trigger in triggers:
        (stream.triggers / trigger).touch()
    stream.wait_until(
        lambda: not any(stream.triggers.iterdir()),
        WAIT_TIMEOUT,
        f"all of these {TRIGGERS_FIRE}: {triggers}",
    )


def crash_during_a_batch(stream: DrillStream, rng: random.Random) -> None:
    """Make another part of each worker fail during a batch, so that Faust shuts the worker down."""
    die_at(stream, [f"{stage}.{CRASH}.{rng.randint(1, 3)}" for stage in Stage])


def fail_in_the_client(stream: DrillStream, rng: random.Random) -> None:
    """Make aiokafka fail in each worker at a fetch, and in the next worker when it has joined the group.

    The watchdog would end them, too, but later than this waits.
    """
    failures = [f"{FETCHING}.{rng.randint(5, 15)}", f"{JOINING}.1"]
    die_at(stream, [f"{stage}.{failure}" for stage in Stage for failure in failures])


def write_half_a_batch(stream: DrillStream, rng: random.Random) -> None:
    """Kill dedupe when only the outputs of the later half of each partition of a batch are written."""
    [worker] = [child for child in stream.supervisor.children if child.stage == Stage.DEDUPE]
    stream.wait_until_ready([worker])
    # Until the restart, a large batch gathers, with copies and revisions in it.
    stream.signal(worker, signal.SIGSTOP)
    stream.crawler.publish(inputs(BATCH_TO_GATHER, rng.randint(0, 1_000), words=30, languages=LANGUAGES))
    stream.wait_until(lambda: stream.uncommitted(Stage.DEDUPE) >= BATCH_TO_GATHER, WAIT_TIMEOUT, "a batch gathers")
    kill_one(stream, Stage.DEDUPE, rng)
    die_at(stream, [f"{Stage.DEDUPE}.{HALF}.1"])


def reject_an_output(stream: DrillStream, rng: random.Random) -> None:
    """Let the broker reject one output of every role permanently, in the middle of a batch."""
    die_at(stream, [f"{stage}.{REJECTED}.{rng.randint(5, 15)}" for stage in Stage])


def hang(stream: DrillStream, rng: random.Random) -> None:
    """Let the dedupe stage hang."""
    die_at(stream, [f"{Stage.DEDUPE}.{HANG}.1"])


def send_killers(stream: DrillStream, rng: random.Random) -> None:
    """Send articles among the others that end every worker that handles them: one per stage, two for enrich."""
    kills = [(Stage.CLEAN, "a crash"), (Stage.DEDUPE, "kill -9"), *((Stage.ENRICH, kill) for kill in ENRICH_KILLS)]
    send_killer_articles(stream, kills, rng)


def send_an_endless_article(stream: DrillStream, rng: random.Random) -> None:
    """Send an article among the others that dedupe never finishes, so that the watchdog ends each worker."""
    send_killer_articles(stream, [(Stage.DEDUPE, "a stall")], rng)


def send_killer_articles(stream: DrillStream, kills: list[tuple[Stage, str]], rng: random.Random) -> None:
    """Publish an article per stage and way to end its workers, with innocent ones around it."""
    neighbours = inputs(1_000, rng.randint(0, 1_000), words=30, languages=LANGUAGES)
    for number, (stage, kill) in enumerate(kills):
        stream.crawler.publish(islice(neighbours, NEIGHBOURS))
        stream.crawler.publish([killer_article(f"{KILLER.format(stage, kill)} ({number})", rng)])
    stream.crawler.publish(islice(neighbours, NEIGHBOURS))


def killer_article(headline: str, rng: random.Random) -> Input:
    """An article that ends the workers that its headline says."""
    body = " ".join("".join(rng.choices("aeiklmnorstu", k=7)) for _ in range(60))
    value = orjson.dumps({"headline": headline, "body": body, "url": f"https://killer.example/{headline[-2]}"})
    return Input(headline, value, frozenset({Outcome.DEAD_LETTER}))


def restart_after_each_halt(stream: DrillStream, rng: random.Random) -> None:
    """Restart the clean worker whenever it halts over bad input, until all messages are through.

    It is killed only once its work is committed, so that its successor starts with new messages.
    """
    halts = 0
    while True:
        stream.wait_until(lambda: stream.all_arrived or halted(stream), WAIT_TIMEOUT, "a worker halts")
        if stream.all_arrived:
            break
        halts += 1
        stream.wait_until(
            lambda: stream.committed(Stage.CLEAN) == len(stream.monitor.arrived),
            WAIT_TIMEOUT,
            "a halted worker has committed its work",
        )
        worker = stream.children(Stage.CLEAN)[0]
        process = worker.process
        assert process
        kill_one(stream, Stage.CLEAN, rng)
        stream.wait_for_restart(worker, process)
    stream.figures["halts"] = str(halts)
    assert halts, HALT_EXPECTED


def halted(stream: DrillStream) -> bool:
    """Whether a clean worker has halted."""
    return any(metric(child, 'copydesk_halted{stage="clean"}') for child in stream.children(Stage.CLEAN))


def freeze_longer_than_the_session(stream: DrillStream, rng: random.Random) -> None:
    """Freeze one worker of each role until Kafka has reassigned its partitions; it wakes up within a batch."""
    stream.wait_until_ready(stream.supervisor.children)
    zombies = [rng.choice(stream.children(stage)) for stage in Stage]
    for zombie in zombies:
        stream.signal(zombie, signal.SIGSTOP)
    time.sleep(stream.settings.session_timeout + 4)
    for zombie in zombies:
        stream.signal(zombie, signal.SIGCONT)
    time.sleep(10)  # time to notice, rejoin the group and get messages


def restart_each_in_turn(stream: DrillStream, rng: random.Random) -> None:
    """Stop every worker with SIGTERM and restart it, one after the other, each once the previous one is back."""
    exits: list[int] = []
    for child in rng.sample(list(stream.supervisor.children), len(stream.supervisor.children)):
        stream.wait_until_ready([child])
        process = child.process
        assert process
        process.terminate()
        exits.append(process.wait(60))
        stream.wait_for_restart(child, process)
        stream.wait_until_ready([child])
        time.sleep(1)
    assert set(exits) == {0}, f"{SIGTERM_EXIT_CODES}: {exits}"


def rolling_restart(stream: DrillStream, rng: random.Random) -> None:
    """The same, and check that enriched output never pauses for long."""
    stream.wait_until_ready(stream.supervisor.children)
    began = time.monotonic()
    restart_each_in_turn(stream, rng)
    pause = stream.monitor.longest_pause(began, time.monotonic())
    stream.figures["longest pause"] = f"{pause:.1f} s"
    assert pause < MAX_PAUSE_SECONDS, f"enriched output paused for {pause:.1f} s"


def clock_jumps(stream: DrillStream, rng: random.Random) -> None:
    """Let the workers' clock jump days ahead and back, and kill a worker after each jump."""
    for offset in ("+5d", "-3d", "+0"):
        stream.set_clock_offset(offset)
        wait_for_articles(stream, BATCH_TO_GATHER)  # enough to have copies among them
        kill_one(stream, rng.choice(list(Stage)), rng)
        time.sleep(3)


def wait_for_articles(stream: DrillStream, count: int) -> None:
    """Return once ``count`` more articles have come out."""
    target = len(stream.monitor.arrived) + count
    stream.wait_until(lambda: len(stream.monitor.arrived) >= target, WAIT_TIMEOUT, f"{count} more articles come out")


WORKER_FAULTS = (
    kill_each_role, die_at_each_point, die_before_acknowledging, die_during_recovery, crash_during_a_batch,
    fail_in_the_client,
    write_half_a_batch, reject_an_output, hang, send_killers, send_an_endless_article, restart_after_each_halt,
    freeze_longer_than_the_session, restart_each_in_turn, rolling_restart, clock_jumps,
)  # fmt: skip
