"""The stories gate."""

from __future__ import annotations

import pytest

from tests.quality import measures
from tests.shared import needs_shared


@needs_shared
@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "others", "floor"),
    [(5, 0, 0.91), (6, 0, 0.925), (7, 0, 0.925), (5, 3_000, 0.925)],  # just below the measured scores
)
def test_the_score_of_grouping_articles_by_event_does_not_fall(seed: int, others: int, floor: float) -> None:
    assert measures.stories(seed, others)["f1"] >= floor
