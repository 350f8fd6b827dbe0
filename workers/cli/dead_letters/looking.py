"""``copydesk dead-letters list``, ``show`` and ``export``."""

from __future__ import annotations

from collections import Counter, deque
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from workers.cli import load_settings
from workers.cli.dead_letters.options import UNKNOWN_STATES, echo_row, filtered, open_letters, sent_back
from workers.cli.ending import tell

if TYPE_CHECKING:
    from workers.dead_letters.filters import LetterFilter
    from workers.dead_letters.letters import Letter
    from workers.dead_letters.sent import Sent

SHOWN = 20
"""Letters that ``list`` shows by default."""

open_only = click.option("--open", "is_open", is_flag=True, help="Only letters that no replay has sent back.")


@click.command("list", short_help="List dead letters, with counts by reason.")
@filtered
@click.option(
    "-n", "--limit", type=click.IntRange(min=0), default=SHOWN, show_default=True, help="Show the last so many."
)
@open_only
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Write one JSON object: the letters, the counts by reason, how many are open, and how many records of the "
    "topic are stray: no stage has written them.",
)
def list_letters(meant: LetterFilter, limit: int, is_open: bool, as_json: bool) -> None:
    """List the last dead letters, and count all by their reason.

    A letter is open until a replay has sent it back. If the message is refused again, that is a new letter, with one
    attempt more. The source is the one that its article would have: what the message calls its source, else the host
    of its URL, else the site that its page names; a message that cannot be read has none.

    \b
    Examples:
      copydesk dead-letters list --open
      copydesk dead-letters list --source example.com
      copydesk dead-letters list --reason no_body --from -1d --json

    The exit code is 1 if Kafka does not answer.
    """
    from workers.dead_letters.letters import read_letter
    from workers.dead_letters.show import OPEN, SENT, UNKNOWN, columns, counted, state_of
    from workers.kafka.reader import BEGINNING

    counts: Counter[str] = Counter()
    states: Counter[str] = Counter()
    stray = 0
    last: deque[tuple[Letter, str]] = deque(maxlen=limit)
    values = load_settings()
    sent = sent_back(values)
    with open_letters(values) as reader:
        for record in reader.read(BEGINNING if meant.first is None else meant.first):
            letter = read_letter(record)
            if letter is None:
                stray += 1
            elif meant.matches(letter):
                state = state_of(letter, sent)
                if not (is_open and state == SENT):
                    counts[letter.reason] += 1
                    states[state] += 1
                    last.append((letter, state))
    if as_json:
        letters = [_summary(letter, sent, meant) for letter, _ in last]
        number = None if sent is None else states[OPEN]
        _echo_json({"letters": letters, "counts": dict(counts.most_common()), "open": number, "stray": stray})
        return
    for line in columns(last, meant.paths):
        echo_row(line)
    is_split = counts and not is_open and not states[UNKNOWN]
    sums = f"; {states[OPEN]:,} open, {states[SENT]:,} sent back" if is_split else ""
    click.echo(counted(counts, "open dead letter" if is_open and sent is not None else "dead letter") + sums)
    if hidden := sum(counts.values()) - len(last):
        click.echo(f"{hidden:,} older ones are not shown: see --limit")
    if stray:
        click.echo(f"{stray:,} stray records, which no stage has written: `copydesk tail dead-letters --outcome stray`")
    if sent is None:
        tell(UNKNOWN_STATES)


@click.command(short_help="Show one dead letter in full.")
@click.argument("place", metavar="LETTER")
@click.option("--json", "as_json", is_flag=True, help="Write it as one JSON line, as `export` does.")
def show(place: str, as_json: bool) -> None:
    """Show a dead letter: why it was refused, whether it was sent back, its headers, and its bytes.

    LETTER is TOPIC-PARTITION-OFFSET of the dead letter (news-dead-letters-0-17), or of the message that was refused
    (news-raw-3-1042). Long messages are cut; `--json` and `export` have them whole.

    \b
    Example:
      copydesk dead-letters show news-dead-letters-0-17

    The exit code is 1 if there is no such letter, or if Kafka does not answer.
    """
    from workers.dead_letters.files import as_line
    from workers.dead_letters.finding import find
    from workers.dead_letters.show import details, state_of

    values = load_settings()
    with open_letters(values) as reader:
        letter = find(reader, place)
    if as_json:
        _echo_json(as_line(letter))
    else:
        click.echo("\n".join(details(letter, state_of(letter, sent_back(values)), values.fields)))


@click.command(short_help="Write dead letters to a file that can be edited.")
@filtered
@click.argument("places", metavar="[LETTER]...", nargs=-1)
@click.option("-o", "--output", type=click.Path(dir_okay=False), default="-", help="Output file.  [default: stdout]")
@click.option("-n", "--limit", type=click.IntRange(min=1), help="Write so many letters, the oldest first.")
@open_only
def export(meant: LetterFilter, places: tuple[str, ...], output: str, limit: int | None, is_open: bool) -> None:
    """Write dead letters as JSON lines, with coordinates, headers and bytes.

    Edit `value`, the message as text (a JSON object in its place is sent as JSON), and give the file back with
    `copydesk dead-letters replay --from-file`. What is not UTF-8 is in `value_base64`. The file appears when it is
    complete.

    \b
    Examples:
      copydesk dead-letters export --open --reason invalid_field -o edit.jsonl
      copydesk dead-letters export news-dead-letters-0-17 | jq -r .value

    The exit code is 1 if there is no such letter, the file cannot be written, or Kafka does not answer.
    """
    from schemas import encode
    from workers.dead_letters.files import as_line
    from workers.dead_letters.finding import find, find_all
    from workers.errors import StartRefusedError
    from workers.files.aside import written_aside
    from workers.reading.text import plural

    if places and str(meant):
        raise click.UsageError("give LETTERs or a filter such as --reason, not both")
    values = load_settings()
    sent = sent_back(values) if is_open else None
    if is_open and sent is None:
        raise StartRefusedError(f"--open: {UNKNOWN_STATES}")
    with open_letters(values) as reader, written_aside(output) as out:
        written = 0
        letters = (find(reader, place) for place in places) if places else find_all(reader, meant)
        letters = (letter for letter in letters if sent is None or not sent.has(letter))
        for letter in islice(letters, limit):
            out.write(encode(as_line(letter)) + b"\n")
            written += 1
    click.echo(f"{plural(written, 'dead letter')} written", err=True)


def _summary(letter: Letter, sent: Sent | None, meant: LetterFilter) -> dict[str, Any]:
    from workers.dead_letters.files import summary
    from workers.dead_letters.filters import source_of

    state = {"source": source_of(letter, meant.paths), "sent_back": None if sent is None else sent.has(letter)}
    return {**summary(letter), **state}


def _echo_json(value: object) -> None:
    from schemas import encode

    click.echo(encode(value))
