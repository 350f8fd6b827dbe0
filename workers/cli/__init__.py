"""The ``copydesk`` command line: one module per subcommand, imported only when called, so that ``--help`` is fast."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from workers import __version__
from workers.cli.command_line import CommandLine
from workers.cli.ending import TERMINATED
from workers.files import STDIN
from workers.kafka.security import client_options
from workers.processor import prepare_numpy
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
    "completion": "Complete commands and options in bash, zsh or fish.",
}
"""The subcommands, by the names of their modules, with the help text that ``copydesk --help`` lists."""


def load_settings() -> Settings:
    """The settings from the environment, after checking the files that they name.

    Raises:
        SettingsError: a setting is not allowed, or names an unsuitable file.
    """
    values = Settings.from_environment(os.environ)
    client_options(values)
    return values


prepare_numpy()


@click.command(
    "copydesk", cls=CommandLine, summaries=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option("--debug", is_flag=True, help="Show where errors come from, with a traceback.")
@click.version_option(__version__, prog_name="copydesk")
def main() -> None:
    """Clean, deduplicate and enrich news articles from Kafka, without losing any.

    Try `copydesk demo` first. Settings are environment variables; `copydesk config` lists them.

    \b
    Exit codes:
      0    done
      1    something was refused or is not available: what, is on stderr
      2    wrong usage
      70   it could not go on, or a bug
      71   the watchdog ended a worker that made no progress
      78   a setting or a topic is wrong; trying again will not help
      130  Ctrl-C
      141  what reads the output has ended, as in `copydesk tail | head`
      143  SIGTERM, except of `run` and `worker`
    """


_RAISE_AGAIN_SECONDS = 8
"""Seconds after which a signal that has not ended a command is raised again."""


def show_progress(line: str) -> None:
    """Print a line about a long-running operation to stderr."""
    click.echo(line, err=True)


@contextmanager
def tidy_on_signals() -> Iterator[None]:
    """In the block, SIGTERM and Ctrl-C end the command as an error does: after it has tidied up.

    The first exception may get lost: in a callback that ignores errors, or just before a read that then waits for ever.
    So it is raised again until it has ended the block.
    """
    first: list[int] = []

    def end(number: int, _: object) -> NoReturn:
        signal.setitimer(signal.ITIMER_REAL, _RAISE_AGAIN_SECONDS)
        first.append(number)
        if first[0] == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(TERMINATED)

    numbers = [signal.SIGTERM, signal.SIGALRM]
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where a shell has it ignored
        numbers.append(signal.SIGINT)
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def tell_of_stdin(files: Collection[str]) -> None:
    """Tell somebody at a terminal that the command waits for what they type, if stdin is among the files."""
    if STDIN in files and sys.stdin and sys.stdin.isatty():
        click.echo("Reading from stdin; Ctrl-D ends.", err=True)


def is_terminal() -> bool:
    """Whether stdout is a terminal."""
    return sys.stdout.isatty()
