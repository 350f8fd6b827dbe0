"""Prefilling a ledger: entries of made-up articles, written in bulk, as if the stream had run for a long time."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable

import numpy as np
from aiokafka import AIOKafkaProducer

from schemas import LedgerEntry, Origin, Verdict, VerdictKind, encode_briefly
from tests.reliability.harness.cluster import retry
from workers.dedupe import entry_key
from workers.dedupe.sketches import ANCHOR_RATIO, MAX_SAMPLED_SHINGLES, SAMPLING_RATIO, Sketch
from workers.dedupe.stories import TERM
from workers.dedupe.texts import TELLING_WORDS
from workers.dedupe.verdicts import pack_shingles, pack_terms
from workers.kafka.kafka_python import KafkaAdminClient, OffsetAndMetadata, TopicPartition
from workers.messages import Headers
from workers.outcomes import Stage
from workers.settings import Settings
from workers.stages import group_of
from workers.state.lineage import Lineage
from workers.timestamps import rfc3339
from workers.topics import CLEAN, LEDGER, RAW

PREFILL_PARTITION = 1 << 20
"""The partition of news-raw that prefilled entries claim to come from; news-raw has no such partition."""
PARTITION = 0
"""The partition of the ledger that is filled, and of news-clean."""
WORDS, TERM_HASHES = 96, 24
"""Words and terms of a short article."""

Pair = tuple[bytes | None, bytes | None]


def prefill(bootstrap: str, count: int, seed: int, *, words: int = WORDS, terms: int = TERM_HASHES) -> None:
    """Write ``count`` entries into the ledger of the first language; ``words`` and ``terms`` are those of an article.

    Their offsets in news-clean are used up as well, by messages that are committed and deleted: new messages come
    after them.
    """
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    ids = {topic["name"]: topic["topic_id"] for topic in client.describe_topics([RAW, CLEAN])}
    lineage = Lineage.of(ids, Settings().shards)
    asyncio.run(_write(bootstrap, LEDGER, entries(count, seed, words, terms), lineage.headers(PARTITION)))
    asyncio.run(_write(bootstrap, CLEAN, ((None, b"") for _ in range(count))))
    clean = TopicPartition(CLEAN, PARTITION)
    client.delete_records({clean: count})
    committed = {clean: OffsetAndMetadata(count, "", -1)}
    retry(lambda: client.alter_group_offsets(group_of(Stage.DEDUPE), committed))
    client.close()


def entries(count: int, seed: int, words: int = WORDS, terms: int = TERM_HASHES) -> Iterable[Pair]:
    """``count`` keys and entries, each of an article unlike any other."""
    rng, arrays = random.Random(seed), np.random.default_rng(seed)
    now = int(time.time() * 1000)
    for offset in range(count):
        name = f"{rng.getrandbits(64):016x}"
        heaviest = np.zeros(terms, TERM)
        heaviest["term"], heaviest["weight"] = arrays.integers(0, 2**32, terms), arrays.integers(1, 2**16, terms)
        entry = LedgerEntry(
            id=name,
            origin=Origin(topic=RAW, partition=PREFILL_PARTITION, offset=offset),
            position=offset,
            time=now,
            url=None,
            content=f"{rng.getrandbits(64):016x}",
            shingles=pack_shingles(_sketch(arrays, words), 1_000 * words),
            terms=pack_terms(heaviest),
            verdict=Verdict(
                kind=VerdictKind.NEW,
                story_id=f"story-{name}",
                story_articles=1,
                story_first_seen=rfc3339(now),
            ),
            headline=f"Report {name} on what the harbour of {name[:8]} needs",
            source=f"{name[:3]}.example.com",
            words=" ".join(name[place : place + 7] for place in range(TELLING_WORDS)),
        )
        yield entry_key(entry.origin).encode(), encode_briefly(entry)


def _sketch(arrays: np.random.Generator, words: int) -> Sketch:
    ratio = SAMPLING_RATIO if words <= MAX_SAMPLED_SHINGLES else 2 * SAMPLING_RATIO
    samples = arrays.integers(0, 2**16, words // ratio, dtype=np.uint16)
    return Sketch(
        ratio, np.unique(samples), np.sort(arrays.integers(0, 2**32, words // ANCHOR_RATIO, dtype=np.uint32)), samples
    )


async def _write(bootstrap: str, topic: str, pairs: Iterable[Pair], headers: Headers = ()) -> None:
    """Write whole batches, which is ten times faster than single messages."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_batch_size=512 * 1024)
    await producer.start()
    try:
        now, batch, sent = int(time.time() * 1000), producer.create_batch(), []
        for key, value in pairs:
            if batch.append(key=key, value=value, timestamp=now, headers=list(headers)) is None:
                sent.append(await producer.send_batch(batch, topic, partition=PARTITION))
                batch = producer.create_batch()
                batch.append(key=key, value=value, timestamp=now, headers=list(headers))
        sent.append(await producer.send_batch(batch, topic, partition=PARTITION))
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
