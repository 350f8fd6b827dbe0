"""A stream that is watched: every role on a Kafka of its own, steady news, and who watches it."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from types import MappingProxyType
from typing import Any

from tests.deploy.feed import Feed
from tests.deploy.watchers import Call, alertmanager, pager, prometheus
from tests.reliability.harness.cluster import Cluster, one_broker, retry, two_brokers
from tests.reliability.harness.launch import children_for
from workers.kafka import topic_admin
from workers.outcomes import Stage
from workers.settings import Settings
from workers.supervisor import Child, Supervisor, worker_command
from workers.topics import RAW, largest

# isort: split
from kafka import KafkaProducer

Alert = tuple[str, str]
"""The name of an alert and the role that it speaks of."""
Command = Callable[[Child], list[str]]


@dataclass(frozen=True, slots=True)
class Watched:
    """A running stream and the Prometheus that watches it."""

    prometheus: str
    cluster: Cluster
    supervisor: Supervisor
    feed: Feed
    state: Path
    """The directory of the snapshots."""
    commands: dict[str, Command]
    """The command lines of workers that are not the usual ones; asked for at every start."""
    alertmanager: str | None = None
    calls: list[Call] = field(default_factory=list)
    """What the Alertmanager has told, if there is one."""

    def get(self, path: str, **parameters: str) -> Any:
        """The data that Prometheus's API answers."""
        asked = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.prometheus}/api/v1/{path}?{asked}", timeout=30) as answer:
            return json.load(answer)["data"]

    def firing(self) -> set[Alert]:
        """The alerts that fire now."""
        alerts = [alert for alert in self.get("alerts")["alerts"] if alert["state"] == "firing"]
        return {(alert["labels"]["alertname"], alert["labels"].get("role", "")) for alert in alerts}

    def until_firing(self, *alerts: Alert, seconds: float = 120) -> None:
        """Wait until all of the alerts fire."""
        until(lambda: set(alerts) <= self.firing(), seconds, lambda: f"{alerts} do not fire, but {self.firing()}")

    def until_clear(self, *alerts: Alert, seconds: float = 120) -> None:
        """Wait until none of the alerts fires."""
        until(lambda: not set(alerts) & self.firing(), seconds, lambda: f"of {alerts} there still fire {self.firing()}")

    @property
    def told(self) -> dict[Alert, bool]:
        """The alerts that the Alertmanager told of, and whether the last of it was that they fire."""
        return {(call.alert, call.role): call.firing for call in self.calls}

    def until_called(self, alert: Alert, *, firing: bool, seconds: float = 60) -> None:
        """Wait until the last that the Alertmanager told of the alert is that it fires, or no longer does."""
        until(
            lambda: self.told.get(alert) is firing, seconds, lambda: f"of {alert} nobody was told that firing={firing}"
        )

    def figures(self, query: str) -> list[float]:
        """What the query gives now: a figure for each of its series, but for those that are none (NaN)."""
        found = [float(sample["value"][1]) for sample in self.get("query", query=query)["result"]]
        return [figure for figure in found if math.isfinite(figure)]

    def until_figures(self, query: str, seconds: float) -> None:
        """Wait until the query gives a figure."""
        until(lambda: self.figures(query), seconds, lambda: f"no figure of {query}")

    def child(self, stage: Stage) -> Child:
        """A worker of the stage, once one runs."""
        while True:
            for child in self.supervisor.children:
                if child.stage is stage and child.process:
                    return child
            time.sleep(0.1)

    def worker(self, stage: Stage) -> subprocess.Popen[bytes]:
        """The process of a worker of the stage, once one runs."""
        while not (process := self.child(stage).process):
            pass
        return process

    @property
    def kafka(self) -> int:
        """The process of Kafka, of its first broker."""
        process = self.cluster.brokers[0].pid
        assert process
        return process

    def poison(self, count: int) -> None:
        """Send so many bad messages."""
        producer = KafkaProducer(bootstrap_servers=self.cluster.bootstrap)
        for _ in range(count):
            producer.send(RAW, b"{broken")
        producer.close()


def until(true: Callable[[], object], seconds: float, what: Callable[[], str], every: float = 0.5) -> None:
    """Wait until it is true, for some seconds at most, after which it is said what is not."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not in {seconds:g} s: {what()}"
        time.sleep(every)


@contextmanager
def frozen(process: int) -> Iterator[None]:
    """The process stands still meanwhile."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


@contextmanager
def watched(
    directory: Path,
    rate: float = 10.0,
    *,
    hurried: bool = False,
    copies: int = 1,
    variables: Mapping[str, str] = MappingProxyType({}),
    prepare: Callable[[str], object] = lambda bootstrap: None,
    commands: Mapping[str, Command] = MappingProxyType({}),
    tell: Callable[[Call], object] = lambda call: None,
) -> Iterator[Watched]:
    """A stream in a new directory, fed ``rate`` messages a second.

    Args:
        hurried: alerts come in seconds rather than minutes (see ``watchers``).
        copies: 2 for two brokers that each keep everything, of which the second may die.
        variables: the workers' settings that are not to be as usual here.
        prepare: fills the topics before a worker starts.
        commands: the command lines of the workers of a stage, where they are not the usual ones.
        tell: takes what the Alertmanager tells, if there is one on this machine.
    """
    settings = Settings(session_timeout=6, replication=copies)
    state = directory / "state"
    state.mkdir(exist_ok=True)
    usual = {
        "COPYDESK_STATE_DIR": str(state),
        "COPYDESK_SNAPSHOT_SECONDS": "1",
        "COPYDESK_SESSION_TIMEOUT": str(settings.session_timeout),
        "COPYDESK_REPLICATION": str(copies),
        "COPYDESK_METRICS_HOST": "127.0.0.1",
    }
    pairs = [f"{name}={value}" for name, value in (usual | dict(variables)).items()]
    calls: list[Call] = []
    special = dict(commands)

    def called(call: Call) -> None:
        calls.append(call)
        tell(call)

    with ExitStack() as stack:
        room = largest(settings)
        cluster = two_brokers(directory, room) if copies == 2 else one_broker(directory, room, {})
        stack.enter_context(cluster)
        retry(lambda: topic_admin.apply(settings, cluster.bootstrap))
        prepare(cluster.bootstrap)
        output = stack.enter_context((directory / "workers.log").open("wb"))
        children = children_for((*Stage, Stage.ENRICH))
        supervisor = Supervisor(
            children, cluster.bootstrap, output,
            lambda child: ["env", *pairs, *special.get(child.stage, worker_command)(child)],
        )  # fmt: skip
        stack.enter_context(_in_background(supervisor.run, supervisor.stopping))
        feed, stopping = Feed(cluster.bootstrap, rate), Event()
        stack.enter_context(_in_background(lambda: feed.run(stopping), stopping))
        alerts = None
        if shutil.which("prometheus-alertmanager"):
            address = stack.enter_context(pager(called))
            alerts = stack.enter_context(alertmanager(directory, address, hurried=hurried))
        found = stack.enter_context(prometheus(directory, children, alerts, hurried=hurried))
        yield Watched(found, cluster, supervisor, feed, state, special, alerts, calls)


@contextmanager
def _in_background(work: Callable[[], object], stopping: Event) -> Iterator[None]:
    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(120)
