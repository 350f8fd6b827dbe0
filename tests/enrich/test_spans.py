from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import EntityType
from workers.enrich.spans import MAX_NAME_CHARS, ClaimedSpans, ModelSpan, NamedSpan, split, trim


@pytest.mark.parametrize(
    ("text", "trimmed"),
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
def test_trimming_removes_article_quotes_possessive_and_stops(text: str, trimmed: str) -> None:
    start, end = trim(text, 0, len(text))
    assert text[start:end] == trimmed


@given(st.text(alphabet="aA'’s.\n\" ()the-", max_size=40), st.data())
def test_trimming_only_shortens_and_is_idempotent(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = trim(text, start, end)
    assert start <= first <= last <= max(end, first)
    assert trim(text, first, last) == (first, last)


def test_a_span_ends_with_the_text() -> None:
    assert list(split("in Mr", ModelSpan(3, 9, EntityType.ORG))) == [ModelSpan(3, 5, EntityType.ORG)]


def test_a_span_is_split_at_line_ends_slashes_and_brackets() -> None:
    text = "Harbour Board (HB)\nMarta Oyelaran/Pool"
    found = [text[p.start : p.end] for p in split(text, ModelSpan(0, len(text), EntityType.ORG))]
    assert found == ["Harbour Board", "HB", "Marta Oyelaran", "Pool"]


def test_a_span_longer_than_any_name_is_dropped() -> None:
    text = "A" * (MAX_NAME_CHARS + 1)
    assert list(split(text, ModelSpan(0, len(text), EntityType.ORG))) == []


def test_the_first_span_to_claim_a_character_keeps_it() -> None:
    claimed = ClaimedSpans("Bank of Chile")
    assert claimed.claim(NamedSpan(0, 13, EntityType.ORG))
    assert not claimed.claim(NamedSpan(8, 13, EntityType.GPE))
    claimed = ClaimedSpans("Chile and Peru")
    assert claimed.claim(NamedSpan(10, 14, EntityType.GPE))
    assert claimed.claim(NamedSpan(0, 5, EntityType.GPE))
    assert [(f.start, f.end) for f in claimed.in_order()] == [(0, 5), (10, 14)]


@pytest.mark.parametrize("space", [" ", "\t", "\r", "\xa0", "\x85", "\u2003", "\u2028"])
def test_any_whitespace_is_trimmed(space: str) -> None:
    text = f"{space}Lima{space}"
    assert trim(text, 0, len(text)) == (1, 5)
