"""``copydesk publish``: sends articles to the stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import click

from workers.cli import load_settings, tell_of_stdin, tidy_on_signals
from workers.cli.ending import Interrupted
from workers.errors import CommandError, UnreadableFileError, UnwritableFileError
from workers.reading.text import plural
from workers.settings import Settings

if TYPE_CHECKING:
    from workers.files.journal import Journal


@click.command()
@click.argument("files", nargs=-1, type=click.Path())
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Send at most so many articles per second.")
@click.option("--resume", is_flag=True, help="Skip what an earlier run of the same command has sent.")
def command(files: tuple[str, ...], rate: float | None, resume: bool) -> None:
    """Send the articles in FILES to the topic of raw articles.

    FILES are read as by `copydesk process`. Each message has the file and line of its article in the header
    `__copydesk.file`, and the time of sending as its time.

    An article counts as sent once all in-sync replicas have it. A run that was interrupted for any reason continues
    with --resume and the same FILES: no article is left out, those that could not be sent are tried again, and the last
    ones before the end may be sent twice. Files that have changed since are sent from their start.

    \b
    Examples:
      copydesk publish crawl.jsonl
      copydesk publish crawl/ "feeds/**/*.xml" --rate 200
      copydesk publish crawl.jsonl --resume
      zcat crawl.warc.gz | copydesk publish

    The exit code is 1 if any article could not be sent or any file could not be read to its end.
    """
    from workers.cli.progress import progress
    from workers.files.finding import find, total_bytes
    from workers.kafka.publisher import publish

    values = load_settings()
    names = files or ("-",)
    if resume and "-" in names:
        raise click.UsageError("--resume needs FILES: stdin cannot be read again")
    problems: list[str] = []
    found = find(names, problems.append)
    if not found:
        raise UnreadableFileError("\ncopydesk: ".join(problems))
    tell_of_stdin(found)
    from workers.embedded_kafka.node_files import broker_address

    bootstrap = broker_address(values)
    sent = failed = 0
    with tidy_on_signals(), progress(total_bytes(found)) as shown:
        for problem in problems:
            shown.problem(problem)
        journal = _journal(values, names, resume)
        is_all = False
        inputs = _inputs(found, journal, shown.problem, shown.advance)
        try:
            with closing(publish(inputs, values, bootstrap, rate)) as deliveries:
                for delivery in deliveries:
                    if delivery.error:
                        failed += 1
                        shown.problem(f"not sent: {delivery.place}: {delivery.error}")
                    else:
                        sent += 1
                    if journal:
                        journal.settled(delivery.place.file, delivery.place.number, is_sent=not delivery.error)
                    shown.done()
            is_all = True
        except KeyboardInterrupt:
            raise Interrupted(_so_far(sent, journal)) from None
        except (CommandError, SystemExit):  # SIGTERM leaves as SystemExit
            if sent:
                shown.note(_so_far(sent, journal))
            raise
        finally:
            if journal:
                journal.close(is_all)
    again = " (the rest was sent before)" if resume else ""
    text = f"{sent:,} sent to {bootstrap}{again}" + (f", {failed:,} failed" if failed else "")
    click.echo(shown.summary(text), err=True)
    if shown.problems:
        raise SystemExit(1)


def _so_far(sent: int, journal: Journal | None) -> str:
    """What an end in the middle leaves, and how to go on."""
    how = "; to continue, run the same command with --resume" if sent and journal else ""
    return f"{plural(sent, 'article')} sent{how}"


class Place(NamedTuple):
    """Where an article comes from; its text is shown, and goes with the message."""

    file: str
    number: int
    text: str

    def __str__(self) -> str:
        return self.text


def _inputs(
    files: Sequence[str], journal: Journal | None, report: Callable[[str], None], advance: Callable[[int], object]
) -> Iterator[tuple[Place, bytes]]:
    """The articles that are not sent yet."""
    from workers.files.articles import articles_in

    for file in files:
        sent = journal.started(file) if journal else None
        if sent and sent.is_done:
            continue
        for number, article in enumerate(articles_in(file, report, advance), start=1):
            if not sent or not sent.has(number):
                yield Place(file, number, str(article)), article.value


def _journal(values: Settings, names: Sequence[str], resume: bool) -> Journal | None:
    """Where to note what is sent; None if nothing can be noted, and nothing needs to be.

    Raises:
        UnwritableFileError: the run is to be resumed, but the notes cannot be read or written.
    """
    from workers.files.journal import Journal, journal_file

    if "-" in names:
        return None
    file = journal_file(values.data_dir / "publish", values.broker, names)
    try:
        return Journal.open(file, resume)
    except OSError as error:
        if not resume:
            return None
        raise UnwritableFileError(f"{file}, the notes for --resume, cannot be used: {error.strerror}") from None
