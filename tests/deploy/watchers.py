"""Prometheus and Alertmanager with our configuration, and a webhook receiver for their notifications."""

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
from workers.supervisor import METRICS_PORT, Child

RUN = "run"
"""The role of ``copydesk run`` itself among the children that are scraped."""
SCRAPE_INTERVAL = "2s"
READY_TIMEOUT_SECONDS = 60
"""How long a program may take until it answers."""
STOP_TIMEOUT_SECONDS = 30
"""How long a program may take to stop."""
SHORTENED = {"5m": "30s", "2m": "20s", "1h": "90s"}
"""Time ranges of the rules and what replaces them when tests are in a hurry. Other ranges stay."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One alert in a notification from the Alertmanager to a receiver."""

    receiver: str
    alert: str
    role: str
    firing: bool
    summary: str


@contextmanager
def webhook_receiver(on_notification: Callable[[Notification], object]) -> Iterator[str]:
    """The address of a webhook that passes every notification on."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for alert in body["alerts"]:
                labels, summary = alert["labels"], alert["annotations"]["summary"]
                firing = alert["status"] == "firing"
                role = labels.get("role", "")
                on_notification(Notification(body["receiver"], labels["alertname"], role, firing, summary))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: ``on_notification`` gets every notification."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@contextmanager
def alertmanager(directory: Path, webhook: str, *, hurried: bool) -> Iterator[str]:
    """The address of an Alertmanager with our routes that sends the notifications of all receivers to the webhook."""
    config = (DEPLOY / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8")
    routes, _, receivers = config.partition("receivers:\n")
    names = re.findall(r"- name: (\w+)", receivers)
    webhooks = "".join(
        f"  - name: {name}\n    webhook_configs: [{{url: '{webhook}', send_resolved: true}}]\n" for name in names
    )
    routes = re.sub(r"  smtp_\w+: .*\n", "", routes)
    if hurried:
        routes = re.sub(r"group_(wait|interval): \S+", r"group_\1: 1s", routes)
    (directory / "alertmanager.yml").write_text(f"{routes}receivers:\n{webhooks}")
    with alertmanager_with(directory / "alertmanager.yml", directory) as address:
        yield address


def alertmanager_with(config: Path, directory: Path) -> AbstractContextManager[str]:
    """The address of an Alertmanager with the configuration; it keeps its state in the directory."""
    options = ["--storage.path=silences", "--cluster.listen-address=", "--log.level=error"]
    return _running("prometheus-alertmanager", config, options, directory)


@contextmanager
def prometheus(
    directory: Path, children: Sequence[Child], alertmanager_url: str | None, *, hurried: bool
) -> Iterator[str]:
    """The address of a Prometheus with our configuration, except for the ports and a scrape interval of two seconds.

    With ``hurried``, alerts fire without waiting, and ranges of minutes become seconds. Conditions and thresholds stay.
    """
    config = (DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    for stage, port in [*((name, stage.metrics_port) for name, stage in STAGES.items()), (RUN, METRICS_PORT)]:
        targets = ", ".join(f'"127.0.0.1:{child.metrics_port}"' for child in children if child.stage == stage)
        config = config.replace(f'"localhost:{port}"', targets)
    config = re.sub(r"(scrape|evaluation)_interval: \S+", rf"\1_interval: {SCRAPE_INTERVAL}", config)
    if alertmanager_url:
        config = config.replace('"localhost:9093"', f'"{alertmanager_url.removeprefix("http://")}"')
    else:
        config = re.sub(r"^alerting:\n(  .*\n)+", "", config, flags=re.MULTILINE)
    (directory / "prometheus.yml").write_text(config)
    shutil.copytree(DEPLOY / "prometheus" / "rules", directory / "rules")
    if hurried:
        for rules in (directory / "rules").iterdir():
            rules.write_text(_shortened(rules.read_text(encoding="utf-8")), encoding="utf-8")
    options = [
        "--storage.tsdb.path=data", f"--web.console.templates={DEPLOY / 'prometheus' / 'consoles'}", "--log.level=warn",
    ]  # fmt: skip
    with _running("prometheus", directory / "prometheus.yml", options, directory) as address:
        yield address


def _shortened(rules: str) -> str:
    rules = re.sub(r"\[(\w+)\]", lambda span: f"[{SHORTENED.get(span[1], span[1])}]", rules)
    return re.sub(r"(for|interval): \S+", rf"\1: {SCRAPE_INTERVAL}", rules)


@contextmanager
def _running(program: str, config: Path, options: Sequence[str], directory: Path) -> Iterator[str]:
    """The address of the program, once it answers."""
    port = free_port()
    command = [program, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}", *options]
    with (directory / f"{program}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=directory, stdout=log, stderr=log)
        try:
            await_answer(f"http://127.0.0.1:{port}/-/ready")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(STOP_TIMEOUT_SECONDS)


def await_answer(url: str, seconds: float = READY_TIMEOUT_SECONDS) -> str:
    """The body of the first answer from the URL."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return str(response.read().decode())
        except OSError:
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.2)
