"""Two replays of one filter never run at once, and one that was killed blocks the next for a while only."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from workers.dead_letters.lease import SECONDS, Lease
from workers.errors import ReplayStoppedError


class Group:
    """What Kafka keeps for a consumer group, and a clock."""

    def __init__(self) -> None:
        self.offsets: dict[int, int] = {}
        self.note = ""
        self.now = 1_000.0

    def write(self, offsets: Mapping[int, int], note: str) -> None:
        self.offsets |= offsets
        self.note = note

    def lease(self) -> Lease:
        return Lease(lambda: self.note, self.write, self.offsets.get(0, 7), now=lambda: self.now)


def test_a_second_replay_is_refused_until_the_first_has_ended() -> None:
    group = Group()
    first, second = group.lease(), group.lease()
    first.take()
    with pytest.raises(ReplayStoppedError, match="another replay of this filter is running"):
        second.take()
    first.commit({0: 9, 1: 4})
    first.give_back()
    group.lease().take()
    assert group.offsets == {0: 9, 1: 4}


def test_a_killed_replay_blocks_the_next_only_for_a_while() -> None:
    group = Group()
    group.lease().take()
    group.now += SECONDS + 1
    group.lease().take()


def test_a_replay_that_lost_its_right_commits_no_more() -> None:
    group = Group()
    slow, next_one = group.lease(), group.lease()
    slow.take()
    group.now += SECONDS + 1
    next_one.take()
    next_one.commit({0: 20})
    with pytest.raises(ReplayStoppedError):
        slow.commit({0: 8})
    assert group.offsets == {0: 20}
