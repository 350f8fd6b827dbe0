"""Joining: what becomes of the stories when an article joins one, or starts one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import islice

from schemas import StoryChange, StoryChangeKind
from workers.dedupe.indexes import IndexedEntry, Indexes
from workers.dedupe.stories import Placement
from workers.dedupe.stories.likeness import SCALE
from workers.timestamps import rfc3339

MAX_MEMBERS = 64
"""First articles of a story that is split among which the first one that stays is sought."""

Moved = list[tuple[IndexedEntry, float]]
"""Articles that move, each with its likeness to the story that it moves to."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The story that an article joins, with the article in it, and what moves there from other stories.

    ``positions`` are the stream offsets of the articles that move from stories that split.
    """

    story: str
    articles: int
    first_seen: str
    changes: tuple[StoryChange, ...]
    positions: tuple[int, ...]


def join(indexes: Indexes, placement: Placement, article: str, time: int) -> Joined:
    """What becomes of the stories when an article, by its id, is placed among them at the message time.

    Of the stories that are one, the largest goes on, so that few articles change theirs; of equals, the oldest. A story
    that loses all its articles is merged, too.
    """
    now = rfc3339(time)
    own = indexes.new_story(article) if placement.member is None else indexes.story_at(placement.member)
    moved: dict[str, Moved] = {}
    for offset, likeness in placement.moved:
        entry = indexes.entry_at(offset)
        moved.setdefault(indexes.story_of(entry), []).append((entry, likeness))
    merged = {indexes.story_at(offset): likeness for offset, likeness in placement.merged}
    sizes = {story: indexes.size_of(story) or (0, now) for story in (own, *merged, *moved)}
    for story, articles in moved.items():
        if sizes[story][0] <= len(articles):
            merged.setdefault(story, _least(articles))
    into = min((own, *merged), key=lambda story: (-sizes[story][0], sizes[story][1]))
    if into != own:
        merged[own] = merged.pop(into)
    changes = [_merged(story, *sizes[story], likeness) for story, likeness in merged.items() if sizes[story][0]]
    split = {story: articles for story, articles in moved.items() if story != into and story not in merged}
    changes += [
        _split(story, sizes[story][0], _first_seen_without(indexes, story, sizes[story][1], articles), articles)
        for story, articles in split.items()
    ]
    came = [entry for articles in split.values() for entry, _ in articles]
    return Joined(
        story=into,
        articles=sizes[into][0] + sum(change.articles for change in changes) + 1,
        first_seen=min([sizes[story][1] for story in (into, *merged)] + [rfc3339(entry.time) for entry in came]),
        changes=tuple(changes),
        positions=tuple(entry.offset for entry in came),
    )


def _first_seen_without(indexes: Indexes, story: str, first_seen: str, moved: Moved) -> str:
    """When the first article of a story was seen among those that do not move; ``first_seen`` is that of all."""
    leaving = {entry.offset: rfc3339(entry.time) for entry, _ in moved}
    if first_seen not in leaving.values():
        return first_seen
    # An article that moves is in the window, so those that came after the first one are, too.
    stay = (offset for offset in sorted(indexes.stories.members(story)) if offset not in leaving)
    entries = (indexes.entry_at(offset) for offset in islice(stay, MAX_MEMBERS))
    return min((rfc3339(entry.time) for entry in entries if indexes.story_of(entry) == story), default=first_seen)


def _merged(story: str, articles: int, first_seen: str, likeness: float) -> StoryChange:
    return StoryChange(
        kind=StoryChangeKind.MERGED,
        story_id=story,
        articles=articles,
        remaining=0,
        first_seen=first_seen,
        likeness=_probability(likeness),
    )


def _split(story: str, articles: int, first_seen: str, moved: Moved) -> StoryChange:
    return StoryChange(
        kind=StoryChangeKind.SPLIT,
        story_id=story,
        moved=tuple(entry.id for entry, _ in moved),
        articles=len(moved),
        remaining=articles - len(moved),
        first_seen=first_seen,
        likeness=_probability(_least(moved)),
    )


def _least(moved: Moved) -> float:
    return min(likeness for _, likeness in moved)


def _probability(likeness: float) -> float:
    """Log-odds in thousandths as a probability."""
    return round(1 / (1 + math.exp(-likeness / SCALE)), 3)
