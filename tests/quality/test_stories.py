"""The stories gate."""

from __future__ import annotations

import pytest

from tests.quality import measures
from tests.shared import needs_shared

FLOOR = 0.89
"""Just below the lowest measured score."""


@needs_shared
@pytest.mark.slow
@pytest.mark.parametrize("seed", [5, 6, 7])
def test_the_score_of_grouping_articles_by_event_does_not_fall(seed: int) -> None:
    assert measures.stories(seed)["f1"] >= FLOOR
