"""Which language each partition of news-ledger was written for: the one that most of its last records name."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import TopicAuthorizationFailedError

import workers.kafka.fetcher  # noqa: F401 -- bounds what aiokafka unpacks
from workers.kafka.kafka_python import AuthorizationError, KafkaConsumer, TopicPartition
from workers.kafka.security import client_options
from workers.settings import Settings
from workers.state.lineage import Lineage
from workers.topics import LEDGER

log = logging.getLogger(__name__)

LAST_OFFSETS = (50, 5_000)
"""Offsets at the end of a partition that are read; the second number where the first finds no record of ours, because
somebody else has written the last ones."""
READ_TIMEOUT = 10.0
"""Seconds after which the partitions that were not read to their end count as unknown."""

Range = tuple[int, int]
Languages = defaultdict[int, Counter[str]]


def ledger_languages(settings: Settings, bootstrap: str, lineage: Lineage) -> dict[int, str]:
    """The language of each partition of the ledger, as far as its last records name one; strays are outvoted.

    Nothing is known of an empty ledger, of one that was written for other topics, or without the right to read it.
    """
    named: Languages = defaultdict(Counter)
    try:
        for count in LAST_OFFSETS:
            unnamed = [TopicPartition(LEDGER, number) for number in range(len(lineage.shards)) if number not in named]
            if unnamed and (last := _last_offsets(settings, bootstrap, unnamed, count)):
                # In a thread: afterwards, this one has an event loop as before.
                with ThreadPoolExecutor(1) as thread:
                    thread.submit(asyncio.run, _count_languages(settings, bootstrap, last, lineage, named)).result()
    except (AuthorizationError, TopicAuthorizationFailedError) as error:
        log.warning(
            "cannot read the ledger; COPYDESK_LANGUAGES is not compared with it",
            extra={"topic": LEDGER, "why": f"{type(error).__name__}: {error}"},
        )
    # A stray record may name any.
    return {partition: languages.most_common(1)[0][0] for partition, languages in named.items()}


def _last_offsets(
    settings: Settings, bootstrap: str, places: list[TopicPartition], count: int
) -> Mapping[TopicPartition, Range]:
    """The last offsets of each partition that is not empty: the first of them, and the end."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap.split(","), group_id=None, enable_auto_commit=False, **client_options(settings)
    )
    try:
        consumer.assign(places)
        first, ends = consumer.beginning_offsets(places), consumer.end_offsets(places)
    finally:
        consumer.close()
    starts = {place: max(first[place], ends[place] - count) for place in places}
    return {place: (start, ends[place]) for place, start in starts.items() if start < ends[place]}


async def _count_languages(
    settings: Settings, bootstrap: str, last: Mapping[TopicPartition, Range], lineage: Lineage, named: Languages
) -> None:
    """Count the languages that the records of each partition name, into ``named``."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        **client_options(settings),
    )
    try:
        await consumer.start()
        consumer.assign(list(last))
        for place, (start, _) in last.items():
            consumer.seek(place, start)
        with suppress(TimeoutError):
            async with asyncio.timeout(READ_TIMEOUT):
                # The position also moves over offsets without a record.
                while any([await consumer.position(place) < end for place, (_, end) in last.items()]):
                    for records in (await consumer.getmany(timeout_ms=200)).values():
                        for record in records:
                            if (language := lineage.language_named(record.headers)) is not None:
                                named[record.partition][language] += 1
    finally:
        await consumer.stop()
