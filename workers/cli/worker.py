"""``copydesk worker``: one role in one process."""

from __future__ import annotations

import signal
from typing import NoReturn

import click

from workers.cli import settings
from workers.errors import StartRefusedError
from workers.settings import EMBEDDED
from workers.stages import STAGES


@click.command()
@click.argument("role", type=click.Choice(list(STAGES)))
@click.option("--supervised", is_flag=True, hidden=True, help="End when the parent process does.")
def command(role: str, supervised: bool) -> None:
    """Run one role against the brokers of COPYDESK_BROKER, until SIGTERM, SIGINT or a failure."""
    from workers.kafka.topic_admin import Severity, inspect_topics
    from workers.observability.logs import configure
    from workers.stream.build import run_worker
    from workers.supervisor import stop_with_parent

    values = settings()
    if values.broker == EMBEDDED:
        raise StartRefusedError("COPYDESK_BROKER='embedded' is for `copydesk run` and `copydesk demo`: give host:port")
    configure(values.log_level, values.log_format)
    # Until the event loop listens to it: a container's first process would not even hear it.
    signal.signal(signal.SIGTERM, _stopped)
    if supervised:
        stop_with_parent()
    found, ids = inspect_topics(values, values.broker)
    if drifts := [drift for drift in found if drift.severity is Severity.ERROR]:
        more = f" (and {len(drifts) - 1} more: `copydesk topics check`)" if drifts[1:] else ""
        raise StartRefusedError(f"{drifts[0]}{more}")
    run_worker(STAGES[role], values, values.broker, ids)


def _stopped(*_: object) -> NoReturn:
    """End a start: nothing was begun."""
    raise SystemExit(0)
