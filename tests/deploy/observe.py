"""``make observe``: run the whole stream on this machine under load, monitored as in production, until Ctrl-C.

Prints every notification from the Alertmanager. With ``--hurried``, alerts fire within seconds instead of minutes.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import tempfile
import time
from pathlib import Path
from threading import Event

from tests.deploy.watched import WatchedStream, watched_stream
from tests.deploy.watchers import Notification
from workers.outcomes import Stage


def main() -> None:
    """Run the stream until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="observe", description=__doc__)
    parser.add_argument("--hurried", action="store_true", help="alerts fire within seconds instead of minutes")
    parser.add_argument("--rate", type=float, default=10.0, help="messages per second (default: 10)")
    parser.add_argument("--seconds", type=float, help="how long to run (default: until Ctrl-C)")
    options = parser.parse_args()
    if shutil.which("prometheus") is None:
        parser.error("prometheus is not installed (Debian: apt-get install prometheus prometheus-alertmanager)")
    stopping = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    print("Starting Kafka, the workers, Prometheus and the Alertmanager ...", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="copydesk-observe-") as directory,
        watched_stream(Path(directory), options.rate, hurried=options.hurried, on_notification=show) as stream,
    ):
        print(instructions(stream), flush=True)
        stopping.wait(options.seconds)
        print("Stopping ...", flush=True)


def show(sent: Notification) -> None:
    """Print the notification as one line."""
    state = "is firing" if sent.firing else "is resolved"
    role = f" ({sent.role})" if sent.role else ""
    print(f"{time.strftime('%H:%M:%S')} to {sent.receiver}: {sent.alert}{role} {state}: {sent.summary}", flush=True)


def instructions(stream: WatchedStream) -> str:
    """The addresses of the stream, and how to cause trouble."""
    pids = {stage: stream.worker(stage).pid for stage in Stage}
    kafka = stream.cluster.brokers[0]
    workers = "\n".join(
        f"  {child.stage:8} http://127.0.0.1:{child.metrics_port}/metrics" for child in stream.supervisor.children
    )
    return f"""
Prometheus    {stream.prometheus}/graph
Console       {stream.prometheus}/consoles/copydesk.html
Alerts        {stream.prometheus}/classic/alerts
Alertmanager  {stream.alertmanager or "not installed (Debian: apt-get install prometheus-alertmanager)"}
Kafka         {kafka.bootstrap}
Workers
{workers}

Cause trouble from another terminal:
  kill -STOP {pids[Stage.DEDUPE]}   # freezes a role; kill -CONT resumes it
  kill -STOP {kafka.pid}   # freezes Kafka
  yes '{{broken' | head -60 | COPYDESK_BROKER={kafka.bootstrap} .venv/bin/copydesk publish   # bad messages

Ctrl-C stops everything. Notifications from the Alertmanager follow.
"""


if __name__ == "__main__":
    main()
