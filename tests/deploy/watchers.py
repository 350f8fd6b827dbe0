"""Who watches a stream: a Prometheus and an Alertmanager with our configuration, and a pager that writes down calls."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.deploy.programs import DEPLOY
from workers.embedded_kafka.ports import free_port
from workers.stages import STAGES
from workers.supervisor import Child

SCRAPE = "2s"
HURRIED = {"5m": "30s", "2m": "20s", "1h": "90s"}
"""Spans of time that the rules look back over, and what they are where there is no time. The longer ones stay."""


@dataclass(frozen=True, slots=True)
class Call:
    """What the Alertmanager told a receiver of one alert."""

    receiver: str
    alert: str
    role: str
    firing: bool
    summary: str


@contextmanager
def pager(tell: Callable[[Call], object]) -> Iterator[str]:
    """The address of a receiver of webhooks that tells every call."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for alert in said["alerts"]:
                labels, summary = alert["labels"], alert["annotations"]["summary"]
                firing = alert["status"] == "firing"
                tell(Call(said["receiver"], labels["alertname"], labels.get("role", ""), firing, summary))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Each call is told."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@contextmanager
def alertmanager(directory: Path, address: str, *, hurried: bool) -> Iterator[str]:
    """The address of an Alertmanager with our routes, which calls the address for whomever it would call."""
    config = (DEPLOY / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8")
    known, _, receivers = config.partition("receivers:\n")
    named = re.findall(r"- name: (\w+)", receivers)
    called = "".join(
        f"  - name: {name}\n    webhook_configs: [{{url: '{address}', send_resolved: true}}]\n" for name in named
    )
    known = re.sub(r"  smtp_\w+: .*\n", "", known)
    if hurried:
        known = re.sub(r"group_(wait|interval): \S+", r"group_\1: 1s", known)
    (directory / "alertmanager.yml").write_text(f"{known}receivers:\n{called}")
    with alertmanager_with(directory / "alertmanager.yml", directory) as found:
        yield found


def alertmanager_with(config: Path, directory: Path) -> AbstractContextManager[str]:
    """The address of an Alertmanager with the configuration, which keeps what it knows in the directory."""
    options = ["--storage.path=silences", "--cluster.listen-address=", "--log.level=error"]
    return _running("prometheus-alertmanager", config, options, directory)


@contextmanager
def prometheus(directory: Path, children: Sequence[Child], calls: str | None, *, hurried: bool) -> Iterator[str]:
    """The address of a Prometheus with our configuration, but for the ports and a scrape every other second.

    ``calls`` is the address of its Alertmanager. Where it is ``hurried``, no alert waits, and what looks back over
    minutes looks back over seconds; what is compared with what stays as it is.
    """
    config = (DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    for stage, port in [(name, stage.metrics_port) for name, stage in STAGES.items()]:
        targets = ", ".join(f'"127.0.0.1:{child.metrics_port}"' for child in children if child.stage is stage)
        config = config.replace(f'"localhost:{port}"', targets)
    config = re.sub(r"(scrape|evaluation)_interval: \S+", rf"\1_interval: {SCRAPE}", config)
    if calls:
        config = config.replace('"localhost:9093"', f'"{calls.removeprefix("http://")}"')
    else:
        config = re.sub(r"^alerting:\n(  .*\n)+", "", config, flags=re.MULTILINE)
    (directory / "prometheus.yml").write_text(config)
    shutil.copytree(DEPLOY / "prometheus" / "rules", directory / "rules")
    if hurried:
        for rules in (directory / "rules").iterdir():
            rules.write_text(_hurried(rules.read_text(encoding="utf-8")), encoding="utf-8")
    options = [
        "--storage.tsdb.path=data", f"--web.console.templates={DEPLOY / 'prometheus' / 'consoles'}", "--log.level=warn",
    ]  # fmt: skip
    with _running("prometheus", directory / "prometheus.yml", options, directory) as address:
        yield address


def _hurried(rules: str) -> str:
    rules = re.sub(r"\[(\w+)\]", lambda span: f"[{HURRIED.get(span[1], span[1])}]", rules)
    return re.sub(r"(for|interval): \S+", rf"\1: {SCRAPE}", rules)


@contextmanager
def _running(program: str, config: Path, options: Sequence[str], directory: Path) -> Iterator[str]:
    """The address of a program, which has an answer ready."""
    port = free_port()
    command = [program, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}", *options]
    with (directory / f"{program}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=directory, stdout=log, stderr=log)
        try:
            await_answer(f"http://127.0.0.1:{port}/-/ready")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def await_answer(url: str, seconds: float = 60) -> str:
    """What the address answers, once it does."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.2)
