"""Reads records of any topics for people: from a point in time, up to the end or following, in the order of time.

Only committed records are read. What cannot be parsed is skipped and counted. ::

    with open_reader(settings, broker_address(settings), [ENRICHED, DUPLICATES]) as reader:
        for record in reader.read(BEGINNING):
            print(record.origin, record.key, record.value)
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Literal

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas import Origin
from workers.errors import BrokerUnreachableError, StartRefusedError
from workers.kafka import fetcher
from workers.kafka.admin_client import connect_admin, missing_topics
from workers.kafka.security import client_options
from workers.messages import Message
from workers.settings import Settings

BEGINNING: Literal["beginning"] = "beginning"
END: Literal["end"] = "end"
Start = Literal["beginning", "end"] | int
"""Where to start: at one end of the topics, or at the first records from a time on, in milliseconds since 1970."""

POLL_SECONDS = 0.5
"""How long one request waits for records."""
POLL_RECORDS = 1_000
STALL_SECONDS = 30.0
"""Time without progress before the end of the topics, or without an answer at it, after which reading fails."""
STOP_SECONDS = 5.0
"""How long disconnecting may take."""
PROBE_SECONDS = 5.0
"""How often a reader that follows asks whether Kafka is still there while no records come."""
METADATA_SECONDS = 10.0
"""How often a reader that follows looks for new partitions."""
WINDOW_GROWTH = 8
"""How much further back ``read_last`` looks each time it has not found enough."""


@contextmanager
def open_reader(
    settings: Settings, bootstrap: str, topics: Collection[str], group: str | None = None
) -> Iterator[Reader]:
    """A reader of all partitions of the topics, as a context manager; with a ``group``, it can commit offsets.

    Raises:
        BrokerUnreachableError: no Kafka answers, it rejects the connection, or reading fails in the block.
        StartRefusedError: a topic does not exist.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it logs each attempt; we report only the outcome
    with connect_admin(bootstrap, settings) as admin:
        missing = missing_topics(admin, topics, settings)
        partitions = {
            topic["name"]: topic["partitions"] for topic in admin.describe_topics() if not topic["error_code"]
        }
    if missing := missing or [name for name in topics if name not in partitions]:
        raise StartRefusedError(f"{missing[0]} does not exist at {bootstrap}; `copydesk topics apply` creates it")
    places = [TopicPartition(name, row["partition_index"]) for name in topics for row in partitions[name]]
    try:
        with asyncio.Runner() as runner:
            consumer = runner.run(_consumer(settings, bootstrap, group))
            try:
                runner.run(_start(consumer, places))
                yield Reader(consumer, runner, places, bootstrap)
            finally:
                runner.run(stop(consumer))
    except KafkaError as error:
        raise BrokerUnreachableError(f"the Kafka at {bootstrap} fails: {type(error).__name__}: {error}") from error


async def _start(consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]) -> None:
    await consumer.start()
    consumer.assign(places)


async def stop(consumer: AIOKafkaConsumer) -> None:
    """Disconnect a consumer, started or not. aiokafka leaves the connections open if its group has failed."""
    for disconnect in (consumer.stop, consumer._client.close):
        # aiokafka awaits what it has cancelled, and leaving the group fails where no broker answers.
        with suppress(asyncio.CancelledError, KafkaError, TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await disconnect()
                return


async def _consumer(settings: Settings, bootstrap: str, group: str | None) -> AIOKafkaConsumer:
    """A consumer that is not started yet, for the running event loop."""
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        metadata_max_age_ms=int(1000 * METADATA_SECONDS),
        # An empty fetch blocks the following request for 500 ms by default.
        fetch_max_wait_ms=50,
        **client_options(settings),
    )


class Reader:
    """Reads the records of some partitions. ``skipped`` counts the offsets whose records could not be parsed.

    ``consumer`` is a started consumer to which the places are assigned; it runs in the loop of ``runner``.
    """

    def __init__(
        self, consumer: AIOKafkaConsumer, runner: asyncio.Runner, places: Sequence[TopicPartition], bootstrap: str
    ) -> None:
        self.skipped = 0
        self.places = tuple(places)
        self._consumer = consumer
        self._runner = runner
        self._bootstrap = bootstrap
        self._beyond: list[Message] = []  # records that were fetched although they came after the end
        consumer._fetcher.on_skipped = self._count_skipped

    def read(
        self, start: Start, *, follow: bool = False, on_outage: Callable[[str], None] = lambda line: None
    ) -> Iterator[Message]:
        """The records from the start up to the current end, merged by their timestamps; then the new ones as they come.

        With ``follow``, it waits while Kafka does not answer; ``on_outage`` gets a line about it, once each time.

        Raises:
            BrokerUnreachableError: Kafka stopped answering before the end.
        """
        ends = self._ends()
        yield from self.read_between(self._starts(start, ends), ends)
        if follow:
            yield from self._follow(on_outage)

    def read_between(
        self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> Iterator[Message]:
        """The records of each partition from one offset to another, which is exclusive, merged by their timestamps."""
        self._run(self._seek(starts))
        ahead: dict[TopicPartition, deque[Message]] = {
            place: deque() for place, end in ends.items() if starts[place] < end
        }
        oldest: list[tuple[int, int, TopicPartition]] = []
        empty: Collection[TopicPartition] = tuple(ahead)
        while True:
            for place in self._fill(ahead, empty, ends) if empty else ():
                heapq.heappush(oldest, (ahead[place][0].timestamp, self.places.index(place), place))
            if not oldest:
                return
            _, number, place = heapq.heappop(oldest)
            yield ahead[place].popleft()
            empty = ()
            if ahead[place]:
                heapq.heappush(oldest, (ahead[place][0].timestamp, number, place))
            else:
                empty = (place,)

    def read_last(self, count: int, matches: Callable[[Message], bool]) -> list[Message]:
        """The last records that match, at most so many, in the order of time. Looks no further back than it must."""
        ends = self._ends()
        beginnings = self._starts(BEGINNING, ends)
        window = count
        while True:
            starts = {place: max(first, ends[place] - window) for place, first in beginnings.items()}
            last: deque[Message] = deque(maxlen=count)
            partly_read = {place for place, first in beginnings.items() if starts[place] > first}
            # Records before this time may be missing, as some of the partitions are read only from there.
            complete_from = 0
            for record in self.read_between(starts, ends):
                if (place := TopicPartition(record.topic, record.partition)) in partly_read:
                    partly_read.discard(place)
                    complete_from = max(complete_from, record.timestamp)
                if matches(record):
                    last.append(record)
            if starts == beginnings or (len(last) == count and last[0].timestamp >= complete_from and not partly_read):
                return list(last)
            window *= WINDOW_GROWTH

    def read_one(self, place: Origin) -> Message | None:
        """The record at the coordinates; None if there is none, or none any more."""
        partition = TopicPartition(place.topic, place.partition)
        if partition not in self.places:
            return None
        ends = self._ends()
        if not self._starts(BEGINNING, ends)[partition] <= place.offset < ends[partition]:
            return None
        found = self.read_between({partition: place.offset}, {partition: place.offset + 1})
        return next(found, None)

    def unread(self, *, from_beginning: bool = False) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
        """What the group has left to read, or all: the offsets from which and up to which, by partition."""
        ends = self._ends()
        starts = self._starts(BEGINNING, ends)
        for place in () if from_beginning else self.places:
            committed = self._run(self._consumer.committed(place))
            starts[place] = max(starts[place], min(committed or 0, ends[place]))
        return starts, ends

    def commit(self, topic: str, offsets: Mapping[int, int], note: str = "") -> None:
        """Commit the offsets for the group, by partition of the topic, with a note beside each."""
        commits = {TopicPartition(topic, number): (offset, note) for number, offset in offsets.items()}
        self._run(self._consumer.commit(commits))

    def note(self, place: TopicPartition) -> str:
        """The note beside the last commit of the group for the place; empty if there is none."""
        # The consumer's own method returns the offset alone.
        found = self._run(self._consumer._coordinator.fetch_committed_offsets([place]))
        return found[place].metadata if place in found else ""

    def _ends(self) -> dict[TopicPartition, int]:
        return dict(self._run(self._consumer.end_offsets(self.places)))

    def _starts(self, start: Start, ends: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        if start == END:
            return dict(ends)
        if start == BEGINNING:
            return dict(self._run(self._consumer.beginning_offsets(self.places)))
        found = self._run(self._consumer.offsets_for_times(dict.fromkeys(self.places, start)))
        return {place: found[place].offset if found.get(place) else end for place, end in ends.items()}

    async def _seek(self, starts: Mapping[TopicPartition, int]) -> None:
        self._beyond = []
        # Only what is wanted is fetched.
        self._consumer.resume(*self._consumer.paused())
        self._consumer.pause(*(place for place in self.places if place not in starts))
        for place, offset in starts.items():
            self._consumer.seek(place, offset)

    def _fill(
        self,
        ahead: Mapping[TopicPartition, deque[Message]],
        empty: Collection[TopicPartition],
        ends: Mapping[TopicPartition, int],
    ) -> list[TopicPartition]:
        """Wait until each empty partition has a record or is read to its end; return those that have one."""
        waiting, progressed = list(empty), time.monotonic()
        while waiting := self._run(self._unread(waiting, ends)):
            for record in self._run(self._fetch(waiting)):
                place = TopicPartition(record.topic, record.partition)
                (ahead[place] if record.offset < ends[place] else self._beyond).append(record)
                progressed = time.monotonic()
            waiting = [place for place in waiting if not ahead[place]]
            if time.monotonic() - progressed > STALL_SECONDS:
                raise self._stalled()
        return [place for place in empty if ahead[place]]

    def _follow(self, on_outage: Callable[[str], None]) -> Iterator[Message]:
        yield from _by_time(self._beyond)
        answered, is_away = time.monotonic(), False
        while True:
            try:
                self._add_new_places()
                records = self._run(self._fetch(()))
                if not records and time.monotonic() - answered > PROBE_SECONDS:
                    self._ends()
                    answered, is_away = time.monotonic(), False
            except (BrokerUnreachableError, KafkaError):
                if not is_away:
                    on_outage(f"the Kafka at {self._bootstrap} does not answer; waiting for it")
                is_away = True
                continue
            yield from _by_time(records)
            if records:
                answered, is_away = time.monotonic(), False

    def _add_new_places(self) -> None:
        """Follow partitions that the topics got meanwhile, from their beginning."""
        known = set(self.places)
        new = [
            place
            for topic in dict.fromkeys(place.topic for place in self.places)
            for number in sorted(self._consumer.partitions_for_topic(topic) or ())
            if (place := TopicPartition(topic, number)) not in known
        ]
        if new:
            self._run(self._assign_also(new))

    async def _assign_also(self, new: Sequence[TopicPartition]) -> None:
        offsets = {place: await self._consumer.position(place) for place in self.places}
        offsets |= await self._consumer.beginning_offsets(new)
        self.places = (*self.places, *new)
        self._consumer.assign(self.places)
        for place, offset in offsets.items():
            self._consumer.seek(place, offset)

    async def _fetch(self, places: Collection[TopicPartition]) -> list[Message]:
        """The next records of the places, by default of all; empty if none come for a moment."""
        timeout = int(1000 * POLL_SECONDS)
        batches = await self._consumer.getmany(*places, timeout_ms=timeout, max_records=POLL_RECORDS)
        return [as_message(record) for records in batches.values() for record in records]

    async def _unread(
        self, places: Collection[TopicPartition], ends: Mapping[TopicPartition, int]
    ) -> list[TopicPartition]:
        """The places that are not read to their end. Positions also move over offsets without a record."""
        return [place for place in places if await self._consumer.position(place) < ends[place]]

    def _run(self, request: Any) -> Any:
        async def answer() -> Any:
            async with asyncio.timeout(STALL_SECONDS):
                return await request

        try:
            return self._runner.run(answer())
        except TimeoutError:
            raise self._stalled() from None

    def _stalled(self) -> BrokerUnreachableError:
        return BrokerUnreachableError(f"the Kafka at {self._bootstrap} stopped answering for {STALL_SECONDS:g} s")

    def _count_skipped(self, skipped: fetcher.Skipped) -> None:
        self.skipped += skipped.last - skipped.first + 1


def as_message(record: Any) -> Message:
    """The message of an aiokafka record."""
    return Message(
        record.topic, record.partition, record.offset, record.timestamp, record.value, record.key, tuple(record.headers)
    )


def _by_time(records: Iterable[Message]) -> list[Message]:
    return sorted(records, key=lambda record: record.timestamp)
