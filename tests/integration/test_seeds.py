"""The seeds and every kind of bad input through Kafka: the articles, and the dead letters with their original bytes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from schemas import Duplicate, EnrichedArticle
from tests.integration.articles import Input
from tests.integration.stream import Stream, stream
from tests.shared import SHARED, needs_shared, seed
from workers.cli.demo.tally import DeadLetter
from workers.embedded_kafka.broker import EmbeddedBroker
from workers.in_process import InProcessStream
from workers.outcomes import Outcome, Reason, Stage
from workers.settings import Settings

pytestmark = pytest.mark.slow

BAD: dict[Reason, bytes | None] = {
    Reason.EMPTY: None,
    Reason.INVALID_JSON: b'{"headline": "The ferry',
    Reason.INVALID_FIELD: b'[{"body": "One."}, {"body": "Two."}]',
    Reason.NO_BODY: b'{"headline": "The ferry"}',
    Reason.INVALID_ENCODING: b"The caf\xe9 \x81\x8d\x8f\x90\x9d" * 5,
    Reason.UNREADABLE: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00",
    Reason.TOO_LARGE: b"The ferry left. " * 60_000,
}


@pytest.fixture(scope="module")
def running(broker: EmbeddedBroker) -> Iterator[Stream]:
    inputs = [Input(reason, value, frozenset({Outcome.DEAD_LETTER})) for reason, value in BAD.items()]
    if SHARED.is_dir():
        enriched = frozenset({Outcome.ENRICHED})
        inputs += [Input(prefix, seed(prefix).encode(), enriched) for prefix in ("000", "001")]
    with stream(broker.bootstrap, Settings()) as running:
        running.publish(inputs)
        running.read_until(lambda: not running.tally.missing, timeout=60)
        running.assert_each_in_exactly_one_outcome(inputs)
        yield running


def arrivals(running: Stream) -> dict[str, EnrichedArticle | Duplicate | DeadLetter]:
    return {name: running.tally.arrived[origin][0] for origin, name in running.tally.names.items()}


@pytest.mark.parametrize("reason", BAD)
def test_bad_input_becomes_a_dead_letter_with_its_reason_and_original_bytes(running: Stream, reason: Reason) -> None:
    letter = arrivals(running)[reason]
    assert isinstance(letter, DeadLetter)
    assert letter.reason == reason
    (values,) = (values for key, values in running.values.items() if key[2] == str(letter.origin))
    assert set(values) == {BAD[reason]}


@needs_shared
def test_seeds_come_out_the_same_as_without_kafka(running: Stream) -> None:
    arrived = arrivals(running)
    local = InProcessStream(Settings(), Stage.CLEAN, Stage.ENRICH, 1_767_268_800_000)
    for prefix, line in zip(
        ("000", "001"), local.run((name, seed(name).encode()) for name in ("000", "001")), strict=True
    ):
        article = arrived[prefix]
        assert isinstance(article, EnrichedArticle)
        assert isinstance(line.article, EnrichedArticle)
        for field in ("id", "headline", "body", "summary", "published", "credits", "captions", "removed", "entities"):
            assert getattr(article, field) == getattr(line.article, field), field
    stories = {getattr(arrived[prefix], "story_id", None) for prefix in ("000", "001")}
    assert len(stories) == 1
