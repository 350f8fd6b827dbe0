"""Odd records, as other producers send them: any keys, headers and timestamps, with a good article in most of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from schemas import Origin, encode
from tests.dedupe.support import PARAGRAPHS, Delivery, article, entries_of
from tests.integration.articles import Input
from workers.messages import TIME_HEADER, Headers
from workers.outcomes import Outcome
from workers.state.lineage import SHARD, SOURCE_TOPIC_IDS
from workers.stream.dead_letters import ERROR_HEADERS
from workers.topics import CLEAN, DAY, HOUR, LEDGER, RAW, UNIQUE

ANY_RECORD = {
    "message.timestamp.after.max.ms": str((1 << 63) - 1),
    "max.message.bytes": str(16 * 1024 * 1024),
    "retention.ms": "-1",
}
"""The configuration of a raw topic that accepts every one of these records and keeps it."""
MAX_REQUEST_BYTES = 16 * 1024 * 1024
DEAD_LETTER = frozenset({Outcome.DEAD_LETTER})


@dataclass(frozen=True, slots=True, kw_only=True)
class OddRecord:
    """A record to send. Without a timestamp it has the current time; without ``allowed`` it is stray."""

    name: str
    value: bytes | None
    key: bytes | None = None
    headers: Headers = ()
    timestamp: int | None = None
    topic: str = RAW
    allowed: frozenset[Outcome] = field(default=DEAD_LETTER)


def odd_raw_records(articles: Iterator[Input], now: int) -> list[OddRecord]:
    """Raw records of every odd kind, each with the next article unless it is the value that is odd.

    ``now`` is in milliseconds since 1970.
    """
    good: dict[str, dict[str, Any]] = {
        "empty key": {"key": b""},
        "key of any bytes": {"key": bytes(range(256))},
        "key of 1 MB": {"key": b"\xff" * 1_000_000},
        "null and repeated headers": {"headers": (("a", None), ("a", b""), ("a", b"1"), ("", b"\xff"), ("é", None))},
        "huge header": {"headers": (("a", b"7" * 300_000),)},
        "trace headers": {"headers": (("traceparent", None), ("tracestate", b"a=1," * 99_999))},
        "headers of ours": {
            "headers": ((TIME_HEADER, b"1"), (SOURCE_TOPIC_IDS, b"\xff"), (f"{ERROR_HEADERS}attempt", None))
        },
        "timestamp -1": {"timestamp": -1},
        "timestamp 0": {"timestamp": 0},
        "timestamp in seconds": {"timestamp": now // 1000},
        "timestamp in microseconds": {"timestamp": now * 1000},
        "timestamp in nanoseconds": {"timestamp": now * 1_000_000},
        "ten days old": {"timestamp": now - 10 * DAY},
        "26 hours ahead": {"timestamp": now + 26 * HOUR},
        "a year ahead": {"timestamp": now + 365 * DAY},
    }  # fmt: skip
    bad: dict[str, dict[str, Any]] = {
        "null value": {"value": None, "key": b"a key"},
        "empty value": {"value": b""},
        "bad value with a key of 1 MB": {"value": b"{broken", "key": b"\xff" * 1_000_000},
        "bad value from 1970": {"value": b"{broken", "timestamp": 0, "headers": (("a", None), ("a", b""))},
        "header larger than any topic takes": {"value": next(articles).value, "headers": (("a", b"7" * 9_000_000),)},
    }
    records = [OddRecord(name=name, **row) for name, row in bad.items()]
    for name, row in good.items():
        input = next(articles)
        records.append(OddRecord(name=name, value=input.value, allowed=input.allowed, **row))
    return records


def stray_records() -> list[OddRecord]:
    """Records that somebody else has written to our own topics."""
    entry = encode(entries_of(Delivery(article(PARAGRAPHS[0], offset=1 << 40), 1 << 40, 100))[0])
    key = f"{RAW}/0/{1 << 40}".encode()
    copy: dict[str, Any] = orjson.loads(entry)
    copy["verdict"]["kind"] = "copy"
    fields = orjson.loads(entry)
    elsewhere = ((SOURCE_TOPIC_IDS, b"another cluster's"), (SHARD, b"en"))
    rows: list[tuple[str, bytes | None, bytes | None, Headers]] = [
        *((topic, b"a key", value, ()) for topic in (CLEAN, UNIQUE) for value in (None, b"", b"{}", b"\xff", b"[]")),
        (CLEAN, b"a key", b"{}", ((TIME_HEADER, b"\xff"), (TIME_HEADER, None))),
        (LEDGER, b"user-17", b'{"user": 17}', ()),
        (LEDGER, b"\xff", entry, ()),
        (LEDGER, b"", None, ()),
        (LEDGER, key, b"not JSON", ((SOURCE_TOPIC_IDS, b"\xff"),)),
        (LEDGER, key, b'{"position": 3}', ()),
        (LEDGER, key + b"7", entry, ()),
        (LEDGER, key, orjson.dumps(copy), ()),
        (LEDGER, key, orjson.dumps(fields | {"shingles": "AAA"}), ()),
        (LEDGER, key, orjson.dumps(fields | {"time": 1 << 42, "position": 0}), ()),
        (LEDGER, key, orjson.dumps(fields | {"time": 1 << 42, "position": 0}), elsewhere),
        (LEDGER, f"{RAW}/0/0".encode(), None, ()),
        (LEDGER, f"{RAW}/0/0".encode(), None, elsewhere),
        (LEDGER, b"unknown", None, ()),
    ]
    return [
        OddRecord(name=f"stray {number}", topic=topic, key=key, value=value, headers=headers)
        for number, (topic, key, value, headers) in enumerate(rows)
    ]


def send(bootstrap: str, records: Iterable[OddRecord]) -> dict[Origin, OddRecord]:
    """Send the records one by one; return where each is. Stray ones go to the first partition."""

    async def send_all() -> dict[Origin, OddRecord]:
        sent = {}
        async with AIOKafkaProducer(
            bootstrap_servers=bootstrap, acks="all", max_request_size=MAX_REQUEST_BYTES
        ) as producer:
            for record in records:
                place = await producer.send_and_wait(
                    record.topic,
                    record.value,
                    record.key,
                    partition=None if record.topic == RAW else 0,
                    timestamp_ms=record.timestamp,
                    headers=list(record.headers),
                )
                sent[Origin(topic=place.topic, partition=place.partition, offset=place.offset)] = record
        return sent

    return asyncio.run(send_all())
