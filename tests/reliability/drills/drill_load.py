"""Hard loads: a flood of bad messages, and messages of every size up to the limit and beyond."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import chain

import pytest

from schemas import Origin
from tests.integration.articles import Input, inputs
from tests.reliability.checker.checker import CHECKS, FINAL, revisions_have_no_gaps
from tests.reliability.checker.history import read_topics
from tests.reliability.drills.report import note
from tests.reliability.drills.run import Figures, figures, finish_and_check
from tests.reliability.drills.table import COMMIT_TIMEOUT, LANGUAGES, ONE_EACH
from tests.reliability.findings import FLOOD_THROUGHPUT
from tests.reliability.harness.cluster import alter
from tests.reliability.harness.stream import NO_MODEL, DrillStream, drill_stream
from workers.cli.demo.tally import read_dead_letter
from workers.outcomes import Outcome, Reason
from workers.settings import Settings
from workers.topics import DEAD_LETTERS, RAW, UNIQUE

pytestmark = [pytest.mark.broker, pytest.mark.process, pytest.mark.slow]

GOOD = 800
"""Good articles in each round of the poison flood."""
MIN_ROUNDS, MAX_ROUNDS = 3, 8
FLOOD_SHARE = 0.3
"""The share of bad messages in the flood."""
MIN_THROUGHPUT = 0.8
"""The share of their normal throughput that good articles must keep in the flood."""
MAX_MESSAGE_BYTES = 256 * 1024
MAX_UNIQUE_BYTES = 3_000
"""What news-unique takes in the drill of refused outputs: a short article, but no batch of two."""
OVER_TOPIC_LIMIT, OVER_DEAD_LETTER_LIMIT = (1.5, 2.9), (3.5, 5.0)
"""Sizes in multiples of ``MAX_MESSAGE_BYTES``: too large for an article topic, and too large even for dead letters."""


def test_good_articles_keep_their_throughput_in_a_flood_of_bad_messages() -> None:
    note(flood())


def flood(sabotage: str = "") -> Figures:
    """The figures of rounds with good articles alone and with the flood, in turn.

    Raises:
        AssertionError: good articles are too slow in the flood, or a promise is broken.
    """
    began = time.monotonic()
    settings = Settings(partitions=6, models=NO_MODEL)
    with drill_stream(settings, ONE_EACH, {"DRILL_SABOTAGE": sabotage}) as stream:
        workload = inputs(100_000, 20, words=200, bad=0.0, languages=LANGUAGES)
        poison = inputs(100_000, 21, bad=1.0)
        rate(stream, take(workload, 100))
        normal: list[float] = []
        flooded: list[float] = []
        kept = 0.0
        # The best round of each kind shows what the stream can do. A busy machine needs more rounds.
        while len(normal) < MIN_ROUNDS or (kept < MIN_THROUGHPUT and len(normal) < MAX_ROUNDS):
            normal.append(rate(stream, take(workload, GOOD)))
            flooded.append(rate(stream, mixed(workload, poison)))
            kept = max(flooded) / max(normal)
        stream.figures["good articles"] = f"{max(normal):.0f}/s, {FLOOD_THROUGHPUT} {max(flooded):.0f}/s ({kept:.0%})"
        result = finish_and_check(stream)
    assert kept >= MIN_THROUGHPUT, stream.figures
    return figures("poison flood (30 %)", stream, result, time.monotonic() - began)


def take(source: Iterator[Input], count: int) -> list[Input]:
    return [next(source) for _ in range(count)]


def mixed(good: Iterator[Input], bad: Iterator[Input]) -> list[Input]:
    """The good articles of a normal round, with bad messages in between."""
    messages: list[Input] = []
    for number, article in enumerate(take(good, GOOD)):
        messages.append(article)
        owed = round((number + 1) * FLOOD_SHARE / (1 - FLOOD_SHARE)) - (len(messages) - number - 1)
        messages += take(bad, owed)
    return messages


def rate(stream: DrillStream, messages: list[Input]) -> float:
    """Good articles per second, from sending the first until the last came out."""
    good = sum(Outcome.DEAD_LETTER not in one.allowed for one in messages)
    began = time.monotonic()
    stream.crawler.publish(messages)
    stream.wait_for_arrivals(120)
    return good / (time.monotonic() - began)


@pytest.mark.guarantee
def test_a_message_too_large_for_a_topic_becomes_a_dead_letter() -> None:
    note(send_large())


@pytest.mark.guarantee
def test_a_message_too_large_for_the_dead_letters_does_not_stop_the_stream() -> None:
    note(send_large(OVER_DEAD_LETTER_LIMIT))


def send_large(
    factors: Sequence[float] = OVER_TOPIC_LIMIT, sabotage: str = "", commit_timeout: float = COMMIT_TIMEOUT
) -> Figures:
    """The figures of messages at the limit of the settings, and of larger ones, which the broker accepts as well."""
    began = time.monotonic()
    settings = Settings(partitions=3, models=NO_MODEL, max_message_bytes=MAX_MESSAGE_BYTES)
    values = [
        *large(MAX_MESSAGE_BYTES),
        *chain.from_iterable(large(int(factor * MAX_MESSAGE_BYTES)) for factor in factors),
    ]
    with drill_stream(settings, ONE_EACH, {"DRILL_SABOTAGE": sabotage}, prepare=raise_raw_limit) as stream:
        stream.crawler.publish(inputs(100, 22, words=30))
        stream.crawler.publish([Input("large", value, frozenset()) for value in values])
        stream.crawler.publish(inputs(100, 23, words=30))
        result = finish_and_check(stream, commit_timeout)
        letters = reasons(stream)
    assert Reason.TOO_LARGE in letters, letters
    assert result.outcomes[FINAL[0]] > 150
    stream.figures["too large for a topic"] = str(letters.count(Reason.TOO_LARGE))
    name = "oversized messages" if factors is OVER_TOPIC_LIMIT else "messages too large for the dead letters"
    return figures(name, stream, result, time.monotonic() - began)


@pytest.mark.guarantee
def test_an_output_that_the_broker_refuses_dead_letters_its_message() -> None:
    note(refuse_outputs())


def refuse_outputs(sabotage: str = "", commit_timeout: float = COMMIT_TIMEOUT) -> Figures:
    """The figures of a stream in which news-unique takes less than the table says, so that the broker refuses outputs.

    An undisturbed run would not refuse them, so the checks that compare with one are left out.
    """
    began = time.monotonic()
    settings = Settings(partitions=3, models=NO_MODEL)
    with drill_stream(settings, ONE_EACH, {"DRILL_SABOTAGE": sabotage}, prepare=lower_unique_limit) as stream:
        large = inputs(10, 24, words=MAX_UNIQUE_BYTES, bad=0.0)
        stream.crawler.publish(chain.from_iterable(zip(inputs(1_000, 25, words=30), large, strict=False)))
        stream.crawler.publish(inputs(100, 26, words=30))
        stream.wait_for_commits(commit_timeout)
        history = stream.collect_history()
        letters = reasons(stream)
    findings = [line for check in CHECKS for line in check(history) if check is not revisions_have_no_gaps]
    assert findings == []
    assert letters.count(Reason.TOO_LARGE) > 5, letters  # a large copy is a duplicate, which is small
    name, notes = "outputs that the broker refuses", f"refused by the broker {letters.count(Reason.TOO_LARGE)}"
    return Figures(name, len(stream.crawler.sent), 0, 0, None, time.monotonic() - began, notes)


def lower_unique_limit(bootstrap: str) -> None:
    """Let news-unique accept smaller messages than the workers' settings say."""
    alter(bootstrap, UNIQUE, {"max.message.bytes": str(MAX_UNIQUE_BYTES)})


def raise_raw_limit(bootstrap: str) -> None:
    """Let news-raw accept larger messages than the workers' settings say."""
    alter(bootstrap, RAW, {"max.message.bytes": str(8 * MAX_MESSAGE_BYTES)})


def large(max_bytes: int) -> Iterator[bytes]:
    """Raw messages of this size; some grow on their way through the stages."""
    size = max_bytes - 200  # Kafka's own part of a record batch
    sentence = b"The council of Rotterdam met on Monday and said that the bridge would open again in spring. "
    yield (sentence * (size // len(sentence) + 1))[:size]
    yield (b"Short headline\n\n" + sentence * (size // len(sentence) + 1))[:size]
    # Accented letters grow to two bytes in UTF-8.
    page = b'<html><head><meta charset="iso-8859-1"><title>Accents</title></head><body><p>'
    yield page + ("était à été né " * (size // 15 + 1)).encode("latin-1")[: size - len(page)]
    # Quotation marks, backslashes and newlines grow to two bytes in JSON.
    yield (b"The first of many.\n" + b'"\\"\n' * (size // 4))[:size]


def reasons(stream: DrillStream) -> list[str]:
    """The reasons of the dead letters, one per message."""
    by_origin: dict[Origin, str] = {}
    for record in read_topics(stream.cluster.bootstrap, stream.settings)[DEAD_LETTERS]:
        letter = read_dead_letter(record.value, dict(record.headers))
        by_origin[letter.origin] = letter.reason
    return list(by_origin.values())
