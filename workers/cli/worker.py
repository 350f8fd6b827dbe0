"""``copydesk worker``: runs one role in one process."""

from __future__ import annotations

import signal
from typing import NoReturn

import click

from workers.cli import load_settings
from workers.errors import StartRefusedError
from workers.settings import EMBEDDED
from workers.stages import STAGES


@click.command()
@click.argument("role", metavar="ROLE", type=click.Choice(list(STAGES)))
@click.option("--supervised", is_flag=True, hidden=True, help="Exit when the parent process does.")
def command(role: str, supervised: bool) -> None:
    """Run one role on the brokers in COPYDESK_BROKER until SIGTERM, SIGINT or a failure.

    A role can run in as many processes as its input topic has partitions; any more are idle.

    \b
    Examples:
      COPYDESK_BROKER=kafka:9092 copydesk worker clean
      COPYDESK_BROKER=kafka:9092 COPYDESK_METRICS_PORT=9700 copydesk worker enrich

    The exit code is 0 after a signal, 1 if Kafka is not available, 70 if it could not continue without losing a
    message, 71 if it made no progress, and 78 if a setting or topic is wrong. After all but 78, start it again.
    """
    if supervised:  # before the imports, which take seconds on a busy machine
        from workers.supervisor import end_with_parent

        end_with_parent()
    from workers.kafka.rights import TOPIC_RIGHTS
    from workers.kafka.topic_admin import Severity, inspect_topics
    from workers.observability.logs import configure
    from workers.stream.build import run_worker
    from workers.stream.watchdog import exit_after

    values = load_settings()
    if values.broker == EMBEDDED:
        raise StartRefusedError(
            "COPYDESK_BROKER='embedded' is for `copydesk run` and `copydesk demo`: set it to host:port"
        )
    configure(values.log_level, values.log_format)
    exit_after(2 * values.stall_seconds)  # until the watchdog runs
    # Until the event loop handles SIGTERM, do so here: by default, a container's first process ignores the signal.
    signal.signal(signal.SIGTERM, _exit_early)
    drifts, ids = inspect_topics(values, values.broker)
    if errors := [drift for drift in drifts if drift.severity is Severity.ERROR]:
        more = f" (and {len(errors) - 1} more: `copydesk topics check`)" if errors[1:] else ""
        raise StartRefusedError(f"{errors[0]}{more}")
    if hidden := [name for name in TOPIC_RIGHTS[role] if name not in ids]:
        raise StartRefusedError(
            f"this user is not allowed to see {hidden[0]}, which {role} needs: grant it the rights that "
            f"`copydesk doctor --role {role}` names"
        )
    run_worker(STAGES[role], values, values.broker, ids)


def _exit_early(*_: object) -> NoReturn:
    """Exit during startup, when there is nothing to clean up yet."""
    raise SystemExit(0)
