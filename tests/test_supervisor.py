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

import pytest

from workers.outcomes import ExitCode, Stage
from workers.settings import METRICS_PORTS, Settings
from workers.supervisor import FIRST_PAUSE, LONGEST_PAUSE, Child, Supervisor, children_of, worker_command

pytestmark = pytest.mark.process

NOTES_ITS_END = """
import os, signal, sys, time
def end(*_):
    with open(sys.argv[1], "a") as notes:
        notes.write(sys.argv[2] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
open(sys.argv[3], "w").write(os.environ["COPYDESK_BROKER"] + " " + os.environ["COPYDESK_METRICS_PORT"])
time.sleep(60)
"""


def python(script: str, *arguments: str) -> Callable[[Child], list[str]]:
    return lambda _: [sys.executable, "-c", script, *arguments]


def until(true: Callable[[], object], seconds: float = 20) -> None:
    """Wait until it is true, for some seconds at most."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def has_text(path: Path) -> bool:
    return path.exists() and bool(path.read_text())


def fall(supervisor: Supervisor, child: Child) -> float:
    """Let the child start and end; the pause before it is started again."""
    child.start_at = 0.0
    until(lambda: supervisor.tend() or child.process)
    process = child.process
    assert process is not None
    process.wait()
    supervisor.tend()
    assert child.process is None
    return child.start_at - time.monotonic()


def test_a_fallen_process_is_started_again_after_pauses_that_double_up_to_the_longest() -> None:
    child = Child(Stage.CLEAN, 0)
    supervisor = Supervisor([child], "localhost:1", command=lambda _: ["false"])
    pauses = [fall(supervisor, child) for _ in range(7)]
    expected = [min(LONGEST_PAUSE, FIRST_PAUSE * 2**n) for n in range(7)]
    assert all(abs(pause - wanted) < 0.5 for pause, wanted in zip(pauses, expected, strict=True))
    supervisor.tend()
    assert child.process is None  # not before the pause is over
    supervisor.stop()


def test_a_process_that_ran_well_for_long_is_started_again_soon() -> None:
    child = Child(Stage.CLEAN, 0, falls=5)
    supervisor = Supervisor([child], "localhost:1", command=lambda _: ["cat"])
    supervisor.tend()
    assert child.process is not None
    child.started -= 3_600
    child.process.kill()
    child.process.wait()
    supervisor.tend()
    assert child.falls == 1
    assert child.start_at - time.monotonic() <= FIRST_PAUSE
    supervisor.stop()


def test_processes_are_stopped_in_the_order_of_the_stream(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    children = [Child(stage, port) for port, stage in enumerate(reversed(Stage))]

    def command(child: Child) -> list[str]:
        return python(NOTES_ITS_END, str(notes), child.stage, str(tmp_path / child.stage))(child)

    supervisor = Supervisor(children, "kafka.example:9092", command=command)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    for child in children:
        told = tmp_path / child.stage
        until(partial(has_text, told))
        assert told.read_text() == f"kafka.example:9092 {child.metrics_port}"
    supervisor.stopping.set()
    thread.join(20)
    assert not thread.is_alive()
    assert notes.read_text().split() == ["clean", "dedupe", "enrich"]


def test_a_process_that_is_misconfigured_ends_all() -> None:
    started = []

    def command(child: Child) -> list[str]:
        started.append(child.stage)
        return [sys.executable, "-c", f"exit({ExitCode.MISCONFIGURED})"] if child.stage is Stage.DEDUPE else ["cat"]

    children = [Child(stage, 0) for stage in Stage]
    assert Supervisor(children, "localhost:1", command=command).run() == ExitCode.MISCONFIGURED
    assert started == list(Stage)
    assert all(child.process is None for child in children)


def test_what_the_processes_say_goes_where_it_is_wanted(tmp_path: Path) -> None:
    child = Child(Stage.CLEAN, 0)
    with (tmp_path / "log").open("wb") as log:
        supervisor = Supervisor([child], "localhost:1", log, lambda _: ["echo", "ready"])
        fall(supervisor, child)
        supervisor.stop()
    assert (tmp_path / "log").read_text() == "ready\n"


def test_a_worker_ends_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    worker = "import time; from workers.supervisor import stop_with_parent; stop_with_parent(); time.sleep(60)"
    parent = (
        "import sys\n"
        "from workers.outcomes import Stage\n"
        "from workers.supervisor import Child, Supervisor\n"
        "child = Child(Stage.CLEAN, 0)\n"
        f"supervisor = Supervisor([child], 'localhost:1', command=lambda _: [sys.executable, '-c', {worker!r}])\n"
        "supervisor.tend()\n"
        "print(child.process.pid, flush=True)\n"
        "supervisor.run()\n"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline())
        assert alive(pid)
        time.sleep(0.3)
        assert alive(pid)
        os.kill(supervisor.pid, signal.SIGKILL)
        until(lambda: not alive(pid))


def alive(pid: int) -> bool:
    """Whether the process runs (one that ended and waits to be fetched does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_machine_runs_each_role_once_and_enrich_as_often_as_set_on_ports_of_their_own() -> None:
    children = children_of(Settings(enrich_processes=3))
    assert [child.stage for child in children] == [Stage.CLEAN, Stage.DEDUPE, *[Stage.ENRICH] * 3]
    assert [child.metrics_port for child in children] == [9641, 9642, 9643, 9644, 9645]
    assert {child.stage: child.metrics_port for child in reversed(children)} == METRICS_PORTS
    assert [child.metrics_port for child in children_of(Settings(enrich_processes=1, metrics_port=7000))] == [
        7000, 7001, 7002,
    ]  # fmt: skip
    assert {child.metrics_port for child in children_of(Settings(metrics_port=0))} == {0}


def test_a_worker_is_told_that_it_is_supervised() -> None:
    command = worker_command(Child(Stage.ENRICH, 0))
    assert command[0] == sys.executable
    assert command[1:] == ["-m", "workers", "worker", "--supervised", "enrich"]
