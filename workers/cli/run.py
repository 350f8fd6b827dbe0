"""``copydesk run``: runs all roles on one machine."""

from __future__ import annotations

import signal
from contextlib import ExitStack

import click

from workers.cli import load_settings, show_progress
from workers.errors import StartRefusedError
from workers.settings import EMBEDDED


@click.command()
def command() -> None:
    """Run all roles on this machine until Ctrl-C or SIGTERM. Restart workers that crash.

    By default (COPYDESK_BROKER=embedded) this includes an embedded Apache Kafka, which keeps its data in
    COPYDESK_DATA_DIR.
    """
    from workers.embedded_kafka.broker import EmbeddedBroker
    from workers.kafka import topic_admin
    from workers.observability.logs import configure
    from workers.supervisor import Supervisor, children_of
    from workers.topics import largest

    values = load_settings()
    configure(values.log_level, values.log_format)
    with ExitStack() as stack:
        if values.broker == EMBEDDED:
            broker = stack.enter_context(
                EmbeddedBroker(values.data_dir / "kafka", show_progress, max_message_bytes=largest(values))
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
        show_progress(f"Copydesk is running on Kafka at {bootstrap}.")
        for child in supervisor.children:
            show_progress(f"  {child.stage}: http://localhost:{child.metrics_port}/metrics")
        code = supervisor.run()
    raise SystemExit(code)
