"""How a command ends: whatever happens, with one line on stderr and an exit code, and never with a traceback."""

from __future__ import annotations

import shlex
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

import click

from workers.errors import CommandError
from workers.outcomes import ExitCode

INTERRUPTED = 128 + signal.SIGINT
READER_GONE = 128 + signal.SIGPIPE
TERMINATED = 128 + signal.SIGTERM
"""Exit codes as shells have them."""


def tell(line: str) -> None:
    """Print a line that tells of an error or a problem."""
    click.echo(f"copydesk: {line}", err=True)


class ReaderGone(Exception):
    """What reads the output has ended, as `head` does."""


@contextmanager
def told_of_closed_pipes() -> Iterator[None]:
    """A block that a closed pipe leaves as ``ReaderGone``: click ends with 1 for a ``BrokenPipeError``."""
    try:
        yield
    except BrokenPipeError:
        raise ReaderGone from None


class Interrupted(click.Abort):
    """Ctrl-C has ended the command; the text says how far it has got."""


@contextmanager
def interruptible(state: Callable[[], str]) -> Iterator[None]:
    """A block that Ctrl-C may end; ``state`` then says how far it has got and what is left."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(state()) from None


def exit_code_of(run: Callable[[], object], *, debug: Callable[[], bool]) -> int:
    """Run a command, tell what went wrong, and return the exit code. With ``debug``, errors have their traceback."""
    try:
        code = _run(run)
        sys.stdout.flush()
    except (BrokenPipeError, ReaderGone):
        return READER_GONE
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 -- nobody sees a traceback without asking for it
        if debug():
            traceback.print_exc()
        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            error.show()
            return error.exit_code
        line, code = _told(error)
        tell(line)
    return code


def _run(run: Callable[[], object]) -> int:
    try:
        code = run()
    except SystemExit as end:
        code = end.code
    return code if isinstance(code, int) else 0


def _told(error: BaseException) -> tuple[str, int]:
    """The line about an error, and the exit code."""
    match error:
        case KeyboardInterrupt() | click.Abort():
            if sys.stderr.isatty():
                click.echo(err=True)  # the terminal has shown ^C
            return f"interrupted; {error}" if str(error) else "interrupted", INTERRUPTED
        case click.UsageError():
            return _usage(error), error.exit_code
        case click.ClickException():
            return error.format_message(), error.exit_code
        case CommandError():
            return str(error), error.exit_code
        case OSError():
            return _system(error), ExitCode.UNAVAILABLE
    return _unexpected(error), ExitCode.FAILED


def _usage(error: click.UsageError) -> str:
    """What is wrong with the arguments, and where they are explained."""
    text = error.format_message()
    if isinstance(error, click.NoSuchOption):
        nearest = get_close_matches(error.option_name, error.possibilities or (), 1)
        text = f"no such option: {error.option_name}" + (f"; did you mean {nearest[0]}?" if nearest else "")
    if isinstance(error, click.MissingParameter):
        text = " ".join(text.split())  # it lists what may be given in lines of their own
    text = (text[:1].lower() + text[1:]).rstrip(".")
    if "\n" in text or not error.ctx:
        return text
    return f"{text}{'' if text.endswith('?') else ';'} see `{error.ctx.command_path} --help`"


def _system(error: OSError) -> str:
    """What the system refuses, and for which file."""
    reason = error.strerror or str(error) or type(error).__name__
    names = [str(name) for name in (error.filename, error.filename2) if name is not None]
    return f"{' and '.join(names)}: {reason}" if names else reason


def _unexpected(error: BaseException) -> str:
    what = " ".join(f"{type(error).__name__}: {error}".split())
    again = shlex.join(["copydesk", "--debug", *sys.argv[1:]])
    return f"unexpected error, please report it: {what}; `{again}` shows where it comes from"
