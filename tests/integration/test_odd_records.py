"""Odd records, and topics that take less than the table says: each record has one outcome, and no worker ends."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby

import pytest

from schemas import Origin
from tests.integration.articles import Input, inputs
from tests.integration.odd_records import ANY_RECORD, OddRecord, odd_raw_records, send, stray_records
from tests.integration.stream import Stream, stream
from tests.reliability.checker.checker import FINAL, each_in_exactly_one_outcome
from tests.reliability.checker.history import History, history_of, origin_of, read_topics
from tests.reliability.harness.cluster import alter
from tests.reliability.harness.launch import command, environment_of
from workers.embedded_kafka.broker import EmbeddedBroker
from workers.messages import TIME_HEADER, Headers, Message
from workers.outcomes import Outcome, Reason, Stage
from workers.settings import Settings
from workers.stream.dead_letters import ERROR_HEADERS
from workers.topics import CLEAN, DEAD_LETTERS, DUPLICATES, ENRICHED, LEDGER, RAW, UNIQUE

pytestmark = [pytest.mark.broker, pytest.mark.slow]

SETTINGS = Settings(partitions=2, languages=("en",), models={}, session_timeout=6, dead_letter_limit=100)
RETENTION_CHECK_SECONDS = 0.5
TOPIC_OF = {Outcome.ENRICHED: ENRICHED, Outcome.DUPLICATE: DUPLICATES, Outcome.DEAD_LETTER: DEAD_LETTERS}


@pytest.fixture(scope="module")
def bootstrap() -> Iterator[str]:
    """A Kafka that deletes at once what is past its retention."""
    properties = {"log.retention.check.interval.ms": f"{RETENTION_CHECK_SECONDS * 1000:.0f}"}
    with EmbeddedBroker(properties=properties) as running:
        yield running.bootstrap


@contextmanager
def steady_stream(bootstrap: str) -> Iterator[Stream]:
    """A stream whose workers must not end."""
    with stream(bootstrap, SETTINGS, command=command(environment_of(SETTINGS))) as running:
        yield running
        log = running.log.read_text()
        assert log.count('"message":"starting"') == len(Stage), log[-4000:]


def finish(running: Stream) -> History:
    """What the topics hold once every stage has committed its input. Each message has exactly one outcome."""
    running.await_commits(60)
    records = read_topics(running.bootstrap, SETTINGS)
    history = history_of(SETTINGS, {}, records, [], {}, frozenset(Stage))
    assert list(each_in_exactly_one_outcome(history)) == [], running.log.read_text()[-4000:]
    return history


def outcomes(history: History) -> dict[Origin, Message]:
    """The final record of each message."""
    return {origin_of(record): record for topic in FINAL for record in history.of(topic)}


def foreign(headers: Headers) -> Headers:
    """The headers without those that Copydesk sets."""
    return tuple(header for header in headers if header[0] != TIME_HEADER and not header[0].startswith(ERROR_HEADERS))


def by_partition(messages: Iterable[Message]) -> list[list[Message]]:
    return [list(group) for _, group in groupby(messages, key=lambda message: message.partition)]


def test_each_odd_record_has_one_outcome_and_its_headers_survive(bootstrap: str) -> None:
    with steady_stream(bootstrap) as running:
        alter(bootstrap, RAW, ANY_RECORD)
        began = int(time.time() * 1000)
        sent = send(bootstrap, odd_raw_records(inputs(1_000, seed=31, bad=0.0), began))
        for origin, record in sent.items():
            running.tally.add_input(record.name, origin)
        running.read_until(lambda: not running.tally.missing, 120)
        strays = send(bootstrap, stray_records())
        running.await_commits(60)
        time.sleep(3 * RETENTION_CHECK_SECONDS)
        history = finish(running)
    final = outcomes(history)
    for origin, record in sent.items():
        assert final[origin].topic in {TOPIC_OF[outcome] for outcome in record.allowed}, record.name
        if "cut_from" not in str(final[origin].headers):
            assert foreign(final[origin].headers) == foreign(record.headers), record.name
    assert {origin for origin in strays if origin.topic != LEDGER} <= final.keys()
    # Nothing is deleted, however old its message says it is: the broker dates what the stages write.
    for topic in (CLEAN, UNIQUE, *FINAL):
        assert min(message.written for message in history.of(topic)) >= began
        assert all(any(message.offset == 0 for message in messages) for messages in by_partition(history.of(topic)))


def test_messages_whose_outputs_the_broker_refuses_become_dead_letters(bootstrap: str) -> None:
    """The rest of their batches, which the producer may send together with them, comes out as ever."""
    with steady_stream(bootstrap) as running:
        alter(bootstrap, UNIQUE, {"max.message.bytes": "15000"})
        alter(bootstrap, ENRICHED, {"max.message.bytes": "9000"})
        random.seed(5)
        paddings = [0, 0, 20_000, 0, 10_000, 0] * 5
        articles = inputs(len(paddings), seed=5, words=30, bad=0.0)
        records = [
            # Random bytes, which no codec makes smaller.
            OddRecord(name=article.name, value=article.value, headers=(("padding", random.randbytes(padding)),))
            for article, padding in zip(articles, paddings, strict=True)
        ]
        for origin, record in send(bootstrap, records).items():
            running.tally.add_input(record.name, origin)
        running.read_until(lambda: not running.tally.missing, 120)
        history = finish(running)
    final = outcomes(history).values()
    letters = [record for record in final if record.topic == DEAD_LETTERS]
    stages = [dict(letter.headers)[f"{ERROR_HEADERS}stage"] for letter in letters]
    assert {dict(letter.headers)[f"{ERROR_HEADERS}reason"] for letter in letters} == {Reason.TOO_LARGE.encode()}
    assert stages.count(b"dedupe") == 5
    assert stages.count(b"enrich") > 2, "those that are no duplicates"
    # The ledger has an entry also of an article that was refused, so that the next worker judges alike.
    assert len({record.key for record in history.of(LEDGER)}) == len(paddings)


def test_a_dead_letter_that_the_broker_refuses_is_cut(bootstrap: str) -> None:
    with steady_stream(bootstrap) as running:
        alter(bootstrap, DEAD_LETTERS, {"max.message.bytes": "2000"})
        value = b"{broken" + random.Random(1).randbytes(2_500).hex().encode()  # compression does not make it small
        running.publish([Input("bad", value, frozenset()), *inputs(3, seed=1, bad=0.0)])
        running.read_until(lambda: not running.tally.missing, 120)
        history = finish(running)
    (letter,) = history.of(DEAD_LETTERS)
    assert (letter.value, dict(letter.headers)[f"{ERROR_HEADERS}cut_from"]) == (b"", b"5007")
