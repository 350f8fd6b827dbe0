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


def test_of_stories_that_are_merged_into_each_other_the_later_merger_counts() -> None:
    moves = Moves()
    for story, into in ((1, 2), (2, 3), (3, 1), (1, 1)):
        moves.merge(f"story-{story}", f"story-{into}")
    assert [moves.survivor(f"story-{number}") for number in (1, 2, 3)] == ["story-1"] * 3
