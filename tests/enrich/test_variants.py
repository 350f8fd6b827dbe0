from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.enrich.variants import normalise_name, spelling_key


@pytest.mark.parametrize(
    ("one", "other"),
    [("Zelenskiy", "Zelensky"), ("Zelenskyy", "Zelensky"), ("Jean-Philippe", "Jean Philippe"), ("Erdoğan", "Erdogan")],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert spelling_key(one) == spelling_key(other)


@pytest.mark.parametrize(("one", "other"), [("Lin", "Lyn"), ("Johnson", "Johnston"), ("Martin", "Marten")])
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert spelling_key(one) != spelling_key(other)


@given(st.text(max_size=30))
def test_the_key_does_not_depend_on_case_and_hyphens(name: str) -> None:
    assert normalise_name(name.replace("-", " ")) == normalise_name(name)
    assert spelling_key(name) == spelling_key(name.replace("-", " "))
