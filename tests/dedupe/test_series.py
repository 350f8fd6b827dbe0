"""Series: reports from one template about different things are no copies, and no story."""

from __future__ import annotations

from itertools import permutations

import pytest

from schemas import VerdictKind
from tests.dedupe.support import Delivery, article, entries_of

QUAKE = (
    "An earthquake of magnitude {0} struck {1} in the province of {2} on {3}, killing at least {4} people and damaging "
    "hundreds of houses, officials said. It hit at {5} local time at a depth of {6} kilometres, the geological survey "
    "said. Residents of {1} ran into the streets, and hospitals treated dozens of people with broken bones. Rescue "
    "teams were searching the rubble of a school and a market. Power was cut in large parts of {2}."
)
QUAKES = [
    QUAKE.format("5.9", "Sarmin", "Oltan", "Monday", 23, "4:12", 10),
    QUAKE.format("6.3", "Belhara", "Kust", "Thursday", 41, "23:48", 35),
    QUAKE.format("5.1", "Immadur", "Pell", "Friday", 7, "14:31", 22),
]


@pytest.mark.parametrize("texts", list(permutations(QUAKES)))
def test_each_text_of_a_series_passes_in_a_story_of_its_own(texts: tuple[str, ...]) -> None:
    entries = entries_of(*(Delivery(article(text, offset=at), at, 0) for at, text in enumerate(texts)))
    assert [entry.verdict.kind for entry in entries] == 3 * [VerdictKind.NEW]
    assert [entry.verdict.series_of for entry in entries] == [None, entries[0].id, entries[0].id]
    assert len({entry.verdict.story_id for entry in entries}) == 3
