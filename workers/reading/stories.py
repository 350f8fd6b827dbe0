"""The stories that are busiest now, from the topics alone."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from schemas.records import StoryChangeKind
from workers.messages import Message
from workers.reading.entries import STORY, read_entry
from workers.reading.moves import Moves
from workers.reading.text import plural
from workers.timestamps import milliseconds, rfc3339
from workers.topics import DUPLICATES, ENRICHED, HOUR, STORIES

TOPICS = (STORIES, ENRICHED, DUPLICATES)
"""The topics that stories are read from."""
MAX_STORIES = 50_000
"""Stories that are kept in memory: those with the newest articles."""
MAX_NAMES = 100
"""Sources, countries and entities that are counted for a story, each."""
SHOWN_NAMES = 8
COUNTRY = "iso3166:"


@dataclass(slots=True, kw_only=True)
class Activity:
    """What happened in one story since reading began.

    Attributes:
        articles: unique articles so far, revisions included, also from before.
        copies: copies since reading began.
        last_hour: articles and copies of the last hour.
        hour_before: articles and copies of the hour before it.
        since: articles and copies since reading began.
    """

    id: str
    headline: str = ""
    language: str | None = None
    articles: int = 0
    copies: int = 0
    last_hour: int = 0
    hour_before: int = 0
    since: int = 0
    first_seen: str | None = None
    last_seen: str | None = None
    terms: tuple[str, ...] = ()
    sources: Counter[str] = field(default_factory=Counter)
    countries: Counter[str] = field(default_factory=Counter)
    entities: Counter[str] = field(default_factory=Counter)
    names: set[str] = field(default_factory=set)

    def absorb(self, other: Activity) -> None:
        """Add what happened in a story that is merged into this one; its record counts the articles of both."""
        self.headline = self.headline or other.headline
        self.language = self.language or other.language
        self.terms = self.terms or other.terms
        self.copies += other.copies
        self.last_hour += other.last_hour
        self.hour_before += other.hour_before
        self.since += other.since
        self.first_seen = min(filter(None, (self.first_seen, other.first_seen)), default=None)
        self.last_seen = max(filter(None, (self.last_seen, other.last_seen)), default=None)
        for counters in ("sources", "countries", "entities"):
            for name, count in getattr(other, counters).items():
                _add(getattr(self, counters), name, count)
        self.names |= other.names

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """The higher, the busier."""
        return self.last_hour, self.hour_before, self.since, self.last_seen or ""


class Stories:
    """Follows the stories in the records of ``TOPICS``; ``now`` is in milliseconds since 1970."""

    def __init__(self, now: int) -> None:
        self._now = now
        self._stories: OrderedDict[str, Activity] = OrderedDict()
        self._moves = Moves()

    def add(self, record: Message) -> None:
        """Count a record; one that is not ours counts as nothing."""
        entry = read_entry(record)
        if entry.story is None:
            return
        fields = entry.fields
        if fields.merged_into:
            self._moves.merge(fields.id, fields.merged_into)
            self._absorb(fields.id, fields.merged_into)
            return
        for change in entry.story_changes:
            self._change(change, entry.story, is_story=entry.outcomes[0] == STORY)
        id = self._moves.story_of(fields.duplicate_of or fields.id, entry.story)
        story = self._stories.setdefault(id, Activity(id=id))
        self._stories.move_to_end(id)
        story.headline = fields.headline if entry.outcomes[0] == STORY or not story.headline else story.headline
        story.language = story.language or fields.language
        if entry.outcomes[0] == STORY:
            story.articles = fields.articles or 0
            story.terms = fields.terms
            story.first_seen = story.first_seen or fields.first_seen
            story.last_seen = max(story.last_seen or "", fields.last_seen or "") or None
        else:
            self._count(story, record, fields)
        if len(self._stories) > MAX_STORIES:
            self._stories.popitem(last=False)

    def _change(self, change: Any, into: str, is_story: bool) -> None:
        """Take note of what moves to a story. The record of the story is on time, that of the article may be late."""
        self._moves.add(into, (change,))
        if change.kind == StoryChangeKind.MERGED:
            self._absorb(change.story_id, into)
        elif is_story and change.story_id in self._stories:
            self._stories[change.story_id].articles = change.remaining

    def _absorb(self, story: str, into: str) -> None:
        lost = self._stories.pop(story, None)
        if lost is not None:
            id = self._moves.survivor(into)
            self._stories.setdefault(id, Activity(id=id)).absorb(lost)

    def _count(self, story: Activity, record: Message, fields: Any) -> None:
        story.since += 1
        story.copies += fields.duplicate_of is not None
        age = self._now - record.timestamp
        story.last_hour += age < HOUR
        story.hour_before += HOUR <= age < 2 * HOUR
        if time := milliseconds(record.raw_time or record.timestamp):
            story.first_seen = story.first_seen or rfc3339(time)
            story.last_seen = max(story.last_seen or "", rfc3339(time))
        _add(story.sources, fields.source)
        for entity in fields.entities:
            _add(story.entities, entity.name)
            country = entity.links.get("country", "")
            _add(story.countries, country.removeprefix(COUNTRY))
            if len(story.names) < MAX_NAMES:
                story.names.update(name.casefold() for name in (entity.name, *entity.aliases))

    def busiest(self, limit: int, languages: Collection[str] = (), entities: Collection[str] = ()) -> list[Activity]:
        """The busiest stories, the busiest first; only those in these languages and with one of these entities."""
        names = {name.casefold() for name in entities}
        wanted = (
            story
            for story in self._stories.values()
            if (not languages or story.language in languages) and (not names or not names.isdisjoint(story.names))
        )
        return sorted(wanted, key=lambda story: story.rank, reverse=True)[:limit]


def as_json(story: Activity) -> dict[str, Any]:
    """The story for programs."""
    return {
        "id": story.id,
        "headline": story.headline,
        "language": story.language,
        "articles": story.articles,
        "copies": story.copies,
        "last_hour": story.last_hour,
        "hour_before": story.hour_before,
        "since": story.since,
        "first_seen": story.first_seen,
        "last_seen": story.last_seen,
        "terms": list(story.terms),
        "sources": dict(story.sources.most_common()),
        "countries": dict(story.countries.most_common()),
        "entities": dict(story.entities.most_common()),
    }


def names(counter: Counter[str]) -> str:
    """The most frequent names in one line."""
    shown = ", ".join(name for name, _ in counter.most_common(SHOWN_NAMES))
    return shown + (f" and {len(counter) - SHOWN_NAMES} more" if len(counter) > SHOWN_NAMES else "")


def facts(story: Activity) -> Iterator[str]:
    """The story for people, below its headline."""
    yield f"{plural(story.articles, 'article')}, {plural(story.copies, 'copy', 'copies')}; {_growth(story)}"
    if story.terms:
        yield f"terms: {', '.join(story.terms)}"
    for what, counter in (("sources", story.sources), ("countries", story.countries), ("entities", story.entities)):
        if counter:
            yield f"{what}: {names(counter)}"
    yield " · ".join(part for part in (f"{story.first_seen} to {story.last_seen}", story.language, story.id) if part)


def _growth(story: Activity) -> str:
    return f"{story.last_hour:,} in the last hour, {story.hour_before:,} in the hour before"


def _add(counter: Counter[str], name: str | None, count: int = 1) -> None:
    if name and (name in counter or len(counter) < MAX_NAMES):
        counter[name] += count
