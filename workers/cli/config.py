"""``copydesk config``: lists the settings."""

from __future__ import annotations

import click

from workers.cli import load_settings
from workers.settings import HIDDEN, PREFIX, secrets, shown, table


@click.command()
def command() -> None:
    """List every setting with its value, its purpose and the values that it allows.

    Settings are environment variables; an empty one counts as unset. The values of secrets are hidden. A value that is
    not the default has the default beside it.

    \b
    Examples:
      copydesk config
      COPYDESK_WINDOW_HOURS=24 copydesk config | grep '(default'

    The exit code is 78 if a value is not allowed.
    """
    values = load_settings()
    for variable, default, allowed, help in table():
        value = shown(getattr(values, variable.removeprefix(PREFIX).lower()))
        note = "" if value == default else f"  (default {default or 'unset'})"
        value = HIDDEN if value and variable in secrets() else value
        click.echo(f"{variable}={value}{note}\n    {help}\n    allowed: {allowed}")
