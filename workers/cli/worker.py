"""``copydesk worker``: one role in one process."""

from __future__ import annotations

import signal
from typing import NoReturn

import click

from workers.cli import Refused, settings
from workers.outcomes import Stage
from workers.settings import EMBEDDED, SettingsError


@click.command()
@click.argument("role", type=click.Choice([stage.value for stage in Stage]))
@click.option("--supervised", is_flag=True, hidden=True, help="End when the parent process does.")
def command(role: str, supervised: bool) -> None:
    """Run one role against the brokers of COPYDESK_BROKER, until SIGTERM, SIGINT or a failure."""
    from workers.admin import BrokerUnreachable, Severity, survey
    from workers.app import run_worker
    from workers.logs import configure
    from workers.supervisor import stop_with_parent

    values = settings()
    if values.broker == EMBEDDED:
        raise Refused("COPYDESK_BROKER='embedded' is for `copydesk run` and `copydesk demo`: give host:port")
    configure(values.log_level, values.log_format)
    # Until the event loop listens to it: a container's first process would not even hear it.
    signal.signal(signal.SIGTERM, _stopped)
    if supervised:
        stop_with_parent()
    try:
        found, ids = survey(values, values.broker)
    except BrokerUnreachable as error:
        # Not misconfigured: the broker may come back, and a supervisor should try again.
        raise click.ClickException(str(error)) from None
    if drifts := [drift for drift in found if drift.severity is Severity.ERROR]:
        more = f" (and {len(drifts) - 1} more: `copydesk topics check`)" if drifts[1:] else ""
        raise Refused(f"{drifts[0]}{more}")
    try:
        run_worker(Stage(role), values, values.broker, ids)
    except SettingsError as error:
        raise Refused(str(error)) from None


def _stopped(*_: object) -> NoReturn:
    """End a start: nothing was begun."""
    raise SystemExit(0)
