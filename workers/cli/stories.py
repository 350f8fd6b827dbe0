"""``copydesk stories``: shows the stories that are busiest now."""

from __future__ import annotations

import time

import click

from workers.cli import load_settings
from workers.cli.choices import LanguageCode

START = "-24h"


@click.command()
@click.option("-n", "--limit", type=click.IntRange(min=1), default=10, show_default=True, help="Show so many stories.")
@click.option(
    "--from",
    "start",
    default=START,
    show_default=True,
    metavar="TIME",
    help="Where to start: beginning, -2h (s, m, h, d ago) or 2026-05-04T06:30:00Z.",
)
@click.option("--language", "languages", multiple=True, type=LanguageCode(), help="Only stories in this language (en).")
@click.option("--entity", "entities", multiple=True, help="Only stories with an entity of this name or alias.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON line for each story.")
def command(limit: int, start: str, languages: tuple[str, ...], entities: tuple[str, ...], as_json: bool) -> None:
    """Show the stories that are busiest now: those with the most articles and copies in the last hour.

    Stories are read from the topics stories, enriched and duplicates, and nothing is stored.

    \b
    Examples:
      copydesk stories
      copydesk stories --language de --from -6h -n 20
      copydesk stories --json | jq '{headline, last_hour}'

    The exit code is 1 if Kafka does not answer.
    """
    from schemas import encode
    from workers.embedded_kafka.node_files import broker_address
    from workers.kafka.reader import open_reader
    from workers.reading.stories import TOPICS, Stories, facts
    from workers.reading.stories import as_json as story_as_json
    from workers.reading.text import printable
    from workers.reading.times import parse_start
    from workers.waiting import told_of_waiting

    values = load_settings()
    now = time.time()
    try:
        first = parse_start(start, now)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--from") from None
    stories = Stories(int(1000 * now))
    with told_of_waiting("Reading the topics ..."), open_reader(values, broker_address(values), TOPICS) as reader:
        for record in reader.read(first):
            stories.add(record)
    busiest = stories.busiest(limit, languages, entities)
    for story in busiest:
        if as_json:
            click.echo(encode(story_as_json(story)))
            continue
        click.secho(printable(story.headline) or "(no headline)", bold=True)
        for fact in facts(story):
            click.echo(f"    {printable(fact)}")
    if not busiest and not as_json:
        click.echo(f"no stories from {start} on; `--from beginning` reads all that Kafka has", err=True)
