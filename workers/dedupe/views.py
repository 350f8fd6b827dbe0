"""What is shown of the stories that a verdict changes: the one that its article joins, and those that it splits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from schemas import StoryChangeKind, StoryRest, StoryView, Verdict, VerdictKind
from workers.dedupe.indexes import IndexedEntry, Indexes
from workers.dedupe.stories.view import with_sources
from workers.timestamps import rfc3339

MAX_MEMBERS = 64
"""Latest articles of a story that is split of which the sources are named."""

Relatives = Sequence[tuple[int, int]]
"""Articles that are in one story with a new one, by their stream offsets, each with its likeness to it."""


def joined_view(
    indexes: Indexes, own: StoryView, verdict: Verdict, relatives: Relatives = (), previous: IndexedEntry | None = None
) -> StoryView | None:
    """What is shown of the story that a new article joins; None if it is what is shown of the article alone.

    ``own`` is that, and ``previous`` is the version that the article revises. Its most central article stays until one
    arrives that is more like the other articles of the story around it.
    """
    story = verdict.story_id
    before = indexes.view_of(story)
    merged = [
        indexes.view_of(change.story_id) for change in verdict.story_changes if change.kind is StoryChangeKind.MERGED
    ]
    moved = [indexes.entry_at(offset).own_view for offset in verdict.moved_positions]
    revised = previous.offset if previous and verdict.kind is VerdictKind.REVISION else None
    # Entries of earlier versions have no headline.
    stays = before and before.headline and before.central != revised
    view = before if before and stays and _stays(indexes, before.central, story, relatives) else own
    views = [each for each in (before, *merged, *moved, own) if each]
    view = with_sources(view, *(each.sources for each in views))
    return None if view == own else view


def rests(indexes: Indexes, verdict: Verdict) -> Iterator[StoryRest]:
    """Yield what remains of each story that a verdict splits, if an article within the window remains in it."""
    for change in verdict.story_changes:
        if change.kind is not StoryChangeKind.SPLIT:
            continue
        story = change.story_id
        offsets = (offset for offset in indexes.stories.members(story) if offset not in verdict.moved_positions)
        members = [indexes.entry_at(offset) for offset in islice(offsets, MAX_MEMBERS)]
        members = [each for each in members if indexes.story_of(each) == story]
        if not members:
            continue
        view, latest = indexes.view_of(story), members[0]
        if view is None or view.central in verdict.moved_positions or not _has(indexes, view.central, story):
            view = latest.own_view
        yield StoryRest(
            story_id=story,
            articles=change.remaining,
            first_seen=change.first_seen,
            last_seen=rfc3339(latest.time),
            latest=latest.id,
            view=with_sources(view, *(each.own_view.sources for each in reversed(members))),
        )


def _stays(indexes: Indexes, central: int, story: str, relatives: Relatives) -> bool:
    """Whether the most central article of a story remains so beside a new one."""
    if not _has(indexes, central, story):
        return False
    others = [(offset, likeness) for offset, likeness in relatives if offset != central]
    if not others:
        return True
    theirs = indexes.stories.likeness_to(central, [offset for offset, _ in others])
    return sum(theirs) >= sum(likeness for _, likeness in others)


def _has(indexes: Indexes, offset: int, story: str) -> bool:
    """Whether an article is in the window and belongs to the story now."""
    return indexes.stories.has(offset) and indexes.story_at(offset) == story
