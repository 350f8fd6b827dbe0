"""What a ledger's reader sees of a topic in which others write, too."""

from __future__ import annotations

import asyncio

from aiokafka import TopicPartition

from tests.integration.support import SETTINGS, recreate_topics
from workers.kafka.kafka_python import KafkaProducer
from workers.observability.metrics import Metrics
from workers.state.changelog import ledger_consumer
from workers.topics import LEDGER


def test_entries_behind_an_open_transaction_are_not_overlooked(bootstrap: str) -> None:
    recreate_topics(bootstrap, SETTINGS)
    foreign = KafkaProducer(bootstrap_servers=bootstrap, transactional_id="foreign")
    foreign.init_transactions()
    foreign.begin_transaction()
    foreign.send(LEDGER, b"stray", key=b"stray", partition=0).get(timeout=30)
    ours = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    ours.send(LEDGER, b"entry", key=b"entry", partition=0).get(timeout=30)
    assert asyncio.run(end_of(bootstrap)) == 2
    foreign.abort_transaction()
    foreign.close()
    ours.close()


async def end_of(bootstrap: str) -> int:
    place = TopicPartition(LEDGER, 0)
    consumer = ledger_consumer(SETTINGS, bootstrap, Metrics(), lambda: None)
    await consumer.start()
    try:
        return (await consumer.end_offsets([place]))[place]
    finally:
        await consumer.stop()
