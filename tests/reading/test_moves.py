"""Which story an article belongs to, by the records."""

from __future__ import annotations

from tests.reading.test_tail import MERGED, SPLIT
from workers.reading.moves import Moves


def test_articles_and_stories_are_followed_to_where_they_are_in_the_end() -> None:
    moves = Moves()
    moves.add("story-1", (MERGED, SPLIT))
    moves.merge("story-1", "story-9")
    assert [moves.story_of(*each) for each in (("a7", "story-3"), ("a8", "story-3"), ("a9", "story-2"))] == [
        "story-9", "story-3", "story-9",
    ]  # fmt: skip


def test_stories_that_are_merged_into_each_other_end_somewhere() -> None:
    moves = Moves()
    moves.merge("story-1", "story-2")
    moves.merge("story-2", "story-1")
    assert moves.survivor("story-1") in ("story-1", "story-2")
