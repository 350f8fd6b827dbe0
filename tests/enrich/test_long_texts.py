"""No text makes enrich work much harder than its length suggests. Work is counted, because clocks are not reliable."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from schemas.records import Section
from tests.enrich.support import article
from tests.long_texts import long_text
from workers.enrich import Enricher, known_names
from workers.enrich.fast_ner import decoding
from workers.enrich.fast_ner.pieces import Floats
from workers.enrich.gazetteer import politicians
from workers.enrich.limits import BODY_LIMIT, searched_part
from workers.enrich.recogniser import SpacyRecogniser
from workers.enrich.spans import MAX_NAME_CHARS

SIZE = 4_000
MAX_LINES = 60
"""Lines of code for each code point of a text. Hostile texts take up to 48 and prose takes 5."""
KINDS = (
    "initials", "capitals with stops", "commas", "ampersands", "dates", "names", "possessives", "elisions", "bylines",
    "datelines", "distinct people", "particles", "handles",
)  # fmt: skip
ENDLESS_ENTITIES = ("ampersands", "dates", "people with particles", "initials of a name")
"""Texts in which most tokens begin an entity that never ends."""
MAX_ROWS = decoding.TOKENS_TOGETHER + 4
"""Decisions for each token, at most: one without an open entity, some followed together, and the rest of some alone."""


@contextmanager
def lines_counted() -> Iterator[list[int]]:
    """Counts the lines that Python executes, those of loops and comprehensions each time."""
    count = [0]

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        count[0] += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield count
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_text_takes_so_much_work_per_character_at_most(kind: str, language: str, english: SpacyRecogniser) -> None:
    enricher = Enricher({"en": english})
    unique = article(long_text(kind, SIZE), headline="Harbour reopens", language=language)
    enricher.enrich([unique])  # reads the tables
    with lines_counted() as count:
        enricher.enrich([unique])
    assert count[0] <= MAX_LINES * SIZE


@pytest.mark.parametrize("kind", ENDLESS_ENTITIES)
def test_entities_that_never_end_are_found_as_by_spacy_with_few_decisions(
    kind: str, english: SpacyRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, rows, maxout = long_text(kind, SIZE), 0, decoding._maxout

    def counting(values: Floats) -> Floats:
        nonlocal rows
        rows += len(values)
        return maxout(values)

    monkeypatch.setattr(decoding, "_maxout", counting)
    found = english._label([text])
    assert found == english._label_with_spacy([text])
    assert rows <= MAX_ROWS * len(english.nlp.make_doc(text))


@pytest.mark.parametrize("word", ["_", "a1", "а1", "aб", "& "])
def test_as_many_tokens_of_a_text_are_read_whatever_it_consists_of(word: str) -> None:
    text = word * 2 * BODY_LIMIT.tokens
    assert len(searched_part(Section.BODY, text)) == BODY_LIMIT.tokens * len(word) // len(word.strip())


def test_a_word_that_is_too_long_for_a_name_is_not_remembered() -> None:
    for remembers in (known_names._type_alone, politicians):
        remembers.cache_clear()
        known_names.find_known_names(f"Marta {'A' * MAX_NAME_CHARS}\n{'A' * MAX_NAME_CHARS}A")
        assert remembers.cache_info().currsize == 0
