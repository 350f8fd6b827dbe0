"""A stream that is watched: every role on a Kafka of its own, steady news, and a Prometheus that scrapes it all."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from threading import Event, Thread
from types import MappingProxyType
from typing import Any

import orjson

from tests.deploy.programs import DEPLOY
from tests.integration.articles import inputs
from tests.reliability.launch import free_port
from workers import admin
from workers.broker import EmbeddedBroker
from workers.outcomes import Stage
from workers.samples import samples
from workers.settings import METRICS_PORTS, Settings
from workers.supervisor import Child, Supervisor, worker_command
from workers.topics import RAW

# isort: split
from kafka import KafkaProducer

HOSTS = ("harbour-times.example", "courier.example", "north-post.example", "wire.example", "evening-star.example")
PROMO = "\nFollow us on our official WhatsApp channel for breaking news alerts!"


@dataclass(frozen=True, slots=True)
class Watched:
    """A running stream and the Prometheus that watches it."""

    prometheus: str
    bootstrap: str
    supervisor: Supervisor

    def get(self, path: str, **parameters: str) -> Any:
        """The data that Prometheus's API answers."""
        asked = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.prometheus}/api/v1/{path}?{asked}", timeout=30) as answer:
            return json.load(answer)["data"]

    def firing(self) -> set[tuple[str, str]]:
        """The alerts that fire now: name and role."""
        alerts = [alert for alert in self.get("alerts")["alerts"] if alert["state"] == "firing"]
        return {(alert["labels"]["alertname"], alert["labels"].get("role", "")) for alert in alerts}

    def figures(self, query: str) -> list[float]:
        """What the query gives now: a figure for each of its series, but for those that are none (NaN)."""
        found = [float(sample["value"][1]) for sample in self.get("query", query=query)["result"]]
        return [figure for figure in found if math.isfinite(figure)]

    def until_figures(self, query: str, seconds: float) -> None:
        """Wait until the query gives a figure."""
        deadline = time.monotonic() + seconds
        while not self.figures(query):
            assert time.monotonic() < deadline, f"no figure in {seconds:g} s: {query}"
            time.sleep(1)

    def worker(self, stage: Stage) -> subprocess.Popen[bytes]:
        """A worker of the stage, once one runs."""
        while True:
            for child in self.supervisor.children:
                if child.stage is stage and child.process:
                    return child.process
            time.sleep(0.1)


def news(seed: int = 1) -> Iterator[bytes]:
    """Raw messages without end: made-up articles of a few sources, some bad, and the samples among them."""
    extra = cycle(samples())
    for number, one in enumerate(inputs(1_000_000, seed, bad=0.004, languages=("en", "de", "fr"))):
        if number % 50 == 0:
            yield next(extra).value
        if one.value is None or not one.value.startswith(b'{"id"'):
            yield one.value or b""
            continue
        article = orjson.loads(one.value)
        host = HOSTS[(number * number) % 11 % len(HOSTS)]
        article["url"] = article["url"].replace("news.example", host)
        if number % 7:
            article["published"] = datetime.now(UTC).isoformat(timespec="seconds")
        if number % 3 == 0:
            article["body"] += PROMO
        yield orjson.dumps(article)


@contextmanager
def watched(
    directory: Path,
    pace: Callable[[float], float] = lambda seconds: 10.0,
    patience: str | None = None,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Watched]:
    """A stream in a new directory, fed so many messages a second as ``pace`` says of the seconds since the start.

    ``patience`` is how long an alert's condition must hold, if it is not to be as in the rules; ``variables`` are those
    of the workers' settings that are not to be as usual here.
    """
    settings = Settings(session_timeout=6)
    state = directory / "state"
    state.mkdir(exist_ok=True)
    usual = {
        "COPYDESK_STATE_DIR": str(state),
        "COPYDESK_SNAPSHOT_SECONDS": "1",
        "COPYDESK_SESSION_TIMEOUT": str(settings.session_timeout),
        "COPYDESK_METRICS_HOST": "127.0.0.1",
    }
    pairs = [f"{name}={value}" for name, value in (usual | dict(variables)).items()]
    with ExitStack() as stack:
        broker = stack.enter_context(EmbeddedBroker())
        admin.apply(settings, broker.bootstrap)
        output = stack.enter_context((directory / "workers.log").open("wb"))
        children = [Child(stage, free_port()) for stage in (*Stage, Stage.ENRICH)]
        supervisor = Supervisor(
            children, broker.bootstrap, output, lambda child: ["env", *pairs, *worker_command(child)]
        )
        stack.enter_context(_in_background(supervisor.run, supervisor.stopping))
        stopping = Event()
        stack.enter_context(_in_background(lambda: _feed(broker.bootstrap, pace, stopping), stopping))
        prometheus = stack.enter_context(_prometheus(directory, children, patience))
        yield Watched(prometheus, broker.bootstrap, supervisor)


@contextmanager
def _in_background(work: Callable[[], object], stopping: Event) -> Iterator[None]:
    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(120)


def _feed(bootstrap: str, pace: Callable[[float], float], stopping: Event) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=20)
    began, sent = time.monotonic(), 0.0
    articles = news()
    while not stopping.wait(0.2):
        due = sent + 0.2 * pace(time.monotonic() - began)
        for _ in range(int(due) - int(sent)):
            producer.send(RAW, next(articles))
        sent = due
    producer.close()


@contextmanager
def _prometheus(directory: Path, children: list[Child], patience: str | None) -> Iterator[str]:
    """The address of a Prometheus with our configuration, but for the ports and a scrape every other second."""
    config = (DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    for stage, port in METRICS_PORTS.items():
        targets = ", ".join(f'"127.0.0.1:{child.metrics_port}"' for child in children if child.stage is stage)
        config = config.replace(f'"localhost:{port}"', targets)
    config = re.sub(r"(scrape|evaluation)_interval: \S+", r"\1_interval: 2s", config)
    config = re.sub(r"^alerting:\n(  .*\n)+", "", config, flags=re.MULTILINE)
    (directory / "prometheus.yml").write_text(config)
    shutil.copytree(DEPLOY / "prometheus" / "rules", directory / "rules")
    if patience:
        alerts = directory / "rules" / "alerts.yml"
        alerts.write_text(re.sub(r"for: \S+", f"for: {patience}", alerts.read_text()))
    port = free_port()
    command = [
        "prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=warn",
        f"--web.listen-address=127.0.0.1:{port}", f"--web.console.templates={DEPLOY / 'prometheus' / 'consoles'}",
    ]  # fmt: skip
    with (directory / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=directory, stdout=log, stderr=log, env=os.environ)
        try:
            await_answer(f"http://127.0.0.1:{port}/-/ready")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def await_answer(url: str, seconds: float = 60) -> None:
    """Return once the address answers."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.2)
        else:
            return
