"""``make observe``: a whole stream on this machine, with load, watched as in production, until Ctrl-C.

What the Alertmanager tells is printed. ``--hurried``: alerts come in seconds rather than minutes.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import tempfile
import time
from pathlib import Path
from threading import Event

from tests.deploy.watched import Watched, watched
from tests.deploy.watchers import Call
from workers.outcomes import Stage


def main() -> None:
    """Run the stream until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="observe", description=__doc__)
    parser.add_argument("--hurried", action="store_true", help="alerts come in seconds rather than minutes")
    parser.add_argument("--rate", type=float, default=10.0, help="messages a second (default: 10)")
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
        watched(Path(directory), options.rate, hurried=options.hurried, tell=tell) as stream,
    ):
        print(shown(stream), flush=True)
        stopping.wait(options.seconds)
        print("Stopping ...", flush=True)


def tell(call: Call) -> None:
    """Print what the Alertmanager told, in a line."""
    state = "fires" if call.firing else "is over"
    role = f" ({call.role})" if call.role else ""
    print(f"{time.strftime('%H:%M:%S')} to {call.receiver}: {call.alert}{role} {state}: {call.summary}", flush=True)


def shown(stream: Watched) -> str:
    """Where to look, and how to make trouble."""
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

Trouble, from another terminal:
  kill -STOP {pids[Stage.DEDUPE]}   # a role stops; kill -CONT lets it go on
  kill -STOP {kafka.pid}   # Kafka stands still
  yes '{{broken' | head -60 | COPYDESK_BROKER={kafka.bootstrap} .venv/bin/copydesk publish   # poison

Ctrl-C ends it all. What the Alertmanager tells follows.
"""


if __name__ == "__main__":
    main()
