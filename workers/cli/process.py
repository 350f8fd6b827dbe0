"""``copydesk process``: files through the stages, without Kafka."""

from __future__ import annotations

import gzip
import sys
import time
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import click

from workers.cli import settings
from workers.errors import UnreadableFileError
from workers.stages import STAGES

ROLES = click.Choice(list(STAGES))
LINES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--from", "first", type=ROLES, default="clean", help="The first stage; later ones take the body as it is."
)
@click.option("--until", "last", type=ROLES, default="enrich", help="The last stage.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, writable=True), help="Where to write; else to stdout.")
def command(files: tuple[str, ...], first: str, last: str, output: str | None) -> None:
    """Take FILES through the stages and write one JSON line for each article, in order.

    FILES are JSON Lines (.jsonl, .jsonl.gz, or - for stdin), one article a line in any accepted format; any other file
    is one article (.json, .html, .txt). Without FILES, stdin is read.
    """
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from schemas import encode
    from workers.in_process import InProcessStream

    values = settings()
    stages = list(STAGES)
    if stages.index(first) > stages.index(last):
        raise click.UsageError(f"--from {first} comes after --until {last}")

    def models_loaded(languages: Collection[str], missing: Collection[str]) -> None:
        for name in missing:
            click.echo(f"copydesk: model {name}; its language gets the lexicon alone", err=True)

    stream = InProcessStream(values, first, last, int(time.time() * 1000), models_loaded=models_loaded)
    columns = (SpinnerColumn(), TextColumn("{task.completed} articles"), TimeElapsedColumn())
    with ExitStack() as stack:
        out: BinaryIO = stack.enter_context(Path(output).open("wb")) if output else sys.stdout.buffer
        console = Console(stderr=True)
        bar = stack.enter_context(Progress(*columns, console=console, transient=True, disable=not console.is_terminal))
        task = bar.add_task("articles", total=None)
        for line in stream.run(articles(files or ("-",))):
            out.write(encode(line) + b"\n")
            bar.advance(task)
        out.flush()


def articles(files: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Each raw article in the files: the name of its file, and its bytes."""
    from workers.clean.input.formats import MAX_BYTES  # which loads the stage: not for `copydesk --help`

    for file in files:
        if file == "-":
            yield from (("-", line) for line in _lines(sys.stdin.buffer, MAX_BYTES))
        elif file.endswith(LINES):
            opener = gzip.open if file.endswith(".gz") else open
            try:
                with opener(file, "rb") as lines:
                    yield from ((Path(file).name, line) for line in _lines(lines, MAX_BYTES))
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                raise UnreadableFileError(f"{file} is not a complete gzip file: {error}") from None
        else:
            with Path(file).open("rb") as whole:
                yield Path(file).name, whole.read(MAX_BYTES + 1)


def _lines(stream: BinaryIO | gzip.GzipFile, most: int) -> Iterator[bytes]:
    """The lines without their ends; of one that is larger than any message only so much as shows that it is."""
    while line := stream.readline(most + 1):
        yield line.rstrip(b"\r\n")
        while len(line) > most and not line.endswith(b"\n"):
            line = stream.readline(most + 1)
