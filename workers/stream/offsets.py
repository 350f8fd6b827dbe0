"""Which offset of a partition may be committed: the one below which nothing is left to do."""

from __future__ import annotations

from collections.abc import Iterable


class PartitionOffsets:
    """The offsets of one partition that were fetched from ``start`` on, and which of them are done.

    Many offsets have no message: transaction markers, aborted messages, what compaction or retention deleted. They are
    done as soon as the fetches are past them, so that an idle partition is committed up to its end.
    """

    def __init__(self, start: int) -> None:
        self._fetched_to = start
        self._pending: dict[int, None] = {}  # ascending, as the fetches are

    def fetched(self, offsets: Iterable[int], fetched_to: int) -> None:
        """Note the messages of a fetch, before any is handled, and the offset at which the next fetch starts."""
        for offset in offsets:
            if offset >= self._fetched_to:  # else it was noted before
                self._pending[offset] = None
        self._fetched_to = max(self._fetched_to, fetched_to)

    def done(self, offsets: Iterable[int]) -> None:
        """Note that these messages are done, in any order."""
        for offset in offsets:
            self._pending.pop(offset, None)

    @property
    def done_to(self) -> int:
        """The offset below which everything is done."""
        return next(iter(self._pending), self._fetched_to)
