"""What is found of an article in the topics."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from schemas import Duplicate, EnrichedArticle, UniqueArticle, decode, encode
from tests.dead_letters.support import letter_record
from tests.dedupe.support import BOTH, BRIDGE, DAM, RESCUE, WALL
from tests.explain.support import NOW, SETTINGS, FakeReader, records, records_of, stray
from workers.errors import NotFoundError
from workers.explain import in_topics
from workers.explain.explanation import explain
from workers.explain.facts import Facts
from workers.explain.in_topics import OUTPUTS
from workers.explain.terminal import as_text
from workers.messages import FILE_HEADER, Message
from workers.outcomes import Outcome
from workers.topics import CLEAN, DUPLICATES, ENRICHED, RAW, STORIES, UNIQUE

STRAYS = tuple(stray(topic) for topic in OUTPUTS)


def find(target: str, messages: Iterable[Message] | None = None) -> Facts:
    every = (*STRAYS, *(records() if messages is None else messages))
    return in_topics.find(target, FakeReader(every, OUTPUTS), FakeReader(every, (RAW,)), SETTINGS)


def value_of(topic: str, number: int = 0) -> bytes:
    return [record.value or b"" for record in records() if record.topic == topic][number]


ORIGINAL = decode(value_of(ENRICHED), EnrichedArticle)
COPY = decode(value_of(DUPLICATES), Duplicate)
REVISION = decode(value_of(ENRICHED, 1), EnrichedArticle)


@pytest.mark.parametrize(
    "target", [ORIGINAL.id, "news-raw-0-0", "news-raw/0/0", "news-unique-0-0", "news-enriched-0-0"]
)
def test_an_article_is_found_by_its_id_and_by_each_of_its_records(target: str) -> None:
    facts = find(target)
    assert (facts.where, facts.outcome, facts.article) == ("news-raw-0-0", Outcome.ENRICHED, ORIGINAL)
    assert facts.raw
    assert [member.id for member in facts.members] == [REVISION.id]
    assert facts.articles == 2


def test_a_copy_is_found_with_its_text_and_its_original() -> None:
    facts = find(COPY.id)
    assert (facts.outcome, facts.duplicate) == (Outcome.DUPLICATE, COPY)
    assert facts.original
    assert facts.original.article.body == ORIGINAL.body
    assert facts.article
    assert "This copy" in as_text(explain(facts, SETTINGS))


def test_a_revision_is_found_with_the_text_before() -> None:
    facts = find("news-enriched-0-2")
    assert facts.previous
    assert (facts.previous.article.id, facts.previous.where) == (ORIGINAL.id, "news-raw-0-0")


@pytest.mark.parametrize(
    ("bodies", "why"),
    [
        ((DAM, WALL, RESCUE, RESCUE, BOTH), "merged into this one"),
        ((DAM, WALL, BRIDGE, BRIDGE, RESCUE), "it moved here"),
    ],
)
@pytest.mark.parametrize("number", [2, 3])  # an article and its copy
def test_an_article_in_another_story_now_is_found_with_that_story_and_why(
    bodies: tuple[str, ...], why: str, number: int
) -> None:
    written = records_of(
        {"headline": f"Report {place}", "body": body, "url": f"https://news.example/{place}"}
        for place, body in enumerate(bodies)
    )
    last = decode([record.value or b"" for record in written if record.topic == UNIQUE][-1], UniqueArticle)
    facts = find(f"news-raw-0-{number}", written)
    record = facts.article if isinstance(facts.article, UniqueArticle) else facts.duplicate
    assert record
    assert (facts.story == last.story_id) == (record.story_id != last.story_id)
    assert last.id in {member.id for member in facts.members}
    (story,) = [each for each in explain(facts, SETTINGS).decisions if each.about == "story"]
    assert story.answer == last.story_id
    assert f"{why} because of {last.id}" in story.why


def test_what_is_not_kept_any_more_is_said() -> None:
    assert "cleaned again" in find(COPY.id, (each for each in records() if each.topic != CLEAN)).notes[0]
    facts = find(ORIGINAL.id, [each for each in records() if each.topic == ENRICHED])
    assert "raw message is not in the topic any more" in facts.notes[0]
    facts = find(COPY.id, [each for each in records() if each.topic == DUPLICATES])
    assert (facts.article, facts.original) == (None, None)
    assert as_text(explain(facts, SETTINGS))


def test_what_has_not_happened_yet_is_said() -> None:
    raw = [each for each in records() if each.topic == RAW]
    assert find("news-raw-0-0", raw).notes == ("Clean has not read it yet.",)
    unique = [each for each in records() if each.topic in (RAW, CLEAN, UNIQUE, STORIES)]
    facts = find("news-raw-0-0", unique)
    assert facts.notes == ("Enrich has not read it yet.",)
    assert isinstance(facts.article, UniqueArticle)


def test_the_same_article_again_is_explained_as_the_first_one() -> None:
    again = Duplicate(**{name: getattr(COPY, name) for name in COPY.__slots__} | {"id": ORIGINAL.id})
    facts = find(ORIGINAL.id, (*records(), Message(DUPLICATES, 0, 9, NOW + 500, encode(again))))
    assert facts.article == ORIGINAL
    assert facts.notes == ("The same article came in 1 more message: copies of this one.",)


@pytest.mark.parametrize("target", ["news-raw-0-7", "news-dead-letters-0-17"])
def test_a_refused_message_is_found_by_its_coordinates_and_by_those_of_its_letter(target: str) -> None:
    letter = letter_record(b"", refused=(0, 7), headers=((FILE_HEADER, b"crawl.jsonl, line 8"),), timestamp=NOW)
    facts = find(target, [letter])
    assert facts.outcome is Outcome.DEAD_LETTER
    shown = as_text(explain(facts, SETTINGS))
    assert "by clean: no_body" in shown
    assert "dead-letters show news-dead-letters-0-17" in shown
    assert "(empty)" in shown


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("0123456789abcdef", "no article has the id 0123456789abcdef"),
        ("news-raw-3-99", "no message at news-raw-3-99"),
        ("news-enriched-7-99", "no record at news-enriched-7-99"),
        ("news-enriched-0-99", "the record at news-enriched-0-99 is not about one article"),
        ("news-ledger-0-0", "news-ledger-0-0 is in no topic with articles"),
    ],
)
def test_what_is_not_there_is_an_error(target: str, problem: str) -> None:
    with pytest.raises(NotFoundError, match=problem):
        find(target)
