"""One machine with its own Kafka (``copydesk run``): its processes are killed and its disk is filled, mid-stream.

Nothing is lost or judged differently, and the stream goes on by itself.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

import pytest

from tests.integration.articles import inputs
from tests.reliability.drills.report import note
from tests.reliability.drills.run import BrokenGuaranteeError, Figures, figures, finish_and_check
from tests.reliability.drills.table import COMMIT_TIMEOUT, LANGUAGES, SETTINGS
from tests.reliability.faults.broker import measure_resumption
from tests.reliability.findings import EARLY, KAFKA_RETURNS, NOT_READY_WITHOUT_KAFKA, WORKERS_END_WITH_RUN
from tests.reliability.harness.launch import may_mount
from tests.reliability.harness.machine import Machine, has_ended, kill_all, machine
from tests.reliability.harness.stream import WAIT_TIMEOUT, DrillStream

pytestmark = [pytest.mark.broker, pytest.mark.process, pytest.mark.slow]

BACKLOG, RATE, SLOW = 300, 10.0, 0.01
"""Articles before the fault, articles per second during it, and seconds added to each."""
END_TIMEOUT = 10.0
"""Seconds that workers have to end after their supervisor was killed."""
KAFKA_TIMEOUT = 90.0
"""Seconds that Kafka has to be back after it died or its disk has room again; a busy machine is slow."""
NOTICE_TIMEOUT = 45.0
"""Seconds in which every worker must notice that Kafka does not answer; below the minute after which a batch fails."""
DISK_MIB, ROOM_KIB = 96, 256
"""The size of the small disk, and the room that is left on it when it is filled: less than the backlog needs."""
MIB = 1024 * 1024

Fault = Callable[[Machine, DrillStream], None]


def kill_run(running: Machine, stream: DrillStream) -> None:
    """kill -9 `copydesk run` and start it again at once."""
    workers, kafka = running.workers, running.kafka
    assert len(workers) == 3
    assert kafka
    running.kill()
    running.start()
    try:
        ended = stream.wait_until(lambda: all(map(has_ended, workers)), END_TIMEOUT, WORKERS_END_WITH_RUN)
    finally:
        for pid in workers:
            if not has_ended(pid):
                os.kill(pid, signal.SIGKILL)
    stream.figures["workers ended after"] = f"{ended:.1f} s"
    wait_until_back(running, stream)


def kill_kafka(running: Machine, stream: DrillStream) -> None:
    """kill -9 Kafka, then its guard."""
    run = running.process.pid
    for kill_the_guard in (False, True):
        kafka = running.kafka
        assert kafka
        os.kill(running.guards[0] if kill_the_guard else kafka, signal.SIGKILL)
        stream.wait_until(partial(has_ended, kafka), END_TIMEOUT, "Kafka ends with its guard")
        wait_until_back(running, stream)
    assert running.process.pid == run


def freeze_kafka(running: Machine, stream: DrillStream) -> None:
    """Stop Kafka (SIGSTOP) until every worker has noticed; the same workers go on when it resumes."""
    kafka, workers = running.kafka, running.workers
    assert kafka
    os.kill(kafka, signal.SIGSTOP)
    try:
        noticed = stream.wait_until(lambda: not running.any_is_ready, NOTICE_TIMEOUT, NOT_READY_WITHOUT_KAFKA)
    finally:
        os.kill(kafka, signal.SIGCONT)
    stream.figures["noticed after"] = f"{noticed:.1f} s"
    stream.wait_until(lambda: running.is_ready, WAIT_TIMEOUT, "the machine is ready")
    assert running.workers == workers, "a worker was restarted"


def kill_everything(running: Machine, stream: DrillStream) -> None:
    """kill -9 every process at once, and start again."""
    kill_all(running)
    running.start()
    wait_until_back(running, stream)


def fill_the_disk(running: Machine, stream: DrillStream) -> None:
    """Fill the disk until Kafka ends, keep it full for a while, and make room again."""
    ballast = running.inside(running.data / "ballast")
    disk = os.statvfs(ballast.parent)
    ballast.write_bytes(bytes(max(0, disk.f_bavail * disk.f_frsize - ROOM_KIB * 1024)))
    stream.wait_until(lambda: "Kafka ended unexpectedly" in stream.log, WAIT_TIMEOUT, "Kafka ends on the full disk")
    time.sleep(10)
    assert not running.accepts_clients or running.kafka, "the disk is not full"
    ballast.unlink()
    wait_until_back(running, stream)


def wait_until_back(running: Machine, stream: DrillStream) -> None:
    """Return once Kafka serves clients and articles come out again."""
    began = time.monotonic()
    stream.wait_until(lambda: running.accepts_clients and running.kafka, KAFKA_TIMEOUT, KAFKA_RETURNS)
    back = time.monotonic() - began
    longest = max(back, float(stream.figures.get("Kafka back after", "0 s").split()[0]))
    stream.figures["Kafka back after"] = f"{longest:.1f} s"
    stream.wait_until(lambda: running.is_ready, WAIT_TIMEOUT, "the machine is ready")


@dataclass(frozen=True, slots=True)
class MachineDrill:
    """A drill on one machine; the fields mean what they mean in ``Drill``."""

    name: str
    fault: Fault
    seed: int
    guards: bool = False
    disk_mib: int | None = None
    rate: float = RATE
    sabotage: str = ""
    finding: str | None = None

    @property
    def title(self) -> str:
        """The name of the drill in the results."""
        return f"{self.name}; sabotage: {self.sabotage}" if self.sabotage else self.name


DRILLS = (
    MachineDrill("kill -9 of `copydesk run`", kill_run, seed=41),
    MachineDrill("kill -9 of its Kafka", kill_kafka, seed=42, guards=True),
    MachineDrill("its Kafka frozen", freeze_kafka, seed=45),
    MachineDrill("kill -9 of everything", kill_everything, seed=43),
    MachineDrill("a full disk that gets room", fill_the_disk, seed=44, disk_mib=DISK_MIB),
)
RUN, KAFKA, FROZEN, EVERYTHING, DISK = DRILLS
MUTANTS = (
    replace(RUN, sabotage="outlive the parent", finding=WORKERS_END_WITH_RUN),
    # No load: a crawler would wait for minutes for the Kafka that never returns.
    replace(KAFKA, sabotage="restart no broker", finding=KAFKA_RETURNS, rate=0.0),
    replace(FROZEN, sabotage="report no outage", finding=NOT_READY_WITHOUT_KAFKA),
    replace(EVERYTHING, sabotage="acknowledge early", finding=EARLY),
    replace(DISK, sabotage="restart no broker", finding=KAFKA_RETURNS, rate=0.0),
)


def run_on_one_machine(drill: MachineDrill) -> Figures:
    """The figures of the drill.

    Raises:
        AssertionError: a promise is broken, or the sabotage was not found.
    """
    began = time.monotonic()
    environment = {"DRILL_SLOW": str(SLOW), "DRILL_SABOTAGE": drill.sabotage}
    settings = replace(SETTINGS, partitions=3, retention_bytes=64 * MIB)
    with machine(settings, environment, drill.disk_mib) as (running, stream):
        workload = inputs(1_000_000, drill.seed, words=30, languages=LANGUAGES)
        try:
            stream.crawler.publish(islice(workload, BACKLOG))
            stream.wait_until(lambda: len(stream.monitor.arrived) >= BACKLOG / 10, WAIT_TIMEOUT, "articles come out")
            with stream.crawler.load(workload, drill.rate) if drill.rate else nullcontext():
                drill.fault(running, stream)
                measure_resumption(stream)
            # A mutant must be found, whatever else it breaks.
            result = finish_and_check(stream, COMMIT_TIMEOUT, must_commit=drill.finding is None)
            stream.figures["stopped after"] = f"{running.stop():.1f} s"
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


@pytest.mark.parametrize(
    "drill",
    [pytest.param(drill, marks=[pytest.mark.guarantee] if drill.guards else [], id=drill.name) for drill in DRILLS],
)
def test_one_machine_recovers_by_itself_and_loses_nothing(drill: MachineDrill) -> None:
    skip_without_disk(drill)
    note(run_on_one_machine(drill))


def skip_without_disk(drill: MachineDrill) -> None:
    """Skip a drill that needs a private disk where none can be had."""
    if drill.disk_mib and not may_mount():
        pytest.skip("this user cannot mount a private disk (user namespaces are off)")
