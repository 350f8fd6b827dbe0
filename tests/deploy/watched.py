"""A monitored stream: every role, its own Kafka, a steady feed, Prometheus and Alertmanager."""

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
from tests.deploy.watchers import Notification, alertmanager, prometheus, webhook_receiver
from tests.reliability.harness.cluster import Cluster, one_broker, retry, two_brokers
from tests.reliability.harness.launch import children_for
from workers.kafka import topic_admin
from workers.kafka.kafka_python import KafkaProducer
from workers.outcomes import Stage
from workers.settings import Settings
from workers.supervisor import Child, Supervisor, worker_command
from workers.topics import RAW, largest

Alert = tuple[str, str]
"""The name of an alert and its role."""
Command = Callable[[Child], list[str]]
"""The command line for a worker."""
STOP_TIMEOUT_SECONDS = 120
"""How long the supervisor or the feed may take to stop."""


@dataclass(frozen=True, slots=True)
class WatchedStream:
    """A running stream and the Prometheus that scrapes it."""

    prometheus: str
    cluster: Cluster
    supervisor: Supervisor
    feed: Feed
    state: Path
    """The workers' state directory, which holds the snapshots."""
    commands: dict[str, Command]
    """The command lines of stages that differ from the default, read at every start of a worker."""
    alertmanager: str | None = None
    notifications: list[Notification] = field(default_factory=list)
    """What the Alertmanager has sent, in order; empty without an Alertmanager."""

    def get(self, path: str, **parameters: str) -> Any:
        """The data of a response from Prometheus's API."""
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.prometheus}/api/v1/{path}?{query}", timeout=30) as response:
            return json.load(response)["data"]

    def firing(self) -> set[Alert]:
        """The alerts that are firing now."""
        alerts = [alert for alert in self.get("alerts")["alerts"] if alert["state"] == "firing"]
        return {(alert["labels"]["alertname"], alert["labels"].get("role", "")) for alert in alerts}

    def wait_until_firing(self, *alerts: Alert, seconds: float = 120) -> None:
        """Wait until all of the alerts fire."""
        wait_until(lambda: set(alerts) <= self.firing(), seconds, lambda: f"firing: {self.firing()}, wanted: {alerts}")

    def wait_until_resolved(self, *alerts: Alert, seconds: float = 120) -> None:
        """Wait until none of the alerts is firing."""
        wait_until(lambda: not set(alerts) & self.firing(), seconds, lambda: f"still firing: {self.firing()}")

    @property
    def last_notified(self) -> dict[Alert, bool]:
        """The alerts that the Alertmanager notified about, and whether the last notification says that they fire."""
        return {(sent.alert, sent.role): sent.firing for sent in self.notifications}

    def wait_until_notified(self, alert: Alert, *, firing: bool, seconds: float = 60) -> None:
        """Wait until the last notification about the alert says that it fires, or that it is resolved."""
        wait_until(
            lambda: self.last_notified.get(alert) is firing,
            seconds,
            lambda: f"not notified: {alert} {firing=}",
        )

    def values(self, query: str) -> list[float]:
        """The finite values that the query returns now, one for each series."""
        results = [float(sample["value"][1]) for sample in self.get("query", query=query)["result"]]
        return [value for value in results if math.isfinite(value)]

    def wait_for_values(self, query: str, seconds: float) -> None:
        """Wait until the query returns a finite value."""
        wait_until(lambda: self.values(query), seconds, lambda: f"no value of {query}")

    def child(self, stage: Stage) -> Child:
        """The first running worker of the stage. Waits for one."""
        while True:
            for child in self.supervisor.children:
                if child.stage == stage and child.process:
                    return child
            time.sleep(0.1)

    def worker(self, stage: Stage) -> subprocess.Popen[bytes]:
        """The process of the first running worker of the stage. Waits for one."""
        while not (process := self.child(stage).process):
            pass
        return process

    @property
    def kafka_pid(self) -> int:
        """The process id of the first broker."""
        pid = self.cluster.brokers[0].pid
        assert pid
        return pid

    def send_bad_messages(self, count: int) -> None:
        """Send ``count`` messages that clean refuses."""
        producer = KafkaProducer(bootstrap_servers=self.cluster.bootstrap)
        for _ in range(count):
            producer.send(RAW, b"{broken")
        producer.close()


def wait_until(
    condition: Callable[[], object], seconds: float, problem: Callable[[], str], interval: float = 0.5
) -> None:
    """Wait until the condition holds; after ``seconds``, fail with the problem."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {problem()}"
        time.sleep(interval)


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop the process (SIGSTOP) within the context."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def watched_stream(
    directory: Path,
    rate: float = 10.0,
    *,
    hurried: bool = False,
    copies: int = 1,
    variables: Mapping[str, str] = MappingProxyType({}),
    prepare: Callable[[str], object] = lambda bootstrap: None,
    commands: Mapping[str, Command] = MappingProxyType({}),
    on_notification: Callable[[Notification], object] = lambda sent: None,
) -> Iterator[WatchedStream]:
    """A stream in a new directory, fed ``rate`` messages per second.

    Args:
        hurried: alerts fire within seconds instead of minutes (see ``watchers``).
        copies: 2 for two brokers that each hold everything, so that a test may kill the second.
        variables: settings of the workers that replace the default ones.
        prepare: fills the topics before the workers start; receives the bootstrap server.
        commands: the command lines of stages that differ from the default.
        on_notification: called with everything that the Alertmanager sends, if it is installed.
    """
    settings = Settings(session_timeout=6, replication=copies)
    state = directory / "state"
    state.mkdir(exist_ok=True)
    defaults = {
        "COPYDESK_STATE_DIR": str(state),
        "COPYDESK_SNAPSHOT_SECONDS": "1",
        "COPYDESK_SESSION_TIMEOUT": str(settings.session_timeout),
        "COPYDESK_REPLICATION": str(copies),
        "COPYDESK_METRICS_HOST": "127.0.0.1",
    }
    pairs = [f"{name}={value}" for name, value in (defaults | dict(variables)).items()]
    notifications: list[Notification] = []
    special = dict(commands)

    def receive(sent: Notification) -> None:
        notifications.append(sent)
        on_notification(sent)

    with ExitStack() as stack:
        max_bytes = largest(settings)
        cluster = two_brokers(directory, max_bytes) if copies == 2 else one_broker(directory, max_bytes, {})
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
        alertmanager_url = None
        if shutil.which("prometheus-alertmanager"):
            webhook = stack.enter_context(webhook_receiver(receive))
            alertmanager_url = stack.enter_context(alertmanager(directory, webhook, hurried=hurried))
        prometheus_url = stack.enter_context(prometheus(directory, children, alertmanager_url, hurried=hurried))
        yield WatchedStream(prometheus_url, cluster, supervisor, feed, state, special, alertmanager_url, notifications)


@contextmanager
def _in_background(work: Callable[[], object], stopping: Event) -> Iterator[None]:
    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(STOP_TIMEOUT_SECONDS)
