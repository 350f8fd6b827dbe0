"""A dedupe worker and its ledger on a real Kafka: recovery with and without snapshots, and a stale ledger."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas import CleanArticle, Origin, encode
from tests.dedupe.support import PARAGRAPHS
from tests.integration.support import SETTINGS, until, worker
from workers.embedded_kafka.broker import EmbeddedBroker
from workers.kafka import topic_admin
from workers.kafka.kafka_python import (
    InvalidTimestampError,
    KafkaAdminClient,
    KafkaConsumer,
    KafkaProducer,
    TopicPartition,
)
from workers.outcomes import ExitCode
from workers.settings import Settings
from workers.state.lineage import SHARD, SOURCE_TOPIC_IDS
from workers.topics import CLEAN, DUPLICATES, HOUR, LEDGER, RAW, UNIQUE

ENDING = "a topic was deleted and recreated; ending without acknowledging anything"
GERMAN = dataclasses.replace(SETTINGS, languages=("de",))

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@pytest.fixture(scope="module")
def bootstrap() -> Iterator[str]:
    with EmbeddedBroker() as running:
        topic_admin.apply(SETTINGS, running.bootstrap)
        yield running.bootstrap


class Crawl:
    """Sends clean articles and counts their outcomes. Each crawl uses a raw partition of its own."""

    def __init__(self, bootstrap: str, partition: int) -> None:
        self._bootstrap = bootstrap
        self._partition = partition
        self._sent = 0
        self._outcomes_before = sum(self.outcomes())

    def send(self, *bodies: str) -> None:
        producer = KafkaProducer(bootstrap_servers=self._bootstrap, acks="all")
        for body in bodies:
            origin = Origin(topic=RAW, partition=self._partition, offset=self._sent)
            article = CleanArticle(id=f"{self._sent:016x}", origin=origin, headline="", body=body, language="en")
            producer.send(CLEAN, encode(article), partition=0)
            self._sent += 1
        producer.close()

    def end_offset(self, topic: str) -> int:
        consumer = KafkaConsumer(bootstrap_servers=self._bootstrap)
        try:
            return sum(consumer.end_offsets([TopicPartition(topic, 0)]).values())
        finally:
            consumer.close()

    def outcomes(self) -> tuple[int, int]:
        """The number of unique articles and of duplicates."""
        return self.end_offset(UNIQUE), self.end_offset(DUPLICATES)

    def finished(self) -> bool:
        """Whether every article sent has an outcome."""
        return sum(self.outcomes()) >= self._outcomes_before + self._sent


def logged(log: Path, message: str) -> list[dict[str, Any]]:
    """The log lines with the message."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["message"] == message]


def run_until(bootstrap: str, log: Path, *conditions: Callable[[], object], **environment: str) -> None:
    """Run a dedupe worker until each condition in turn has held, then stop it with SIGTERM."""
    with worker(bootstrap, log, "workers", "worker", "dedupe", **environment) as process:
        for condition in conditions:
            until(condition, log)
        process.terminate()
        assert process.wait(20) == 0, log.read_text()[-4000:]


def test_verdicts_are_the_same_with_a_snapshot_a_torn_one_and_none(bootstrap: str, tmp_path: Path) -> None:
    crawl, state = Crawl(bootstrap, 0), tmp_path / "state"
    state.mkdir()
    environment = {"COPYDESK_STATE_DIR": str(state), "COPYDESK_SNAPSHOT_SECONDS": "1"}
    snapshot = state / "ledger-0.snapshot"

    def snapshot_written() -> bool:
        crawl.send("One more, with a few words.")  # snapshots are written between batches
        return bool(logged(tmp_path / "first.log", "snapshot written"))

    crawl.send(*PARAGRAPHS)
    run_until(bootstrap, tmp_path / "first.log", snapshot_written, crawl.finished, **environment)

    def send_again(log: str) -> None:
        """Send the same articles again and check that each is a copy."""
        unique, copies = crawl.outcomes()
        crawl.send(*PARAGRAPHS)
        run_until(bootstrap, tmp_path / log, crawl.finished, **environment)
        assert crawl.outcomes() == (unique, copies + len(PARAGRAPHS))

    send_again("second.log")
    snapshot.write_bytes(b"torn")
    send_again("third.log")
    snapshot.unlink()
    send_again("last.log")
    assert logged(tmp_path / "second.log", "ledger read back")[0]["entries_before"] > 0
    assert logged(tmp_path / "third.log", "snapshot not used; reading the whole topic")[0]["why"].startswith("torn: ")
    assert logged(tmp_path / "last.log", "no snapshot; reading the whole topic")
    assert logged(tmp_path / "last.log", "ledger read back")[0]["entries_before"] == 0


def test_another_list_of_languages_is_refused_until_the_topics_are_recreated(bootstrap: str, tmp_path: Path) -> None:
    """The number of partitions is the same. The steps are those of the runbook, "Change the languages"."""
    crawl = Crawl(bootstrap, 2)
    crawl.send(*PARAGRAPHS)
    run_until(bootstrap, tmp_path / "first.log", crawl.finished)
    _leave_strays_in_the_ledger(bootstrap)
    assert topic_admin.check(SETTINGS, bootstrap) == []
    (drift,) = topic_admin.check(GERMAN, bootstrap)
    assert str(drift).startswith("error: news-ledger has languages en,en, not de,other; set COPYDESK_LANGUAGES to what")
    log = tmp_path / "second.log"
    with worker(bootstrap, log, "workers", "worker", "clean", COPYDESK_LANGUAGES="de") as process:
        assert process.wait(30) == ExitCode.MISCONFIGURED
    assert log.read_text() == f"copydesk: {drift}\n"

    recreate(bootstrap, GERMAN, CLEAN, LEDGER)
    assert topic_admin.check(GERMAN, bootstrap) == []
    crawl = Crawl(bootstrap, 3)
    unique, copies = crawl.outcomes()
    crawl.send(*PARAGRAPHS)
    run_until(bootstrap, tmp_path / "third.log", crawl.finished, COPYDESK_LANGUAGES="de")
    assert crawl.outcomes() == (unique + len(PARAGRAPHS), copies)
    recreate(bootstrap, SETTINGS, CLEAN, LEDGER)


def _leave_strays_in_the_ledger(bootstrap: str) -> None:
    """Let the ledger end with many records of others, a deletion without headers, and a transaction's marker.

    The other partition, which is empty, gets a copy of an entry, and one of another cluster and language.
    """
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=10_000)
    consumer.assign([TopicPartition(LEDGER, 0)])
    entry = next(record for record in consumer if record.value)
    consumer.close()
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", transactional_id="stray")
    producer.init_transactions()
    producer.begin_transaction()
    for _ in range(200):
        producer.send(LEDGER, b"stray", b"stray", partition=0)
    producer.send(LEDGER, None, b"stray", partition=0)
    producer.send(LEDGER, entry.value, entry.key, headers=list(entry.headers), partition=1)
    elsewhere = [(SOURCE_TOPIC_IDS, b"raw clean"), (SHARD, b"sv")]
    producer.send(LEDGER, entry.value, entry.key, headers=elsewhere, partition=1)
    producer.commit_transaction()
    producer.close()


def recreate(bootstrap: str, settings: Settings, *names: str) -> None:
    """Delete the topics and create them as the settings need them."""
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    client.delete_topics(list(names))
    client.close()
    created: set[str] = set()
    deadline = time.monotonic() + 30
    while created < set(names):  # Kafka deletes asynchronously
        assert time.monotonic() < deadline, f"only {created} recreated"
        created |= {change.topic for change in topic_admin.apply(settings, bootstrap)}
        time.sleep(0.05)


def test_the_broker_refuses_a_message_from_the_far_future(bootstrap: str) -> None:
    now = int(time.time() * 1000)
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    producer.send(RAW, b"in time", timestamp_ms=now + HOUR // 2).get(timeout=10)
    with pytest.raises(InvalidTimestampError):
        producer.send(RAW, b"far future", timestamp_ms=now + 2 * HOUR).get(timeout=10)
    producer.close()


def test_dedupe_exits_with_instructions_when_its_input_topic_was_recreated(bootstrap: str, tmp_path: Path) -> None:
    crawl = Crawl(bootstrap, 1)
    crawl.send(*PARAGRAPHS)
    run_until(bootstrap, tmp_path / "first.log", crawl.finished)
    recreate(bootstrap, SETTINGS, RAW)
    crawl.send(PARAGRAPHS[0])
    log = tmp_path / "second.log"
    with worker(bootstrap, log, "workers", "worker", "dedupe") as process:
        assert process.wait(30) == ExitCode.MISCONFIGURED, log.read_text()[-4000:]
    (line,) = [line for line in log.read_text().splitlines() if "deleted and recreated" in line]
    assert "delete news-ledger and run `copydesk topics apply`" in json.loads(line)["message"]


def test_dedupe_ends_once_its_input_topic_is_recreated_under_it(bootstrap: str, tmp_path: Path) -> None:
    crawl, log = Crawl(bootstrap, 2), tmp_path / "log"
    recreate(bootstrap, SETTINGS, LEDGER)
    with worker(bootstrap, log, "workers", "worker", "dedupe") as process:
        crawl.send(*PARAGRAPHS)
        until(crawl.finished, log)
        recreate(bootstrap, SETTINGS, RAW)
        assert process.wait(30) == ExitCode.FAILED, log.read_text()[-4000:]
    assert [line["topic"] for line in logged(log, ENDING)] == [RAW]
