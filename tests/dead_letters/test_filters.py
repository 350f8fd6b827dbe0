"""Which letters a filter means, and what it is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import encode
from tests.dead_letters.support import NOW, letter_of, letter_record
from tests.dedupe.support import PARAGRAPHS, article
from workers.dead_letters.filters import LetterFilter, source_of
from workers.outcomes import Reason, Stage
from workers.topics import CLEAN, RAW, UNIQUE

SECONDS = st.none() | st.integers(946_684_800, 4_102_444_799).map(lambda second: 1000 * second)
FILTERS = st.builds(
    LetterFilter,
    reasons=st.lists(st.sampled_from(list(Reason)), max_size=2).map(tuple),
    stages=st.lists(st.sampled_from(list(Stage)), max_size=2).map(tuple),
    topics=st.lists(st.sampled_from([RAW, CLEAN, UNIQUE]), max_size=2).map(tuple),
    sources=st.lists(st.text(min_size=1, max_size=12).map(str.casefold), max_size=2).map(tuple),
    first=SECONDS,
    until=SECONDS,
)


def test_a_filter_asks_for_all_of_its_conditions() -> None:
    letter = letter_of(letter_record(reason=Reason.EMPTY))
    now = int(1000 * NOW)
    assert LetterFilter().matches(letter)
    assert LetterFilter(reasons=("empty", "no_body"), stages=("clean",), topics=(RAW,), first=now).matches(letter)
    assert not LetterFilter(reasons=("no_body",)).matches(letter)
    assert not LetterFilter(until=now).matches(letter)


def test_the_same_filter_has_the_same_name_in_any_order() -> None:
    assert str(LetterFilter(reasons=("empty", "no_body"))) == str(LetterFilter(reasons=("no_body", "empty")))
    assert str(LetterFilter(reasons=("empty",), stages=("clean",))) == "reason=empty.stage=clean"
    assert str(LetterFilter(sources=("Courier.example",))) == "source=courier.example"


@given(FILTERS)
def test_a_name_says_which_filter_it_is(wanted: LetterFilter) -> None:
    found = LetterFilter.parse(str(wanted), {})
    for name in ("reasons", "stages", "topics", "sources"):
        assert set(getattr(found, name)) == set(getattr(wanted, name))
    assert (found.first, found.until) == (wanted.first, wanted.until)


@pytest.mark.parametrize("text", ["letters", "reason", "reason=b,a", "from=never", "x.reason=empty", "reason=.stage="])
def test_other_names_are_of_no_filter(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not|names no filter"):
        LetterFilter.parse(text, {})


@pytest.mark.parametrize(
    ("value", "wanted", "is_meant"),
    [
        (b'{"headline": "Ferry", "url": "https://www.courier.example/ferry"}', "courier.example", True),
        (b'{"headline": "Ferry", "url": "https://m.courier.example/ferry"}', "COURIER.example", True),
        (b'{"headline": "Ferry", "url": "https://courier.example/ferry"}', "other.example", False),
        (b'{"headline": "Ferry", "url": "https://courier.example/ferry"', "courier.example", False),
        (b'{"meta": {"site": "Harbour Wire"}}', "harbour wire", True),
        (None, "courier.example", False),
    ],
)
def test_letters_are_found_by_the_source_of_their_article(value: bytes | None, wanted: str, is_meant: bool) -> None:
    paths = {"source": ("meta.site",)}
    assert LetterFilter(sources=(wanted,), paths=paths).matches(letter_of(letter_record(value))) is is_meant


def test_what_clean_has_passed_says_its_source() -> None:
    value = encode(article(PARAGRAPHS[0]))
    assert source_of(letter_of(letter_record(value, stage="enrich")), {}) == article(PARAGRAPHS[0]).source
    assert source_of(letter_of(letter_record(b"{", stage="dedupe")), {}) is None
