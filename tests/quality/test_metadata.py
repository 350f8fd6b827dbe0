"""The metadata gate: accuracy of what is read from the heads of real pages, with floors just below the measured values.

What keeps the figures from 1 is mostly the set's own choice. It has ``og:title`` where heading and JSON-LD agree on
another headline in 10 of 130 rows, and the heading in 8; of other pages with such a conflict (the cleaning task's
``train`` set) the heading is right in 21 of 24. Of its bylines 11 in 128 name only the publisher, who is no author in
our records, and 4 have the publisher or an agency beside people. Two dates have day and month swapped, and one
ignores its time zone.
"""

from __future__ import annotations

import pytest

from tests.quality.pages import metadata
from tests.shared import needs_shared

FLOORS = {"headline": 0.87, "byline": 0.80, "published": 0.97, "keywords": 0.82}


@needs_shared
@pytest.mark.slow
def test_metadata_is_read_from_news_pages() -> None:
    accuracy = metadata()
    assert {field: accuracy[field] for field, floor in FLOORS.items() if accuracy[field] < floor} == {}
