from __future__ import annotations

from workers.messages import Result
from workers.outcomes import Outcome
from workers.stream.dead_letter_limit import DeadLetterLimit


def count(limit: DeadLetterLimit, *refused: bool) -> None:
    """Count a batch; each argument says whether a message was refused."""
    outcomes = (Outcome.DEAD_LETTER if each else Outcome.CLEAN for each in refused)
    limit.batch_finished([], [Result(outcome, None, ()) for outcome in outcomes])


def test_a_share_above_the_limit_exceeds_it_once_the_window_is_full() -> None:
    limit = DeadLetterLimit(percent=90, window_messages=10)
    count(limit, *[True] * 9)
    assert not limit.is_exceeded()
    count(limit, True)
    assert limit.is_exceeded()
    assert limit.percent_refused == 100


def test_a_share_at_the_limit_does_not_exceed_it() -> None:
    limit = DeadLetterLimit(percent=90, window_messages=10)
    count(limit, *[True] * 9, False)
    assert limit.percent_refused == 90
    assert not limit.is_exceeded()


def test_only_the_last_messages_count() -> None:
    limit = DeadLetterLimit(percent=50, window_messages=4)
    count(limit, *[True] * 4, *[False] * 2)
    assert limit.percent_refused == 50
    assert not limit.is_exceeded()
    count(limit, True, False, True, True, True)
    assert limit.percent_refused == 75
    assert limit.is_exceeded()


def test_a_limit_of_100_percent_is_never_exceeded() -> None:
    limit = DeadLetterLimit(percent=100, window_messages=3)
    count(limit, *[True] * 10)
    assert not limit.is_exceeded()
