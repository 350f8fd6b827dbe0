"""What is known of the ledger's languages when it cannot be read."""

from __future__ import annotations

import pytest

from workers.kafka import ledger_languages
from workers.kafka.kafka_python import AuthorizationError, TopicPartition
from workers.settings import Settings
from workers.state.lineage import Lineage

LINEAGE = Lineage("raw clean", ("en", "other"))


class Forbidden:
    """A consumer without the right to read."""

    closed = False

    def __init__(self, **_: object) -> None:
        pass

    def assign(self, places: list[TopicPartition]) -> None:
        pass

    def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        raise AuthorizationError("news-ledger")

    def close(self) -> None:
        Forbidden.closed = True


def test_without_the_right_to_read_the_ledger_nothing_is_known_and_a_warning_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ledger_languages, "KafkaConsumer", Forbidden)
    assert ledger_languages.ledger_languages(Settings(), "localhost:9092", LINEAGE) == {}
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.message == "cannot read the ledger; COPYDESK_LANGUAGES is not compared with it"
    assert Forbidden.closed
