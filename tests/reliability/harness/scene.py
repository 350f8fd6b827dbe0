"""The scene of a drill: a Kafka of its own, the real worker processes, a publisher and a watch."""

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
from tests.reliability.harness.cluster import THREE, Cluster, one_broker, persist, three_brokers
from tests.reliability.harness.crawler import Crawler
from tests.reliability.harness.launch import behind_proxy, children_for, command, environment_of, ready, small_disk
from tests.reliability.harness.proxy import FaultProxy
from tests.reliability.harness.watch import Watch
from workers.embedded_kafka.ports import free_port
from workers.kafka import topic_admin
from workers.outcomes import Stage
from workers.settings import Settings
from workers.stages import STAGES
from workers.supervisor import Child, Supervisor
from workers.topics import largest

PATIENCE = 240.0
"""Seconds for what is only waited for: however busy the machine is, it comes within these or not at all."""
NO_MODEL = {"xx": "none"}
"""Entities by the lexicon alone: the drills are about messages, and a model takes its time to load."""


@dataclass
class Scene:
    """A running stream. The cluster's address is the one for the drill itself, past the proxy."""

    settings: Settings
    cluster: Cluster
    supervisor: Supervisor
    watch: Watch
    crawler: Crawler
    home: Path
    stages: frozenset[Stage]
    proxy: FaultProxy | None = None
    figures: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> str:
        """What the workers have said."""
        return (self.home / "workers.log").read_text(errors="replace")

    @property
    def progress(self) -> str:
        """How far each role has committed its input, and how much has come out."""
        roles = ["{} {} of {}".format(stage, *self._reached(stage)) for stage in STAGES]
        return f"committed: {', '.join(roles)}; came out: {len(self.watch.arrived)} of {len(self.crawler.sent)}"

    def waiting(self, stage: Stage) -> int:
        """Messages of the stage's input that were not committed when that was last looked at."""
        committed, end = self._reached(stage)
        return end - committed

    def committed(self, stage: Stage) -> int:
        """Messages of the stage's input that were committed when that was last looked at."""
        return self._reached(stage)[0]

    def _reached(self, stage: str) -> tuple[int, int]:
        """How far the stage has committed its input, and how far that goes, over all partitions."""
        last = self.watch.samples[-1] if self.watch.samples else Sample({}, {})
        committed, end = (
            sum(at for (topic, _), at in places.items() if topic == STAGES[stage].input_topic)
            for places in (last.committed, last.ends)
        )
        return committed, end

    @property
    def last_words(self) -> str:
        """The end of the log, without the refusals that belong to it."""
        lines = [line for line in self.log.splitlines() if '"message":"refused"' not in line]
        return "\n".join(f"{line[:200]} … {line[-600:]}" if len(line) > 800 else line for line in lines[-15:])

    @property
    def tokens(self) -> Path:
        """The directory of the tokens by which something happens to rigged workers."""
        return self.home / "tokens"

    @property
    def state(self) -> Path:
        """The directory of the ledgers' snapshots."""
        return self.home / "state"

    def set_clock(self, offset: str) -> None:
        """Tell libfaketime, where workers run under it, by how much their clock is off (``+5d``)."""
        (fresh := self.home / "clock.new").write_text(f"{offset}\n")
        fresh.replace(self.home / "clock")

    def children(self, stage: Stage) -> list[Child]:
        """The workers of the stage that run."""
        return [child for child in self.supervisor.children if child.stage is stage and child.process]

    def signal(self, child: Child, number: signal.Signals) -> None:
        """Send the signal to the worker, if it runs."""
        if process := child.process:
            process.send_signal(number)

    def hire(self, stage: Stage) -> Child:
        """Another worker of the stage."""
        child = Child(stage, free_port())
        self.supervisor.children = [*self.supervisor.children, child]
        return child

    def dismiss(self, child: Child) -> None:
        """End the worker by SIGTERM, for good."""
        self.supervisor.children = [other for other in self.supervisor.children if other is not child]
        if process := child.process:
            process.terminate()
            assert process.wait(60) == 0, "a worker does not end in order on SIGTERM"
            if process.stdin:
                process.stdin.close()

    def await_that(self, condition: Callable[[], object], seconds: float, what: str) -> float:
        """The seconds until the condition held; fail with the end of the workers' log where it does not."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > seconds:
                raise AssertionError(f"not within {seconds:g} s: {what}\n{self.progress}\n{self.last_words}")
            time.sleep(0.1)
        return time.monotonic() - began

    @property
    def all_out(self) -> bool:
        """Whether everything that was sent has come out."""
        return self.crawler.sent.keys() <= self.watch.arrived.keys()

    def await_arrivals(self, seconds: float) -> None:
        """Return once everything that was sent has come out."""
        self.await_that(lambda: self.all_out, seconds, f"all of {len(self.crawler.sent)} messages come out")

    def await_ready(self, children: Sequence[Child], seconds: float = PATIENCE) -> float:
        """The seconds until all of these workers said that they take part."""
        return self.await_that(lambda: all(map(ready, children)), seconds, "the workers are ready")

    def await_successor(self, child: Child, fallen: subprocess.Popen[bytes]) -> None:
        """Return once the worker was started again."""
        self.await_that(lambda: child.process not in (None, fallen), PATIENCE, "a fallen worker is started again")

    @property
    def done(self) -> bool:
        """Whether every role had committed its input to the end when that was last looked at."""
        if not self.watch.samples:
            return False
        last, inputs = self.watch.samples[-1], {STAGES[stage].input_topic for stage in self.stages}
        return all(last.committed.get(place, 0) == end for place, end in last.ends.items() if place[0] in inputs)

    def await_commits(self, seconds: float) -> None:
        """Return once every role has committed its input to the end.

        As nothing is committed before its outputs are there, that is the end of the run: the ends are read after the
        commits.
        """
        # The look that is under way may have begun before the last message was sent.
        fresh = len(self.watch.samples) + 2
        self.await_that(lambda: len(self.watch.samples) >= fresh and self.done, seconds, "the commits reach the end")

    def end(self) -> History:
        """The history, once the workers are gone."""
        self.supervisor.stopping.set()
        for child in self.supervisor.children:
            self.signal(child, signal.SIGKILL)
        self.watch.stop()
        records = read_topics(self.cluster.bootstrap, self.settings)
        commits = read_commits(self.cluster.bootstrap)
        return history_of(self.settings, self.crawler.sent, records, self.watch.samples, commits, self.stages)


@contextmanager
def scene(
    settings: Settings,
    roles: Sequence[Stage],
    environment: Mapping[str, str],
    *,
    proxied: bool = False,
    prepare: Callable[[str], None] = lambda bootstrap: None,
    disk: int | None = None,
) -> Iterator[Scene]:
    """A stream with one worker per entry in ``roles``, restarted when they fall.

    It has three brokers where everything is kept thrice, else one. ``prepare`` fills its topics before a worker starts.
    ``disk`` is the size of the disk under the snapshots, in KiB, which each worker then finds empty.
    """
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="copydesk-drill-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        for directory in ("tokens", "state"):
            (home / directory).mkdir()
        (home / "clock").write_text("+0\n")
        proxy, properties = behind_proxy(home / "kafka") if proxied else (None, {})
        room = largest(settings)
        cluster = three_brokers(home, room) if settings.replication == THREE else one_broker(home, room, properties)
        if proxy:
            proxy.start()
            stack.callback(proxy.stop)
        stack.enter_context(cluster)
        persist(lambda: topic_admin.apply(settings, cluster.bootstrap))
        prepare(cluster.bootstrap)
        output = stack.enter_context((home / "workers.log").open("ab"))
        places = {
            "DRILL_TOKENS": str(home / "tokens"),
            "FAKETIME_TIMESTAMP_FILE": str(home / "clock"),
            "COPYDESK_STATE_DIR": str(home / "state"),
        }
        given = environment_of(settings) | places | dict(environment)
        bootstrap = f"127.0.0.1:{proxy.port}" if proxy else cluster.bootstrap
        children = children_for(roles)
        supervisor = Supervisor(
            children, bootstrap, output, command(given, small_disk(home / "state", disk) if disk else ())
        )
        thread = Thread(target=supervisor.run, daemon=True)
        thread.start()

        def stop() -> None:
            supervisor.stopping.set()
            for child in supervisor.children:
                if child.process:
                    child.process.kill()
            thread.join(120)

        stack.callback(stop)
        watch = Watch(cluster.bootstrap, settings)
        watch.start()
        stack.callback(watch.stop)
        crawler = Crawler(cluster.bootstrap)
        yield Scene(settings, cluster, supervisor, watch, crawler, home, frozenset(roles), proxy)
