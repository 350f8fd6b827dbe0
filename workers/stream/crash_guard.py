"""Surrounds the handling of messages with marks beside the committed offsets, and gives up those that end workers."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Protocol

from faust.types import TP

from workers.errors import RejectedError
from workers.fault_points import fault_point
from workers.messages import HandlerResult, Message
from workers.outcomes import Reason
from workers.stream.crash_marks import CrashMarks, Marks

log = logging.getLogger(__name__)

HandleMessages = Callable[[Sequence[Message]], Awaitable[Sequence[HandlerResult]]]


class OffsetMetadata(Protocol):
    """Reads and writes the strings beside committed offsets; a Faust consumer does."""

    async def fetch_metadata(self, partitions: Collection[TP]) -> Mapping[TP, str]:
        """The string beside the committed offset of each partition that has one."""

    async def commit_with_metadata(self, offsets: Mapping[TP, tuple[int, str]]) -> None:
        """Commit each offset with a string."""


class CrashGuard:
    """The guard of one worker: ``metadata`` returns where the marks are kept, once the worker is connected."""

    def __init__(self, stage: str, topic: str, marks: CrashMarks, metadata: Callable[[], OffsetMetadata]) -> None:
        self._stage = stage
        self._topic = topic
        self._marks = marks
        self.metadata = metadata

    def forget(self) -> None:
        """Forget every partition: another worker may have had them since."""
        self._marks.forget()

    async def parts(self, messages: Sequence[Message]) -> Iterator[int]:
        """The lengths of the parts in which to handle the messages. Reads the marks of partitions not seen before."""
        if unknown := self._marks.unknown(messages):
            found = await self.metadata().fetch_metadata([TP(self._topic, partition) for partition in sorted(unknown)])
            for message in messages:
                if message.partition in unknown:
                    unknown.remove(message.partition)
                    self.found(message, found.get(TP(self._topic, message.partition), ""))
        return self._marks.parts(messages)

    @fault_point("find crash mark")
    def found(self, first: Message, metadata: str) -> None:
        """Note what stands beside the committed offset of a partition, given the first message from there on."""
        if self._marks.found(first.partition, metadata):
            log.warning(
                "the last worker ended on one of the next messages; handling them one by one",
                extra={"stage": self._stage, **asdict(first.origin), "mark": metadata},
            )

    async def handle(self, part: Sequence[Message], handle: HandleMessages) -> Sequence[HandlerResult]:
        """The results of ``handle`` for a part, with its marks around it; an error for a message that is given up.

        Only handling is marked: if something else fails later, no message is to blame.
        """
        marks = self._marks
        if marks.is_given_up(part):
            log.error(
                "giving up a message: every worker that handled it ended",
                extra={"stage": self._stage, **asdict(part[0].origin), "workers": marks.limit},
            )
            return [killed_worker(marks.limit)]
        await self._commit(marks.before(part))
        try:
            results = await handle(part)
        except MemoryError:  # the message's own doing, as far as anyone can tell: its mark stays
            raise
        except Exception:
            await self._commit(marks.after(part))
            raise
        await self._commit(marks.after(part))
        return results

    def acknowledged(self, part: Sequence[Message]) -> None:
        """Note that a part is done."""
        self._marks.acknowledged(part)

    async def _commit(self, marks: Marks) -> None:
        if marks:
            await self.metadata().commit_with_metadata(
                {TP(self._topic, partition): (offset, mark.metadata) for partition, (offset, mark) in marks.items()}
            )


def killed_worker(limit: int) -> RejectedError:
    """The error of a message that has ended ``limit`` workers."""
    return RejectedError(
        Reason.KILLED_WORKER,
        f"{limit} workers ended while they handled this message alone; their logs and exit codes say why: out of "
        "memory, a crash, or a stall",
    )
