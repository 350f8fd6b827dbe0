"""aiokafka's group coordinator, which commits only under the generation in which partitions were assigned.

It also reports what ends its part in the group.

aiokafka has no place for another coordinator, so importing this module replaces a name in one of its modules.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.consumer import consumer as consumer_module
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import RebalanceInProgressError
from aiokafka.protocol.commit import OffsetCommitRequest

from workers.fault_points import fault_point

NO_GENERATION = OffsetCommitRequest.DEFAULT_GENERATION_ID
"""The generation of a consumer whose partitions are assigned by hand, and of one that its group has dropped."""


class Coordinator(GroupCoordinator):  # type: ignore[misc]
    """aiokafka's coordinator, which refuses a commit that a rebalance has overtaken.

    aiokafka sends such a commit under the new generation. Kafka takes it, though the partition may have another owner,
    whose commits it lowers. Without a generation, Kafka itself takes a commit only while the group has no members.
    """

    _assigned_in = NO_GENERATION

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.on_error: Callable[[Exception], None] = lambda error: None

    def _push_error_to_user(self, exc: Exception) -> Awaitable[Any]:
        """Report the error, and wait out of the group for a call of ``check_errors``, which Faust never makes."""
        self.on_error(exc)
        waiting: Awaitable[Any] = super()._push_error_to_user(exc)
        return waiting

    @fault_point("joined group")
    async def _on_join_complete(self, generation: int, *details: Any) -> None:
        self._assigned_in = generation
        await super()._on_join_complete(generation, *details)

    async def _do_commit_offsets(self, assignment: Any, offsets: Any) -> None:
        if not assignment.active or self.generation not in (self._assigned_in, NO_GENERATION):
            raise RebalanceInProgressError
        await super()._do_commit_offsets(assignment, offsets)


consumer_module.GroupCoordinator = Coordinator
