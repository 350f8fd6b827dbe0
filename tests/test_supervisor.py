from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from workers.errors import EmbeddedKafkaError
from workers.outcomes import ExitCode, Stage
from workers.settings import Settings
from workers.stages import STAGES
from workers.supervisor import (
    FIRST_RESTART_DELAY,
    MAX_RESTART_DELAY,
    POLL_TIMEOUT,
    SHUTDOWN_TIMEOUT,
    STABLE_UPTIME,
    Child,
    Supervisor,
    children_of,
    metrics_port_of,
    worker_command,
)

pytestmark = pytest.mark.process

RECORDS_ITS_STOP = """
import os, signal, sys, time
def stop(*_):
    with open(sys.argv[1], "a") as stops:
        stops.write(sys.argv[2] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
open(sys.argv[3], "w").write(os.environ["COPYDESK_BROKER"] + " " + os.environ["COPYDESK_METRICS_PORT"])
time.sleep(60)
"""


IGNORES_SIGTERM = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "w").write("ready")
time.sleep(60)
"""


def python(script: str, *arguments: str) -> Callable[[Child], list[str]]:
    return lambda _: [sys.executable, "-c", script, *arguments]


def wait_until(condition: Callable[[], object], timeout: float = 20) -> None:
    """Waits until the condition holds; fails after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"the condition does not hold after {timeout} s"
        time.sleep(0.02)


def has_text(path: Path) -> bool:
    return path.exists() and bool(path.read_text())


class Process:
    """A fake process: runs until it is told to exit, and records what happens to it."""

    pid = 1
    stdin = None

    def __init__(self, *_: object, **__: object) -> None:
        self.code: int | None = None
        self.calls: list[str] = []
        self.obeys = True

    def poll(self) -> int | None:
        return self.code

    def wait(self) -> int | None:
        return self.code

    def terminate(self) -> None:
        self.calls.append("terminate")
        if self.obeys:
            self.code = 0

    def kill(self) -> None:
        self.calls.append("kill")
        self.code = -9


class Clock:
    """A fake clock that only sleeping moves."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Kafka:
    """A fake of the embedded broker."""

    def __init__(self) -> None:
        self.process: Any = Process()
        self.refusals: list[str] = []
        self.is_listening = True

    def restart(self) -> Any:
        if self.refusals:
            raise EmbeddedKafkaError(self.refusals.pop(0))
        self.process = Process()
        return self.process

    def end_reason(self) -> str:
        return "Address already in use"

    def answers(self) -> bool:
        return self.is_listening


class Machine:
    """A supervisor of fake processes: one worker of each stage and, unless left out, a Kafka."""

    def __init__(self, kafka: Kafka | None = None) -> None:
        self.clock = Clock()
        self.restarts: list[str] = []
        self.children = [Child(stage, 0) for stage in Stage]
        self.supervisor = Supervisor(
            self.children, "localhost:1", broker=kafka, popen=cast("Any", Process), clock=self.clock,
            sleep=self.clock.sleep, on_restart=self.restarts.append,
        )  # fmt: skip

    def process(self, child: Child) -> Process:
        assert child.process
        return cast("Process", child.process)

    def exit_codes(self, child: Child, *codes: int) -> list[float]:
        """Let the child exit with each code in turn; return the seconds before each restart."""
        delays = []
        for code in codes:
            self.process(child).code = code
            assert self.supervisor.poll() == 0
            delays.append(child.restart_at - self.clock.now)
            self.clock.now = child.restart_at - 0.01
            self.supervisor.poll()
            assert not child.is_running, "the delay is not over yet"
            self.clock.now = child.restart_at
            self.supervisor.poll()
        return delays


@pytest.fixture
def kafka() -> Kafka:
    return Kafka()


@pytest.fixture
def machine(kafka: Kafka) -> Machine:
    """A machine whose processes run."""
    started = Machine(kafka)
    started.supervisor.poll()
    return started


DELAYS = [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_worker_and_kafka_are_restarted_with_growing_delays(machine: Machine, kafka: Kafka) -> None:
    clean, broker = machine.children[0], machine.supervisor.kafka
    assert broker
    assert machine.exit_codes(clean, *[1] * 7) == pytest.approx(DELAYS)
    assert machine.exit_codes(broker, *[137] * 7) == pytest.approx(DELAYS)
    assert [DELAYS[0], DELAYS[-1]] == [FIRST_RESTART_DELAY, MAX_RESTART_DELAY]
    assert machine.restarts == ["clean"] * 7 + ["kafka"] * 7
    assert broker.process is kafka.process


def test_stable_child_is_restarted_after_the_first_delay(machine: Machine) -> None:
    clean = machine.children[0]
    machine.exit_codes(clean, 1, 1, 1)
    machine.clock.sleep(STABLE_UPTIME + 1)
    assert machine.exit_codes(clean, 1) == pytest.approx([FIRST_RESTART_DELAY])


def test_kafka_that_cannot_be_launched_is_tried_again_for_ever(
    machine: Machine, kafka: Kafka, caplog: pytest.LogCaptureFixture
) -> None:
    broker = machine.supervisor.kafka
    assert broker
    kafka.refusals = ["the disk is full"] * 9
    kafka.process.code = 1
    for _ in range(10):
        machine.supervisor.poll()
        assert not broker.is_running
        machine.clock.now = broker.restart_at
    machine.supervisor.poll()
    assert broker.is_running
    assert broker.crashes == 10
    first, *others = caplog.records
    assert first.getMessage() == "Kafka ended unexpectedly; restarting it after a delay"
    assert vars(first)["reason"] == "Address already in use"
    assert {record.getMessage() for record in others} == {"Kafka cannot start; trying again after a delay"}
    assert {vars(record)["error"] for record in others} == {"the disk is full"}


def test_exit_of_kafka_stops_nothing_whatever_its_code(machine: Machine, kafka: Kafka) -> None:
    kafka.process.code = ExitCode.MISCONFIGURED
    assert machine.supervisor.poll() == 0
    assert all(child.is_running for child in machine.children)


def test_exit_is_logged_with_its_code_and_the_delay(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    machine.exit_codes(machine.children[0], 1)
    (record,) = caplog.records
    assert record.getMessage() == "worker exited unexpectedly; restarting it after a delay"
    fields = ("stage", "exit_code", "crashes", "delay_seconds")
    assert [getattr(record, name) for name in fields] == ["clean", 1, 1, FIRST_RESTART_DELAY]


def stop(machine: Machine, *disobedient: str) -> tuple[float, list[list[str]]]:
    """Stop the machine; return the seconds that took and what happened to each worker."""
    processes = [machine.process(child) for child in machine.children]
    for child, process in zip(machine.children, processes, strict=True):
        process.obeys = child.stage not in disobedient
    began = machine.clock.now
    machine.supervisor.stop()
    assert not any(child.process for child in machine.children)
    return machine.clock.now - began, [process.calls for process in processes]


TERMINATED, KILLED = ["terminate"], ["terminate", "kill"]


def test_one_deadline_holds_for_all_stages_together(machine: Machine) -> None:
    seconds, calls = stop(machine, *Stage)
    assert seconds == pytest.approx(SHUTDOWN_TIMEOUT, abs=1)
    assert calls == [KILLED, KILLED, KILLED]


def test_workers_that_stop_are_not_killed(machine: Machine) -> None:
    assert stop(machine) == (0, [TERMINATED] * 3)


def test_workers_are_killed_at_once_when_kafka_is_down(
    machine: Machine, kafka: Kafka, caplog: pytest.LogCaptureFixture
) -> None:
    kafka.process.code = 137
    assert stop(machine, Stage.CLEAN, Stage.ENRICH) == (0, [KILLED, TERMINATED, KILLED])
    assert {vars(record)["reason"] for record in caplog.records} == {"Kafka is down, so it cannot commit"}


def test_second_request_to_stop_kills_the_workers(machine: Machine) -> None:
    machine.supervisor.request_stop()
    machine.supervisor.request_stop()
    assert stop(machine, Stage.DEDUPE) == (0, [TERMINATED, KILLED, TERMINATED])


def test_machine_is_ready_while_every_child_runs_and_kafka_answers(machine: Machine, kafka: Kafka) -> None:
    supervisor = machine.supervisor
    assert supervisor.ready
    kafka.is_listening = False
    assert not supervisor.ready
    kafka.is_listening = True
    machine.process(machine.children[1]).code = 1
    assert not supervisor.ready
    supervisor.poll()
    assert not supervisor.ready
    machine.clock.sleep(FIRST_RESTART_DELAY)
    supervisor.poll()
    assert supervisor.ready
    kafka.process.code = 137
    assert not supervisor.ready
    assert supervisor.live
    machine.clock.sleep(POLL_TIMEOUT + 1)
    assert not supervisor.live


def test_machine_without_its_own_kafka_is_ready_without_one() -> None:
    machine = Machine()
    machine.supervisor.poll()
    assert machine.supervisor.ready


def test_children_are_stopped_in_stream_order(tmp_path: Path) -> None:
    stops = tmp_path / "stops"
    children = [Child(stage, port) for port, stage in enumerate(reversed(Stage))]

    def command(child: Child) -> list[str]:
        return python(RECORDS_ITS_STOP, str(stops), child.stage, str(tmp_path / child.stage))(child)

    supervisor = Supervisor(children, "kafka.example:9092", command=command)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    for child in children:
        environment = tmp_path / child.stage
        wait_until(partial(has_text, environment))
        assert environment.read_text() == f"kafka.example:9092 {child.metrics_port}"
    supervisor.stopping.set()
    thread.join(20)
    assert not thread.is_alive()
    assert stops.read_text().split() == ["clean", "dedupe", "enrich"]


def test_a_child_that_does_not_stop_in_time_is_killed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    child = Child(Stage.CLEAN, 0)
    command = python(IGNORES_SIGTERM, str(tmp_path / "ready"))
    supervisor = Supervisor([child], "localhost:1", command=command, shutdown_timeout=0.1)
    supervisor.poll()
    wait_until(partial(has_text, tmp_path / "ready"))
    assert child.process is not None
    pid = child.process.pid
    supervisor.stop()
    assert not alive(pid)
    assert caplog.messages == ["killing a worker that has not stopped; its batch is processed again"]


def test_a_misconfigured_child_stops_all() -> None:
    started = []

    def command(child: Child) -> list[str]:
        started.append(child.stage)
        return [sys.executable, "-c", f"exit({ExitCode.MISCONFIGURED})"] if child.stage == Stage.DEDUPE else ["cat"]

    children = [Child(stage, 0) for stage in Stage]
    assert Supervisor(children, "localhost:1", command=command).run() == ExitCode.MISCONFIGURED
    assert started == list(Stage)
    assert all(child.process is None for child in children)


def test_children_write_to_the_given_output(tmp_path: Path) -> None:
    child = Child(Stage.CLEAN, 0)
    with (tmp_path / "log").open("wb") as log:
        supervisor = Supervisor([child], "localhost:1", log, lambda _: ["echo", "ready"])
        supervisor.poll()
        assert child.process
        child.process.wait()
        supervisor.stop()
    assert (tmp_path / "log").read_text() == "ready\n"


@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_worker_ends_at_once_when_its_supervisor_is_killed(is_stopped: bool) -> None:
    worker = (
        "import signal, time; from workers.supervisor import end_with_parent; end_with_parent()\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"  # no orderly stop
        "time.sleep(60)"
    )
    parent = (
        "import sys\n"
        "from workers.outcomes import Stage\n"
        "from workers.supervisor import Child, Supervisor\n"
        "child = Child(Stage.CLEAN, 0)\n"
        f"supervisor = Supervisor([child], 'localhost:1', command=lambda _: [sys.executable, '-c', {worker!r}])\n"
        "supervisor.poll()\n"
        "print(child.process.pid, flush=True)\n"
        "supervisor.run()\n"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline())
        time.sleep(0.3)
        assert alive(pid)
        if is_stopped:
            os.kill(pid, signal.SIGSTOP)
        os.kill(supervisor.pid, signal.SIGKILL)
        wait_until(lambda: not alive(pid))


def alive(pid: int) -> bool:
    """Returns whether the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_one_machine_runs_each_role_and_several_enrich_processes_on_separate_ports() -> None:
    children = children_of(Settings(enrich_processes=3))
    assert [child.stage for child in children] == [Stage.CLEAN, Stage.DEDUPE, *[Stage.ENRICH] * 3]
    assert [child.metrics_port for child in children] == [9641, 9642, 9643, 9644, 9645]
    assert {child.stage: child.metrics_port for child in reversed(children)} == {
        name: stage.metrics_port for name, stage in STAGES.items()
    }
    moved = Settings(enrich_processes=1, metrics_port=7000)
    assert [metrics_port_of(moved), *(child.metrics_port for child in children_of(moved))] == [7000, 7001, 7002, 7003]
    assert metrics_port_of(Settings()) == 9640
    assert {child.metrics_port for child in children_of(Settings(metrics_port=0))} == {0}


def test_a_child_runs_its_role_as_a_supervised_worker() -> None:
    command = worker_command(Child(Stage.ENRICH, 0))
    assert command[0] == sys.executable
    assert command[1:] == ["-m", "workers", "worker", "--supervised", "enrich"]
