from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.dedupe.departures import Departures, Moment

times = st.integers(0, 20)


@given(st.lists(st.tuples(st.lists(times, max_size=8), times), max_size=20), st.booleans())
def test_entries_leave_in_the_order_of_their_times_and_none_stays_behind(
    steps: list[tuple[list[int], int]], is_restored: bool
) -> None:
    departures, within = Departures(min_sorted=4, bulk=3), list[Moment]()
    for added, end in steps:
        moments = [(time, 100 * len(within) + row) for row, time in enumerate(added)]
        departures.extend(added, [offset for _, offset in moments])
        within += moments
        if is_restored:
            arrays, departures = departures.dump(), Departures(min_sorted=4, bulk=3)
            departures.restore(arrays)
        due = sorted(moment for moment in within if moment[0] < end)
        assert [departures.pop_before(end) for _ in due] == [offset for _, offset in due]
        assert departures.pop_before(end) is None
        within = [moment for moment in within if moment[0] >= end]
