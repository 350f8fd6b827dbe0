"""``copydesk dead-letters``: lists, shows, exports and replays what was refused."""

from __future__ import annotations

import shutil
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial, wraps
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from workers.cli import is_terminal, load_settings
from workers.cli.choices import Choices, TopicName
from workers.cli.command_line import Group
from workers.cli.ending import interruptible
from workers.outcomes import Reason
from workers.settings import Settings
from workers.stages import STAGES
from workers.topics import CLEAN, DEAD_LETTERS, RAW, UNIQUE

if TYPE_CHECKING:
    from workers.dead_letters.letters import Letter, LetterFilter
    from workers.kafka.reader import Reader

SHOWN = 20
"""Letters that ``list`` shows by default, and a dry run at most."""


@click.group(cls=Group)
def command() -> None:
    """List, show, export and replay dead letters: messages that a stage refused, with the reason.

    \b
    Examples:
      copydesk dead-letters list --reason invalid_field
      copydesk dead-letters show news-dead-letters-0-17
      copydesk dead-letters replay news-dead-letters-0-17 --set language=en
      copydesk dead-letters replay --reason internal_error --dry-run

    The exit code is 1 if a letter is missing or cannot be sent back, or if Kafka does not answer.
    """


def filtered(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which letters are meant, as the argument ``meant``."""

    @click.option(
        "--reason",
        "reasons",
        multiple=True,
        metavar="REASON",
        type=Choices("workers.outcomes:Reason"),
        help=f"Only this reason: {', '.join(Reason)}. May be repeated, as may --stage and --topic.",
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
    @click.option("--from", "first", metavar="TIME", help="Only letters since -2h (s, m, h, d ago) or RFC 3339.")
    @click.option("--to", "until", metavar="TIME", help="Only letters before this time.")
    @wraps(function)
    def with_filter(
        reasons: tuple[str, ...],
        stages: tuple[str, ...],
        topics: tuple[str, ...],
        first: str | None,
        until: str | None,
        **arguments: Any,
    ) -> None:
        function(meant=_letter_filter(reasons, stages, topics, first, until), **arguments)

    return with_filter  # fmt: skip


@command.command("list", short_help="List dead letters, with counts by reason.")
@filtered
@click.option(
    "-n", "--limit", type=click.IntRange(min=0), default=SHOWN, show_default=True, help="Show the last so many."
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object: letters, counts by reason, stray.")
def list_letters(meant: LetterFilter, limit: int, as_json: bool) -> None:
    """List the last dead letters, and count all by their reason.

    \b
    Examples:
      copydesk dead-letters list
      copydesk dead-letters list --reason no_body --from -1d --json

    The exit code is 1 if Kafka does not answer.
    """
    from workers.dead_letters.files import summary
    from workers.dead_letters.letters import read_letter
    from workers.dead_letters.show import columns, counted
    from workers.kafka.reader import BEGINNING

    counts: Counter[str] = Counter()
    stray = 0
    last: deque[Letter] = deque(maxlen=limit)
    with _reader(load_settings()) as reader:
        for record in reader.read(BEGINNING if meant.first is None else meant.first):
            letter = read_letter(record)
            if letter is None:
                stray += 1
            elif meant.matches(letter):
                counts[letter.reason] += 1
                last.append(letter)
    if as_json:
        _echo_json(
            {"letters": [summary(letter) for letter in last], "counts": dict(counts.most_common()), "stray": stray}
        )
        return
    for line in columns(last):
        _echo_row(line)
    click.echo(counted(counts, "dead letters"))
    if hidden := sum(counts.values()) - len(last):
        click.echo(f"{hidden:,} older ones are not shown: see --limit")
    if stray:
        click.echo(f"{stray:,} stray records, which no stage has written: `copydesk tail dead-letters --outcome stray`")


@command.command(short_help="Show one dead letter in full.")
@click.argument("place", metavar="LETTER")
@click.option("--json", "as_json", is_flag=True, help="Write it as one JSON line, as `export` does.")
def show(place: str, as_json: bool) -> None:
    """Show a dead letter: why it was refused, its headers, and its bytes.

    LETTER is TOPIC-PARTITION-OFFSET of the dead letter (news-dead-letters-0-17), or of the message that was refused
    (news-raw-3-1042). Long messages are cut; `--json` and `export` have them whole.

    \b
    Example:
      copydesk dead-letters show news-dead-letters-0-17

    The exit code is 1 if there is no such letter, or if Kafka does not answer.
    """
    from workers.dead_letters.files import as_line
    from workers.dead_letters.finding import find
    from workers.dead_letters.show import details

    with _reader(load_settings()) as reader:
        letter = find(reader, place)
    if as_json:
        _echo_json(as_line(letter))
    else:
        click.echo("\n".join(details(letter)))


@command.command(short_help="Write dead letters to a file that can be edited.")
@filtered
@click.argument("places", metavar="[LETTER]...", nargs=-1)
@click.option("-o", "--output", type=click.Path(dir_okay=False), default="-", help="Output file.  [default: stdout]")
@click.option("-n", "--limit", type=click.IntRange(min=1), help="Write so many letters, the oldest first.")
def export(meant: LetterFilter, places: tuple[str, ...], output: str, limit: int | None) -> None:
    """Write dead letters as JSON lines, with coordinates, headers and bytes.

    Edit `value`, the message as text (a JSON object in its place is sent as JSON), and give the file back with
    `copydesk dead-letters replay --from-file`. What is not UTF-8 is in `value_base64`. The file appears when it is
    complete.

    \b
    Examples:
      copydesk dead-letters export --reason invalid_field -o edit.jsonl
      copydesk dead-letters export news-dead-letters-0-17 | jq -r .value

    The exit code is 1 if there is no such letter, the file cannot be written, or Kafka does not answer.
    """
    from schemas import encode
    from workers.dead_letters.files import as_line
    from workers.dead_letters.finding import find, find_all
    from workers.files.aside import written_aside
    from workers.reading.text import plural

    with _reader(load_settings()) as reader, written_aside(output) as out:
        written = 0
        letters = (find(reader, place) for place in places) if places else find_all(reader, meant)
        for letter in islice(letters, limit):
            out.write(encode(as_line(letter)) + b"\n")
            written += 1
    click.echo(f"{plural(written, 'dead letter')} written", err=True)


@command.command(short_help="Send dead letters back to their topics.")
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
@click.option("--again", is_flag=True, help="Start with the oldest letter, not where the last replay stopped.")
def replay(
    meant: LetterFilter, places: tuple[str, ...], is_all: bool, from_file: str | None, changes: tuple[str, ...],
    dry_run: bool, rate: float | None, limit: int | None, max_attempts: int, skip: tuple[str, ...], again: bool,
) -> None:  # fmt: skip
    """Send refused messages back to the topics that they came from: LETTERs, those of a file, or those of a filter.

    Fix the cause first. A message keeps its partition, key, headers and time. With a filter, the letters that came
    until now are sent, and each filter remembers how far it has got: run the same command again to continue, after an
    interruption or when new letters have come. LETTERs and files are sent each time.

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
    from workers.dead_letters.show import report_lines, row
    from workers.embedded_kafka.node_files import broker_address

    if bool(places) + bool(from_file) + bool(is_all or str(meant)) != 1:
        raise click.UsageError("say what to replay: LETTERs, --from-file, a filter such as --reason, or --all")
    try:
        plan = Plan(
            filter=meant, max_attempts=max_attempts, skip=frozenset(map(parse_letter_place, skip)),
            changes=with_changes(changes), rate=rate, limit=limit,
        )  # fmt: skip
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--set") from None
    values = load_settings()
    with (
        _reader(values, plan.group) as reader,
        nullcontext() if dry_run else connect_sender(values, broker_address(values)) as sender,
        ExitStack() as stack,
    ):
        chosen = places or from_file
        starts, ends = ({}, {}) if chosen else reader.unread(from_beginning=again)
        run = Replay(plan, values, sender)
        if not (chosen or dry_run):
            first = TopicPartition(DEAD_LETTERS, PARTITION)
            lease = leased(partial(reader.note, first), partial(reader.commit, DEAD_LETTERS), starts[first], rate)
            run = Replay(plan, values, sender, stack.enter_context(lease).commit)

        def show(letter: Letter) -> None:
            if dry_run and sum(run.report.sent.values()) <= SHOWN:
                _echo_row("  ".join(row(letter)))

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


def _letter_filter(
    reasons: tuple[str, ...], stages: tuple[str, ...], topics: tuple[str, ...], first: str | None, until: str | None
) -> LetterFilter:
    from workers.dead_letters.letters import LetterFilter
    from workers.reading.times import parse_time

    now, times = time.time(), []
    for option, text in (("--from", first), ("--to", until)):
        try:
            times.append(None if text is None else parse_time(text, now))
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint=option) from None
    return LetterFilter(reasons=reasons, stages=stages, topics=topics, first=times[0], until=times[1])


@contextmanager
def _reader(values: Settings, group: str | None = None) -> Iterator[Reader]:
    from workers.embedded_kafka.node_files import broker_address
    from workers.kafka.reader import open_reader

    with open_reader(values, broker_address(values), (DEAD_LETTERS,), group) as reader:
        yield reader


def _echo_row(line: str) -> None:
    """Print a row of a table; cut it where the terminal ends."""
    width = shutil.get_terminal_size().columns
    click.echo(f"{line[: width - 1]}…" if is_terminal() and len(line) > width else line)


def _echo_json(value: object) -> None:
    from schemas import encode

    click.echo(encode(value))
