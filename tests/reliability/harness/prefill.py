"""A ledger with a past: entries of made-up articles, written in bulk, as if the stream had run for long."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable

import numpy as np
from aiokafka import AIOKafkaProducer

from schemas import LedgerEntry, Origin, Verdict, VerdictKind, encode
from tests.reliability.harness.cluster import persist
from workers.dedupe import entry_key
from workers.dedupe.stories import TERM
from workers.dedupe.verdicts import pack_sketch, pack_terms
from workers.kafka.kafka_python import KafkaAdminClient, OffsetAndMetadata, TopicPartition
from workers.outcomes import Stage
from workers.stream.faust_app import group_of
from workers.timestamps import rfc3339
from workers.topics import CLEAN, LEDGER, RAW

EARLIER = 1 << 20
"""The partition of news-raw that earlier articles came from; there is none of that number now."""
PARTITION = 0
SKETCH, TERMS = 24, 24
"""Hashes of a short article."""

Pair = tuple[bytes | None, bytes | None]


def prefill(bootstrap: str, count: int, seed: int, *, sketch: int = SKETCH, terms: int = TERMS) -> None:
    """Return once so many earlier articles, with so many hashes each, are in the ledger of the first language.

    Their positions in news-clean are taken, too, by messages that were there, were acknowledged and deleted: what comes
    now stands behind them.
    """
    asyncio.run(_write(bootstrap, LEDGER, entries(count, seed, sketch, terms)))
    asyncio.run(_write(bootstrap, CLEAN, ((None, b"") for _ in range(count))))
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    place = TopicPartition(CLEAN, PARTITION)
    client.delete_records({place: count})
    committed = {place: OffsetAndMetadata(count, "", -1)}
    persist(lambda: client.alter_group_offsets(group_of(Stage.DEDUPE), committed))
    client.close()


def entries(count: int, seed: int, sketch: int = SKETCH, terms: int = TERMS) -> Iterable[Pair]:
    """So many keys and entries, each of an article of its own like no other."""
    chance, figures = random.Random(seed), np.random.default_rng(seed)
    now = int(time.time() * 1000)
    for position in range(count):
        name = f"{chance.getrandbits(64):016x}"
        heaviest = np.zeros(terms, TERM)
        heaviest["term"], heaviest["weight"] = figures.integers(0, 2**32, terms), figures.integers(1, 2**16, terms)
        entry = LedgerEntry(
            id=name,
            origin=Origin(topic=RAW, partition=EARLIER, offset=position),
            position=position,
            time=now,
            url=None,
            content=f"{chance.getrandbits(64):016x}",
            sketch=pack_sketch(np.sort(figures.integers(0, 2**32, sketch, dtype=np.uint32))),
            terms=pack_terms(heaviest),
            verdict=Verdict(
                kind=VerdictKind.NEW,
                story_id=f"story-{name}",
                story_articles=1,
                story_first_seen=rfc3339(now),
            ),
        )
        yield entry_key(entry.origin).encode(), encode(entry)


async def _write(bootstrap: str, topic: str, pairs: Iterable[Pair]) -> None:
    """Write batch by batch, which is ten times faster than one by one."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_batch_size=512 * 1024)
    await producer.start()
    try:
        now, batch, sent = int(time.time() * 1000), producer.create_batch(), []
        for key, value in pairs:
            if batch.append(key=key, value=value, timestamp=now) is None:
                sent.append(await producer.send_batch(batch, topic, partition=PARTITION))
                batch = producer.create_batch()
                batch.append(key=key, value=value, timestamp=now)
        sent.append(await producer.send_batch(batch, topic, partition=PARTITION))
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
