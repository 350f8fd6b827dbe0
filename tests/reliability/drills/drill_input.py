"""What a worker survives and says about it: bad header names, bombs, deleted offsets, a broker away."""

from __future__ import annotations

import gzip
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.articles import inputs
from tests.kafka.batches import GZIP, OVERSIZED_BATCH, RawRecord, batch, field, payload, send_batch, varint
from tests.reliability.drills.drill_start import SETTINGS, start
from tests.reliability.findings import (
    FEW_LOG_LINES,
    HEADERS_EXPECTED,
    MEMORY_BOUNDED,
    NEW_PARTITIONS_READ,
    SKIPPED_EXPECTED,
)
from tests.reliability.harness.cluster import kill, retry
from workers.embedded_kafka.broker import EmbeddedBroker
from workers.kafka import topic_admin
from workers.kafka.kafka_python import (
    KafkaAdminClient,
    KafkaConsumer,
    KafkaProducer,
    OffsetAndMetadata,
    TopicPartition,
)
from workers.outcomes import Stage
from workers.stages import group_of
from workers.stream.faust_app import METADATA_MAX_AGE_MS
from workers.topics import CLEAN, DEAD_LETTERS, LEDGER, RAW
from workers.topics import topics as topics_of

pytestmark = [pytest.mark.broker, pytest.mark.process, pytest.mark.slow]

FIRST = TopicPartition(RAW, 0)
COMMIT_TIMEOUT = 60.0
MESSAGES = 50
BOMB_BYTES, BOMB_HEADERS = 50 * 1024 * 1024, 5_000_000
MAX_WORKER_BYTES = 640 * 1024 * 1024
"""What a clean worker may take. Its containers have 1 GB."""
DELETED_TO = 80
BEYOND_THE_END = 1_000_000
OUTAGE_SECONDS = 20.0
MAX_LOG_LINES = 15
"""Lines that a worker may log in this time; without a limit they are hundreds."""


@pytest.fixture
def topics() -> Iterator[EmbeddedBroker]:
    """A Kafka with the topics of the stream."""
    with EmbeddedBroker() as broker:
        topic_admin.apply(SETTINGS, broker.bootstrap)
        yield broker


@contextmanager
def clean_worker(broker: EmbeddedBroker, log: Path, sabotage: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A running clean worker."""
    process = start(Stage.CLEAN, broker, SETTINGS, log, sabotage)
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, log.read_text()[-2000:]
    finally:
        process.kill()
        process.wait()


def publish(broker: EmbeddedBroker, count: int, seed: int, partition: int = 0) -> None:
    """Publish articles to the partition."""
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    sent = [producer.send(RAW, article.value, partition=partition) for article in inputs(count, seed)]
    producer.close()
    for future in sent:
        future.get(timeout=0)


def committed(broker: EmbeddedBroker, place: TopicPartition = FIRST) -> int:
    """The offset that the clean workers have committed in the partition."""
    client, group = KafkaAdminClient(bootstrap_servers=broker.bootstrap), group_of(Stage.CLEAN)
    try:
        offset = retry(lambda: client.list_group_offsets([group]))[group].get(place)  # until the group exists
        return offset.offset if offset else 0
    finally:
        client.close()


def wait(condition: Callable[[], object], what: str, log: Path, seconds: float = COMMIT_TIMEOUT) -> None:
    """Return once the condition holds.

    Raises:
        AssertionError: it does not in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}\n{log.read_text()[-3000:]}"
        time.sleep(0.3)


def count(broker: EmbeddedBroker, *names: str) -> int:
    """The number of records in the topics."""
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap)
    try:
        # Not those that the consumer knows: it may not know of any yet.
        places = [
            TopicPartition(each.name, p)
            for each in topics_of(SETTINGS)
            if each.name in names
            for p in range(each.partitions)
        ]
        return int(sum(consumer.end_offsets(places).values()))
    finally:
        consumer.close()


def test_header_names_that_are_not_utf8_cost_no_message(topics: EmbeddedBroker, tmp_path: Path) -> None:
    read_bad_headers(topics, tmp_path)


def read_bad_headers(topics: EmbeddedBroker, home: Path, sabotage: str = "") -> None:
    log = home / "log"
    headers = ((b"caf\xe9", b"1"), (b"empty", None), (b"twice", b"1"), (b"twice", b"2"))
    records = [RawRecord(b"{broken", headers if number == 1 else ()) for number in range(3)]
    for _ in range(2):
        send_batch(topics.bootstrap, RAW, batch(payload(records), 3, timestamp=round(time.time() * 1000)))
    with clean_worker(topics, log, sabotage):
        seconds = 20 if sabotage else COMMIT_TIMEOUT
        wait(lambda: count(topics, DEAD_LETTERS) == 6, HEADERS_EXPECTED, log, seconds)
        wait(lambda: committed(topics) == 6, HEADERS_EXPECTED, log)
        assert "records skipped" not in log.read_text()
        assert send_batch(topics.bootstrap, RAW, OVERSIZED_BATCH) == 6
        send_batch(topics.bootstrap, RAW, batch(payload([RawRecord(b"{broken")]), 1))
        wait(lambda: count(topics, DEAD_LETTERS) == 7, "the message after an unparsable batch is handled", log)
        wait(lambda: committed(topics) == 8, "the unparsable batch is passed", log)
    assert re.search(r'"records skipped".*"first":6,"last":6,"reason":"unparsable"', log.read_text())


def test_records_that_unpack_to_far_more_than_they_weigh_take_no_more_memory_than_planned(
    topics: EmbeddedBroker, tmp_path: Path
) -> None:
    read_bombs(topics, tmp_path)


def read_bombs(topics: EmbeddedBroker, home: Path, sabotage: str = "") -> None:
    log, big = home / "log", bytes(BOMB_BYTES)
    headers = b"\0" * 3 + field(None) + field(b"{broken") + varint(BOMB_HEADERS) + b"\2h\1" * BOMB_HEADERS
    bombs: list[bytes | RawRecord] = [
        headers,
        *[RawRecord(b"{broken", key=big), RawRecord(big), RawRecord(b"{broken", ((b"h", big),))] * 4,
    ]
    stray = RawRecord(big, key=b"user-17")  # at its start, every worker reads the last records of the ledger
    for topic, bomb in (*((RAW, bomb) for bomb in bombs), *[(LEDGER, stray)] * len(bombs)):
        send_batch(topics.bootstrap, topic, batch(gzip.compress(payload([bomb]), 1), 1, attributes=GZIP))
    with clean_worker(topics, log, sabotage) as process:
        wait(lambda: committed(topics) == len(bombs), "every record is handled", log, 2 * COMMIT_TIMEOUT)
        peak = peak_bytes(process.pid)
    assert peak <= MAX_WORKER_BYTES, f"{peak >> 20} MiB {MEMORY_BOUNDED} {MAX_WORKER_BYTES >> 20}"
    assert count(topics, DEAD_LETTERS) == len(bombs)
    assert f'"offset":0,"headers":{BOMB_HEADERS}' in log.read_text()


def peak_bytes(pid: int) -> int:
    """The most memory that the process has taken."""
    (line,) = (row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if row.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def test_offsets_that_are_deleted_unread_are_logged_and_counted(topics: EmbeddedBroker, tmp_path: Path) -> None:
    skip_deleted(topics, tmp_path)


def skip_deleted(topics: EmbeddedBroker, home: Path, sabotage: str = "") -> None:
    log = home / "log"
    publish(topics, MESSAGES, seed=1)
    with clean_worker(topics, log, sabotage):
        wait(lambda: committed(topics) == MESSAGES, "the first half is handled", log)
    publish(topics, MESSAGES, seed=2)
    delete_before(topics, DELETED_TO)
    with clean_worker(topics, log, sabotage):
        wait(lambda: committed(topics) == 2 * MESSAGES, "the rest is handled", log)
    skipped = re.search(r'"records skipped".*"first":(\d+),"last":(\d+),"reason":"out_of_range"', log.read_text())
    assert skipped, SKIPPED_EXPECTED
    assert [int(offset) for offset in skipped.groups()] == [MESSAGES, DELETED_TO - 1]
    assert count(topics, CLEAN, DEAD_LETTERS) == 2 * MESSAGES - (DELETED_TO - MESSAGES)


def delete_before(broker: EmbeddedBroker, offset: int) -> None:
    """Delete the records of the first partition below the offset, as retention does."""
    client = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    try:
        client.delete_records({FIRST: offset})
    finally:
        client.close()


def test_offset_committed_beyond_the_end_loses_no_later_message(topics: EmbeddedBroker, tmp_path: Path) -> None:
    log = tmp_path / "log"
    publish(topics, MESSAGES, seed=1)
    consumer = KafkaConsumer(bootstrap_servers=topics.bootstrap, group_id=group_of(Stage.CLEAN))
    consumer.assign([FIRST])
    consumer.commit({FIRST: OffsetAndMetadata(BEYOND_THE_END, "", -1)})
    consumer.close()
    with clean_worker(topics, log):
        wait(lambda: committed(topics) == MESSAGES, "everything is handled", log)
        publish(topics, MESSAGES, seed=2)
        wait(lambda: committed(topics) == 2 * MESSAGES, "later messages are handled", log)
    assert f'"former":{BEYOND_THE_END},"offset":0' in log.read_text()
    assert count(topics, CLEAN, DEAD_LETTERS) == 2 * MESSAGES


def test_worker_logs_little_while_the_broker_is_away_and_goes_on_afterwards(tmp_path: Path) -> None:
    stay_quiet(tmp_path)


def stay_quiet(home: Path, sabotage: str = "") -> None:
    log = home / "log"
    with EmbeddedBroker(home / "kafka") as broker:  # it restarts with the same data and port
        topic_admin.apply(SETTINGS, broker.bootstrap)
        publish(broker, MESSAGES, seed=1)
        with clean_worker(broker, log, sabotage):
            wait(lambda: committed(broker) == MESSAGES, "the worker is idle", log)
            before = len(log.read_text().splitlines())
            kill(broker)
            time.sleep(OUTAGE_SECONDS)
            lines = log.read_text().splitlines()[before:]
            broker.start()
            publish(broker, 1, seed=2)
            wait(lambda: committed(broker) > MESSAGES, "the worker goes on", log)
    assert lines, "nothing says that the broker is away"
    assert len(lines) <= MAX_LOG_LINES, f"{len(lines)} {FEW_LOG_LINES}"


def test_new_partitions_are_read_by_running_workers_and_refuse_no_start(topics: EmbeddedBroker, tmp_path: Path) -> None:
    add_partitions(topics, tmp_path)


def add_partitions(topics: EmbeddedBroker, home: Path, sabotage: str = "") -> None:
    log, last = home / "log", TopicPartition(RAW, SETTINGS.partitions + 1)
    with clean_worker(topics, log, sabotage):
        wait(lambda: "partitions assigned" in log.read_text(), "the worker runs", log)
        client = KafkaAdminClient(bootstrap_servers=topics.bootstrap)
        client.create_partitions({RAW: SETTINGS.partitions + 2})
        client.close()
        publish(topics, MESSAGES, seed=1, partition=last.partition)
        wait(
            lambda: committed(topics, last) == MESSAGES,
            NEW_PARTITIONS_READ,
            log,
            METADATA_MAX_AGE_MS / 1000 + 30,
        )
        with clean_worker(topics, home / "another"):
            publish(topics, MESSAGES, seed=2, partition=last.partition)
            wait(lambda: committed(topics, last) == 2 * MESSAGES, "both work", log)
            wait(lambda: "partitions assigned" in (home / "another").read_text(), "another worker starts", log)
