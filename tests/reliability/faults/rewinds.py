"""Faults of operators: messages of many hours are read again, from the first one."""

from __future__ import annotations

import random
import time
from itertools import islice

from tests.integration.articles import Input, inputs
from tests.reliability.drills.table import LANGUAGES
from tests.reliability.faults.workers import kill_one
from tests.reliability.harness.cluster import retry
from tests.reliability.harness.stream import WAIT_TIMEOUT, DrillStream
from workers.kafka.kafka_python import KafkaAdminClient, OffsetAndMetadata, TopicPartition
from workers.outcomes import Stage
from workers.stages import STAGES, group_of
from workers.topics import HOUR, topics

HOURS = 5
"""Hours of message time, of which the window covers the last one."""
ARTICLES, LATE_ARTICLES = 400, 40
"""Articles over these hours, and articles sent again at last as if they were that old."""


def read_again(stream: DrillStream, rng: random.Random) -> None:
    """Set the clean group back to the first message, then the dedupe group; kill dedupe while it works on them."""
    stream.crawler.publish_at(_articles_of_hours(rng))
    stream.wait_for_commits(WAIT_TIMEOUT)
    for stage in (Stage.CLEAN, Stage.DEDUPE):
        _set_back(stream, stage)
        kill_one(stream, Stage.DEDUPE, rng)
        stream.wait_for_commits(WAIT_TIMEOUT)


def _articles_of_hours(rng: random.Random) -> list[tuple[Input, int]]:
    """Articles with their timestamps; the last are copies of the newest ones, with the times of the oldest."""
    first = int(time.time() * 1000) - HOURS * HOUR
    workload = list(islice(inputs(ARTICLES, rng.randint(0, 1_000), words=30, languages=LANGUAGES), ARTICLES))
    timed = [(one, first + number * HOURS * HOUR // ARTICLES) for number, one in enumerate(workload)]
    return [*timed, *((one, first + number) for number, one in enumerate(workload[-LATE_ARTICLES:]))]


def _set_back(stream: DrillStream, stage: Stage) -> None:
    """Stop the workers of the stage, commit offset 0 for its group, and start as many workers again."""
    workers = stream.children(stage)
    for worker in workers:
        stream.remove_worker(worker)
    name = STAGES[stage].input_topic
    (topic,) = (topic for topic in topics(stream.settings) if topic.name == name)
    start = {TopicPartition(name, number): OffsetAndMetadata(0, "", -1) for number in range(topic.partitions)}
    client = KafkaAdminClient(bootstrap_servers=stream.cluster.bootstrap)
    retry(lambda: client.alter_group_offsets(group_of(stage), start))
    client.close()
    stream.set_back.add(name)
    for _ in workers:
        stream.add_worker(stage)


REWIND_FAULTS = (read_again,)
