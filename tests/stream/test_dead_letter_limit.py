from __future__ import annotations

from workers.stream.dead_letter_limit import DeadLetterLimit


def test_a_share_over_the_limit_counts_once_the_window_is_full() -> None:
    limit = DeadLetterLimit(percent=90, window=10)
    limit.count([True] * 9)
    assert not limit.exceeded
    limit.count([True])
    assert limit.exceeded
    assert limit.share == 100


def test_a_share_at_the_limit_is_within_it() -> None:
    limit = DeadLetterLimit(percent=90, window=10)
    limit.count([True] * 9 + [False])
    assert limit.share == 90
    assert not limit.exceeded


def test_only_the_last_messages_count() -> None:
    limit = DeadLetterLimit(percent=50, window=4)
    limit.count([True] * 4 + [False] * 2)
    assert limit.share == 50
    assert not limit.exceeded
    limit.count([True, False, True, True, True])
    assert limit.share == 75
    assert limit.exceeded


def test_a_limit_of_100_percent_is_none() -> None:
    limit = DeadLetterLimit(percent=100, window=3)
    limit.count([True] * 10)
    assert not limit.exceeded
