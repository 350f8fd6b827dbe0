"""What the demo says of one article, in a line."""

from __future__ import annotations

from schemas import CopyKind, Duplicate, EnrichedArticle
from workers.cli.demo.tally import Arrival, DeadLetter, Tally
from workers.reading.text import printable

MAX_ENTITIES = 5
"""Entities shown of an article."""
NAME_WIDTH = 16
"""Columns of most names of articles."""


def line(arrival: Arrival, tally: Tally, width: int) -> str:
    """What became of an article, its name and its content, at most so wide."""
    name = printable(tally.names.get(arrival.origin, str(arrival.origin)))
    return cut(f"{word(arrival):8}  {name:{NAME_WIDTH}}  {content(arrival, tally)}", width)


def word(arrival: Arrival) -> str:
    """What became of it, in a word."""
    match arrival:
        case EnrichedArticle():
            return "enriched" if arrival.revision == 1 else "revision"
        case Duplicate():
            return "copy"
        case DeadLetter():
            return "refused"


def content(arrival: Arrival, tally: Tally) -> str:
    """The headline and entities, what it is a copy of, or why it was refused."""
    match arrival:
        case EnrichedArticle():
            names = ", ".join(f"{entity.name} {entity.type}" for entity in arrival.entities[:MAX_ENTITIES])
            return printable(f"{quoted(arrival.headline)}  {names}")
        case Duplicate(kind=CopyKind.UNCHANGED):
            return printable(f"the same again: {quoted(arrival.headline)}")
        case Duplicate(kind=CopyKind.OUTDATED):
            return printable(f"an older version: {quoted(arrival.headline)}")
        case Duplicate():
            original = tally.headlines.get(arrival.duplicate_of)
            return printable(
                f"{arrival.kind}, {arrival.score:.0%} shared with {quoted(original or arrival.duplicate_of)}"
            )
        case DeadLetter():
            return printable(f"{arrival.reason}: {arrival.message}")


def quoted(headline: str) -> str:
    """The headline in quotes."""
    return f"“{headline}”" if headline else "(no headline)"


def cut(text: str, width: int) -> str:
    """The text, cut where the line ends."""
    return text if len(text) <= width else f"{text[: width - 1]}…"
