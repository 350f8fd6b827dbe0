from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workers.dedupe.segments import MAX_SEGMENTS, Segments

SLOT_BITS = 32


@given(
    hashes=st.lists(st.lists(st.integers(0, 2**32 - 1), max_size=4), max_size=40),
    bulk=st.integers(1, 60),
    asked_at=st.sets(st.integers(0, 39)),
)
def test_segments_hold_what_was_added_sorted_and_are_few(
    hashes: list[list[int]], bulk: int, asked_at: set[int]
) -> None:
    segments, added = Segments(bulk), []
    for slot, each in enumerate(hashes):
        postings = [value << SLOT_BITS | slot for value in each]
        segments.add(np.array(each, np.uint32), np.full(len(each), slot, np.uint32))
        added += postings
        assert len(segments) == len(added)
        if slot in asked_at:
            segments.all()
    found = [segment.tolist() for segment in segments.all()]
    assert sorted(posting for segment in found for posting in segment) == sorted(added)
    assert all(segment == sorted(segment) for segment in found)
    slots = [[posting & (1 << SLOT_BITS) - 1 for posting in segment] for segment in found if segment]
    assert all(max(earlier) <= min(later) for earlier, later in pairwise(slots))
    assert len(found) <= MAX_SEGMENTS
