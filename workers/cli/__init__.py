"""The ``copydesk`` command line: one module per subcommand, imported only when called, so that ``--help`` is fast."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from workers import __version__
from workers.errors import CommandError
from workers.kafka.security import client_options
from workers.settings import Settings

COMMANDS = {
    "demo": "Run the whole stream on an embedded Kafka with sample articles.",
    "run": "Run all roles on this machine.",
    "worker": "Run one role: clean, dedupe or enrich.",
    "top": "Show what a running stream does, live.",
    "doctor": "Check everything that a stream needs.",
    "topics": "List, create and check the Kafka topics.",
    "publish": "Send articles to the stream.",
    "process": "Process files without Kafka.",
    "tail": "Show what comes out of the stream.",
    "explain": "Show what happened to one article, and why.",
    "stories": "Show the stories that are busiest now.",
    "dead-letters": "List, show, export and replay what was refused.",
    "config": "Show the settings and their values.",
}
"""The subcommands, by the names of their modules, with the help text that ``copydesk --help`` lists."""


class LazyGroup(click.Group):
    """A group that imports the module of a subcommand when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of ``COMMANDS``."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command of that name; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"workers.cli.{cmd_name.replace('-', '_')}").command
        command.short_help = COMMANDS[cmd_name]
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command, and turn a ``CommandError`` into one line on stderr and an exit code.

        Ctrl-C and a reader of stdout that has gone end the command quietly, with the exit codes of the shell.
        """
        try:
            result: object = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except CommandError as error:
            click.echo(f"copydesk: {error}", err=True)
            raise SystemExit(error.exit_code) from None
        except KeyboardInterrupt:
            raise SystemExit(128 + signal.SIGINT) from None
        except BrokenPipeError:
            # Python flushes stdout once more when it exits.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(128 + signal.SIGPIPE) from None


def load_settings() -> Settings:
    """The settings from the environment, after checking the files that they name.

    Raises:
        SettingsError: a setting is not allowed, or names an unsuitable file.
    """
    values = Settings.from_environment(os.environ)
    client_options(values)
    return values


# One core per process: workers scale by processes, and NumPy's threads would only compete with each other. The variable
# takes effect only if it is set before NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="copydesk")
def main() -> None:
    """Clean, deduplicate and enrich news articles from Kafka, without losing any.

    Try `copydesk demo` first. Settings are environment variables; `copydesk config` lists them.
    """


def show_progress(line: str) -> None:
    """Print a line about a long-running operation to stderr."""
    click.echo(line, err=True)


@contextmanager
def tidy_on_sigterm() -> Iterator[None]:
    """In the block, SIGTERM ends the command as an error does: after it has tidied up, with the code of a shell."""

    def exit(*_: object) -> NoReturn:
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, exit)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def is_terminal() -> bool:
    """Whether stdout is a terminal."""
    return sys.stdout.isatty()
