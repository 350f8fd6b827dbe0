"""All roles as child processes: started together, started again when they fall, stopped in the order of the stream."""

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

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before a fallen process is started again: doubled each time, up to the longest."""
STEADY = 60.0
"""Seconds after which a process counts as well again."""
PATIENCE = 60.0
"""Seconds that a process has to finish its batch and commit."""


@dataclass(slots=True)
class Child:
    """One worker process: its role, the port of its metrics, and how it has fared."""

    stage: str
    metrics_port: int
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = 0
    start_at: float = 0.0


def worker_command(child: Child) -> list[str]:
    """The command line of a worker that ends with this process."""
    return [sys.executable, "-m", "workers", "worker", "--supervised", child.stage]


@dataclass(slots=True)
class Supervisor:
    """The worker processes of one machine. ``output`` takes their stdout and stderr (this process's own by default)."""

    children: Sequence[Child]
    bootstrap: str
    output: IO[bytes] | None = None
    command: Callable[[Child], list[str]] = worker_command
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> int:
        """The exit code, once ``stopping`` is set (0) or a child says that it is misconfigured (its code)."""
        try:
            while not self.stopping.is_set():
                if code := self.tend():
                    return code
                self.stopping.wait(0.2)
            return 0
        finally:
            self.stop()

    def tend(self) -> int:
        """0 once every child that should run does; the exit code of a child that it is no use to start again."""
        for child in self.children:
            if child.process is None:
                if time.monotonic() >= child.start_at:
                    self._start(child)
            elif (code := child.process.poll()) is not None:
                if code == ExitCode.MISCONFIGURED:
                    return code
                self._fallen(child, code)
        return 0

    def stop(self) -> None:
        """Stop every child, stage by stage in the order of the stream; kill what does not end in time."""
        for stage in STAGES:
            living = [child.process for child in self.children if child.stage == stage and child.process]
            for process in living:
                process.terminate()
            deadline = time.monotonic() + PATIENCE
            for process in living:
                try:
                    process.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    log.error("killed: it did not stop in time", extra={"stage": stage, "pid": process.pid})
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
            # Ctrl-C is for the supervisor alone, which stops the children in order.
            start_new_session=True,
        )
        child.started = time.monotonic()

    def _fallen(self, child: Child, code: int) -> None:
        child.falls = 1 if time.monotonic() - child.started > STEADY else child.falls + 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (child.falls - 1))
        child.start_at = time.monotonic() + pause
        if child.process and child.process.stdin:
            child.process.stdin.close()
        child.process = None
        fall = {"stage": child.stage, "exit_code": code, "falls": child.falls, "seconds": pause}
        log.warning("a worker fell; starting it again after a pause", extra=fall)


def children_of(settings: Settings) -> list[Child]:
    """The processes of all roles on one machine, each with a port of its own for its metrics.

    The ports are the usual ones, or count up from COPYDESK_METRICS_PORT; 0 leaves the choice to each process.
    """
    roles = [Stage.CLEAN, Stage.DEDUPE, *[Stage.ENRICH] * settings.enrich_processes]
    first = STAGES[Stage.CLEAN].metrics_port if settings.metrics_port is None else settings.metrics_port
    return [Child(stage, first and first + number) for number, stage in enumerate(roles)]


def stop_with_parent() -> None:
    """End this process by SIGTERM when its parent does: stdin is a pipe whose other end only the parent holds."""

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()
