"""The command ``copydesk``: one module per command, imported when it is called, so that ``--help`` answers at once."""

from __future__ import annotations

import importlib
import os
import sys

import click

from workers import __version__
from workers.errors import CommandError
from workers.kafka.security import client_options
from workers.settings import Settings

COMMANDS = {
    "demo": "the whole stream on an embedded Kafka, with sample articles or files of your own",
    "run": "all roles on this machine, until Ctrl-C or SIGTERM",
    "worker": "one role: clean, dedupe or enrich",
    "topics": "create and check the topics",
    "publish": "send articles to the stream",
    "process": "take files through the stages without Kafka",
    "config": "the settings and their values",
}


class Commands(click.Group):
    """The commands, by the modules that are named as they are."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"workers.cli.{cmd_name}").command
        command.short_help = COMMANDS[cmd_name]
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an error that ends it becomes one line on stderr and its exit code."""
        try:
            return super().invoke(ctx)
        except CommandError as error:
            click.echo(f"copydesk: {error}", err=True)
            raise SystemExit(error.exit_code) from None


def settings() -> Settings:
    """The settings of the environment.

    Raises:
        SettingsError: one of them is not allowed, or names a file that is not what it should be.
    """
    values = Settings.from_environment(os.environ)
    client_options(values)
    return values


# One core per process: workers scale by processes, and numpy's threads would only get in each other's way. It must be
# said before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="copydesk")
def main() -> None:
    """Copydesk: raw news articles in, clean, deduplicated and enriched ones out, and none lost on the way."""


def progress(line: str) -> None:
    """Say on stderr what takes a while."""
    click.echo(line, err=True)


def is_terminal() -> bool:
    """Whether a person is watching."""
    return sys.stdout.isatty()
