"""What two texts share, and what changed."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.explain.support import BRIDGE
from tests.timing import seconds
from workers.explain.comparing import compare, difference
from workers.explain.pieces import ADDED, DELETED, SHARED, Piece

TEXTS = st.text("ab c.\n’", max_size=60)


def with_mark(pieces: Iterable[Piece], *marks: str | None) -> list[str]:
    return [piece.text for piece in pieces if piece.mark in marks]


def text_of(pieces: Iterable[Piece], without: str = "") -> str:
    return "".join(piece.text for piece in pieces if piece.mark != without)


def test_moved_passages_have_the_same_number_in_both_texts() -> None:
    compared = compare("\n".join((*BRIDGE[:2], "Only in the copy.")), "\n".join((BRIDGE[1].upper(), BRIDGE[0])))
    assert compared.passages == 2
    assert [(piece.label, piece.text[:8]) for piece in compared.first if piece.mark] == [
        ("1", "The harb"),
        ("2", "Engineer"),
    ]
    assert [(piece.label, piece.text[:8]) for piece in compared.second if piece.mark] == [
        ("2", "ENGINEER"),
        ("1", "The harb"),
    ]
    assert (compared.of_second, compared.of_first < 1) == (1.0, True)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Watch the video.", "watch, the VIDEO"),
        ("It’s the port's bridge again", "Its the ports bridge again"),
        ("橋", "橋。"),
    ],
)
def test_short_texts_and_other_punctuation_are_shared(first: str, second: str) -> None:
    assert compare(first, second).of_first == 1.0


def test_serbian_words_are_shared_in_both_scripts() -> None:
    cyrillic, latin = "Љубав у Ђаковици, 5. маја", "Ljubav u Đakovici, 5. maja"
    for first, second, languages in ((cyrillic, latin, ("sr", "und")), (latin, cyrillic, ("sr", "sr"))):
        compared = compare(first, second, languages)
        assert (compared.of_first, compared.of_second) == (1.0, 1.0)
        assert with_mark(compared.first, SHARED) == [first]


def test_few_words_in_common_are_no_passage() -> None:
    assert with_mark(compare("the bridge in the bay is old", "the bridge in a bay was old").first, SHARED) == []


@given(TEXTS, TEXTS)
def test_pieces_make_up_the_texts(first: str, second: str) -> None:
    compared = compare(first, second)
    assert (text_of(compared.first), text_of(compared.second)) == (first, second)
    assert text_of(difference(first, second), without=DELETED) == second


def test_the_same_words_again_and_again_do_not_take_long() -> None:
    assert (
        seconds(lambda: compare("the same five words again " * 10_000, "the same five words again " * 10_000), 1) < 20
    )


def test_new_and_gone_sentences_are_marked() -> None:
    changed = difference("\n".join(BRIDGE), "\n".join((BRIDGE[0], "Nobody was hurt, the mayor said.", BRIDGE[2])))
    assert with_mark(changed, DELETED) == [BRIDGE[1] + "\n"]
    assert with_mark(changed, ADDED) == ["Nobody was hurt, the mayor said.\n"]


def test_of_a_reworded_sentence_the_words_are_marked() -> None:
    changed = difference(BRIDGE[0], BRIDGE[0].replace("six", "eight"))
    assert (with_mark(changed, DELETED), with_mark(changed, ADDED)) == (["six "], ["eight "])
