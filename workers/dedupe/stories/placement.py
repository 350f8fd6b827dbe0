"""Where an article belongs among the stories, and what its arrival shows of the articles before it.

An article may show that an earlier one belongs to its story rather than to its own, and that two stories are about one
event. All of it is decided by one measure, the mean likeness to the nearest members of a story. With centroids, one
story absorbs unrelated articles; with nearest neighbours it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from workers.dedupe.stories.likeness import SCALE

NEAREST_MEMBERS = 5
"""The likeness to a story is the mean over this many of its nearest members."""
STORY_THRESHOLD = 0
"""Likeness from which an article belongs to a story: it is as likely as not."""
MERGE_THRESHOLD = 2 * SCALE
"""Likeness of an article to each of two stories from which they are one: a probability of .88."""
MAX_REVIEWED = 4
"""Earlier articles whose story is reviewed when an article arrives, those most like it."""

Story = int | None
"""The key of a story; None is the one that the new article starts."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an article belongs; articles are numbers of candidates.

    Attributes:
        member: an article of its story, or None if it starts a new one.
        moved: the articles that move to its story, each with its likeness to that story.
        merged: an article of each story that is one with its own, with the likeness of the new article to that story.
        relatives: the articles that are in one story with it then, each with its likeness to the new article.
    """

    member: int | None = None
    moved: tuple[tuple[int, float], ...] = ()
    merged: tuple[tuple[int, float], ...] = ()
    relatives: tuple[tuple[int, int], ...] = ()

    def at(self, offsets: Sequence[int]) -> Placement:
        """The same with stream offsets, of which there is one for each candidate."""
        return Placement(
            None if self.member is None else offsets[self.member],
            tuple((offsets[number], likeness) for number, likeness in self.moved),
            tuple((offsets[number], likeness) for number, likeness in self.merged),
            tuple((offsets[number], score) for number, score in self.relatives),
        )


def place(scores: Sequence[int], stories: Sequence[int], scores_of: Callable[[int], Sequence[int]]) -> Placement:
    """Where an article belongs.

    Args:
        scores: its likeness to each candidate.
        stories: the story of each candidate.
        scores_of: returns the likeness of a candidate to each candidate.
    """
    own = _nearest(_likeness(scores, stories))
    now: list[Story] = list(stories)
    linked = [number for number, score in enumerate(scores) if score >= STORY_THRESHOLD and stories[number] != own]
    moved = []
    for number in sorted(linked, key=lambda number: (-scores[number], -number))[:MAX_REVIEWED]:
        theirs = list(scores_of(number))
        theirs[number] = scores[number]  # instead of itself, the new article
        likeness = _likeness(theirs, [*now[:number], own, *now[number + 1 :]])
        there, here = likeness[own], likeness.get(now[number], STORY_THRESHOLD)
        if there >= STORY_THRESHOLD and there > here:
            now[number] = own
            moved.append((number, there))
    merged = [
        (now.index(story), likeness)
        for story, likeness in _likeness(scores, now).items()
        if story != own and likeness >= MERGE_THRESHOLD
    ]
    united = {own, *(now[number] for number, _ in merged)}
    relatives = [(number, score) for number, score in enumerate(scores) if now[number] in united]
    return Placement(None if own is None else stories.index(own), tuple(moved), tuple(merged), tuple(relatives))


def _likeness(scores: Iterable[int], stories: Iterable[Story]) -> dict[Story, float]:
    """The likeness to each story."""
    members: dict[Story, list[int]] = {}
    for score, story in zip(scores, stories, strict=True):
        members.setdefault(story, []).append(score)
    nearest = {story: sorted(of_story)[-NEAREST_MEMBERS:] for story, of_story in members.items()}
    return {story: sum(of_story) / len(of_story) for story, of_story in nearest.items()}


def _nearest(likeness: dict[Story, float]) -> Story:
    """The story that an article belongs to; of equals, that of the earliest candidate."""
    story = max(likeness, key=likeness.__getitem__)
    return story if likeness[story] >= STORY_THRESHOLD else None
