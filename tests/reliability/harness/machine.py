"""``copydesk run`` in a drill: one machine with its own Kafka, whose processes a drill kills and whose disk it fills.

``python -m tests.reliability.harness.machine run`` is the real command, with the workers of ``worker.py`` and the same
``DRILL_SABOTAGE``.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tests.reliability.harness.cluster import Cluster
from tests.reliability.harness.crawler import Crawler
from tests.reliability.harness.launch import environment_of, mounted
from tests.reliability.harness.monitor import Monitor
from tests.reliability.harness.stream import WAIT_TIMEOUT, DrillStream
from workers.embedded_kafka import guard
from workers.outcomes import Stage
from workers.settings import Settings
from workers.supervisor import SHUTDOWN_TIMEOUT, Supervisor

FIRST_PORT, LAST_PORT = 20_000, 30_000
"""Ports that no outgoing connection takes on Linux, so that a process that is restarted finds its own free."""
STOP_TIMEOUT = SHUTDOWN_TIMEOUT + 20
"""Seconds for an orderly stop, below systemd's 90 s."""


@dataclass(frozen=True, slots=True)
class Address:
    """What the harness needs of a broker that it does not run itself."""

    bootstrap: str


@dataclass(slots=True)
class Machine:
    """``copydesk run`` and its processes.

    Attributes:
        data: COPYDESK_DATA_DIR.
        kafka_port: where its Kafka listens.
        port: its own metrics port; those of the workers follow.
        command: how to start it.
        log: receives its output.
        process: the running command.
    """

    data: Path
    kafka_port: int
    port: int
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def kafka(self) -> int | None:
        """The process id of its Kafka; None if none runs."""
        return next((pid for guard_pid in self.guards for pid in children_of(guard_pid)), None)

    @property
    def guards(self) -> list[int]:
        """The process ids of its Kafka's guard."""
        return [pid for pid in children_of(self.process.pid) if guard.__file__ in command_line(pid)]

    @property
    def workers(self) -> list[int]:
        """The process ids of its workers."""
        return [pid for pid in children_of(self.process.pid) if "--supervised" in command_line(pid)]

    @property
    def is_ready(self) -> bool:
        """Whether ``/readyz`` of the command and of every worker says ready."""
        return answers_ready(self.port) and all(self.ready_workers)

    @property
    def any_is_ready(self) -> bool:
        """Whether ``/readyz`` of the command or of any worker says ready."""
        return answers_ready(self.port) or any(self.ready_workers)

    @property
    def ready_workers(self) -> list[bool]:
        """What ``/readyz`` of each worker says."""
        return [answers_ready(self.port + number) for number in range(1, len(Stage) + 1)]

    @property
    def accepts_clients(self) -> bool:
        """Whether its Kafka accepts connections."""
        try:
            socket.create_connection(("127.0.0.1", self.kafka_port), 1).close()
        except OSError:
            return False
        return True

    def start(self) -> None:
        """Start the command again."""
        self.process = _start(self.command, self.environment, self.log)

    def kill(self) -> None:
        """kill -9 the command itself."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> float:
        """Stop the command in order, and return the seconds that took."""
        began = time.monotonic()
        self.process.terminate()
        assert self.process.wait(STOP_TIMEOUT) == 0, "`copydesk run` must exit with 0 after SIGTERM"
        return time.monotonic() - began

    def inside(self, path: Path) -> Path:
        """The path as its processes see it, with their private mounts."""
        return Path(f"/proc/{self.process.pid}/root{path}")


@contextmanager
def machine(
    settings: Settings, environment: Mapping[str, str], disk_mib: int | None = None
) -> Iterator[tuple[Machine, DrillStream]]:
    """A machine whose workers are ready, and the stream to publish to and to watch.

    Args:
        environment: more variables for all processes.
        disk_mib: size of a private disk for its data; None uses the usual disk.
    """
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="copydesk-machine-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        kafka_port, port, *_ = free_row(2 + len(Stage))
        data = home / "data"
        prepare = f'mkdir -p "{data}/kafka" && echo {kafka_port} > "{data}/kafka/port"'
        disk = f'mkdir "{data}" && mount -t tmpfs -o size={disk_mib}m none "{data}" && ' if disk_mib else ""
        wrapper = mounted(disk + prepare) if disk_mib else ("sh", "-c", f'{prepare} && exec "$@"', "sh")
        variables = {
            **os.environ, **environment_of(settings), **environment,
            "COPYDESK_DATA_DIR": str(data), "COPYDESK_METRICS_PORT": str(port), "COPYDESK_METRICS_HOST": "127.0.0.1",
            "COPYDESK_ENRICH_PROCESSES": "1",
        }  # fmt: skip
        command = [sys.executable, "-m", "tests.reliability.harness.machine", "run"]
        log = home / "workers.log"
        running = Machine(data, kafka_port, port, command, variables, log, _start([*wrapper, *command], variables, log))
        stack.callback(kill_all, running)
        bootstrap = f"127.0.0.1:{kafka_port}"
        monitor = Monitor(bootstrap, settings)
        nobody = Supervisor([], bootstrap)  # `copydesk run` has the workers
        cluster = Cluster([cast("Any", Address(bootstrap))])
        stream = DrillStream(settings, cluster, nobody, monitor, Crawler(bootstrap), home, frozenset(Stage))
        stream.wait_until(lambda: running.is_ready, WAIT_TIMEOUT, "the machine is ready")
        monitor.start()
        stack.callback(monitor.stop)
        yield running, stream


def kill_all(running: Machine) -> None:
    """kill -9 every process of the machine at once."""
    pids = [running.process.pid, *running.guards, *running.workers, *([running.kafka] if running.kafka else [])]
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    running.process.wait()


def free_row(count: int) -> list[int]:
    """That many free ports in a row."""
    for first in range(FIRST_PORT + os.getpid() % 500 * count, LAST_PORT, count):
        row = list(range(first, first + count))
        with ExitStack() as probes:
            try:
                for port in row:
                    probes.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return row
    raise AssertionError("no free ports in a row")


def answers_ready(port: int) -> bool:
    """Whether ``/readyz`` on the port says ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def children_of(parent: int) -> list[int]:
    """The process ids of a process's children that run."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, ppid, *_ = status.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(ppid) == parent and state != "Z":
            found.append(int(status.parent.name))
    return found


def has_ended(pid: int) -> bool:
    """Whether the process has ended; a zombie has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def command_line(pid: int) -> list[str]:
    """The arguments of the process; none if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


def _start(command: list[str], environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
        )


if __name__ == "__main__":
    from tests.reliability.faults.sabotage import SABOTAGES
    from tests.reliability.harness import worker
    from workers.fault_points import replace_at
    from workers.supervisor import end_with_parent

    end_with_parent()  # a drill that is killed leaves nothing behind
    if worker.SABOTAGE:
        SABOTAGES[worker.SABOTAGE]()
    module = worker.__name__
    replace_at("command of a worker", lambda command: lambda child: [sys.executable, "-m", module, *command(child)[3:]])
    from workers.cli import main

    main()
