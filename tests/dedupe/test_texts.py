from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import CleanArticle
from tests.dedupe.support import PARAGRAPHS, WINDOW, article
from tests.long_texts import PROSE, long_text
from workers.dedupe import Ledger
from workers.dedupe.texts import MAX_TEXTS, text_of, texts_of

texts = st.one_of(
    st.sampled_from(
        [*PARAGRAPHS, "", "…", "Im März 2024 kamen 17 Schiffe.", "東京で地震、 17 MAI 2024", PARAGRAPHS[0].upper()]
    ),
    st.text(alphabet="ab cdE5_'’-.Éß²新ヴ🙂\n", max_size=40),
    st.lists(st.sampled_from(PARAGRAPHS), max_size=9).map("\n".join),
)
articles = st.builds(
    lambda headline, body, language: replace(article(body, headline=headline), language=language),
    texts,
    texts,
    st.sampled_from(["en", "en", "de", "zh"]),
)


def values(of: Any) -> list[Any]:
    """All values of a record, with arrays as lists, which can be compared."""
    own = [getattr(of, field.name) for field in fields(of)]
    return [
        value.tolist() if isinstance(value, np.ndarray) else values(value) if is_dataclass(value) else value
        for value in own
    ]


@given(st.lists(articles, max_size=9))
def test_a_text_is_the_same_whichever_others_are_read_at_once(several: list[CleanArticle]) -> None:
    assert list(map(values, texts_of(several))) == [values(text_of(each)) for each in several]


def test_a_text_in_serbian_is_the_same_in_both_scripts() -> None:
    latin = "Vatrogasci iz Lodvika su saopštili da je džep požara u ulici Njegoševoj ugašen, i da će ljudi uskoro kući."
    cyrillic = "Ватрогасци из Лодвика су саопштили да је џеп пожара у улици Његошевој угашен, и да ће људи ускоро кући."
    one, other = (replace(article(body, headline=body[:30]), language="sr") for body in (latin, cyrillic))
    assert values(text_of(one)) == values(text_of(other))


def test_any_number_and_size_of_articles_can_be_read_at_once() -> None:
    several = [article(long_text(PROSE, 100_000)), *(article(PARAGRAPHS[0], offset=n) for n in range(4 * MAX_TEXTS))]
    assert len(texts_of(several)) == len(several)
    assert texts_of([]) == []


def test_verdicts_do_not_depend_on_which_articles_are_prepared_at_once() -> None:
    stream = [
        article(f"{one}\n{other}", offset=n, url=f"https://news.example/{n % 11}")
        for n, (one, other) in enumerate((PARAGRAPHS[i % 6], PARAGRAPHS[i // 6 % 6]) for i in range(72))
    ]
    alone, together = Ledger(WINDOW), Ledger(WINDOW)
    expected = [alone.decide(each, n, 50 * n) for n, each in enumerate(stream)]
    prepared = together.prepare(stream)
    assert [
        together.decide(each, n, 50 * n, text) for n, (each, text) in enumerate(zip(stream, prepared, strict=True))
    ] == expected


STUB = (
    "In this video from our reporters you can see what happened. Watch the full video above, and subscribe to our "
    "channel for more clips from around the region every day of the week."
)
BARN = (
    "A fire destroyed a barn near Wexley early on Monday and killed thirty sheep. Firefighters needed four hours to "
    "put it out, and nobody was hurt."
)


@pytest.mark.parametrize(
    ("body", "headlines", "is_copy"),
    [
        (STUB, ("Seal rescued from canal", "Tower demolished in Dray City"), False),
        (STUB, ("Seal rescued from canal", "Seal rescued from canal"), True),
        (BARN, ("Fire in Wexley", "Thirty sheep die"), True),
        (BARN, ("Barns burn", "In brief"), True),
        (BARN, ("", "Wexley"), True),
    ],
)
def test_a_stub_is_a_copy_only_with_the_same_headline(body: str, headlines: tuple[str, str], is_copy: bool) -> None:
    ledger = Ledger(WINDOW)
    for offset, headline in enumerate(headlines):
        verdict = ledger.decide(article(body, offset=offset, headline=headline), offset, offset).verdict
    assert (verdict.duplicate_of is not None) == is_copy
