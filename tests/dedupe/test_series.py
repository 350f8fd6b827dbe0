"""Series: reports from one template about different things are no copies, and no story."""

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
