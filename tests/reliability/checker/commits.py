"""Every commit of a run that Kafka accepted, from the topic in which Kafka itself keeps them.

Sampling the committed offsets is not enough: it misses some, and once, after every broker had died, the answers for
all partitions of all groups were lower than before.
"""

from __future__ import annotations

import struct
from collections import defaultdict

from tests.reliability.checker.history import Place, new_consumer, read_to_end
from workers.kafka.kafka_python import TopicPartition

OFFSETS = "__consumer_offsets"
OFFSET_COMMITS = (0, 1)
"""The key versions of commits; other versions describe groups (Kafka's OffsetCommitKey.json)."""


def read_commits(bootstrap: str) -> dict[Place, list[int]]:
    """The committed offsets of each partition in commit order. One group commits per topic."""
    commits: defaultdict[Place, list[int]] = defaultdict(list)
    consumer = new_consumer(bootstrap)
    try:
        places = [TopicPartition(OFFSETS, number) for number in consumer.partitions_for_topic(OFFSETS) or ()]
        for record in read_to_end(consumer, places):
            if (place := place_of(record.key)) and record.value is not None:
                commits[place].append(offset_of(record.value))
    finally:
        consumer.close()
    return dict(commits)


def place_of(key: bytes) -> Place | None:
    """The partition in the key of a commit (version, group, topic, partition); None for other keys."""
    (version,) = struct.unpack_from(">h", key)
    if version not in OFFSET_COMMITS:
        return None
    _, rest = _string(key[2:])
    topic, rest = _string(rest)
    (partition,) = struct.unpack(">i", rest)
    return topic, partition


def offset_of(value: bytes) -> int:
    """The offset in the value of a commit, right after its version."""
    _, offset = struct.unpack_from(">hq", value)
    return int(offset)


def _string(data: bytes) -> tuple[str, bytes]:
    """Split off a string with its length in front: the string and the rest."""
    (length,) = struct.unpack_from(">h", data)
    return data[2 : 2 + length].decode(), data[2 + length :]
