"""The busiest stories, from the records of the topics."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.reading.test_tail import ABSORBED, COPY, ENRICHED_ARTICLE, MERGED, NOW, SPLIT, STORY, record_of
from workers.messages import Message
from workers.reading import stories
from workers.reading.stories import Stories, as_json, facts
from workers.topics import DUPLICATES, ENRICHED, HOUR, STORIES


def busy(*records: Message) -> Stories:
    followed = Stories(NOW)
    for record in records:
        followed.add(record)
    return followed


def quiet_article(story: str, age: int) -> Message:
    quiet = replace(ENRICHED_ARTICLE, story_id=story, headline="Quiet", language="de", entities=())
    return record_of(ENRICHED, quiet, timestamp=NOW - age)


def test_articles_and_copies_of_the_last_hour_count_most() -> None:
    followed = busy(
        record_of(STORIES, STORY),
        quiet_article("story-2", 2 * HOUR - 1),
        record_of(ENRICHED, ENRICHED_ARTICLE, timestamp=NOW - HOUR + 1),
        record_of(DUPLICATES, COPY, timestamp=NOW - HOUR),
        quiet_article("story-2", 5 * HOUR),
        record_of(ENRICHED, b"stray"),
        record_of(STORIES, None),
    )
    first, second = followed.busiest(9)
    assert as_json(first) == {
        "id": "story-1", "headline": "Bridge closes", "language": "en", "articles": 2, "copies": 1, "last_hour": 1,
        "hour_before": 1, "since": 2, "first_seen": "2026-05-04T06:30:00Z", "last_seen": "2026-05-28T20:26:40Z",
        "terms": ["bridge"], "sources": {"news.example.com": 1, "other.example": 1}, "countries": {"NL": 1},
        "entities": {"Rotterdam": 1},
    } | {"last_seen": first.last_seen}  # fmt: skip
    assert (second.id, second.last_hour, second.hour_before, second.since) == ("story-2", 0, 1, 2)
    assert list(facts(first))[:2] == [
        "2 articles, 1 copy; 1 in the last hour, 1 in the hour before", "terms: bridge",
    ]  # fmt: skip


def test_a_merged_story_is_counted_in_the_one_that_goes_on_whatever_comes_late() -> None:
    moved = replace(ENRICHED_ARTICLE, id="a7", story_id="story-3")
    followed = busy(
        record_of(STORIES, replace(STORY, id="story-3", articles=5)),
        quiet_article("story-2", 0),
        record_of(STORIES, replace(STORY, articles=6, changes=(MERGED, SPLIT))),
        ABSORBED,
        quiet_article("story-2", 0),
        record_of(ENRICHED, moved),
    )
    assert [(story.id, story.articles, story.since) for story in followed.busiest(9)] == [
        ("story-1", 6, 3), ("story-3", 4, 0),
    ]  # fmt: skip


def test_filters_by_language_and_entity() -> None:
    followed = busy(record_of(ENRICHED, ENRICHED_ARTICLE), quiet_article("story-2", 0))
    assert [story.id for story in followed.busiest(9, languages=("de",))] == ["story-2"]
    assert [story.id for story in followed.busiest(9, entities=("ROTTERDAM port",))] == ["story-1"]
    assert len(followed.busiest(1)) == 1


def test_only_the_newest_stories_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories, "MAX_STORIES", 2)
    followed = busy(*(quiet_article(f"story-{number}", 0) for number in (1, 2, 1, 3)))
    assert {story.id for story in followed.busiest(9)} == {"story-1", "story-3"}
