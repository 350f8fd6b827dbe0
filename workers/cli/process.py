"""``copydesk process``: processes files without Kafka."""

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

from workers.cli import load_settings
from workers.errors import UnreadableFileError
from workers.stages import STAGES

ROLES = click.Choice(list(STAGES))
JSON_LINES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
"""The suffixes of files that contain one article per line."""


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--from",
    "first",
    type=ROLES,
    default="clean",
    show_default=True,
    help="The first stage. With dedupe or enrich, the input bodies must already be clean.",
)
@click.option("--until", "last", type=ROLES, default="enrich", show_default=True, help="The last stage.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, writable=True), help="Output file.  [default: stdout]")
def command(files: tuple[str, ...], first: str, last: str, output: str | None) -> None:
    """Process the articles in FILES without Kafka and write one JSON line for each, in order.

    A JSON Lines file (.jsonl, .ndjson, optionally with .gz) contains one article per line, in any accepted format. Any
    other file (.json, .html, .txt) is one article. Without FILES, or for -, read JSON Lines from stdin.
    """
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from schemas import encode
    from workers.in_process import InProcessStream

    values = load_settings()
    stages = list(STAGES)
    if stages.index(first) > stages.index(last):
        raise click.UsageError(f"--from {first} comes after --until {last}")

    def models_loaded(languages: Collection[str], problems: Collection[str]) -> None:
        for problem in problems:
            click.echo(f"copydesk: {problem}", err=True)

    stream = InProcessStream(values, first, last, int(time.time() * 1000), models_loaded=models_loaded)
    columns = (SpinnerColumn(), TextColumn("{task.completed} articles"), TimeElapsedColumn())
    with ExitStack() as stack:
        out: BinaryIO = stack.enter_context(Path(output).open("wb")) if output else sys.stdout.buffer
        console = Console(stderr=True)
        hidden = not console.is_terminal
        progress = stack.enter_context(Progress(*columns, console=console, transient=True, disable=hidden))
        task = progress.add_task("articles", total=None)
        for line in stream.run(articles(files or ("-",))):
            out.write(encode(line) + b"\n")
            progress.advance(task)
        out.flush()


def articles(files: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The file name and the bytes of each raw article in the files.

    An article above the limit is cut to one byte more than allowed, so that clean refuses it.

    Raises:
        UnreadableFileError: a gzip file is damaged or incomplete.
    """
    from workers.clean.input.formats import MAX_BYTES  # imported late: it loads the whole clean stage

    for file in files:
        if file == "-":
            yield from (("-", line) for line in _read_lines(sys.stdin.buffer, MAX_BYTES))
        elif file.endswith(JSON_LINES):
            opener = gzip.open if file.endswith(".gz") else open
            try:
                with opener(file, "rb") as lines:
                    yield from ((Path(file).name, line) for line in _read_lines(lines, MAX_BYTES))
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                raise UnreadableFileError(f"{file} is not a complete gzip file: {error}") from None
        else:
            with Path(file).open("rb") as whole:
                yield Path(file).name, whole.read(MAX_BYTES + 1)


def _read_lines(stream: BinaryIO | gzip.GzipFile, max_bytes: int) -> Iterator[bytes]:
    """The lines without their line ends, each cut to at most ``max_bytes`` + 1 bytes."""
    while line := stream.readline(max_bytes + 1):
        yield line.rstrip(b"\r\n")
        while len(line) > max_bytes and not line.endswith(b"\n"):
            line = stream.readline(max_bytes + 1)
