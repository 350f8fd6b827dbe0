"""The version before an article: what was at its URL, or came under its id, as far as these can be believed."""

from __future__ import annotations

from dataclasses import dataclass

from workers.dedupe.changes import sentences
from workers.dedupe.changes import unpack as unpack_outline
from workers.dedupe.copies import Match
from workers.dedupe.indexes import IndexedEntry, Indexes
from workers.dedupe.revisions import Place
from workers.dedupe.stories import Terms

MANY_SUBJECTS = 4
"""A URL whose texts have been about so many things, one after the other, identifies none: it shows what is new."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions before one article, by its content, the text that it has the words of, and its terms."""

    indexes: Indexes
    content: str
    match: Match | None
    terms: Terms

    def at(self, place: Place) -> tuple[Place, IndexedEntry | None]:
        """The place of the article, and the latest article that was there.

        Pages of different articles may declare one URL, as where a template has the same for all. A declared URL
        therefore makes an article the revision only of one about the same event; otherwise the article is where it was
        found.
        """
        previous = self.indexes.version_at(place.url)
        if previous is None or not (place.is_declared or previous.url_is_declared):
            return place, previous
        if self._is_same_event(previous):
            return place, previous
        if not place.is_declared:
            return place, None
        return Place(place.found_at, id=place.id), self.indexes.version_at(place.found_at)

    def believed(self, previous: IndexedEntry | None, body: str) -> tuple[IndexedEntry | None, int]:
        """The version before at its place, unless the URL had many subjects; and how many that are with this article.

        A homepage to which links that are gone lead shows another article each time.
        """
        if previous is None:
            return None, 1
        before = unpack_outline(previous.outline).sentences
        has_sentence = not before.isdisjoint(each.value for each in sentences(body))
        if has_sentence or self._is_same_event(previous):
            return previous, previous.url_subjects
        subjects = min(previous.url_subjects + 1, MANY_SUBJECTS)
        return None if subjects == MANY_SUBJECTS else previous, subjects

    def under_id(self, id: str | None, previous: IndexedEntry | None) -> tuple[IndexedEntry | None, bool]:
        """The latest version of the article at its place or under its id, and whether the id is contested.

        An id is believed as long as all that comes under it is about the same event; ``previous`` is the version at its
        place.
        """
        other = self.indexes.version_under(id)
        if other is None or (previous is not None and other.offset == previous.offset):
            return previous, other is not None and other.id_is_contested
        if other.id_is_contested or not self._is_same_event(other):
            return previous, True
        return (other if previous is None or other.offset > previous.offset else previous), False

    def _is_same_event(self, previous: IndexedEntry) -> bool:
        """Whether the article has the words of the previous one, or belongs to its story."""
        alike = (self.match.offset if self.match else None, self.indexes.stories.find(self.terms))
        stories = {self.indexes.story_at(offset) for offset in alike if offset is not None}
        return previous.content == self.content or self.indexes.story_of(previous) in stories
