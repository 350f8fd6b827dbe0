"""Which language each partition of news-ledger was written for: the one that most of its last records name."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from workers.kafka.kafka_python import AuthorizationError, KafkaConsumer, TopicPartition
from workers.kafka.security import client_options
from workers.settings import Settings
from workers.state.lineage import SHARD
from workers.topics import LEDGER

log = logging.getLogger(__name__)

LAST_OFFSETS = 50
"""Offsets at the end of a partition that are read. Some may hold no record, or one that is not ours."""
READ_TIMEOUT = 10.0
"""Seconds after which the partitions that were not read to their end count as unknown."""


def ledger_languages(settings: Settings, bootstrap: str, partitions: int) -> dict[int, str]:
    """The language of each partition of the ledger, as far as its last records name one; strays are outvoted.

    Nothing is known of an empty ledger, of one that an older version wrote, or without the right to read it.
    """
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        check_crcs=False,  # kafka-python computes them in Python
        **client_options(settings),
    )
    named: defaultdict[int, Counter[str]] = defaultdict(Counter)
    try:
        for record in _last_records(consumer, [TopicPartition(LEDGER, number) for number in range(partitions)]):
            for name, value in record.headers:
                if name == SHARD and value is not None:
                    named[record.partition][value.decode(errors="replace")] += 1
    except (AuthorizationError, UnicodeDecodeError) as error:
        log.warning(
            "cannot read the ledger; COPYDESK_LANGUAGES is not compared with it",
            extra={"topic": LEDGER, "why": f"{type(error).__name__}: {error}"},
        )
    finally:
        consumer.close()
    # A stray record may name any.
    return {partition: languages.most_common(1)[0][0] for partition, languages in named.items()}


def _last_records(consumer: Any, places: list[TopicPartition]) -> Iterator[Any]:
    """The records at the last offsets of the partitions, in the order of each partition."""
    consumer.assign(places)
    first, ends = consumer.beginning_offsets(places), consumer.end_offsets(places)
    for place in places:
        consumer.seek(place, max(first[place], ends[place] - LAST_OFFSETS))
    deadline = time.monotonic() + READ_TIMEOUT
    # The position also moves over offsets without a record.
    while time.monotonic() < deadline and any(consumer.position(place) < ends[place] for place in places):
        for records in consumer.poll(timeout_ms=200).values():
            yield from records
