from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.enrich.lexicon import TokenizedText
from workers.enrich.topics import with_organisations_of_topics

BUSINESS = "Analysts cut the forecast for the airline after passengers cancelled flights. "
WORDS = st.sampled_from(
    ["Delta", "Target", "shares", "said", "the", "in", "investors", "profit", "stores", "CEO", ",", "’s"]
)


def organisations(*texts: str) -> list[list[str]]:
    """The organisations found in each text of an article of which the lexicon knows nothing else."""
    tokenized = [TokenizedText(text) for text in texts]
    found = with_organisations_of_topics(tokenized, [[] for _ in texts])
    return [
        [f"{text[start:end]} = {entry.name}" for start, end, entry in own]
        for text, own in zip(texts, found, strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Delta said it would fly less.", ["Delta = Delta Air Lines"]),
        ("The flights of Target were full.", []),  # it does nothing that a company does
        ("Ships left the Delta on Monday.", []),
        ("But Delta said no.", ["Delta = Delta Air Lines"]),
        ("Delta said no to Delta Force.", ["Delta = Delta Air Lines"]),  # the other is a longer name
    ],
)
def test_a_common_word_is_a_company_where_it_acts_like_one(text: str, expected: list[str]) -> None:
    assert organisations(BUSINESS + text) == [expected]


def test_a_company_that_acts_once_is_one_in_the_whole_article_except_after_a_preposition_of_place() -> None:
    headline, body = "A bad summer for Delta", f"{BUSINESS}Delta cut its outlook. Rice grows in Delta."
    assert organisations(headline, body) == [["Delta = Delta Air Lines"]] * 2


def test_in_other_articles_a_common_word_is_no_company() -> None:
    assert organisations("The river rose. Delta said it would close the bridge.") == [[]]


def test_a_party_is_no_word_that_begins_a_sentence() -> None:
    text = "Labour lost seats in the election. Labour costs rose, and the government blamed Labour."
    assert organisations(text) == [["Labour = Labour Party"] * 2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mercedes was slow, and the Williams of Marta Oyelaran stopped. Williams will appeal.", 3),
        ("Mercedes was slow, and Serena Williams watched. Williams left.", 1),
    ],
)
def test_a_racing_team_has_the_name_of_nobody_in_the_article(text: str, expected: int) -> None:
    (found,) = organisations(f"She took pole for the Grand Prix on her last lap. {text}")
    assert len(found) == expected


@given(st.lists(WORDS, max_size=30))
def test_companies_are_words_of_the_text_in_order(words: list[str]) -> None:
    text = BUSINESS + " ".join(words)
    (found,) = with_organisations_of_topics([TokenizedText(text)], [[]])
    assert all(text[start:end] in ("Delta", "Target") for start, end, _ in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))
