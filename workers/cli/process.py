"""``copydesk process``: processes files without Kafka."""

from __future__ import annotations

import gzip
import sys
import time
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, NamedTuple

import click

from workers.cli import load_settings
from workers.errors import UnreadableFileError
from workers.stages import STAGES

ROLES = click.Choice(list(STAGES))
JSON_LINES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
"""The suffixes of files that contain one article per line."""
MAX_FILE_BYTES = 512 * 1024 * 1024
"""The most that is read of a file with several articles, except JSON Lines and WARC files, which may have any size."""
_HEAD_BYTES = 100


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

    A JSON Lines file (.jsonl, .ndjson, optionally with .gz) contains one article per line, in any accepted format. A
    feed, a JSON list or response of an API, a WARC file and a mailbox contain an article per item. Any other file is
    one article. Without FILES, or for -, read JSON Lines from stdin.
    """
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from schemas import encode
    from workers.in_process import InProcessStream

    values = load_settings()
    stages = list(STAGES)
    if stages.index(first) > stages.index(last):
        raise click.UsageError(f"--from {first} comes after --until {last}")

    def models_loaded(languages: Collection[str], missing: Collection[str]) -> None:
        for problem in missing:
            click.echo(f"copydesk: {problem}; finding entities by lexicon and rules only", err=True)

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


class RawInput(NamedTuple):
    """A raw article in a file; ``place`` says where (``line 7``), and is empty if it is the whole file."""

    name: str
    value: bytes
    place: str = ""

    def __str__(self) -> str:
        return f"{self.name}, {self.place}" if self.place else self.name


def articles(files: Iterable[str]) -> Iterator[RawInput]:
    """Each raw article in the files.

    An article above the limit is cut to one byte more than allowed, so that clean refuses it.

    Raises:
        UnreadableFileError: a gzip or WARC file is damaged or incomplete.
    """
    from workers.clean.input.reading import MAX_BYTES  # imported late: it loads the whole clean stage

    for file in files:
        if file == "-":
            yield from _numbered("-", sys.stdin.buffer, MAX_BYTES)
            continue
        try:
            with _open(file) as stream:
                if file.endswith(JSON_LINES):
                    yield from _numbered(Path(file).name, stream, MAX_BYTES)
                else:
                    yield from _parts(Path(file), stream, MAX_BYTES)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise UnreadableFileError(f"{file} is not a complete gzip file: {error}") from None


def _open(file: str) -> BinaryIO | gzip.GzipFile:
    return gzip.open(file, "rb") if file.endswith(".gz") else Path(file).open("rb")


def _numbered(name: str, stream: BinaryIO | gzip.GzipFile, max_bytes: int) -> Iterator[RawInput]:
    lines = enumerate(_read_lines(stream, max_bytes), start=1)
    return (RawInput(name, line, f"line {number}") for number, line in lines)


def _parts(file: Path, stream: BinaryIO | gzip.GzipFile, max_bytes: int) -> Iterator[RawInput]:
    """The articles of a file in any other format."""
    from workers.clean.input import splitting

    head = stream.read(_HEAD_BYTES)
    stream.seek(0)
    if splitting.is_warc(head):
        try:
            with file.open("rb") as records:
                for place, value in splitting.split_warc(records):
                    yield RawInput(file.name, value[: max_bytes + 1], place)
        except ValueError as error:
            raise UnreadableFileError(f"{file} is not a complete WARC file: {error}") from None
        return
    for place, value in splitting.split(stream.read(MAX_FILE_BYTES)):
        yield RawInput(file.name, value[: max_bytes + 1], place)


def _read_lines(stream: BinaryIO | gzip.GzipFile, max_bytes: int) -> Iterator[bytes]:
    """The lines without their line ends, each cut to at most ``max_bytes`` + 1 bytes."""
    while line := stream.readline(max_bytes + 1):
        yield line.rstrip(b"\r\n")
        while len(line) > max_bytes and not line.endswith(b"\n"):
            line = stream.readline(max_bytes + 1)
