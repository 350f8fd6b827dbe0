"""The commits of a run, every one that Kafka took, from the topic in which it keeps them itself.

To ask Kafka now and then what is committed is not enough: that sees some of them, and once, after every broker had
died, the answers for all partitions of all groups were lower than before.
"""

from __future__ import annotations

import struct
from collections import defaultdict

from tests.reliability.checker.history import Place, new_consumer, read_to_end
from workers.kafka.kafka_python import TopicPartition

OFFSETS = "__consumer_offsets"
OFFSET_COMMITS = (0, 1)
"""The versions of a key that mean a commit; others are of the groups themselves (Kafka's OffsetCommitKey.json)."""


def read_commits(bootstrap: str) -> dict[Place, list[int]]:
    """The offsets that were committed, by partition, in their order; each topic has one group that commits."""
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
    """The partition that the key of a commit speaks of: a version, then the group, the topic and the partition."""
    (version,) = struct.unpack_from(">h", key)
    if version not in OFFSET_COMMITS:
        return None
    _, rest = _string(key[2:])
    topic, rest = _string(rest)
    (partition,) = struct.unpack(">i", rest)
    return topic, partition


def offset_of(value: bytes) -> int:
    """The offset that the value of a commit begins with, after its version."""
    _, offset = struct.unpack_from(">hq", value)
    return int(offset)


def _string(data: bytes) -> tuple[str, bytes]:
    """The text that the data begin with, after its length, and the rest."""
    (length,) = struct.unpack_from(">h", data)
    return data[2 : 2 + length].decode(), data[2 + length :]
