from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import EntityType
from workers.enrich.spans import MAX_NAME_CHARS, ClaimedSpans, ModelSpan, NamedSpan, split, trim


@pytest.mark.parametrize(
    ("given_", "left"),
    [
        ("Oyelaran's", "Oyelaran"),
        ("Oyelaran’s", "Oyelaran"),
        ("Oyelaran ’ s", "Oyelaran"),
        ("the Harbour Board", "Harbour Board"),
        ("“The Harbour Board”", "Harbour Board"),
        ("Valparaiso.", "Valparaiso"),
        ("U.S.", "U.S."),
        ("Harbour Corp.", "Harbour Corp."),
        ("Kim Jong-un", "Kim Jong-un"),
        ("Theresa", "Theresa"),
        ("(Harbour Board", "Harbour Board"),
        ("Acme (Chile)", "Acme (Chile)"),
        (" ... ", ""),
    ],
)
def test_a_span_loses_article_quotes_possessive_and_stops(given_: str, left: str) -> None:
    start, end = trim(given_, 0, len(given_))
    assert given_[start:end] == left


@given(st.text(alphabet="aA'’s.\n\" ()the-", max_size=40), st.data())
def test_trimming_only_takes_away_and_is_done_at_once(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = trim(text, start, end)
    assert start <= first <= last <= max(end, first)
    assert trim(text, first, last) == (first, last)


def test_a_span_is_cut_at_line_ends_slashes_and_brackets() -> None:
    text = "Harbour Board (HB)\nMarta Oyelaran/Pool"
    found = [text[p.start : p.end] for p in split(text, ModelSpan(0, len(text), EntityType.ORG))]
    assert found == ["Harbour Board", "HB", "Marta Oyelaran", "Pool"]


def test_nothing_comes_of_a_span_longer_than_any_name() -> None:
    text = "A" * (MAX_NAME_CHARS + 1)
    assert list(split(text, ModelSpan(0, len(text), EntityType.ORG))) == []


def test_what_is_added_first_to_a_page_holds_its_place() -> None:
    page = ClaimedSpans("Bank of Chile")
    assert page.claim(NamedSpan(0, 13, EntityType.ORG))
    assert not page.claim(NamedSpan(8, 13, EntityType.GPE))
    page = ClaimedSpans("Chile and Peru")
    assert page.claim(NamedSpan(10, 14, EntityType.GPE))
    assert page.claim(NamedSpan(0, 5, EntityType.GPE))
    assert [(f.start, f.end) for f in page.in_order()] == [(0, 5), (10, 14)]


@pytest.mark.parametrize("space", [" ", "\t", "\r", "\xa0", "\x85", "\u2003", "\u2028"])
def test_white_space_of_any_kind_is_trimmed(space: str) -> None:
    text = f"{space}Lima{space}"
    assert trim(text, 0, len(text)) == (1, 5)
