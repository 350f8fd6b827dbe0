"""Which records to show."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from schemas import CopyKind, NoticeKind
from workers.dead_letters.letters import parse_place, place_name
from workers.outcomes import Outcome, Reason
from workers.reading.entries import RAW_OUTCOME, REVISION, STORY, STRAY, Entry

OUTCOMES = (
    *(outcome.value for outcome in Outcome),
    *(kind.value for kind in CopyKind),
    *(kind.value for kind in NoticeKind),
    REVISION,
    STORY,
    RAW_OUTCOME,
    STRAY,
    *(reason.value for reason in Reason),
)
"""What ``outcomes`` may name: how an article left a stage, the kind of a copy or a notice, and why it was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which records are wanted: those that have one of the values in each field that is not empty.

    An id is that of an article, also of the original of a copy, or coordinates such as ``news-raw-3-1042``.
    """

    ids: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()

    def matches(self, entry: Entry) -> bool:
        """Whether the record is wanted."""
        fields = entry.fields
        return (
            (not self.ids or any(has_id(entry, id) for id in self.ids))
            and (not self.sources or any(is_source(fields.source, source) for source in self.sources))
            and (not self.languages or fields.language in self.languages)
            and (not self.entities or has_entity(fields.entities, self.entities))
            and (not self.stories or entry.story in self.stories)
            and (not self.outcomes or not set(self.outcomes).isdisjoint(entry.outcomes))
        )


def has_id(entry: Entry, id: str) -> bool:
    """Whether the record has the id, or is or comes from the message at these coordinates."""
    fields, letter = entry.fields, entry.letter
    if id in (fields.id, fields.duplicate_of, fields.revision_of, fields.latest):
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
