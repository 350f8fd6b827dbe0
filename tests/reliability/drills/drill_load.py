"""Loads that are hard to take: a flood of bad messages, and messages of every size up to what is taken and beyond."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import chain

import pytest

from schemas import Origin
from tests.integration.articles import Input, inputs
from tests.reliability.checker.checker import FINAL
from tests.reliability.checker.history import read_topics
from tests.reliability.drills.play import Figures, figures, settle
from tests.reliability.drills.report import note
from tests.reliability.drills.table import LANGUAGES, ONE_EACH, SETTLE
from tests.reliability.harness.cluster import alter
from tests.reliability.harness.scene import NO_MODEL, Scene, scene
from workers.cli.demo.tally import read_dead_letter
from workers.outcomes import Outcome, Reason
from workers.settings import Settings
from workers.topics import DEAD_LETTERS, RAW

pytestmark = [pytest.mark.broker, pytest.mark.slow]

GOOD = 800
"""Good articles in each round of the poison flood."""
ROUNDS, MOST_ROUNDS = 3, 8
FLOOD = 0.3
KEPT = 0.8
"""The share of their normal throughput that good articles must keep in the flood."""
LARGEST = 256 * 1024
LARGER, EVEN_LARGER = (1.5, 2.9), (3.5, 5.0)
"""How many times as large messages are that a topic takes no article of, and those that even the dead letters do not
take."""


def test_good_articles_keep_their_throughput_in_a_flood_of_bad_messages() -> None:
    note(flood())


def flood(sabotage: str = "") -> Figures:
    """The figures of good articles alone and in the flood, in turns.

    Raises:
        AssertionError: they come too slowly in it, or a promise is broken.
    """
    began = time.monotonic()
    settings = Settings(partitions=6, models=NO_MODEL)
    with scene(settings, ONE_EACH, {"DRILL_SABOTAGE": sabotage}) as running:
        workload = (one for one in inputs(100_000, 20, words=200, bad=0.0, languages=LANGUAGES))
        poison = (one for one in inputs(100_000, 21, bad=1.0))
        rate(running, take(workload, 100))
        normal: list[float] = []
        flooded: list[float] = []
        kept = 0.0
        # The best of each is what the stream can do; that takes more rounds where the machine has other work.
        while len(normal) < ROUNDS or (kept < KEPT and len(normal) < MOST_ROUNDS):
            normal.append(rate(running, take(workload, GOOD)))
            flooded.append(rate(running, mixed(workload, poison)))
            kept = max(flooded) / max(normal)
        running.figures["good articles"] = f"{max(normal):.0f}/s, in the flood {max(flooded):.0f}/s ({kept:.0%})"
        verdict = settle(running)
    assert kept >= KEPT, running.figures
    return figures("poison flood (30 %)", running, verdict, time.monotonic() - began)


def take(source: Iterator[Input], count: int) -> list[Input]:
    return [next(source) for _ in range(count)]


def mixed(good: Iterator[Input], bad: Iterator[Input]) -> list[Input]:
    """So many good articles as in a normal round, and bad messages between them."""
    found: list[Input] = []
    for number, one in enumerate(take(good, GOOD)):
        found.append(one)
        owed = round((number + 1) * FLOOD / (1 - FLOOD)) - (len(found) - number - 1)
        found += take(bad, owed)
    return found


def rate(running: Scene, messages: list[Input]) -> float:
    """The good articles a second, from the first that was sent until the last came out."""
    good = sum(Outcome.DEAD_LETTER not in one.allowed for one in messages)
    began = time.monotonic()
    running.crawler.publish(messages)
    running.await_arrivals(120)
    return good / (time.monotonic() - began)


@pytest.mark.guarantee
def test_what_is_too_large_for_a_topic_becomes_a_dead_letter_and_nothing_is_lost() -> None:
    note(send_large())


@pytest.mark.guarantee
def test_what_is_too_large_for_the_dead_letters_does_not_stop_the_stream() -> None:
    note(send_large(EVEN_LARGER))


def send_large(larger: Sequence[float] = LARGER, sabotage: str = "", patience: float = SETTLE) -> Figures:
    """The figures of messages as large as the settings say, and so many times larger, for the broker takes them."""
    began = time.monotonic()
    settings = Settings(partitions=3, models=NO_MODEL, max_message_bytes=LARGEST)
    values = [*large(LARGEST), *chain.from_iterable(large(int(times * LARGEST)) for times in larger)]
    with scene(settings, ONE_EACH, {"DRILL_SABOTAGE": sabotage}, prepare=take_more) as running:
        running.crawler.publish(inputs(100, 22, words=30))
        running.crawler.publish([Input("large", value, frozenset()) for value in values])
        running.crawler.publish(inputs(100, 23, words=30))
        verdict = settle(running, patience)
        letters = reasons(running)
    assert Reason.TOO_LARGE in letters, letters
    assert verdict.outcomes[FINAL[0]] > 150
    running.figures["too large for a topic"] = str(letters.count(Reason.TOO_LARGE))
    name = "oversized messages" if larger is LARGER else "messages too large for the dead letters"
    return figures(name, running, verdict, time.monotonic() - began)


def take_more(bootstrap: str) -> None:
    """Let the topic of raw messages take larger ones than the workers are told of."""
    alter(bootstrap, RAW, {"max.message.bytes": str(8 * LARGEST)})


def large(most: int) -> Iterator[bytes]:
    """Raw messages of such a size, some of which grow on the way."""
    room = most - 200  # Kafka's own part of a record batch
    sentence = b"The council of Rotterdam met on Monday and said that the bridge would open again in spring. "
    yield (sentence * (room // len(sentence) + 1))[:room]
    yield (b"Short headline\n\n" + sentence * (room // len(sentence) + 1))[:room]
    # Every letter with an accent takes two bytes in UTF-8.
    page = b'<html><head><meta charset="iso-8859-1"><title>Accents</title></head><body><p>'
    yield page + ("était à été né " * (room // 15 + 1)).encode("latin-1")[: room - len(page)]
    # Every quotation mark, backslash and end of a line takes two in JSON.
    yield (b"The first of many.\n" + b'"\\"\n' * (room // 4))[:room]


def reasons(running: Scene) -> list[str]:
    """The reasons of the dead letters."""
    found: dict[Origin, str] = {}
    for record in read_topics(running.cluster.bootstrap, running.settings)[DEAD_LETTERS]:
        letter = read_dead_letter(record.value, dict(record.headers))
        found[letter.origin] = letter.reason
    return list(found.values())
