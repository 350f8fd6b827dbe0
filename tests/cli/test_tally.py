from __future__ import annotations

import pytest

from schemas import (
    CleanArticle,
    CopyKind,
    Duplicate,
    EnrichedArticle,
    EntityMeta,
    Evidence,
    InvalidRecordError,
    Origin,
    Story,
    UniqueArticle,
    encode,
)
from workers import topics
from workers.cli.demo.tally import TALLIED_TOPICS, DeadLetter, Tally, describe, outcome
from workers.errors import RejectedError
from workers.messages import Message
from workers.outcomes import Outcome, Reason, Stage
from workers.stream.dead_letters import dead_letter

TIME = "2026-01-01T12:00:00Z"


def origin(offset: int) -> Origin:
    return Origin(topic=topics.RAW, partition=0, offset=offset)


def unique(offset: int, revision: int = 1) -> UniqueArticle:
    return UniqueArticle(
        id=f"id-{offset}", origin=origin(offset), headline=f"Headline {offset}", body="x", language="en", story_id="s",
        revision=revision,
    )  # fmt: skip


def enriched(offset: int, revision: int = 1) -> EnrichedArticle:
    return EnrichedArticle(
        id=f"id-{offset}", origin=origin(offset), headline="", body="x", language="en", story_id="s", revision=revision,
        entities=(), entity_meta=EntityMeta(model=None, rules="1"),
    )  # fmt: skip


def duplicate(offset: int) -> Duplicate:
    evidence = Evidence(method="content", shared=9, of_copy=1.0, of_original=1.0)
    return Duplicate(
        id=f"id-{offset}", origin=origin(offset), duplicate_of="id-0", kind=CopyKind.NEAR, score=1.0,
        evidence=evidence, story_id="s", headline="", language="en",
    )  # fmt: skip


def letter(topic: str, value: bytes | None, offset: int, stage: Stage) -> tuple[bytes | None, dict[str, bytes | None]]:
    sent = dead_letter(
        Message(topic, 0, offset, 0, value), stage, RejectedError(Reason.NO_BODY, "no text"), 0.0, 10_000
    )
    return sent.value, dict(sent.headers)


@pytest.fixture
def tally() -> Tally:
    """A tally of three inputs."""
    tally = Tally()
    for offset in range(3):
        tally.add_input(f"input {offset}", origin(offset))
    return tally


def test_an_input_is_missing_until_it_leaves_the_stream(tally: Tally) -> None:
    assert tally.missing == ["input 0", "input 1", "input 2"]
    assert tally.record(topics.CLEAN, encode(unique(0)), {}) is None
    assert tally.record(topics.UNIQUE, encode(unique(0)), {}) is None
    assert tally.missing == ["input 0", "input 1", "input 2"]
    assert tally.record(topics.ENRICHED, encode(enriched(0)), {}) == enriched(0)
    assert tally.record(topics.DUPLICATES, encode(duplicate(1)), {}) == duplicate(1)
    assert tally.missing == ["input 2"]
    tally.record(topics.DEAD_LETTERS, *letter(topics.RAW, b"", 2, Stage.CLEAN))
    assert tally.missing == []
    assert tally.ambiguous == []
    assert tally.outcomes == {"enriched": 1, "duplicate (near)": 1, "dead letter (no_body)": 1}
    assert tally.handled == {Stage.CLEAN: 2, Stage.DEDUPE: 2, Stage.ENRICH: 1}


def test_two_different_outcomes_are_ambiguous_but_a_redelivery_is_not(tally: Tally) -> None:
    tally.record(topics.ENRICHED, encode(enriched(0)), {})
    tally.record(topics.ENRICHED, encode(enriched(0)), {})
    assert tally.ambiguous == []
    tally.record(topics.DUPLICATES, encode(duplicate(0)), {})
    assert tally.ambiguous == ["input 0"]
    assert sum(tally.outcomes.values()) == 1


def test_articles_that_are_not_inputs_are_not_counted(tally: Tally) -> None:
    tally.record(topics.ENRICHED, encode(enriched(99)), {})
    assert tally.outcomes == {}


def test_a_dead_letter_of_any_stage_counts_for_its_raw_message(tally: Tally) -> None:
    clean = CleanArticle(id="a", origin=origin(1), headline="", body="x", language="en")
    for topic, value, stage in (
        (topics.RAW, b"\xff", Stage.CLEAN),
        (topics.CLEAN, encode(clean), Stage.DEDUPE),
        (topics.UNIQUE, encode(unique(1)), Stage.ENRICH),
    ):
        arrival = tally.record(topics.DEAD_LETTERS, *letter(topic, value, 1, stage))
        assert arrival == DeadLetter(origin(1), stage, "no_body", "no text")
    assert tally.missing == ["input 0", "input 2"]
    assert tally.handled == {Stage.CLEAN: 1, Stage.DEDUPE: 1, Stage.ENRICH: 1}


def test_the_latest_headlines_and_stories_are_kept(tally: Tally) -> None:
    tally.record(topics.UNIQUE, encode(unique(0)), {})
    assert tally.headlines == {"id-0": "Headline 0"}
    for articles in (1, 2):
        story = Story(
            id="s", language="en", headline="", articles=articles, first_seen=TIME, last_seen=TIME, latest="id-0"
        )
        tally.record(topics.STORIES, encode(story), {})
    assert {name: story.articles for name, story in tally.stories.items()} == {"s": 2}


@pytest.mark.parametrize("topic", sorted(set(TALLIED_TOPICS) - {topics.CLEAN}))
def test_a_message_that_does_not_fit_its_topic_is_an_error(tally: Tally, topic: str) -> None:
    for value in (b"{}", None):
        with pytest.raises(InvalidRecordError):
            tally.record(topic, value, {})


@pytest.mark.parametrize(
    ("name", "value"),
    [("stage", b"printing"), ("offset", b"first"), ("offset", b"-1"), ("partition", b"-3"), ("topic", b"\xff")],
)
def test_a_dead_letter_with_invalid_headers_is_an_error(tally: Tally, name: str, value: bytes) -> None:
    original, headers = letter(topics.RAW, b"", 1, Stage.CLEAN)
    with pytest.raises(InvalidRecordError):
        tally.record(topics.DEAD_LETTERS, original, headers | {f"__copydesk.errors.{name}": value})


def test_arrivals_are_described_in_words() -> None:
    refused = DeadLetter(origin(0), Stage.CLEAN, "no_body", "no text")
    assert [describe(each) for each in (enriched(0), enriched(0, 2), duplicate(0), refused)] == [
        "enriched", "enriched (revision)", "duplicate (near)", "dead letter (no_body)",
    ]  # fmt: skip
    assert [outcome(each) for each in (enriched(0, 2), duplicate(0), refused)] == [
        Outcome.ENRICHED, Outcome.DUPLICATE, Outcome.DEAD_LETTER,
    ]  # fmt: skip
