"""Which offset may be committed, by rule and as a law."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.stream.offsets import PartitionOffsets


def test_offset_moves_past_done_messages_up_to_the_first_that_is_not() -> None:
    offsets = PartitionOffsets(10)
    assert offsets.done_to == 10
    offsets.fetched([10, 11, 12], 13)
    offsets.done([12, 10])
    assert offsets.done_to == 11
    offsets.done([11])
    assert offsets.done_to == 13


def test_offsets_without_a_message_are_done_once_the_fetches_are_past_them() -> None:
    offsets = PartitionOffsets(0)
    offsets.fetched([0, 5], 9)  # 1 to 4 were compacted, 6 to 8 are aborted messages and a marker
    offsets.done([0])
    assert offsets.done_to == 5
    offsets.done([5])
    assert offsets.done_to == 9
    offsets.fetched([], 5_000_000_000)
    assert offsets.done_to == 5_000_000_000


def test_repeated_fetch_makes_nothing_pending_again() -> None:
    offsets = PartitionOffsets(0)
    offsets.fetched([0, 1], 2)
    offsets.done([0, 1])
    offsets.fetched([0, 1, 2], 3)
    assert offsets.done_to == 2
    offsets.fetched([], 1)
    assert offsets.done_to == 2


@given(
    has_message=st.lists(st.booleans(), max_size=60),
    cuts=st.lists(st.integers(0, 60), max_size=8),
    order=st.randoms(use_true_random=False),
)
def test_no_offset_passes_an_unhandled_message_and_in_the_end_all_are_passed(
    has_message: list[bool], cuts: list[int], order: object
) -> None:
    offsets, end = PartitionOffsets(0), len(has_message)
    unhandled = {offset for offset, is_message in enumerate(has_message) if is_message}
    waiting: list[int] = []
    start = 0
    for cut in sorted(min(cut, end) for cut in [*cuts, end]):
        fetched = [offset for offset in range(start, cut) if has_message[offset]]
        offsets.fetched(fetched, cut)
        waiting += fetched
        start = cut
        order.shuffle(waiting)  # type: ignore[attr-defined]
        for offset in waiting[: len(waiting) // 2]:
            offsets.done([offset])
            unhandled.discard(offset)
            assert offsets.done_to <= min(unhandled, default=end)
        waiting = waiting[len(waiting) // 2 :]
    offsets.done(waiting)
    assert offsets.done_to == end
