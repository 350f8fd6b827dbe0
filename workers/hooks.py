"""Callbacks of a worker's life cycle, used by lag, health, the watchdog, the dead-letter limit and ledgers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Protocol

from workers.messages import Message, Result

if TYPE_CHECKING:
    from faust.types import TP


class ConsumerState(Protocol):
    """What a consumer knows about its partitions without a request to the broker."""

    def assignment(self) -> Collection[TP]:
        """The partitions assigned to it, of every topic."""

    def highwater(self, tp: TP) -> int | None:
        """The offset up to which the partition could be read at the last fetch; None before the first."""

    def log_end(self, tp: TP) -> int | None:
        """The end of the partition at the last fetch; what lies behind an open transaction cannot be read yet."""

    def done_to(self, tp: TP) -> int:
        """The offset below which everything is handled, or has no message."""


class WorkerHook:
    """Observes a worker, which calls these methods from its event loop. They do nothing unless overridden."""

    def batch_started(self, messages: Sequence[Message]) -> None:
        """A batch was taken from the stream."""

    def batch_finished(self, messages: Sequence[Message], results: Sequence[Result]) -> None:
        """Every output of the batch is acknowledged by the broker; its offsets may be committed now."""

    def partitions_assigned(self, partitions: Collection[TP]) -> None:
        """A rebalance gave the worker these partitions of its input topic, and no others."""

    def partitions_revoked(self) -> None:
        """A rebalance began."""

    def loop_ticked(self, consumer: ConsumerState) -> None:
        """A second passed, and the event loop is responsive."""

    def paused(self) -> None:
        """The worker stopped consuming on purpose, and stays up."""

    def stopping(self) -> None:
        """The worker is about to end."""
