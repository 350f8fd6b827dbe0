"""Builds record batches byte by byte, also such as no client library sends, and sends them to a broker."""

from __future__ import annotations

import asyncio
import gzip
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.util import calc_crc32c, encode_varint
from aiokafka.structs import TopicPartition

from workers.kafka.codecs import MAX_BYTES
from workers.kafka.record_batches import ATTRIBUTES_AT, HEADER

CRC_AT = 17
GZIP = 1
"""Kafka's number of the codec, in the attributes of a batch."""


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record whose header names are bytes."""

    value: bytes | None
    headers: tuple[tuple[bytes, bytes | None], ...] = ()
    key: bytes | None = None

    def encoded(self, number: int) -> bytes:
        """The record as the ``number``-th of a batch, without its length."""
        return b"\0" + b"".join(
            (
                varint(0), varint(number), field(self.key), field(self.value), varint(len(self.headers)),
                *(field(name) + field(value) for name, value in self.headers),
            )
        )  # fmt: skip


def varint(number: int) -> bytes:
    """The number as Kafka writes it."""
    out = bytearray()
    encode_varint(number, out.append)
    return bytes(out)


def field(value: bytes | None) -> bytes:
    """The bytes with their length in front."""
    return varint(-1) if value is None else varint(len(value)) + value


def payload(records: Sequence[RawRecord | bytes]) -> bytes:
    """The records of a batch; those given as bytes are already encoded, possibly wrongly."""
    encoded = [record if isinstance(record, bytes) else record.encoded(i) for i, record in enumerate(records)]
    return b"".join(field(record) for record in encoded)


def batch(data: bytes, count: int, *, attributes: int = 0, base_offset: int = 0, timestamp: int = 1_700_000_000_000,
          producer: tuple[int, int, int] = (-1, -1, -1)) -> bytes:  # fmt: skip
    """A batch of ``count`` records with a right checksum. ``producer`` is its id, epoch and first sequence number."""
    out = bytearray(
        HEADER.pack(base_offset, HEADER.size - 12 + len(data), -1, 2, 0, attributes, count - 1, timestamp, timestamp,
                    *producer, count)
    )  # fmt: skip
    out += data
    struct.pack_into(">I", out, CRC_AT, calc_crc32c(bytes(out[ATTRIBUTES_AT:])))
    return bytes(out)


OVERSIZED_BATCH = batch(gzip.compress(payload([RawRecord(bytes(MAX_BYTES))])), 1, attributes=GZIP)
"""A batch of one record that the broker accepts, and that decompresses to more than Copydesk's limit."""


def send_batch(bootstrap: str, topic: str, data: bytes, partition: int = 0) -> int:
    """Send the batch; return the offset of its first record."""

    async def send() -> int:
        client = AIOKafkaClient(bootstrap_servers=bootstrap)
        await client.bootstrap()
        try:
            await client.add_topic(topic)
            while (leader := client.cluster.leader_for_partition(TopicPartition(topic, partition))) in (None, -1):
                await client.force_metadata_update()
            response = await client.send(
                leader,
                ProduceRequest(
                    transactional_id=None, required_acks=-1, timeout=10_000, topics=[(topic, [(partition, data)])]
                ),
            )
            [(_, [(_, code, offset, *_)])] = response.topics
            if code:
                raise for_code(code)
            return int(offset)
        finally:
            await client.close()

    return asyncio.run(send())
