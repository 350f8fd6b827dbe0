"""``copydesk explain``: shows what happened to one article, and why."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection
from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from workers.cli import is_terminal, load_settings
from workers.cli.ending import tell
from workers.waiting import told_of_waiting

if TYPE_CHECKING:
    from workers.explain.facts import Facts
    from workers.explain.in_files import Choice
    from workers.settings import Settings


@click.command()
@click.argument("target", nargs=-1, required=True, metavar="FILE|ID")
@click.option(
    "-n", "--number", type=click.IntRange(min=1), metavar="N", help="The article with this number in the file, from 1."
)
@click.option("--line", type=click.IntRange(min=1), metavar="N", help="The article in this line of the file.")
@click.option("--id", metavar="ID", help="The article with this id in the file: its own, the sender's, or its URL.")
@click.option("--from", "start", metavar="TIME", help="Look for ID in the topics from -1h or 2026-05-04T06:30:00Z on.")
@click.option("--html", metavar="PAGE", type=click.Path(dir_okay=False), help="Write one HTML page to this file.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object.")
@click.option("--full", is_flag=True, help="Show long texts to their end.")
def command(
    target: tuple[str, ...],
    number: int | None,
    line: int | None,
    id: str | None,
    start: str | None,
    html: str | None,
    as_json: bool,
    full: bool,
) -> None:
    """Explain one article: every cut with its rule, and every decision after it.

    FILE is a file in any format that `copydesk process` reads, or - for stdin; no Kafka is needed. If it has several
    articles, choose one; it is judged after those before it, so that copies and revisions are seen.

    ID looks the article up in the topics: the 16 hexadecimal digits that `copydesk tail` shows, or coordinates of its
    raw message, its dead letter or any other record of it, such as news-raw-3-1042.

    \b
    Examples:
      copydesk explain page.html
      copydesk explain crawl.jsonl --line 7
      copydesk explain crawl.jsonl --id https://news.example/ferry --html report.html
      copydesk explain 0d5a7c1be2f34a90
      copydesk explain news-dead-letters-0-17
      copydesk explain news-raw-3-1042 --json | jq .decisions

    The page needs nothing but itself: send it by mail, or open it anywhere. Without a terminal, cuts and other marks
    are in brackets instead of colours.

    The exit code is 1 if there is no such article, a file cannot be read, or Kafka does not answer.
    """
    from schemas import encode
    from workers.explain.explanation import explain
    from workers.explain.in_files import Choice
    from workers.explain.page import as_page
    from workers.explain.terminal import as_text
    from workers.files import STDIN, display_name
    from workers.files.aside import written_aside

    values = load_settings()
    choice = Choice(number=number, line=line, id=id)
    # Opened first, so that a path which cannot be written does not cost the wait.
    with nullcontext() if html is None else written_aside(html) as page:
        explanation = explain(_facts(target, choice, start, values), values)
        if page is not None:
            page.write(as_page(explanation, full=full).encode(errors="backslashreplace"))
    if html is not None:
        if html != STDIN:
            tell(f"wrote {display_name(html)}")
        if not as_json:
            return
    colour = is_terminal() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    width = shutil.get_terminal_size().columns if is_terminal() else None
    with written_aside(None) as out:
        if as_json:
            out.write(encode(explanation) + b"\n")
        else:
            text = as_text(explanation, full=full, width=width, colour=colour)
            out.write(text.encode(errors="backslashreplace") + b"\n")


def _facts(target: tuple[str, ...], choice: Choice, start: str | None, settings: Settings) -> Facts:
    """The facts about the article, from files or from the topics."""
    from workers.explain.in_topics import is_id

    only = target[0]
    if len(target) > 1 or only == "-" or os.path.lexists(only) or not is_id(only):
        if start is not None:
            raise click.UsageError("--from is for an id that is looked up in the topics")
        with told_of_waiting("Loading the models ..."):
            return _facts_in_files(target, choice, settings)
    if not choice.is_open:
        from workers.files import display_name

        raise click.UsageError(
            f"there is no file {display_name(only)}, and as an id it needs no --number, --line or --id"
        )
    with told_of_waiting("Looking for it in the topics ..."):
        return _facts_in_topics(only, start, settings)


def _facts_in_files(files: tuple[str, ...], choice: Choice, settings: Settings) -> Facts:
    from workers.cli.progress import progress
    from workers.errors import NotFoundError, UnreadableFileError
    from workers.explain import in_files
    from workers.files import display_name
    from workers.files.articles import articles
    from workers.files.finding import find, total_bytes

    now = int(time.time() * 1000)
    problems: list[str] = []
    found = find(files, problems.append)
    if not found:
        hint = "; an id has 16 hexadecimal digits, coordinates look like news-raw-3-1042"
        may_be_id = len(files) == 1 and not os.path.lexists(files[0]) and os.sep not in files[0]
        raise UnreadableFileError("\ncopydesk: ".join(problems) + (hint if may_be_id else ""))
    named = display_name(files[0]) if len(files) == 1 else "the files"
    try:
        with progress(total_bytes(found)) as shown:
            for problem in problems:
                shown.problem(problem)
            facts = in_files.find(articles(found, shown.problem, shown.advance), choice, settings, now)
    except NotFoundError as error:
        if shown.problems:  # they say why there is nothing
            raise SystemExit(NotFoundError.exit_code) from None
        raise NotFoundError(f"{named}: {error}") from None
    except in_files.SeveralArticlesError as error:
        lines = "\n".join(error.listed) + ("\n     …" if error.more else "")
        raise click.UsageError(
            f"{named}: {error}; choose one with --number, --line or --id. The first ones are\n\n{lines}"
        ) from None

    def models_loaded(languages: Collection[str], missing: Collection[str]) -> None:
        for problem in missing:
            tell(problem)

    return in_files.with_entities(facts, settings, now, models_loaded)


def _facts_in_topics(target: str, start: str | None, settings: Settings) -> Facts:
    from workers.embedded_kafka.node_files import broker_address
    from workers.explain import in_topics
    from workers.kafka.reader import BEGINNING, open_reader
    from workers.reading.times import parse_start
    from workers.topics import RAW

    try:
        first = BEGINNING if start is None else parse_start(start, time.time())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--from") from None
    address = broker_address(settings)
    with (
        open_reader(settings, address, in_topics.OUTPUTS) as outputs,
        open_reader(settings, address, (RAW,)) as raw,
    ):
        return in_topics.find(target, outputs, raw, settings, first)
