"""``copydesk run``: all roles on one machine."""

from __future__ import annotations

import signal
from contextlib import ExitStack

import click

from workers.cli import progress, settings
from workers.errors import StartRefusedError
from workers.settings import EMBEDDED


@click.command()
def command() -> None:
    """Run all roles on this machine until Ctrl-C or SIGTERM, and start again what falls.

    With COPYDESK_BROKER=embedded (the default) this machine needs nothing else: an Apache Kafka of its own keeps its
    data in COPYDESK_DATA_DIR.
    """
    from workers.embedded_kafka.broker import EmbeddedBroker
    from workers.kafka import topic_admin
    from workers.observability.logs import configure
    from workers.supervisor import Supervisor, children_of
    from workers.topics import largest

    values = settings()
    configure(values.log_level, values.log_format)
    with ExitStack() as stack:
        if values.broker == EMBEDDED:
            broker = stack.enter_context(
                EmbeddedBroker(values.data_dir / "kafka", progress, max_message_bytes=largest(values))
            )
            bootstrap = broker.bootstrap
            topic_admin.apply(values, bootstrap)
        else:
            bootstrap = values.broker
        drifts = topic_admin.check(values, bootstrap)
        if errors := [drift for drift in drifts if drift.severity is topic_admin.Severity.ERROR]:
            raise StartRefusedError(str(errors[0]))
        supervisor = Supervisor(children_of(values), bootstrap)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: supervisor.stopping.set())
        progress(f"Copydesk runs on Kafka at {bootstrap}.")
        for child in supervisor.children:
            progress(f"  {child.stage}: http://localhost:{child.metrics_port}/metrics")
        code = supervisor.run()
    raise SystemExit(code)
