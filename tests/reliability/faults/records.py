"""Faults of other producers: records that no producer of ours would send."""

from __future__ import annotations

import random
import time

from tests.integration.articles import inputs
from tests.integration.odd_records import ANY_RECORD, odd_raw_records, send, stray_records
from tests.reliability.drills.table import LANGUAGES
from tests.reliability.faults.workers import kill_one
from tests.reliability.findings import STRAY_RECORDS_NAMED
from tests.reliability.harness.cluster import alter
from tests.reliability.harness.stream import WAIT_TIMEOUT, DrillStream
from workers.outcomes import Stage
from workers.topics import LEDGER, RAW

ARTICLES = 100
"""Articles after the odd records, with copies of earlier ones among them."""
NAMING_TIMEOUT = 60
"""Seconds until the log names the stray records of a ledger; a worker starts in a few."""


def send_odd_records(stream: DrillStream, rng: random.Random) -> None:
    """Send odd raw records and stray records, and kill the dedupe worker, which then reads its ledgers back.

    It must name every stray record in them by its own offset.
    """
    alter(stream.cluster.bootstrap, RAW, ANY_RECORD)
    workload = inputs(1_000, rng.randint(0, 1_000), words=30, bad=0.0, languages=LANGUAGES)
    odd = odd_raw_records(workload, int(time.time() * 1000))
    rng.shuffle(odd)
    for origin, record in send(stream.cluster.bootstrap, odd).items():
        stream.crawler.sent[origin] = record.value
    strays = send(stream.cluster.bootstrap, stray_records())
    stream.wait_until(lambda: stream.all_arrived, WAIT_TIMEOUT, "the odd records come out")
    kill_one(stream, Stage.DEDUPE, rng)
    stream.crawler.publish(next(workload) for _ in range(ARTICLES))
    named = [f'"topic":"{LEDGER}","partition":0,"offset":{place.offset}' for place in strays if place.topic == LEDGER]
    stream.wait_until(lambda: all(map(stream.log.__contains__, named)), NAMING_TIMEOUT, STRAY_RECORDS_NAMED)


RECORD_FAULTS = (send_odd_records,)
