"""Commits that a rebalance overtakes."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import RebalanceInProgressError
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from workers.kafka.coordinator import Coordinator

NO_GENERATION = OffsetCommitRequest.DEFAULT_GENERATION_ID
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
    for generation in (2, NO_GENERATION):  # the group is joined again, and the partitions are not yet assigned
        coordinator.generation = generation
        with pytest.raises(RebalanceInProgressError):
            commit(coordinator, active=True)
    join(coordinator, 2)
    commit(coordinator, active=True)
    assert coordinator.sent == [1, 2]


def test_commit_of_an_earlier_assignment_is_refused(coordinator: Coordinator) -> None:
    with pytest.raises(RebalanceInProgressError):
        commit(coordinator, active=False)
    assert not coordinator.sent


def test_consumer_whose_partitions_are_assigned_by_hand_commits(coordinator: Coordinator) -> None:
    commit(coordinator, active=True)
    assert coordinator.sent == [NO_GENERATION]
