"""The entities gate."""

from __future__ import annotations

import pytest

from tests.quality import measures
from tests.shared import needs_shared

FLOORS = {"reuters2020": 0.8762, "worldwide": 0.816}
"""Just below the measured scores; the model alone scores .717 and .684."""


@needs_shared
@pytest.mark.slow
@pytest.mark.parametrize("name", list(FLOORS))
def test_the_score_of_entities_does_not_fall(name: str) -> None:
    assert measures.spans(name)["all"] >= FLOORS[name]
