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
from workers.settings import Settings
from workers.stages import STAGES
from workers.supervisor import (
    FIRST_RESTART_DELAY,
    MAX_RESTART_DELAY,
    Child,
    Supervisor,
    children_of,
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


def run_to_exit(supervisor: Supervisor, child: Child) -> float:
    """Lets the child start and exit; returns the seconds before its restart."""
    child.restart_at = 0.0
    wait_until(lambda: supervisor.poll() or child.process)
    process = child.process
    assert process is not None
    process.wait()
    supervisor.poll()
    assert child.process is None
    return child.restart_at - time.monotonic()


def test_restart_delays_double_up_to_the_maximum() -> None:
    child = Child(Stage.CLEAN, 0)
    supervisor = Supervisor([child], "localhost:1", command=lambda _: ["false"])
    delays = [run_to_exit(supervisor, child) for _ in range(7)]
    expected = [min(MAX_RESTART_DELAY, FIRST_RESTART_DELAY * 2**n) for n in range(7)]
    assert all(abs(delay - wanted) < 0.5 for delay, wanted in zip(delays, expected, strict=True))
    supervisor.poll()
    assert child.process is None  # the delay is not over yet
    supervisor.stop()


def test_a_stable_child_is_restarted_after_the_first_delay() -> None:
    child = Child(Stage.CLEAN, 0, crashes=5)
    supervisor = Supervisor([child], "localhost:1", command=lambda _: ["cat"])
    supervisor.poll()
    assert child.process is not None
    child.started_at -= 3_600
    child.process.kill()
    child.process.wait()
    supervisor.poll()
    assert child.crashes == 1
    assert child.restart_at - time.monotonic() <= FIRST_RESTART_DELAY
    supervisor.stop()


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
    assert caplog.messages == ["worker did not stop in time; killing it"]


def test_an_exit_is_logged_with_its_code_and_the_delay(caplog: pytest.LogCaptureFixture) -> None:
    child = Child(Stage.CLEAN, 0)
    run_to_exit(Supervisor([child], "localhost:1", command=lambda _: ["false"]), child)
    (record,) = caplog.records
    assert record.getMessage() == "worker exited unexpectedly; restarting it after a delay"
    fields = ("stage", "exit_code", "crashes", "delay_seconds")
    assert [getattr(record, name) for name in fields] == ["clean", 1, 1, FIRST_RESTART_DELAY]


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
        run_to_exit(supervisor, child)
        supervisor.stop()
    assert (tmp_path / "log").read_text() == "ready\n"


def test_a_worker_exits_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    worker = "import time; from workers.supervisor import stop_with_parent; stop_with_parent(); time.sleep(60)"
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
        assert alive(pid)
        time.sleep(0.3)
        assert alive(pid)
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
    assert [child.metrics_port for child in children_of(Settings(enrich_processes=1, metrics_port=7000))] == [
        7000, 7001, 7002,
    ]  # fmt: skip
    assert {child.metrics_port for child in children_of(Settings(metrics_port=0))} == {0}


def test_a_child_runs_its_role_as_a_supervised_worker() -> None:
    command = worker_command(Child(Stage.ENRICH, 0))
    assert command[0] == sys.executable
    assert command[1:] == ["-m", "workers", "worker", "--supervised", "enrich"]
