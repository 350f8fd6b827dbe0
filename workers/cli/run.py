"""``copydesk run``: runs all roles on one machine."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING, NoReturn

import click

from workers.cli import load_settings, show_progress
from workers.cli.ending import Interrupted
from workers.errors import StartRefusedError
from workers.settings import Settings

if TYPE_CHECKING:
    from workers.embedded_kafka.broker import EmbeddedBroker
    from workers.kafka.topic_admin import Drift
    from workers.observability.disk import Disk

START_TIMEOUT = 900.0
"""Seconds that Kafka has to start: after a ``kill -9`` it first reads the newest segment of each partition."""
GIB = 1024**3
STOPPING = (
    "Stopping: the workers finish what they have in hand, which takes a minute at most. "
    "Another Ctrl-C kills them, which loses nothing."
)


@click.command()
def command() -> None:
    """Run all roles on this machine until Ctrl-C or SIGTERM. Restart processes that crash.

    By default (COPYDESK_BROKER=embedded) this includes an embedded Apache Kafka, which keeps its data in
    COPYDESK_DATA_DIR. It is restarted like the workers. A line at the start says how much disk the topics may take;
    COPYDESK_RETENTION_BYTES limits it.

    Port 9640 (COPYDESK_METRICS_PORT) serves the metrics and probes of this command: /readyz is 200 while every
    process runs and Kafka answers. Each worker has its own on the next ports.

    Ctrl-C or SIGTERM stops the workers within a minute, then Kafka; a second one kills them, which loses nothing.

    \b
    Examples:
      copydesk run
      COPYDESK_ENRICH_PROCESSES=4 copydesk run
      COPYDESK_BROKER=kafka1:9092,kafka2:9092 copydesk run

    The exit code is 0 after SIGTERM, 130 after Ctrl-C, 1 if Kafka is not available, and 78 if a setting or topic is
    wrong.
    """
    from workers.embedded_kafka.broker import EmbeddedBroker
    from workers.kafka import topic_admin
    from workers.observability.disk import Disk
    from workers.observability.health import serve_when_free
    from workers.observability.logs import configure
    from workers.observability.metrics import RunMetrics
    from workers.supervisor import Supervisor, children_of, metrics_port_of
    from workers.topics import largest

    values = load_settings()
    configure(values.log_level, values.log_format)
    received: set[int] = set()
    signal.signal(signal.SIGTERM, _exit_early)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with ExitStack() as stack:
        broker: EmbeddedBroker | None = None
        if values.is_embedded:
            broker = EmbeddedBroker(
                values.data_dir / "kafka", show_progress, max_message_bytes=largest(values), start_timeout=START_TIMEOUT
            )
            stack.enter_context(broker)
            # This Kafka is ours alone, so its topics follow the settings.
            topic_admin.apply(values, broker.bootstrap, alter=True)
        bootstrap = broker.bootstrap if broker else values.broker
        drifts = topic_admin.check(values, bootstrap)
        if errors := [drift for drift in drifts if drift.severity is topic_admin.Severity.ERROR]:
            raise StartRefusedError(_other_languages(errors[0], values) if broker else str(errors[0]))
        metrics = RunMetrics()
        supervisor = Supervisor(
            children_of(values),
            bootstrap,
            broker=broker,
            on_restart=lambda role: metrics.role_restarts.labels(role).inc(),
            on_stop=lambda: show_progress(STOPPING),
        )
        if broker:
            disk = Disk(values.data_dir)
            metrics.watch_kafka(lambda: supervisor.is_broker_up, lambda: disk.free, lambda: disk.size)
            show_progress(_disk_line(values, disk))
            disk.watch()
        else:
            metrics.without_kafka()
        port = serve_when_free(values, metrics_port_of(values), metrics.registry, supervisor)

        def stop(number: int, _: object) -> None:
            received.add(number)
            supervisor.request_stop()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        show_progress(f"Copydesk is running on Kafka at {bootstrap}.")
        show_progress(f"  run: http://localhost:{port}/metrics")
        for child in supervisor.children:
            show_progress(f"  {child.stage}: http://localhost:{child.metrics_port}/metrics")
        code = supervisor.run()
    if signal.SIGINT in received:
        raise Interrupted("everything is stopped, and the next start continues from here")
    raise SystemExit(code)


def _other_languages(drift: Drift, settings: Settings) -> str:
    """What to do about topics that no worker can run with: `run` has created them for other languages."""
    return (
        f"{drift.topic} {drift.difference}: the data in {settings.data_dir} are for other languages; set "
        "COPYDESK_LANGUAGES to what it was, or COPYDESK_DATA_DIR to a new directory to start without those data"
    )


def _exit_early(*_: object) -> NoReturn:
    """Exit while Kafka starts: it is stopped on the way out."""
    raise SystemExit(0)


def _disk_line(settings: Settings, disk: Disk) -> str:
    """How much of the disk the topics may take, and what to do if it is too small."""
    from workers.topics import disk_bytes, retention_bytes

    limit, per_partition = disk_bytes(settings), retention_bytes(settings)
    assert limit
    assert per_partition
    room = 0.8 * disk.size  # the rest is for the ledger and Kafka's own logs
    line = f"{settings.data_dir}: {disk.free / GIB:.1f} GiB free; the topics may grow to {limit / GIB:.1f} GiB."
    if limit > room:
        line += (
            f" The disk has {disk.size / GIB:.1f} GiB: enlarge it, "
            f"or set COPYDESK_RETENTION_BYTES to {int(per_partition * room / limit)} or less."
        )
    return line
