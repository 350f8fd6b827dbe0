from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import EntityType
from workers.enrich.spans import ClaimedSpans, NamedSpan
from workers.enrich.unlabelled import find_acronyms, find_unlabelled_names

ORG, PERSON = EntityType.ORG, EntityType.PERSON
WORDS = st.sampled_from(
    ["Oyelaran", "Nexvard", "chipmaker", "Quellin", "and", "said", "the", "de", ",", ".", "Monday", "X"]
)


def found(text: str, *claimed: NamedSpan) -> list[tuple[str, EntityType]]:
    spans = ClaimedSpans(text)
    assert all(map(spans.claim, claimed))
    return [(text[span.start : span.end], span.type) for span in find_unlabelled_names(spans)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Shares of the chipmaker Nexvard fell.", [("Nexvard", ORG)]),  # the noun says what it is
        ("Shares of the chipmaker fell. Nexvard.", []),  # nothing says what it is
        ("The talks with the chipmaker Monday failed.", []),  # a date
        ("The talks with the chipmaker NEXVARD failed.", []),  # capitals may be a headline's
    ],
)
def test_a_capitalised_word_is_a_name_if_the_words_around_it_say_what_it_is(
    text: str, expected: list[tuple[str, EntityType]]
) -> None:
    assert found(text) == expected


def test_a_name_in_a_list_is_of_the_type_of_those_beside_it_and_so_is_the_next() -> None:
    text = "Votes came from Oyelaran, Quellin and Brandvik."
    assert found(text, NamedSpan(16, 24, PERSON)) == [("Quellin", PERSON), ("Brandvik", PERSON)]


def test_what_is_claimed_is_left_alone() -> None:
    text = "Shares of the chipmaker Nexvard fell."
    assert found(text, NamedSpan(24, 31, ORG)) == []


@given(st.lists(WORDS, max_size=30))
def test_names_are_free_and_in_order(words: list[str]) -> None:
    text = " ".join(["Oyelaran", *words])
    claimed = ClaimedSpans(text)
    claimed.claim(NamedSpan(0, 8, PERSON))
    spans = list(find_unlabelled_names(claimed))
    assert all(claimed.claim(span) for span in spans)
    assert claimed.in_order()[1:] == spans


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A boat of the QXNL said so.", ["QXNL"]),
        ("The QXNL's boat sank.", ["QXNL"]),
        ("The QXNL signal was lost.", []),  # initials that describe a noun
        ("She left the ICU.", []),  # no name
    ],
)
def test_initials_after_an_article_are_an_organisation_if_no_noun_follows(text: str, expected: list[str]) -> None:
    assert [text[span.start : span.end] for span in find_acronyms(ClaimedSpans(text))] == expected
