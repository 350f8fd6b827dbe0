"""The stream under test in a drill: its own Kafka, real worker processes, a crawler and a monitor."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from tests.reliability.checker.commits import read_commits
from tests.reliability.checker.history import History, Sample, history_of, read_topics
from tests.reliability.findings import COMMITS_REACH_THE_END
from tests.reliability.harness import stacks
from tests.reliability.harness.cluster import REPLICAS, Cluster, one_broker, retry, three_brokers
from tests.reliability.harness.crawler import Crawler
from tests.reliability.harness.launch import behind_proxy, children_for, command, environment_of, ready, small_disk
from tests.reliability.harness.monitor import Monitor
from tests.reliability.harness.proxy import FaultProxy
from workers.embedded_kafka.ports import free_port
from workers.kafka import topic_admin
from workers.outcomes import Stage
from workers.settings import Settings
from workers.stages import STAGES
from workers.supervisor import Child, Supervisor
from workers.topics import largest

WAIT_TIMEOUT = 240.0
"""Seconds to wait for a condition that has no deadline of its own; generous, because the machine may be busy."""
STACKS_SECONDS = 1.0
"""Seconds in which a worker prints where its threads and tasks are."""
NO_MODEL = {"xx": "none"}
"""No models: the drills test delivery, and loading a model is slow. Entities come from the lexicon alone."""


@dataclass
class DrillStream:
    """A running stream that a drill disturbs and watches.

    Attributes:
        cluster: its Kafka. The drill connects directly, workers through the proxy if there is one.
        home: the temporary directory of its logs, triggers and snapshots.
        stages: the stages that have workers.
        figures: what the drill measured, by name; shown in the table of results.
        set_back: the input topics whose groups were set back on purpose.
    """

    settings: Settings
    cluster: Cluster
    supervisor: Supervisor
    monitor: Monitor
    crawler: Crawler
    home: Path
    stages: frozenset[Stage]
    proxy: FaultProxy | None = None
    figures: dict[str, str] = field(default_factory=dict)
    set_back: set[str] = field(default_factory=set)

    @property
    def log(self) -> str:
        """The log of all workers so far."""
        return (self.home / "workers.log").read_text(errors="replace")

    @property
    def progress(self) -> str:
        """How much of its input each role has committed, and how many messages have come out."""
        roles = ["{} {} of {}".format(stage, *self._committed_and_end(stage)) for stage in STAGES]
        return f"committed: {', '.join(roles)}; came out: {len(self.monitor.arrived)} of {len(self.crawler.sent)}"

    def uncommitted(self, stage: Stage) -> int:
        """How many messages of the stage's input were not committed at the last sample."""
        committed, end = self._committed_and_end(stage)
        return end - committed

    def committed(self, stage: Stage) -> int:
        """How many messages of the stage's input were committed at the last sample."""
        return self._committed_and_end(stage)[0]

    def _committed_and_end(self, stage: str) -> tuple[int, int]:
        """The sums of the committed offsets and of the end offsets of the stage's input partitions."""
        last = self.monitor.samples[-1] if self.monitor.samples else Sample({}, {})
        committed, end = (
            sum(offset for (topic, _), offset in offsets.items() if topic == STAGES[stage].input_topic)
            for offsets in (last.committed, last.ends)
        )
        return committed, end

    @property
    def log_tail(self) -> str:
        """The last lines of the log, without expected refusals."""
        lines = [line for line in self.log.splitlines() if '"message":"refused"' not in line]
        return "\n".join(f"{line[:200]} … {line[-600:]}" if len(line) > 800 else line for line in lines[-15:])

    def whereabouts(self) -> str:
        """Where the workers are that have not committed their input, and the last that each of them logged."""
        lines = []
        for stage in filter(self.uncommitted, Stage):
            spoken = [line for line in self.log.splitlines() if f'"stage":"{stage}"' in line]
            lines += [f"{stage}, {len(self.children(stage))} running:", *(line[:400] for line in spoken[-3:])]
            for child in self.children(stage):
                before = len(self.log.splitlines())
                self.signal(child, signal.SIGUSR1)
                time.sleep(STACKS_SECONDS)
                lines += [line for line in self.log.splitlines()[before:] if line.startswith(stacks.PREFIX)]
        return "\n".join(lines)

    @property
    def triggers(self) -> Path:
        """The directory of the files that trigger faults in workers (see ``worker.py``)."""
        return self.home / "triggers"

    @property
    def state(self) -> Path:
        """The directory of the ledgers' snapshots."""
        return self.home / "state"

    def set_clock_offset(self, offset: str) -> None:
        """Shift the clock of workers that run under libfaketime, for example by ``+5d``."""
        (fresh := self.home / "clock.new").write_text(f"{offset}\n")
        fresh.replace(self.home / "clock")

    def children(self, stage: Stage) -> list[Child]:
        """The running workers of the stage."""
        return [child for child in self.supervisor.children if child.stage == stage and child.process]

    def signal(self, child: Child, number: signal.Signals) -> None:
        """Send the signal to the worker, if it runs."""
        if process := child.process:
            process.send_signal(number)

    def add_worker(self, stage: Stage) -> Child:
        """Start another worker of the stage."""
        child = Child(stage, free_port())
        self.supervisor.children = [*self.supervisor.children, child]
        return child

    def remove_worker(self, child: Child) -> None:
        """Stop the worker with SIGTERM and do not restart it."""
        self.supervisor.children = [other for other in self.supervisor.children if other is not child]
        if process := child.process:
            process.terminate()
            assert process.wait(60) == 0, "a worker must exit with 0 after SIGTERM"
            if process.stdin:
                process.stdin.close()

    def wait_until(self, condition: Callable[[], object], seconds: float, what: str) -> float:
        """The seconds until the condition held. ``what`` names it in the error.

        Raises:
            AssertionError: it did not hold in time; the message says where the workers are.
        """
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > seconds:
                log_tail = self.log_tail
                raise AssertionError(
                    f"not within {seconds:g} s: {what}\n{self.progress}\n{self.whereabouts()}\n{log_tail}"
                )
            time.sleep(0.1)
        return time.monotonic() - began

    @property
    def all_arrived(self) -> bool:
        """Whether every message that was sent has come out."""
        return self.crawler.sent.keys() <= self.monitor.arrived.keys()

    def wait_for_arrivals(self, seconds: float) -> None:
        """Return once every message that was sent has come out."""
        self.wait_until(lambda: self.all_arrived, seconds, f"all of {len(self.crawler.sent)} messages come out")

    def wait_until_ready(self, children: Sequence[Child], seconds: float = WAIT_TIMEOUT) -> float:
        """The seconds until ``/readyz`` of every worker says ready."""
        return self.wait_until(lambda: all(map(ready, children)), seconds, "the workers are ready")

    def wait_for_restart(self, child: Child, previous: subprocess.Popen[bytes]) -> None:
        """Return once the worker runs in another process than the previous one."""
        self.wait_until(lambda: child.process not in (None, previous), WAIT_TIMEOUT, "a worker is restarted")

    @property
    def all_committed(self) -> bool:
        """Whether every role had committed its input to the end at the last sample."""
        if not self.monitor.samples:
            return False
        last, inputs = self.monitor.samples[-1], {STAGES[stage].input_topic for stage in self.stages}
        return all(last.committed.get(place, 0) == end for place, end in last.ends.items() if place[0] in inputs)

    def wait_for_commits(self, seconds: float) -> None:
        """Return once every role has committed its input to the end.

        The run is then over: an offset is committed only after the outputs exist, and a sample reads the end offsets
        after the committed ones.
        """
        # The sample that is being taken may have begun before the last message was sent.
        needed = len(self.monitor.samples) + 2
        self.wait_until(
            lambda: len(self.monitor.samples) >= needed and self.all_committed, seconds, COMMITS_REACH_THE_END
        )

    def collect_history(self) -> History:
        """Kill the workers, stop the monitor and read every topic: the history of the run."""
        self.supervisor.stopping.set()
        for child in self.supervisor.children:
            self.signal(child, signal.SIGKILL)
        self.monitor.stop()
        records = read_topics(self.cluster.bootstrap, self.settings)
        commits = read_commits(self.cluster.bootstrap)
        return history_of(
            self.settings, self.crawler.sent, records, self.monitor.samples, commits, self.stages, self.set_back
        )


@contextmanager
def drill_stream(
    settings: Settings,
    roles: Sequence[Stage],
    environment: Mapping[str, str],
    *,
    proxied: bool = False,
    prepare: Callable[[str], None] = lambda bootstrap: None,
    disk_kib: int | None = None,
) -> Iterator[DrillStream]:
    """A running stream with one worker per entry in ``roles``; workers that exit are restarted.

    Three brokers run if the settings ask for three replicas, otherwise one.

    Args:
        environment: variables for every worker.
        proxied: whether workers connect through a fault proxy.
        prepare: called with the broker's address to fill topics before the first worker starts.
        disk_kib: size of a disk for the snapshots, empty whenever a worker starts; None uses the usual disk.
    """
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="copydesk-drill-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        for directory in ("triggers", "state"):
            (home / directory).mkdir()
        (home / "clock").write_text("+0\n")
        proxy, properties = behind_proxy(home / "kafka") if proxied else (None, {})
        max_bytes = largest(settings)
        if settings.replication == REPLICAS:
            cluster = three_brokers(home, max_bytes)
        else:
            cluster = one_broker(home, max_bytes, properties)
        if proxy:
            proxy.start()
            stack.callback(proxy.stop)
        stack.enter_context(cluster)
        retry(lambda: topic_admin.apply(settings, cluster.bootstrap))
        prepare(cluster.bootstrap)
        output = stack.enter_context((home / "workers.log").open("ab"))
        paths = {
            "DRILL_TRIGGERS": str(home / "triggers"),
            "FAKETIME_TIMESTAMP_FILE": str(home / "clock"),
            "COPYDESK_STATE_DIR": str(home / "state"),
        }
        variables = environment_of(settings) | paths | dict(environment)
        bootstrap = f"127.0.0.1:{proxy.port}" if proxy else cluster.bootstrap
        children = children_for(roles)
        wrapper = small_disk(home / "state", disk_kib) if disk_kib else ()
        supervisor = Supervisor(children, bootstrap, output, command(variables, wrapper))
        thread = Thread(target=supervisor.run, daemon=True)
        thread.start()

        def stop() -> None:
            supervisor.stopping.set()
            for child in supervisor.children:
                if child.process:
                    child.process.kill()
            thread.join(120)

        stack.callback(stop)
        monitor = Monitor(cluster.bootstrap, settings)
        monitor.start()
        stack.callback(monitor.stop)
        crawler = Crawler(cluster.bootstrap)
        yield DrillStream(settings, cluster, supervisor, monitor, crawler, home, frozenset(roles), proxy)
