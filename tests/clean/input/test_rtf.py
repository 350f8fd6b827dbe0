"""RTF is read as the text that a word processor shows."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tests.clean.samples import BODY, HEADLINE, ORIGIN, RECEIVED, STORY, cleaned
from tests.timing import seconds
from workers.clean import clean
from workers.clean.input import rtf
from workers.errors import RejectedError
from workers.outcomes import Reason

HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 Times;}{\f1\fcharset204 Arial;}{\f2\fcharset128 Mincho;}}"
    r"{\info{\title Draft}{\author desk}}{\*\generator Wire 2;}{\header Page one}\pard "
)


def document(*paragraphs: str) -> str:
    """Return a document of RTF with the paragraphs."""
    text = r"\par ".join(paragraphs).replace("“", r"\ldblquote ").replace("”", r"\'94")
    return f"{HEAD}{text}}}"


def test_a_document_is_read_alone_and_as_the_text_of_a_message() -> None:
    assert cleaned(document(HEADLINE, *BODY)).headline == HEADLINE
    assert cleaned(document(HEADLINE, *BODY)).body == STORY
    assert cleaned({"headline": HEADLINE, "body": document(*BODY)}).body == STORY


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (r"Caf\'e9\emdash no \{x\}\~\\", r"Café—no {x} \\"[:-1]),
        (r"{\f1\'cd\'e5\'f2} {\f2\'93\'fa\'96\'7b}", "Нет 日本"),
        (r"\uc1\u8217?s \u-10179?\u-8704? {\uc2\u233\'c3\'a9!}", "’s 😀 é!"),
        (r"a{\pict\bin4 }}\\c 0a0b}{\v hid}{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}", "alink"),
        (r"\trowd Gull\cell 2\cell\row Tern", "Gull | 2 | \nTern"),
        ("one \r\nword\nmore", "one wordmore"),
    ],
)
def test_characters_and_groups_are_read_as_they_are_shown(written: str, shown: str) -> None:
    assert rtf.text_of(document(written)) == shown


def test_bytes_are_of_the_character_set_of_the_document() -> None:
    assert rtf.from_bytes(rb"{\rtf1\ansi\ansicpg1250 " + "řeka".encode("cp1250") + b"}") == "řeka"
    assert rtf.from_bytes(rb"{\rtf1\ansi\uc2 caf\u233" + b"\xc3\xa9, caf\xe9") == "café, café"


@pytest.mark.parametrize("rest", ["a\\b " * 300_000, "{" * 1_100])
def test_a_document_that_is_not_read_to_its_end_is_refused(rest: str) -> None:
    with pytest.raises(RejectedError, match="the RTF has more than") as refused:
        cleaned(document(HEADLINE, *BODY)[:-1] + rest)
    assert refused.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize("unit", ["{", r"\a", r"\'e9", r"\u9?", "a\n", "}", r"{\v a", "\xff"])
def test_no_document_takes_long(unit: str) -> None:
    data = (HEAD + unit * (4_000_000 // len(unit))).encode("latin-1")

    def clean_or_refuse() -> None:
        with suppress(RejectedError):
            clean(data, ORIGIN, RECEIVED)

    assert seconds(clean_or_refuse) < 5  # a second on an idle machine
