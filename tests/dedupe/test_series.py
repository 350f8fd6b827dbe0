"""Series: reports from one template are no copies, and one story only if just their figures differ."""

from __future__ import annotations

from itertools import permutations

import pytest

from schemas import VerdictKind
from tests.dedupe.support import QUAKES, Delivery, article, entries_of


@pytest.mark.parametrize("texts", list(permutations(QUAKES)))
def test_each_text_of_a_series_passes_in_a_story_of_its_own(texts: tuple[str, ...]) -> None:
    entries = entries_of(*(Delivery(article(text, offset=at), at, 0) for at, text in enumerate(texts)))
    assert [entry.verdict.kind for entry in entries] == 3 * [VerdictKind.NEW]
    assert [entry.verdict.series_of for entry in entries] == [None, entries[0].id, entries[0].id]
    assert len({entry.verdict.story_id for entry in entries}) == 3


def test_bulletins_on_one_event_are_a_series_and_one_story() -> None:
    bulletin = (
        "Hurricane Odile was about {} miles southeast of Cape Linn early on {} with winds of {} miles an hour, the "
        "hurricane centre said. The storm was moving northwest at {} miles an hour and was expected to turn north. A "
        "warning was in effect from Ardo to Dorn. Residents of low-lying areas were told to leave."
    )
    texts = (bulletin.format(320, "Monday", 105, 9), bulletin.format(90, "Tuesday", 120, 12))
    first, last = entries_of(*(Delivery(article(text, offset=at), at, 0) for at, text in enumerate(texts)))
    assert (last.verdict.series_of, last.verdict.story_id) == (first.id, first.verdict.story_id)
