"""Decides which messages are handled alone, and which are given up because they end every worker that handles them.

Kafka keeps a string beside each committed offset, and there a worker leaves a mark before it handles the first messages
of a partition. An ordinary commit means progress and leaves none. So a worker that finds a mark knows that the one
before it began at this offset and ended without progress, by whatever means: out of memory, a crash of native code, the
watchdog, kill -9. It then handles as many messages as a batch has alone, and marks each before and after it. The mark
counts the workers that ended in between. A message that has ended ``limit`` workers is not handled again. Until then it
has ended two more: the first, before anything was marked, and one in whose first batch it was. (A worker that commits
progress before it ends leaves no mark and is not counted either; its successor begins closer to the message.)

``CrashMarks`` decides and does no I/O; ``StageWorker`` reads and commits the marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workers.kafka.record_sizes import memory_of
from workers.messages import Message

MAX_PART_BYTES = 512 * 1024
"""Memory of several messages that are handled at once, as they were read. Bounds what handling them takes, and the time
until they are acknowledged."""

_PREFIX = "falls="


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands beside a committed offset: how many workers ended while they handled the message there alone."""

    falls: int = 0

    @property
    def metadata(self) -> str:
        """The mark as Kafka keeps it."""
        return f"{_PREFIX}{self.falls}"


Marks = Mapping[int, tuple[int, Mark]]
"""Marks to commit: the offset and the mark, by partition."""


def read_mark(metadata: str) -> Mark | None:
    """The mark in the metadata of a committed offset; None if it holds none."""
    falls = metadata.removeprefix(_PREFIX)
    return Mark(int(falls)) if falls != metadata and falls.isascii() and falls.isdigit() else None


@dataclass(slots=True)
class _Partition:
    """What is known about a partition since it was assigned.

    Attributes:
        suspects: messages from here on that are still to be handled alone.
        falls: workers that ended while they handled the next message alone.
        is_marked: whether a worker's beginning is marked; else the next messages are the first.
    """

    suspects: int
    falls: int
    is_marked: bool


class CrashMarks:
    """The marks of the partitions that are assigned to a worker.

    Args:
        limit: how many workers a message may end before it is given up.
        batch_size: messages of a partition that may have been at hand when a worker ended.
    """

    def __init__(self, limit: int, batch_size: int) -> None:
        self.limit = limit
        self._batch_size = batch_size
        self._partitions: dict[int, _Partition] = {}

    def forget(self) -> None:
        """Forget every partition: another worker may have had them since."""
        self._partitions.clear()

    def unknown(self, messages: Sequence[Message]) -> set[int]:
        """The partitions of the messages whose marks are still to be read."""
        return {message.partition for message in messages} - self._partitions.keys()

    def found(self, partition: int, metadata: str) -> bool:
        """Note what stands beside the partition's committed offset. Return whether it is a mark."""
        mark = read_mark(metadata)
        self._partitions[partition] = _Partition(
            suspects=self._batch_size if mark else 0, falls=mark.falls if mark else 0, is_marked=mark is not None
        )
        return mark is not None

    def parts(self, messages: Sequence[Message]) -> Iterator[int]:
        """The lengths of the parts in which to handle the messages, in order: suspects alone, others until
        ``MAX_PART_BYTES``.

        Take the next length once the part before it is handled.
        """
        start = 0
        while start < len(messages):
            end, size = start + 1, memory_of(messages[start])
            while not self._is_suspect(messages[start]) and end < len(messages) and not self._is_suspect(messages[end]):
                size += memory_of(messages[end])
                if size > MAX_PART_BYTES:
                    break
                end += 1
            yield end - start
            start = end

    def is_given_up(self, part: Sequence[Message]) -> bool:
        """Whether the part is a message that has ended too many workers."""
        return self._is_suspect(part[0]) and self._partitions[part[0].partition].falls >= self.limit

    def before(self, part: Sequence[Message]) -> Marks:
        """The marks to commit before the part is handled."""
        if self._is_suspect(part[0]):
            return {part[0].partition: (part[0].offset, Mark(self._partitions[part[0].partition].falls + 1))}
        marks: dict[int, tuple[int, Mark]] = {}
        for message in part:
            if not self._partitions[message.partition].is_marked:
                marks.setdefault(message.partition, (message.offset, Mark()))
        for partition in marks:
            self._partitions[partition].is_marked = True
        return marks

    def after(self, part: Sequence[Message]) -> Marks:
        """The marks to commit once the part is handled, or has failed by no fault of its own: as they were before."""
        if self._is_suspect(part[0]):
            return {part[0].partition: (part[0].offset, Mark(self._partitions[part[0].partition].falls))}
        return {}

    def acknowledged(self, part: Sequence[Message]) -> None:
        """Note that the part is done."""
        for message in part:
            partition = self._partitions[message.partition]
            partition.suspects = max(0, partition.suspects - 1)
            partition.falls = 0

    def _is_suspect(self, message: Message) -> bool:
        return self._partitions[message.partition].suspects > 0
