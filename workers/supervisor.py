"""Runs all roles as child processes: starts them, restarts those that exit, stops them in stream order.

The embedded Kafka, if this machine runs one, is a child like the workers. It is restarted in the same way, on the same
port and the same data.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Protocol

from workers.embedded_kafka.guard import get_signal_of_parents_end
from workers.errors import EmbeddedKafkaError, end_process
from workers.fault_points import fault_point
from workers.outcomes import ExitCode, Stage
from workers.settings import Settings
from workers.stages import STAGES

log = logging.getLogger(__name__)

KAFKA = "kafka"
"""The role of the embedded Kafka among the children."""
METRICS_PORT = 9640
"""The default port of the supervisor's own ``/metrics``; those of its workers follow."""
FIRST_RESTART_DELAY = 1.0
MAX_RESTART_DELAY = 30.0
"""Seconds before a child that exited is restarted: doubled with each exit, from the first to the maximum."""
STABLE_UPTIME = 60.0
"""Seconds after which a running child counts as stable: the next restart then waits the first delay again."""
SHUTDOWN_TIMEOUT = 60.0
"""Seconds that all workers together have to finish their batches and commit before they are killed. With the embedded
Kafka's 10 s after that, everything ends within systemd's 90 s."""
POLL_INTERVAL = 0.2
"""Seconds between two looks at the children."""
STOP_INTERVAL = 0.05
"""The same while they stop."""
POLL_TIMEOUT = 30.0
"""A supervisor that has not looked at its children for this many seconds is not alive."""


class Broker(Protocol):
    """What the supervisor needs of ``EmbeddedBroker``, which is already running."""

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process that ends when Kafka does."""

    def restart(self) -> subprocess.Popen[bytes]:
        """Start Kafka again without waiting until it serves clients, and return its process."""

    def end_reason(self) -> str:
        """Why Kafka has ended, in one line."""

    def answers(self) -> bool:
        """Whether Kafka answers a request."""


@dataclass(slots=True)
class Child:
    """A process to keep running, and its restarts.

    Attributes:
        stage: its role: a stage, or ``KAFKA``.
        metrics_port: where it serves its metrics, if it is a worker.
        process: the running process; None before the first start and between an exit and the restart.
        started_at: when the process started, in seconds of the monotonic clock.
        restart_at: when to start the next process, in seconds of the monotonic clock.
        crashes: exits, or starts that failed, since the child was last stable.
    """

    stage: str
    metrics_port: int
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    crashes: int = 0

    @property
    def is_running(self) -> bool:
        """Whether its process runs."""
        process = self.process  # another thread may ask, for a probe
        return process is not None and process.poll() is None


@fault_point("command of a worker")
def worker_command(child: Child) -> list[str]:
    """The command line of a worker that ends when this process does."""
    return [sys.executable, "-m", "workers", "worker", "--supervised", child.stage]


@dataclass(slots=True)
class Supervisor:
    """The child processes of one machine.

    Attributes:
        children: the workers to run.
        bootstrap: the Kafka brokers that they connect to.
        output: receives their stdout and stderr; by default they share this process's own.
        command: returns the command line of a worker.
        broker: the embedded Kafka to restart when it dies; its owner stops it after the workers.
        on_restart: called with the role of every child that is started again.
        on_stop: called before the workers are stopped because ``request_stop`` was called.
        stopping: set it to make ``run`` stop the children and return.
        shutdown_timeout: seconds that all workers together have to exit before they are killed.
        clock, sleep, popen: replaced by tests.
    """

    children: Sequence[Child]
    bootstrap: str
    output: IO[bytes] | None = None
    command: Callable[[Child], list[str]] = lambda child: worker_command(child)  # looked up late, for drills
    broker: Broker | None = None
    on_restart: Callable[[str], object] = lambda role: None
    on_stop: Callable[[], object] = lambda: None
    stopping: threading.Event = field(default_factory=threading.Event)
    shutdown_timeout: float = SHUTDOWN_TIMEOUT
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    popen: Callable[..., subprocess.Popen[bytes]] = subprocess.Popen
    kafka: Child | None = field(init=False, default=None)
    _polled_at: float = field(init=False, default=0.0)
    _hurries: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._polled_at = self.clock()
        if self.broker:
            self.kafka = Child(KAFKA, 0, self.broker.process, started_at=self.clock())

    def run(self) -> int:
        """Run the children until ``stopping`` is set or one reports that it is misconfigured; then stop the workers.

        Return the exit code for this process: 0 or the child's.
        """
        try:
            while not self.stopping.is_set():
                if code := self.poll():
                    return code
                # Not stopping.wait(): a signal handler that sets the event while its lock is held would wait for ever.
                self.sleep(POLL_INTERVAL)
            self.on_stop()
            return 0
        finally:
            self.stop()

    def request_stop(self) -> None:
        """Have ``run`` stop the workers and return; called again, have it kill those that still run."""
        self._hurries = self.stopping.is_set()
        self.stopping.set()

    def poll(self) -> int:
        """Start each child that is due, and schedule the restart of each that has exited. Wait for nothing.

        Return 0, or the exit code of a worker that is misconfigured: a restart would not help it.
        """
        self._polled_at = self.clock()
        for child in self._all():
            if child.process is None:
                if self.clock() >= child.restart_at:
                    self._start(child)
            elif (code := child.process.poll()) is not None:
                if code == ExitCode.MISCONFIGURED and child is not self.kafka:
                    return code
                self._schedule_restart(child, code)
        return 0

    def stop(self) -> None:
        """Stop the workers, stage by stage in stream order; kill those that do not exit before the one deadline.

        Without a Kafka, they are killed at once: they would wait for it, and a killed worker loses nothing.
        """
        deadline = self.clock() + self.shutdown_timeout
        for stage in STAGES:
            workers = [child for child in self.children if child.stage == stage and child.process]
            for child in workers:
                assert child.process
                child.process.terminate()
            while any(child.is_running for child in workers) and not self._why_not_wait(deadline):
                self.sleep(STOP_INTERVAL)
            for child in workers:
                self._end(child, deadline)

    @property
    def live(self) -> bool:
        """Whether the children are being watched or stopped."""
        return self.stopping.is_set() or self.clock() - self._polled_at < POLL_TIMEOUT

    @property
    def ready(self) -> bool:
        """Whether every child runs, and Kafka, if it is one of them, answers."""
        all_run = all(child.is_running for child in self._all()) and not self.stopping.is_set()
        return all_run and self.is_broker_up

    @property
    def is_broker_up(self) -> bool:
        """Whether the embedded Kafka runs and answers; true if there is none."""
        return self.kafka is None or (self.kafka.is_running and bool(self.broker and self.broker.answers()))

    def _all(self) -> Iterator[Child]:
        if self.kafka:
            yield self.kafka
        yield from self.children

    def _start(self, child: Child) -> None:
        child.started_at = self.clock()
        if child is self.kafka:
            self.restart_kafka()
        else:
            child.process = self._start_worker(child)
        if child.crashes and child.process:
            self.on_restart(child.stage)

    @fault_point("restart Kafka")
    def restart_kafka(self) -> None:
        """Start the embedded Kafka again, or try later."""
        assert self.kafka
        assert self.broker
        try:
            self.kafka.process = self.broker.restart()
        except EmbeddedKafkaError as error:
            self._delay_start(self.kafka, "Kafka cannot start; trying again after a delay", error=str(error))

    def _start_worker(self, child: Child) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "COPYDESK_BROKER": self.bootstrap,
            "COPYDESK_METRICS_PORT": str(child.metrics_port),
        }
        return self.popen(
            self.command(child),
            env=environment,
            stdin=subprocess.PIPE,
            stdout=self.output,
            stderr=self.output,
            # Ctrl-C must reach the supervisor only, which then stops the children in order.
            start_new_session=True,
        )

    def _schedule_restart(self, child: Child, code: int) -> None:
        if child is self.kafka:
            assert self.broker
            reason = self.broker.end_reason()
            self._delay_start(
                child, "Kafka ended unexpectedly; restarting it after a delay", exit_code=code, reason=reason
            )
        else:
            _close_stdin(child)
            self._delay_start(child, "worker exited unexpectedly; restarting it after a delay", exit_code=code)
        child.process = None

    def _delay_start(self, child: Child, message: str, **details: object) -> None:
        now = self.clock()
        child.crashes = 1 if now - child.started_at > STABLE_UPTIME else child.crashes + 1
        delay = min(MAX_RESTART_DELAY, FIRST_RESTART_DELAY * 2 ** (child.crashes - 1))
        child.restart_at = now + delay
        log.warning(message, extra={"stage": child.stage, **details, "crashes": child.crashes, "delay_seconds": delay})

    def _why_not_wait(self, deadline: float) -> str:
        """Why the workers that still run must be killed; empty while they have time to exit by themselves."""
        if self._hurries:
            return "a second signal came"
        if self.kafka and not self.kafka.is_running:
            return "Kafka is down, so it cannot commit"
        return "" if self.clock() < deadline else f"{self.shutdown_timeout:g} s are over"

    def _end(self, child: Child, deadline: float) -> None:
        """Kill the worker if it still runs, and forget its process."""
        assert child.process
        if child.is_running:
            details = {"stage": child.stage, "pid": child.process.pid, "reason": self._why_not_wait(deadline)}
            log.warning("killing a worker that has not stopped; its batch is processed again", extra=details)
            child.process.kill()
            child.process.wait()
        _close_stdin(child)
        child.process = None


def _close_stdin(child: Child) -> None:
    if child.process and child.process.stdin:
        child.process.stdin.close()


def children_of(settings: Settings) -> list[Child]:
    """The workers that run all roles on one machine, each with its own metrics port.

    The ports follow the supervisor's own, COPYDESK_METRICS_PORT; if that is 0, each worker picks one.
    """
    processes: dict[str, int] = {Stage.ENRICH: settings.enrich_processes}
    roles = [stage for stage in STAGES for _ in range(processes.get(stage, 1))]
    first = metrics_port_of(settings)
    return [Child(stage, first and first + number) for number, stage in enumerate(roles, 1)]


def metrics_port_of(settings: Settings) -> int:
    """The port of the supervisor's own metrics; 0 picks a free one."""
    return METRICS_PORT if settings.metrics_port is None else settings.metrics_port


@fault_point("end with parent")
def end_with_parent() -> None:
    """End this process at once when its parent ends: stdin is a pipe whose other end only the parent holds.

    Nothing is lost, and the metrics port is free for the worker that the next supervisor starts. Linux also ends it
    while it is stopped (SIGSTOP) and reads nothing.
    """
    get_signal_of_parents_end(signal.SIGKILL)

    def wait_for_parent() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        end_process(ExitCode.UNAVAILABLE, flush=False)

    threading.Thread(target=wait_for_parent, name="parent", daemon=True).start()
