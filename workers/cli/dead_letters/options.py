"""Which dead letters the commands are about, and what they need to read them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from workers.cli import is_terminal, load_settings
from workers.cli.choices import Choices, TopicName
from workers.outcomes import Reason
from workers.settings import Settings
from workers.stages import STAGES
from workers.topics import CLEAN, DEAD_LETTERS, RAW, UNIQUE
from workers.waiting import told_of_waiting

if TYPE_CHECKING:
    from workers.dead_letters.filters import LetterFilter
    from workers.dead_letters.sent import Sent
    from workers.kafka.reader import Reader

UNKNOWN_STATES = "what was sent back is unknown: our user lacks the right Describe on the groups copydesk-replay*"


def filtered(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which letters are meant, as the argument ``meant``."""

    @click.option(
        "--reason",
        "reasons",
        multiple=True,
        metavar="REASON",
        type=Choices("workers.outcomes:Reason"),
        help=f"Only this reason: {', '.join(Reason)}. May be repeated, as may the next three.",
    )
    @click.option("--stage", "stages", multiple=True, type=click.Choice(list(STAGES)), help="Only what it refused.")
    @click.option(
        "--topic",
        "topics",
        multiple=True,
        metavar="TOPIC",
        type=TopicName((RAW, CLEAN, UNIQUE)),
        help="Only messages of this topic: raw, clean or unique.",
    )
    @click.option(
        "--source",
        "sources",
        multiple=True,
        metavar="SOURCE",
        help="Only articles of this source (example.com, with all hosts below it), as far as the message can be read.",
    )
    @click.option("--from", "first", metavar="TIME", help="Only letters since -2h (s, m, h, d ago) or RFC 3339.")
    @click.option("--to", "until", metavar="TIME", help="Only letters before this time.")
    @wraps(function)
    def with_filter(
        reasons: tuple[str, ...],
        stages: tuple[str, ...],
        topics: tuple[str, ...],
        sources: tuple[str, ...],
        first: str | None,
        until: str | None,
        **arguments: Any,
    ) -> None:
        function(meant=_letter_filter(reasons, stages, topics, sources, first, until), **arguments)

    return with_filter  # fmt: skip


def _letter_filter(
    reasons: tuple[str, ...], stages: tuple[str, ...], topics: tuple[str, ...], sources: tuple[str, ...],
    first: str | None, until: str | None,
) -> LetterFilter:  # fmt: skip
    from workers.dead_letters.filters import LetterFilter
    from workers.reading.times import parse_time

    now, times = time.time(), []
    for option, text in (("--from", first), ("--to", until)):
        try:
            # Whole seconds, as in the name of the filter's group.
            times.append(None if text is None else parse_time(text, now) // 1000 * 1000)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint=option) from None
    return LetterFilter(
        reasons=reasons, stages=stages, topics=topics, sources=sources, first=times[0], until=times[1],
        paths=load_settings().fields,
    )  # fmt: skip


def sent_back(values: Settings) -> Sent | None:
    """The letters that were sent back; None if our user may not know."""
    from workers.dead_letters.sent import read_sent
    from workers.embedded_kafka.node_files import broker_address

    return read_sent(values, broker_address(values))


@contextmanager
def open_letters(values: Settings, group: str | None = None) -> Iterator[Reader]:
    """A reader of the dead letters, as a context manager; with a ``group``, it can commit offsets."""
    from workers.embedded_kafka.node_files import broker_address
    from workers.kafka.reader import open_reader

    with (
        told_of_waiting("Reading the dead letters ..."),
        open_reader(values, broker_address(values), (DEAD_LETTERS,), group) as reader,
    ):
        yield reader


def echo_row(line: str) -> None:
    """Print a row of a table; cut it where the terminal ends."""
    width = shutil.get_terminal_size().columns
    click.echo(f"{line[: width - 1]}…" if is_terminal() and len(line) > width else line)
