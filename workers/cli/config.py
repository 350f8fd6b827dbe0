"""``copydesk config``: the settings, their values and what is allowed."""

from __future__ import annotations

import click

from workers.cli import settings
from workers.settings import HIDDEN, PREFIX, secrets, shown, table


@click.command()
def command() -> None:
    """List every setting with its value, what is allowed and what it is for."""
    values = settings()
    for variable, default, allowed, help in table():
        value = shown(getattr(values, variable.removeprefix(PREFIX).lower()))
        mark = "" if value == default else f"  (default {default or 'unset'})"
        value = HIDDEN if value and variable in secrets() else value
        click.echo(f"{variable}={value}{mark}\n    {help}: {allowed}")
