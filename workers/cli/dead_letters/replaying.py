"""``copydesk dead-letters replay``."""

from __future__ import annotations

from contextlib import ExitStack, nullcontext
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import click

from workers.cli import load_settings
from workers.cli.dead_letters.options import echo_row, filtered, open_letters, sent_back
from workers.cli.ending import interruptible
from workers.topics import DEAD_LETTERS

if TYPE_CHECKING:
    from workers.dead_letters.filters import LetterFilter
    from workers.dead_letters.letters import Letter

SHOWN = 20
"""Letters that a dry run shows at most."""


@click.command(short_help="Send dead letters back to their topics.")
@filtered
@click.argument("places", metavar="[LETTER]...", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="All letters, without a filter.")
@click.option(
    "--from-file", type=click.Path(exists=True, dir_okay=False), help="The letters of a file that `export` wrote."
)
@click.option("--set", "changes", multiple=True, metavar="FIELD=VALUE", help="Set a field of JSON messages of raw.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent; send and commit nothing.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Send at most so many per second.")
@click.option("-n", "--limit", type=click.IntRange(min=1), help="Send at most so many.")
@click.option(
    "--max-attempts", type=click.IntRange(min=2), default=3, show_default=True,
    help="Leave letters whose message was refused so often.",
)  # fmt: skip
@click.option("--skip", multiple=True, metavar="LETTER", help="Leave this letter. May be repeated.")
@click.option("--again", is_flag=True, help="Start with the oldest letter, and send also what was sent back.")
def replay(
    meant: LetterFilter, places: tuple[str, ...], is_all: bool, from_file: str | None, changes: tuple[str, ...],
    dry_run: bool, rate: float | None, limit: int | None, max_attempts: int, skip: tuple[str, ...], again: bool,
) -> None:  # fmt: skip
    """Send refused messages back to the topics that they came from: LETTERs, those of a file, or those of a filter.

    Fix the cause first. A message keeps its partition, key, headers and time. With a filter, the letters that came
    until now are sent, except those that any replay has sent back already, and each filter remembers how far it has
    got: run the same command again to continue, after an interruption or when new letters have come. LETTERs and files
    are sent each time.

    \b
    Examples:
      copydesk dead-letters replay --reason internal_error --dry-run
      copydesk dead-letters replay --reason internal_error --rate 50
      copydesk dead-letters replay news-dead-letters-0-17 --set language=en
      copydesk dead-letters replay --from-file edited.jsonl

    The exit code is 1 if a letter cannot be sent back; those before it are sent.
    """
    from aiokafka import TopicPartition

    from workers.dead_letters.files import read_file
    from workers.dead_letters.finding import find, parse_letter_place
    from workers.dead_letters.lease import PARTITION, leased
    from workers.dead_letters.outgoing import with_changes
    from workers.dead_letters.replay import Plan, Replay
    from workers.dead_letters.sender import connect_sender
    from workers.dead_letters.sent import SINGLES, Notes
    from workers.dead_letters.show import report_lines, row, state_of
    from workers.embedded_kafka.node_files import broker_address

    if bool(places) + bool(from_file) + bool(str(meant)) + is_all != 1:
        raise click.UsageError(
            "say what to replay, in one way: LETTERs, --from-file, a filter such as --reason, or --all"
        )
    try:
        plan = Plan(
            filter=meant, max_attempts=max_attempts, skip=frozenset(map(parse_letter_place, skip)),
            changes=with_changes(changes), rate=rate, limit=limit,
        )  # fmt: skip
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--set") from None
    values = load_settings()
    chosen = places or from_file
    known = None if chosen and not dry_run else sent_back(values)
    is_sent = known.has if known and not again else lambda letter: False
    with (
        open_letters(values, SINGLES if chosen else plan.group) as reader,
        nullcontext() if dry_run else connect_sender(values, broker_address(values)) as sender,
        ExitStack() as stack,
    ):
        starts, ends = ({}, {}) if chosen else reader.unread(from_beginning=again)
        run = Replay(plan, values, sender, is_sent=is_sent)
        first = TopicPartition(DEAD_LETTERS, PARTITION)
        if chosen and not dry_run:
            reader.note(first)  # fails before anything is sent if our user may not use the group
            notes = Notes(
                lambda number: reader.note(TopicPartition(DEAD_LETTERS, number)),
                lambda number, offset, note: reader.commit(DEAD_LETTERS, {number: offset}, note),
            )
            run = Replay(plan, values, sender, note_sent=notes.add)
        elif not dry_run:
            lease = leased(partial(reader.note, first), partial(reader.commit, DEAD_LETTERS), starts[first], rate)
            run = Replay(plan, values, sender, stack.enter_context(lease).commit, is_sent=is_sent)

        def show(letter: Letter) -> None:
            if dry_run and sum(run.report.sent.values()) <= SHOWN:
                echo_row("  ".join(row(letter, state_of(letter, known), values.fields)))

        is_done = False
        rest = "leave those out to send the rest" if chosen else "the same command sends the rest"
        try:
            with interruptible(lambda: rest):
                if chosen:
                    letters = read_file(from_file) if from_file else (find(reader, place) for place in places)
                    run.send_all(islice(letters, limit), show)
                else:
                    run.run(reader.read_between(starts, ends), show)
            is_done = True
        finally:
            for line in report_lines(run.report, plan, values, is_dry=dry_run) if is_done or run.report.sent else ():
                click.echo(line, err=not dry_run)
