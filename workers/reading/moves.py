"""Which story an article belongs to now, by what the records say of stories that were merged or split."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Protocol

from schemas.records import StoryChangeKind

MAX_REMEMBERED = 200_000
"""Articles that have moved, and stories that were merged, that are remembered each: the latest."""


class Change(Protocol):
    """A ``StoryChange``, or what was read of one."""

    @property
    def kind(self) -> str:
        """How the story has lost articles."""

    @property
    def story_id(self) -> str:
        """The story that has lost articles."""

    @property
    def moved(self) -> Sequence[str]:
        """The ids of the articles that have moved, if it was split."""


class Moves:
    """The moves that the records have told of, to be added in their order."""

    def __init__(self) -> None:
        self._articles: OrderedDict[str, str] = OrderedDict()
        self._stories: OrderedDict[str, str] = OrderedDict()

    def add(self, into: str, changes: Iterable[Change]) -> None:
        """Add the changes in the record of a story, or of an article in it."""
        for change in changes:
            if change.kind == StoryChangeKind.MERGED:
                self.merge(change.story_id, into)
            for article in change.moved:
                self._remember(self._articles, article, into)

    def merge(self, story: str, into: str) -> None:
        """Add that a story is merged into another one, which is not, or no longer, merged itself."""
        self._stories.pop(into, None)
        if story != into:
            self._remember(self._stories, story, into)

    def story_of(self, article: str, story: str) -> str:
        """The story that an article belongs to now; ``story`` is that of its record."""
        return self.survivor(self._articles.get(article, story))

    def survivor(self, story: str) -> str:
        """The story into which a story is merged, directly or by way of others; itself if it is not."""
        while into := self._stories.get(story):
            story = into
        return story

    @staticmethod
    def _remember(known: OrderedDict[str, str], id: str, into: str) -> None:
        known[id] = into
        known.move_to_end(id)
        if len(known) > MAX_REMEMBERED:
            known.popitem(last=False)
