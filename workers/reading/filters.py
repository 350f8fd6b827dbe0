"""Which records to show."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas import CopyKind, NoticeKind, StoryChangeKind
from workers.dead_letters.letters import parse_place, place_name
from workers.outcomes import Outcome, Reason
from workers.reading.entries import DELETED, LEDGER_OUTCOME, RAW_OUTCOME, REVISION, STORY, STRAY, WORDS, Entry
from workers.topics import RAW

OUTCOMES = (
    *(outcome.value for outcome in Outcome),
    *(kind.value for kind in CopyKind),
    *(kind.value for kind in NoticeKind),
    *(kind.value for kind in StoryChangeKind),
    REVISION,
    STORY,
    RAW_OUTCOME,
    LEDGER_OUTCOME,
    DELETED,
    STRAY,
    *WORDS.values(),
    *(reason.value for reason in Reason),
)
"""What ``outcomes`` may name: how an article left a stage, its kind, or why it was refused; also as it is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which records are wanted: those that have one of the values in each field that is not empty.

    An id is that of an article, also of the original of a copy, or coordinates such as ``news-raw-3-1042``. ``paths``
    say where JSON has our fields (``COPYDESK_FIELDS``), to find the sources of raw messages.
    """

    ids: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    paths: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def matches(self, entry: Entry) -> bool:
        """Whether the record is wanted."""
        fields = entry.fields
        return (
            (not self.ids or any(has_id(entry, id) for id in self.ids))
            and (not self.languages or fields.language in self.languages)
            and (not self.entities or has_entity(fields.entities, self.entities))
            and (not self.stories or not set(self.stories).isdisjoint(stories_of(entry)))
            and (not self.outcomes or not set(self.outcomes).isdisjoint(outcomes_of(entry)))
            and (not self.sources or self._has_source(source_of(entry, self.paths)))
        )

    def _has_source(self, source: str | None) -> bool:
        return any(is_source(source, wanted) for wanted in self.sources)


def outcomes_of(entry: Entry) -> Iterator[str]:
    """Yield what the record stands for, and the word that is shown for it."""
    yield from entry.outcomes
    if word := WORDS.get(entry.outcomes[0]):
        yield word


def stories_of(entry: Entry) -> Iterator[str | None]:
    """Yield the story that the record is about, and those that have lost articles to it."""
    yield entry.story
    yield from (change.story_id for change in entry.story_changes)


def source_of(entry: Entry, paths: Mapping[str, Sequence[str]]) -> str | None:
    """The source of the article; None if the record does not say, or is a raw message that cannot be read."""
    if (entry.letter.refused.topic if entry.letter else entry.record.topic) != RAW:
        source: str | None = entry.fields.source
        return source
    from workers.clean.source import source as source_of_message  # it loads what reads pages

    return source_of_message(entry.record.value, paths)


def has_id(entry: Entry, id: str) -> bool:
    """Whether the record has the id, or is or comes from the message at these coordinates."""
    fields, letter = entry.fields, entry.letter
    if id in (fields.id, fields.duplicate_of, fields.revision_of, fields.latest):
        return True
    if any(id in change.moved for change in entry.story_changes):
        return True
    place = parse_place(id)
    return place is not None and place_name(place) in (
        entry.origin,
        place_name(entry.record.origin),
        place_name(letter.refused) if letter else "",
    )


def is_source(found: str | None, wanted: str) -> bool:
    """Whether the source is the wanted one, or a host within it."""
    name = (found or "").casefold()
    return name == wanted.casefold() or name.endswith(f".{wanted.casefold()}")


def has_entity(entities: Collection[Any], wanted: Collection[str]) -> bool:
    """Whether one of the entities has one of the names, in any case."""
    names = {name.casefold() for name in wanted}
    return any(
        not names.isdisjoint({entity.name.casefold(), *(alias.casefold() for alias in entity.aliases)})
        for entity in entities
    )
