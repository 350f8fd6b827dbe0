"""Exported letters keep every byte, and come back as they were edited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dead_letters.support import letter_of, letter_record
from workers.dead_letters.files import as_line, read_file, read_lines
from workers.errors import UnreadableFileError
from workers.messages import Message

VALUES = st.none() | st.binary(max_size=60) | st.text(max_size=40).map(lambda text: text.encode())


def lines_of(record: Message, **changes: Any) -> list[bytes]:
    line = as_line(letter_of(record))
    return [orjson.dumps({name: value for name, value in (line | changes).items() if value != "gone"})]


@given(VALUES, VALUES, VALUES)
def test_an_export_comes_back_byte_for_byte(value: bytes | None, key: bytes | None, header: bytes | None) -> None:
    record = letter_record(value, key=key, headers=(("a", header), ("a", b"1")))
    (letter,) = read_lines(lines_of(record), "letters.jsonl")
    assert (letter.record.value, letter.record.key, letter.record.headers) == (record.value, record.key, record.headers)
    assert letter == letter_of(letter.record)


def test_an_edited_value_may_be_text_or_json() -> None:
    (text,) = read_lines(lines_of(letter_record(), value="edited"), "letters.jsonl")
    (json,) = read_lines(lines_of(letter_record(), value={"headline": "É"}), "letters.jsonl")
    assert (text.record.value, json.record.value) == (b"edited", '{"headline":"É"}'.encode())


def test_a_cut_letter_with_the_whole_value_in_its_place_is_whole() -> None:
    cut = letter_record(b"x" * 5_000, max_bytes=2_000)
    assert letter_of(cut).cut_from == 5_000
    (unedited,), (edited,) = (read_lines(lines_of(cut, **change), "") for change in ({}, {"value": "whole"}))
    assert (unedited.cut_from, edited.cut_from) == (5_000, None)


def test_what_dedupe_may_have_judged_cannot_be_edited() -> None:
    record = letter_record(stage="dedupe")
    assert list(read_lines(lines_of(record), "letters.jsonl"))
    with pytest.raises(UnreadableFileError, match=r"letters\.jsonl, line 1: .*only messages of news-raw can be edited"):
        list(read_lines(lines_of(record, value="edited"), "letters.jsonl"))


@pytest.mark.parametrize(
    "line", [b"{", b"[]", b"7", b"{}", *lines_of(letter_record(), letter="x"), *lines_of(letter_record(), headers=[1])]
)
def test_a_line_that_is_no_letter_is_named_before_any_is_given(line: bytes, tmp_path: Path) -> None:
    file = tmp_path / "letters.jsonl"
    file.write_bytes(b"\n".join([*lines_of(letter_record()), line]))
    with pytest.raises(UnreadableFileError, match=r"letters\.jsonl, line 2: "):
        next(read_file(str(file)))
