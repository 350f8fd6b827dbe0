"""What a dead letter says, and what is none."""

from __future__ import annotations

import pytest

from schemas import Origin
from tests.dead_letters.support import letter_of, letter_record
from workers.dead_letters.letters import parse_place, place_name, read_letter
from workers.messages import FILE_HEADER, Message
from workers.stream.dead_letters import ERROR_HEADERS
from workers.topics import CLEAN, DEAD_LETTERS, RAW


def test_a_letter_says_what_was_refused_and_why() -> None:
    record = letter_record(headers=((FILE_HEADER, b"crawl.jsonl, line 7"),))
    letter = letter_of(record)
    assert (letter.refused, letter.stage, letter.reason) == (
        Origin(topic=RAW, partition=3, offset=1042),
        "clean",
        "no_body",
    )
    assert (letter.attempt, letter.file, letter.place) == (1, "crawl.jsonl, line 7", "news-dead-letters-0-17")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"topic": b"billing"},
        {"topic": CLEAN.encode()},
        {"stage": b"print"},
        {"partition": b"three"},
        {"offset": None},
        {"attempt": b"9" * 30},
        {"attempt": "١".encode()},
    ],
)  # fmt: skip
def test_a_record_of_somebody_else_is_stray(headers: dict[str, bytes | None]) -> None:
    changed = {f"{ERROR_HEADERS}{name}": value for name, value in headers.items()}
    record = letter_record()
    odd = tuple((dict(record.headers) | changed).items()) if headers else ()
    assert read_letter(Message(DEAD_LETTERS, 0, 1, -1, None, None, odd)) is None


def test_coordinates_are_read_in_any_usual_form() -> None:
    place = Origin(topic=DEAD_LETTERS, partition=0, offset=17)
    assert {parse_place(text) for text in ("news-dead-letters-0-17", "news-dead-letters/0/17")} == {place}
    assert place_name(place) == "news-dead-letters-0-17"
    assert parse_place("news-raw-17") is None
    assert parse_place(f"news-raw-0-{10**18 * 99}") is None
