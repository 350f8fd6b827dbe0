"""The copies gate."""

from __future__ import annotations

import pytest

from tests.quality import measures
from tests.shared import needs_shared

FLOOR = 0.98
"""Just below the measured score."""


@needs_shared
@pytest.mark.slow
def test_the_score_of_syndicated_copies_does_not_fall() -> None:
    assert measures.copies()["f1"] >= FLOOR
