"""``copydesk tail``: shows what comes out of the stream."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import islice
from typing import TYPE_CHECKING

import click

from workers.cli import load_settings
from workers.cli.choices import Choices, LanguageCode, TopicName
from workers.cli.ending import interruptible, tell
from workers.topics import DEAD_LETTERS, DUPLICATES, ENRICHED
from workers.waiting import told_of_waiting

if TYPE_CHECKING:
    from workers.kafka.reader import Reader, Start
    from workers.messages import Message
    from workers.reading.entries import Entry
    from workers.reading.filters import Filter

DEFAULT_TOPICS = (ENRICHED, DUPLICATES, DEAD_LETTERS)
"""The topics with which articles leave the stream."""
LAST = 10
"""Records shown by default."""


@click.command()
@click.argument("topics", nargs=-1, type=TopicName(), metavar="[TOPIC]...")
@click.option("-f", "--follow/--no-follow", help="Go on with new records as they come, until Ctrl-C.")
@click.option(
    "--from",
    "start",
    metavar="TIME",
    help="Where to start: beginning, end, -10m (s, m, h, d ago) or 2026-05-04T06:30:00Z.  "
    f"[default: the last {LAST} records; with --follow: end]",
)
@click.option("-n", "--limit", type=click.IntRange(min=1), help="Show so many records; without --from, the last ones.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON line for each record.")
@click.option("--id", "ids", multiple=True, help="Only this article and its copies, or coordinates (news-raw-3-1042).")
@click.option("--source", "sources", multiple=True, help="Only articles of this source (example.com).")
@click.option(
    "--language", "languages", multiple=True, type=LanguageCode(), help="Only articles in this language (en)."
)
@click.option("--entity", "entities", multiple=True, help="Only articles with an entity of this name or alias.")
@click.option("--story", "stories", multiple=True, help="Only articles of this story.")
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    type=Choices("workers.reading.filters:OUTCOMES"),
    metavar="OUTCOME",
    help="Only this outcome (enriched, copy, refused …), kind of copy (exact, near …) or reason (no_body …).",
)
def command(
    topics: tuple[str, ...],
    follow: bool,
    start: str | None,
    limit: int | None,
    as_json: bool,
    ids: tuple[str, ...],
    sources: tuple[str, ...],
    languages: tuple[str, ...],
    entities: tuple[str, ...],
    stories: tuple[str, ...],
    outcomes: tuple[str, ...],
) -> None:
    """Show the records of TOPICs, merged by the time at which they were written.

    TOPICs are names without news-: raw, clean, unique, enriched, duplicates, stories, ledger, dead-letters. The default
    is enriched, duplicates and dead-letters: everything with which an article leaves the stream. Filters of different
    kinds must all match; of several of one kind, one must.

    \b
    Examples:
      copydesk tail                            the last 10 records
      copydesk tail -f                         new records as they come
      copydesk tail --from -1h --language de   the German articles of the last hour
      copydesk tail --outcome near -n 3        the last 3 near copies
      copydesk tail enriched --from beginning --json | jq .value.headline

    A JSON line has topic, partition, offset, timestamp (milliseconds), key, headers and value; a dead letter also has
    dead_letter, which says why it was refused. Times without a zone are local, those shown and those given.

    The exit code is 1 if Kafka does not answer, and 130 after Ctrl-C.
    """
    from workers.embedded_kafka.node_files import broker_address
    from workers.kafka.reader import END, open_reader
    from workers.reading.filters import Filter
    from workers.reading.pretty import Lines, envelope
    from workers.reading.text import plural
    from workers.reading.times import parse_start

    values = load_settings()
    try:
        first = None if start is None else parse_start(start, time.time())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--from") from None
    if follow and first is None:
        first = END
    wanted = Filter(
        ids=ids,
        sources=sources,
        languages=languages,
        entities=entities,
        stories=stories,
        outcomes=outcomes,
        paths=values.fields,
    )
    lines = Lines()
    names = dict.fromkeys(topics or DEFAULT_TOPICS)
    with open_reader(values, broker_address(values), names) as reader:
        if follow and first == END:
            click.echo(f"Following {', '.join(names)}; Ctrl-C ends.", err=True)
        shown = 0
        reading = told_of_waiting("Reading the topics ...") if not follow else nullcontext(lambda: None)
        with interruptible(lambda: f"{plural(shown, 'record')} shown"), reading as end_waiting:
            for entry in selected(reader, first, follow, limit, wanted, lines.remember):
                end_waiting()
                click.echo(envelope(entry) if as_json else lines.show(entry))
                shown += 1
        if not shown and not follow:
            click.echo(
                f"no record in {', '.join(names)}{' matches' if wanted != Filter(paths=values.fields) else ''}",
                err=True,
            )
        if reader.skipped:
            tell(f"{plural(reader.skipped, 'record')} skipped: not readable as Kafka records")


def selected(
    reader: Reader,
    first: Start | None,
    follow: bool,
    limit: int | None,
    wanted: Filter,
    on_read: Callable[[Entry], None],
) -> Iterator[Entry]:
    """The records to show: from a start, or the last ones. ``on_read`` gets all that are read, shown or not."""
    from workers.reading.entries import read_entry

    def read(record: Message) -> Entry:
        entry = read_entry(record)
        on_read(entry)
        return entry

    if first is None:
        return map(read_entry, reader.read_last(limit or LAST, lambda record: wanted.matches(read(record))))
    records = reader.read(first, follow=follow, on_outage=tell)
    return islice(filter(wanted.matches, map(read, records)), limit)
