"""Finds dead letters in their topic."""

from __future__ import annotations

from collections.abc import Iterator

from schemas import Origin
from workers.dead_letters.filters import LetterFilter
from workers.dead_letters.letters import Letter, parse_place, place_name, read_letter
from workers.errors import NotFoundError
from workers.kafka.reader import BEGINNING, Reader
from workers.reading.entries import read_entry
from workers.topics import DEAD_LETTERS


def find_all(reader: Reader, meant: LetterFilter) -> Iterator[Letter]:
    """The letters that are meant, the oldest first."""
    for record in reader.read(BEGINNING if meant.first is None else meant.first):
        letter = read_letter(record)
        if letter and meant.matches(letter):
            yield letter


def find(reader: Reader, text: str) -> Letter:
    """The letter at the coordinates; or the last about the message at the coordinates, which may be the raw message.

    Raises:
        NotFoundError: there is none.
    """
    place = _place(text)
    if place.topic == DEAD_LETTERS:
        record = reader.read_one(place)
        if record is None:
            raise NotFoundError(
                f"there is no {text}, or not any more; `copydesk dead-letters list` shows what there is"
            )
        if letter := read_letter(record):
            return letter
        raise NotFoundError(f"{text} is a stray record, which no stage has written; `copydesk tail` shows it")
    found = None
    for record in reader.read(BEGINNING):
        if (letter := read_letter(record)) and place_name(place) in (
            place_name(letter.refused),
            read_entry(record).origin,
        ):
            found = letter
    if found is None:
        raise NotFoundError(f"there is no dead letter about {text}, or not any more")
    return found


def parse_letter_place(text: str) -> str:
    """The coordinates in their usual form.

    Raises:
        NotFoundError: these are no coordinates.
    """
    return place_name(_place(text))


def _place(text: str) -> Origin:
    place = parse_place(text)
    if place is None:
        raise NotFoundError(f"{text!r} is not TOPIC-PARTITION-OFFSET, such as {DEAD_LETTERS}-0-17")
    return place
