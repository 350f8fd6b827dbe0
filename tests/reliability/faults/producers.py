"""What other producers write: batches of every codec, and transactions that are aborted or stay open."""

from __future__ import annotations

import random
from itertools import islice

from tests.integration.articles import inputs
from tests.reliability.harness.launch import metric
from tests.reliability.harness.stream import WAIT_TIMEOUT, DrillStream
from workers.outcomes import Stage
from workers.topics import RAW

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
ABORTED, OPEN, BESIDE, COMMITTED = 0, 1, 2, 3
"""Partitions of the raw topic, by what is written to them."""


def compress_with_every_codec(stream: DrillStream, rng: random.Random) -> None:
    """Publish batches of every codec."""
    workload = inputs(1_000, rng.randint(0, 1_000), words=30)
    for codec in CODECS:
        stream.crawler.publish_compressed(islice(workload, 40), codec)


def abort_transactions(stream: DrillStream, rng: random.Random) -> None:
    """Abort a transaction, leave one open for a while, and end an idle partition with the marker of a third."""
    workload = inputs(1_000, rng.randint(0, 1_000), words=30)
    with stream.crawler.aborted_transaction(islice(workload, 20), ABORTED):
        pass
    stream.crawler.publish(islice(workload, 5), ABORTED)
    stream.wait_for_arrivals(WAIT_TIMEOUT)
    with stream.crawler.aborted_transaction(islice(workload, 10), OPEN):
        stream.crawler.publish(islice(workload, 20), BESIDE)
        stream.wait_for_arrivals(WAIT_TIMEOUT)
        stream.crawler.publish(islice(workload, 20), OPEN)
        place = f'{{partition="{OPEN}",topic="{RAW}"}}'
        [worker] = stream.children(Stage.CLEAN)
        stream.wait_until(
            lambda: metric(worker, f"copydesk_open_transaction_seconds{place}"), WAIT_TIMEOUT, "the transaction ages"
        )
        assert metric(worker, f"copydesk_consumer_lag_records{place}") == 0, "what cannot be read is no lag"
    stream.crawler.publish_in_transactions(islice(workload, 3), 3, COMMITTED)


PRODUCER_FAULTS = (compress_with_every_codec, abort_transactions)
