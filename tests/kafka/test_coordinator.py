"""Commits that a rebalance overtakes, and errors after which the group is left."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import GroupAuthorizationFailedError, RebalanceInProgressError
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from workers.kafka.coordinator import NO_GENERATION, Coordinator

OFFSETS = {TopicPartition("news-raw", 0): OffsetAndMetadata(5, "")}


@pytest.fixture
def coordinator(monkeypatch: pytest.MonkeyPatch) -> Coordinator:
    """A coordinator that has joined no group; ``sent`` are the generations of its commits."""

    async def join_complete(*_: object) -> None:
        pass

    async def send(request: Any) -> Any:
        made.sent.append(made.generation)
        return SimpleNamespace(topics=[])

    monkeypatch.setattr(GroupCoordinator, "_on_join_complete", join_complete)
    made = object.__new__(Coordinator)  # without a client
    made.group_id = made.member_id = "clean"
    made.generation, made.coordinator_id, made.sent, made._send_req = NO_GENERATION, 0, [], send
    return made


def join(coordinator: Coordinator, generation: int) -> None:
    coordinator.generation = generation
    asyncio.run(coordinator._on_join_complete(generation, "clean", "range", b""))


def commit(coordinator: Coordinator, *, active: bool) -> None:
    asyncio.run(coordinator._do_commit_offsets(SimpleNamespace(active=active), OFFSETS))


def test_commit_goes_under_the_generation_in_which_the_partition_was_assigned(coordinator: Coordinator) -> None:
    join(coordinator, 1)
    commit(coordinator, active=True)
    coordinator.generation = 2  # the group is joined again, and the partitions are not yet assigned
    with pytest.raises(RebalanceInProgressError):
        commit(coordinator, active=True)
    join(coordinator, 2)
    commit(coordinator, active=True)
    assert coordinator.sent == [1, 2]


def test_commit_of_an_earlier_assignment_is_refused(coordinator: Coordinator) -> None:
    with pytest.raises(RebalanceInProgressError):
        commit(coordinator, active=False)
    assert not coordinator.sent


@pytest.mark.parametrize("has_joined", [False, True], ids=["assigned by hand", "dropped by its group"])
def test_consumer_without_a_generation_commits(coordinator: Coordinator, has_joined: bool) -> None:
    if has_joined:
        join(coordinator, 1)
        coordinator.generation = NO_GENERATION
    commit(coordinator, active=True)
    assert coordinator.sent == [NO_GENERATION]


def test_error_that_ends_the_membership_is_reported(coordinator: Coordinator) -> None:
    errors: list[Exception] = []

    async def lose_a_right() -> None:
        coordinator.on_error = errors.append
        coordinator._subscription, coordinator._closing = SimpleNamespace(abort_waiters=id), asyncio.Future()
        coordinator._closing.set_result(None)
        await coordinator._push_error_to_user(GroupAuthorizationFailedError())

    asyncio.run(lose_a_right())
    assert [type(error) for error in errors] == [GroupAuthorizationFailedError]
