"""``copydesk doctor``: checks everything that a stream needs."""

from __future__ import annotations

import os

import click

from workers.stages import STAGES

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command()
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(list(STAGES)),
    help="Check the rights and groups of this role only; may be given several times.  [default: all]",
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON line for each finding.")
def command(roles: tuple[str, ...], as_json: bool) -> None:
    """Check what a stream needs: settings, packages, disk, ports, models, Java, and the brokers with their topics.

    Each line says ok, warn or fail, and what to do. With a warning a stream can run, with a failure it cannot. Without
    a broker that answers, everything else is checked. Nothing is written or changed, on this machine or the brokers.

    Where the brokers have an authorizer, the rights checked are those of all roles: a user of a single role needs
    fewer, so give --role. Which members of a group belong to this deployment is known of this machine's workers only.

    \b
    Examples:
      copydesk doctor
      copydesk doctor --role enrich
      copydesk doctor --json | jq 'select(.level != "ok")'

    The exit code is 1 if a check fails.
    """
    import logging

    import orjson

    from workers.doctor.checks import CHECKS, examine
    from workers.doctor.findings import Level, context_of
    from workers.doctor.machine import read_settings

    logging.getLogger().addHandler(logging.NullHandler())  # the report says what libraries log to stderr by default
    width = max(len(check.name) for check in CHECKS)
    levels = set()
    for name, finding in examine(context_of(*read_settings(os.environ), roles), CHECKS):
        levels.add(finding.level)
        if as_json:
            fields = {"check": name, "level": finding.level, "message": finding.message, "remedy": finding.remedy}
            click.echo(orjson.dumps(fields))
        else:
            level = click.style(f"{finding.level:4}", fg=COLOURS[finding.level])
            click.echo(f"{level}  {name:{width}}  {finding}")
    if Level.FAIL in levels:
        raise SystemExit(1)
