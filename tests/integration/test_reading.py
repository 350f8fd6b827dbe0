"""What came out of a real Kafka, and dead letters that are sent back to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner

from schemas import Origin
from tests.dead_letters.support import letter_record
from tests.integration.support import SETTINGS, recreate_topics
from tests.reliability.harness.launch import environment_of
from workers.cli import main
from workers.errors import StartRefusedError
from workers.kafka.admin_client import connect_admin
from workers.kafka.reader import BEGINNING, open_reader
from workers.messages import Message
from workers.outcomes import Reason
from workers.topics import DEAD_LETTERS, RAW


def send(bootstrap: str, messages: Iterable[Message]) -> None:
    """Send the messages one by one, each with its partition and timestamp."""

    async def send_all() -> None:
        async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
            for message in messages:
                await producer.send_and_wait(
                    message.topic, message.value, message.key, message.partition, message.timestamp,
                    list(message.headers),
                )  # fmt: skip

    asyncio.run(send_all())


def abort(bootstrap: str) -> None:
    """Leave a record of an aborted transaction, and its marker, at the end of the raw topic."""

    async def send_and_abort() -> None:
        async with AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id="test-reading") as producer:
            await producer.begin_transaction()
            await producer.send_and_wait(RAW, b"never", partition=0)
            await producer.abort_transaction()

    asyncio.run(send_and_abort())


def copydesk(bootstrap: str, *arguments: str) -> str:
    """What the command writes to stdout."""
    done = CliRunner().invoke(main, arguments, env=environment_of(SETTINGS) | {"COPYDESK_BROKER": bootstrap})
    assert done.exit_code == 0, done.output
    return done.stdout


def listed_letters(bootstrap: str, *options: str) -> list[dict[str, object]]:
    letters: list[dict[str, object]] = json.loads(copydesk(bootstrap, "dead-letters", "list", "--json", *options))[
        "letters"
    ]
    return letters


@pytest.fixture
def empty(bootstrap: str) -> str:
    recreate_topics(bootstrap, SETTINGS)
    return bootstrap


def raw(value: bytes | None, timestamp: int) -> Message:
    return Message(RAW, 0, 0, timestamp, value, b"key")


def test_partitions_that_a_topic_gets_are_followed(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.kafka.reader.METADATA_SECONDS", 0.5)
    count = SETTINGS.partitions
    with open_reader(SETTINGS, empty, (RAW,)) as reader:
        send(empty, [raw(b"before", 1_790_000_000_000)])
        records = reader.read(BEGINNING, follow=True)
        assert next(records).value == b"before"
        with connect_admin(empty, SETTINGS) as admin:
            admin.create_partitions({RAW: count + 1})
        send(empty, [replace(raw(b"after", 1_790_000_001_000), partition=count)])
        assert next(records).origin == Origin(topic=RAW, partition=count, offset=0)
        send(empty, [raw(b"old place", 1_790_000_002_000)])
        assert next(records).value == b"old place"


def test_records_are_read_from_anywhere_to_the_end_and_beyond(empty: str) -> None:
    times = range(1_790_000_000_000, 1_790_000_006_000, 1_000)
    send(empty, [raw(b"%d" % number, time) for number, time in enumerate(times)])
    abort(empty)
    with open_reader(SETTINGS, empty, (RAW, DEAD_LETTERS)) as reader:
        assert [record.value for record in reader.read(BEGINNING)] == [b"0", b"1", b"2", b"3", b"4", b"5"]
        assert [record.value for record in reader.read(times[4])] == [b"4", b"5"]
        assert [record.value for record in reader.read_last(2, lambda record: record.value != b"5")] == [b"3", b"4"]
        assert len(reader.read_last(9, lambda record: True)) == len(times)
        one = reader.read_one(Origin(topic=RAW, partition=0, offset=3))
        assert one == Message(RAW, 0, 3, times[3], b"3", b"key")
        assert reader.read_one(Origin(topic=RAW, partition=0, offset=6)) is None
        assert reader.read_one(Origin(topic=RAW, partition=0, offset=99)) is None
        assert reader.read_one(Origin(topic=RAW, partition=9, offset=0)) is None
        following = reader.read(times[5], follow=True)
        assert next(following).value == b"5"
        send(empty, [raw(b"new", times[0])])
        assert next(following).value == b"new"
    with (
        pytest.raises(StartRefusedError, match="news-nothing does not exist"),
        open_reader(SETTINGS, empty, ("news-nothing",)),
    ):
        pass


def test_no_letter_is_lost_however_replays_are_cut_and_mixed(empty: str, tmp_path: Path) -> None:
    reasons = [Reason.NO_BODY, Reason.EMPTY, Reason.NO_BODY, Reason.EMPTY, Reason.NO_BODY]
    letters = [
        letter_record(
            b'{"n": %d}' % number, reason=reason, place=(0, number), refused=(0, number), timestamp=1_790_000_000_000
        )
        for number, reason in enumerate(reasons)
    ]
    letters.insert(2, Message(DEAD_LETTERS, 0, 2, 1_790_000_000_000, b"\x1b[2J", None, (("a", None),)))
    send(empty, letters)

    listed = json.loads(copydesk(empty, "dead-letters", "list", "--json", "-n", "1"))
    assert (listed["counts"], listed["stray"]) == ({"no_body": 3, "empty": 2}, 1)
    assert [letter["letter"] for letter in listed["letters"]] == ["news-dead-letters-0-5"]
    assert "\x1b" not in copydesk(empty, "tail", "dead-letters")
    assert '{"n": 2}' in copydesk(empty, "dead-letters", "show", "news-dead-letters-0-3")

    replay = ("dead-letters", "replay", "--reason", "no_body")
    copydesk(empty, *replay, "--dry-run")
    copydesk(empty, *replay, "-n", "2")
    copydesk(empty, *replay)
    copydesk(empty, *replay)
    copydesk(empty, "dead-letters", "replay", "--reason", "empty", "--set", "n=7")
    exported = tmp_path / "letters.jsonl"
    copydesk(empty, "dead-letters", "export", "news-raw-0-4", "-o", str(exported))
    exported.write_text(exported.read_text().replace(r"{\"n\": 4}", "edited"))
    copydesk(empty, "dead-letters", "replay", "--from-file", str(exported))
    copydesk(empty, "dead-letters", "replay", "--topic", "raw")  # all of them were sent back

    states = {letter["letter"]: letter["sent_back"] for letter in listed_letters(empty)}
    assert states == {f"news-dead-letters-0-{offset}": True for offset in (0, 1, 3, 4, 5)}
    send(empty, [letter_record(b'{"url": "https://www.courier.example/a"}', place=(0, 6))])
    (left,) = listed_letters(empty, "--open", "--source", "courier.example")
    assert (left["letter"], left["source"]) == ("news-dead-letters-0-6", "courier.example")
    assert copydesk(empty, "dead-letters", "export", "--open").count("\n") == 1

    with open_reader(SETTINGS, empty, (RAW,)) as reader:
        sent = list(reader.read(BEGINNING))
    assert [record.value for record in sent] == [
        b'{"n": 0}', b'{"n": 2}', b'{"n": 4}', b'{"n":7}', b'{"n":7}', b"edited",
    ]  # fmt: skip
    assert {(record.key, record.timestamp) for record in sent} == {(b"a key", 1_790_000_000_000)}
    assert sent[0].headers == letters[0].headers
