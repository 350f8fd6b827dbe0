"""The real dedupe worker and its ledger on a real Kafka: what it starts from, and what it refuses."""

from __future__ import annotations

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
from workers.topics import CLEAN, DUPLICATES, HOUR, RAW, UNIQUE

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@pytest.fixture(scope="module")
def bootstrap() -> Iterator[str]:
    with EmbeddedBroker() as running:
        topic_admin.apply(SETTINGS, running.bootstrap)
        yield running.bootstrap


class Crawl:
    """Clean articles, one after the other, and what has become of them; each crawl is of a raw partition of its own."""

    def __init__(self, bootstrap: str, partition: int) -> None:
        self._bootstrap = bootstrap
        self._partition = partition
        self._sent = 0
        self._before = sum(self.outcomes())

    def send(self, *bodies: str) -> None:
        producer = KafkaProducer(bootstrap_servers=self._bootstrap, acks="all")
        for body in bodies:
            origin = Origin(topic=RAW, partition=self._partition, offset=self._sent)
            article = CleanArticle(id=f"{self._sent:016x}", origin=origin, headline="", body=body, language="en")
            producer.send(CLEAN, encode(article), partition=0)
            self._sent += 1
        producer.close()

    def ends(self, topic: str) -> int:
        consumer = KafkaConsumer(bootstrap_servers=self._bootstrap)
        try:
            return sum(consumer.end_offsets([TopicPartition(topic, 0)]).values())
        finally:
            consumer.close()

    def outcomes(self) -> tuple[int, int]:
        """How many unique articles and how many duplicates there are."""
        return self.ends(UNIQUE), self.ends(DUPLICATES)

    def all_out(self) -> bool:
        """Whether every article that was sent has come out."""
        return sum(self.outcomes()) >= self._before + self._sent


def said(log: Path, message: str) -> list[dict[str, Any]]:
    """What the worker logged with the message."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["message"] == message]


def run_until(bootstrap: str, log: Path, *conditions: Callable[[], object], **environment: str) -> None:
    """Run a dedupe worker until the conditions have held, one after the other, and end it in order."""
    with worker(bootstrap, log, "workers", "worker", "dedupe", **environment) as process:
        for condition in conditions:
            until(condition, log)
        process.terminate()
        assert process.wait(20) == 0, log.read_text()[-4000:]


def test_dedupe_starts_from_its_snapshot_and_without_one_or_with_a_torn_one_judges_alike(
    bootstrap: str, tmp_path: Path
) -> None:
    crawl, state = Crawl(bootstrap, 0), tmp_path / "state"
    state.mkdir()
    given = {"COPYDESK_STATE_DIR": str(state), "COPYDESK_SNAPSHOT_SECONDS": "1"}
    snapshot = state / "ledger-0.npz"

    def written() -> bool:
        crawl.send("One more, with a few words.")  # snapshots are made between batches
        return bool(said(tmp_path / "first.log", "snapshot written"))

    crawl.send(*PARAGRAPHS)
    run_until(bootstrap, tmp_path / "first.log", written, crawl.all_out, **given)

    def same_again(log: str) -> None:
        """Send the same articles, and see each judged as a copy."""
        unique, copies = crawl.outcomes()
        crawl.send(*PARAGRAPHS)
        run_until(bootstrap, tmp_path / log, crawl.all_out, **given)
        assert crawl.outcomes() == (unique, copies + len(PARAGRAPHS))

    same_again("second.log")
    snapshot.write_bytes(b"torn")
    same_again("third.log")
    snapshot.unlink()
    same_again("last.log")
    assert said(tmp_path / "second.log", "ledger read back")[0]["at_hand"] > 0
    assert said(tmp_path / "third.log", "snapshot not used; reading the whole topic")[0]["why"].startswith("torn: ")
    assert said(tmp_path / "last.log", "no snapshot; reading the whole topic")
    assert said(tmp_path / "last.log", "ledger read back")[0]["at_hand"] == 0


def test_a_message_from_far_ahead_is_refused_when_it_is_sent(bootstrap: str) -> None:
    now = int(time.time() * 1000)
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    producer.send(RAW, b"in time", timestamp_ms=now + HOUR // 2).get(timeout=10)
    with pytest.raises(InvalidTimestampError):
        producer.send(RAW, b"far ahead", timestamp_ms=now + 2 * HOUR).get(timeout=10)
    producer.close()


def test_after_its_input_was_deleted_and_made_anew_dedupe_ends_and_says_what_to_do(
    bootstrap: str, tmp_path: Path
) -> None:
    crawl = Crawl(bootstrap, 1)
    crawl.send(*PARAGRAPHS)
    run_until(bootstrap, tmp_path / "first.log", crawl.all_out)
    client = KafkaAdminClient(bootstrap_servers=bootstrap)
    client.delete_topics([RAW])
    client.close()
    until(lambda: RAW in {change.topic for change in topic_admin.apply(SETTINGS, bootstrap)}, tmp_path / "first.log")
    crawl.send(PARAGRAPHS[0])
    log = tmp_path / "second.log"
    with worker(bootstrap, log, "workers", "worker", "dedupe") as process:
        assert process.wait(30) == ExitCode.MISCONFIGURED, log.read_text()[-4000:]
    (line,) = [line for line in log.read_text().splitlines() if "made anew" in line]
    assert "delete news-ledger and run `copydesk topics apply`" in json.loads(line)["message"]
