"""Runs all roles as child processes: starts them, restarts those that exit, stops them in stream order."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO

from workers.outcomes import ExitCode, Stage
from workers.settings import Settings
from workers.stages import STAGES

log = logging.getLogger(__name__)

FIRST_RESTART_DELAY = 1.0
MAX_RESTART_DELAY = 30.0
"""Seconds before a child that exited is restarted: doubled with each exit, from the first to the maximum."""
STABLE_UPTIME = 60.0
"""Seconds after which a running child counts as stable: the next restart then waits the first delay again."""
SHUTDOWN_TIMEOUT = 60.0
"""Seconds that a child has to finish its batch and commit before it is killed."""
POLL_INTERVAL = 0.2
"""Seconds between two looks at the children."""


@dataclass(slots=True)
class Child:
    """One worker process: its role, its metrics port and its restarts.

    Attributes:
        process: the running process; None before the first start and between an exit and the restart.
        started_at: when the process started, in seconds of the monotonic clock.
        restart_at: when to start the next process, in seconds of the monotonic clock.
        crashes: exits since the child was last stable.
    """

    stage: str
    metrics_port: int
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    crashes: int = 0


def worker_command(child: Child) -> list[str]:
    """The command line of a worker that exits when this process does."""
    return [sys.executable, "-m", "workers", "worker", "--supervised", child.stage]


@dataclass(slots=True)
class Supervisor:
    """The worker processes of one machine.

    Attributes:
        children: the processes to run.
        bootstrap: the Kafka brokers that they connect to.
        output: receives their stdout and stderr; by default they share this process's own.
        command: returns the command line of a child.
        stopping: set it to make ``run`` stop the children and return.
        shutdown_timeout: seconds that the children of one stage have to exit before they are killed.
    """

    children: Sequence[Child]
    bootstrap: str
    output: IO[bytes] | None = None
    command: Callable[[Child], list[str]] = worker_command
    stopping: threading.Event = field(default_factory=threading.Event)
    shutdown_timeout: float = SHUTDOWN_TIMEOUT

    def run(self) -> int:
        """Run the children until ``stopping`` is set or one reports that it is misconfigured; then stop them all.

        Return the exit code for this process: 0 or the child's.
        """
        try:
            while not self.stopping.is_set():
                if code := self.poll():
                    return code
                self.stopping.wait(POLL_INTERVAL)
            return 0
        finally:
            self.stop()

    def poll(self) -> int:
        """Start each child that is due, and schedule the restart of each that has exited.

        Return 0, or the exit code of a child that is misconfigured: a restart would not help it.
        """
        for child in self.children:
            if child.process is None:
                if time.monotonic() >= child.restart_at:
                    self._start(child)
            elif (code := child.process.poll()) is not None:
                if code == ExitCode.MISCONFIGURED:
                    return code
                self._schedule_restart(child, code)
        return 0

    def stop(self) -> None:
        """Stop every child, stage by stage in stream order; kill those that do not exit in time."""
        for stage in STAGES:
            processes = [child.process for child in self.children if child.stage == stage and child.process]
            for process in processes:
                process.terminate()
            deadline = time.monotonic() + self.shutdown_timeout
            for process in processes:
                try:
                    process.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    log.error("worker did not stop in time; killing it", extra={"stage": stage, "pid": process.pid})
                    process.kill()
                    process.wait()
                if process.stdin:
                    process.stdin.close()
        for child in self.children:
            child.process = None

    def _start(self, child: Child) -> None:
        environment = os.environ | {
            "COPYDESK_BROKER": self.bootstrap,
            "COPYDESK_METRICS_PORT": str(child.metrics_port),
        }
        child.process = subprocess.Popen(
            self.command(child),
            env=environment,
            stdin=subprocess.PIPE,
            stdout=self.output,
            stderr=self.output,
            # Ctrl-C must reach the supervisor only, which then stops the children in order.
            start_new_session=True,
        )
        child.started_at = time.monotonic()

    def _schedule_restart(self, child: Child, code: int) -> None:
        now = time.monotonic()
        child.crashes = 1 if now - child.started_at > STABLE_UPTIME else child.crashes + 1
        delay = min(MAX_RESTART_DELAY, FIRST_RESTART_DELAY * 2 ** (child.crashes - 1))
        child.restart_at = now + delay
        if child.process and child.process.stdin:
            child.process.stdin.close()
        child.process = None
        details = {"stage": child.stage, "exit_code": code, "crashes": child.crashes, "delay_seconds": delay}
        log.warning("worker exited unexpectedly; restarting it after a delay", extra=details)


def children_of(settings: Settings) -> list[Child]:
    """The processes that run all roles on one machine, each with its own metrics port.

    The ports count up from the first role's default, or from COPYDESK_METRICS_PORT; with 0, each process picks one.
    """
    processes: dict[str, int] = {Stage.ENRICH: settings.enrich_processes}
    roles = [stage for stage in STAGES for _ in range(processes.get(stage, 1))]
    first = STAGES[roles[0]].metrics_port if settings.metrics_port is None else settings.metrics_port
    return [Child(stage, first and first + number) for number, stage in enumerate(roles)]


def stop_with_parent() -> None:
    """Send SIGTERM to this process when its parent exits: stdin is a pipe whose other end only the parent holds."""

    def wait_for_parent() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait_for_parent, name="parent", daemon=True).start()
