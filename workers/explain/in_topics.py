"""What is known of an article in the topics, by its id or by the coordinates of one of its records."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from schemas import (
    CleanArticle,
    Duplicate,
    EnrichedArticle,
    InvalidRecordError,
    Origin,
    Story,
    StoryChangeKind,
    UniqueArticle,
    decode,
)
from workers.dead_letters.letters import Letter, parse_place, place_name, read_letter
from workers.errors import NotFoundError, RejectedError
from workers.explain.facts import MAX_MEMBERS, Facts, Known, Member, MovedBy, Refusal, marked_copy, original_of
from workers.handlers import clean_stage
from workers.kafka.reader import BEGINNING, Start
from workers.messages import FILE_HEADER, Message
from workers.outcomes import Outcome
from workers.settings import Settings
from workers.topics import CLEAN, DEAD_LETTERS, DUPLICATES, ENRICHED, HOUR, RAW, STORIES, UNIQUE

OUTPUTS = (CLEAN, UNIQUE, STORIES, ENRICHED, DUPLICATES, DEAD_LETTERS)
"""The topics that are read from the start of the search on."""
KINDS: dict[str, type[CleanArticle] | type[Duplicate]] = {
    CLEAN: CleanArticle,
    UNIQUE: UniqueArticle,
    ENRICHED: EnrichedArticle,
    DUPLICATES: Duplicate,
}
_ARTICLE_ID = re.compile(r"[0-9a-f]{16}")


class Reads(Protocol):
    """Reads records: a ``workers.kafka.reader.Reader``."""

    def read(self, start: Start, *, follow: bool = False) -> Iterator[Message]:
        """The records from the start on, by time."""
        ...

    def read_one(self, place: Origin) -> Message | None:
        """The record at the coordinates."""
        ...


def is_id(text: str) -> bool:
    """Whether the text is an id of an article, or coordinates such as ``news-raw-3-1042``."""
    return bool(_ARTICLE_ID.fullmatch(text)) or parse_place(text) is not None


def find(target: str, outputs: Reads, raw: Reads, settings: Settings, start: Start = BEGINNING) -> Facts:
    """The facts about the article with the id or at the coordinates.

    Args:
        target: the id, or the coordinates of any of its records.
        outputs: reads ``OUTPUTS``.
        raw: reads the raw topic.
        settings: the settings of the stages.
        start: where to start looking for the id.

    Raises:
        NotFoundError: there is no such article, or not any more.
    """
    place = parse_place(target)
    origin = _origin_at(place, outputs, raw) if place else None
    if origin is None:
        traces, others = _by_id(target, outputs, start)
    else:
        message = raw.read_one(origin)
        first = message.written - HOUR if message and message.written else 0
        traces, others = _by_origin(origin, outputs, first if first > 0 else start), 0
        if message is None and not traces.any:
            raise NotFoundError(
                f"there is no message at {place_name(origin)}, or Kafka has deleted it and what became of it"
            )
    return _facts(traces, others, outputs, raw, settings)


@dataclass(slots=True, kw_only=True)
class _Traces:
    """What the topics have of one article."""

    origin: Origin
    article: CleanArticle | None = None
    duplicate: Duplicate | None = None
    letter: Letter | None = None
    message: Message | None = None
    """The last of its records."""

    @property
    def any(self) -> bool:
        return bool(self.article or self.duplicate or self.letter)

    @property
    def is_complete(self) -> bool:
        return isinstance(self.article, EnrichedArticle) or bool(self.duplicate or self.letter)

    def add(self, record: Message, found: CleanArticle | Duplicate | Letter) -> None:
        self.message = record
        if isinstance(found, Duplicate):
            self.duplicate = found
        elif isinstance(found, Letter):
            self.letter = found
        elif self.article is None or len(type(found).__mro__) > len(type(self.article).__mro__):
            self.article = found  # a record of a later stage says more


def _origin_at(place: Origin, outputs: Reads, raw: Reads) -> Origin:
    """The coordinates of the raw message whose record is at the place."""
    if place.topic == RAW:
        return place
    if place.topic not in OUTPUTS:
        raise NotFoundError(f"{place_name(place)} is in no topic with articles; these are {RAW}, {', '.join(OUTPUTS)}")
    record = outputs.read_one(place)
    if record is None:
        raise NotFoundError(f"there is no record at {place_name(place)}, or not any more")
    found = _read(record)
    if found is None:
        raise NotFoundError(f"the record at {place_name(place)} is not about one article")
    return _origin_of(found)


def _by_origin(origin: Origin, outputs: Reads, start: Start) -> _Traces:
    """What became of a raw message."""
    traces = _Traces(origin=origin)
    needle = f'"offset":{origin.offset}'.encode()
    for record in outputs.read(start):
        if record.topic == DEAD_LETTERS or needle in (record.value or b""):
            found = _read(record)
            if found and _origin_of(found) == origin:
                traces.add(record, found)
                if traces.is_complete and not traces.letter:
                    break
    return traces


def _by_id(id: str, outputs: Reads, start: Start) -> tuple[_Traces, int]:
    """What the topics have of the article, and how many more messages have the same one."""
    needle = f'"id":"{id}"'.encode()
    by_origin: dict[Origin, _Traces] = {}
    for record in outputs.read(start):
        if needle in (record.value or b""):
            found = _read(record)
            if found and (isinstance(found, Letter) or found.id == id):
                traces = by_origin.setdefault(_origin_of(found), _Traces(origin=_origin_of(found)))
                traces.add(record, found)
    if not by_origin:
        raise NotFoundError(
            f"no article has the id {id}, or not any more; `copydesk tail` shows ids, and a refused message has none: "
            "give its coordinates"
        )
    # The first one that is no copy of itself.
    every = list(by_origin.values())
    wanted = next((each for each in every if isinstance(each.article, UniqueArticle)), every[0])
    return wanted, len(every) - 1


def _facts(traces: _Traces, others: int, outputs: Reads, raw: Reads, settings: Settings) -> Facts:
    origin, article, copy = traces.origin, traces.article, traces.duplicate or marked_copy(traces.article)
    message = raw.read_one(origin)
    notes = []
    if message is None:
        notes.append("Its raw message is not in the topic any more, so the format is unknown.")
    if article is None and message and not traces.letter:
        article = _cleaned(message, settings)
        if article and copy:
            notes.append("Its clean article is not in the topic any more: it was cleaned again.")
    if others:
        notes.append(
            f"The same article came in {others:,} more message{'s' if others > 1 else ''}: copies of this one."
        )
    if isinstance(article, UniqueArticle) and not isinstance(article, EnrichedArticle) and not traces.letter:
        notes.append("Enrich has not read it yet.")
    elif not traces.letter and not copy and not isinstance(article, UniqueArticle):
        notes.append("Dedupe has not judged it yet." if traces.article else "Clean has not read it yet.")
    file = next((value for name, value in (message.headers if message else ()) if name == FILE_HEADER and value), None)
    where = place_name(origin) + (f" ({file.decode(errors='replace')})" if file else "")
    facts = Facts(
        where=where,
        raw=message.value if message else traces.letter.record.value if traces.letter else None,
        outcome=_outcome(traces),
        article=article,
        duplicate=copy,
        refusal=_refusal(traces.letter) if traces.letter else None,
        notes=tuple(notes),
    )
    latest = message or traces.message
    return _with_related(facts, origin, outputs, (latest.time if latest else 0) - (settings.window_hours + 1) * HOUR)


def _with_related(facts: Facts, origin: Origin, outputs: Reads, first: int) -> Facts:
    """The facts with the original of a copy, the text before a revision, and the story."""
    article, copy = facts.article, facts.duplicate
    unique = article if isinstance(article, UniqueArticle) else None
    story_id = unique.story_id if unique else copy.story_id if copy else None
    if story_id is None:
        return facts
    start = max(first, 0) or BEGINNING
    original, previous = original_of(article, copy), unique.revision_of if unique else None
    member = copy.duplicate_of if copy else unique.id if unique else ""
    found = _Related(story_id, article=member, wanted={original, previous} - {None})
    found.read(outputs, start, origin)
    if moved_by := found.moved_by:  # the members of that story came before it was known to be the one
        known, found = found.known, _Related(found.story_id, wanted=set())
        found.read(outputs, start, origin)
        found.known = known
    return replace(
        facts,
        original=found.known.get(original or ""),
        previous=found.known.get(previous or ""),
        story=found.story_id if moved_by else None,
        story_change=moved_by,
        members=tuple(found.members.values()),
        articles=found.story.articles if found.story else None,
    )


class _Related:
    """What the topics have beside an article: the articles that it refers to, and its story.

    Attributes:
        story_id: the story that the article belongs to, as far as the topics were read.
        moved_by: why that is not the first one.
        known: the wanted articles, by id.
        members: the other articles of the story that had it from the beginning, by id.
        story: the story as of its newest article.
    """

    def __init__(self, story_id: str, wanted: Collection[str | None], article: str = "") -> None:
        self.story_id = story_id
        self.moved_by: MovedBy | None = None
        self.known: dict[str, Known] = {}
        self.members: dict[str, Member] = {}
        self.story: Story | None = None
        self._wanted = wanted
        self._article = article

    def read(self, outputs: Reads, start: Start, origin: Origin) -> None:
        """Read the topics; the article comes from the raw message ``origin``."""
        ids = [id.encode() for id in (self._article, *self._wanted) if id]
        for record in outputs.read(start):
            if record.topic == STORIES:
                if record.key == self.story_id.encode():
                    self.story = _story(record) or self.story
                continue
            value = record.value or b""
            if record.topic in (UNIQUE, ENRICHED) and any(id in value for id in (self.story_id.encode(), *ids)):
                found = _read(record)
                if isinstance(found, UniqueArticle):
                    self._add(found, origin)

    def _add(self, found: UniqueArticle, origin: Origin) -> None:
        where = place_name(found.origin)
        if found.id in self._wanted:
            self.known.setdefault(found.id, Known(where=where, article=found))
        for change in found.story_changes:
            is_own = change.kind is StoryChangeKind.MERGED or self._article in change.moved
            if change.story_id == self.story_id and is_own and self._article:
                self.story_id, self.moved_by = found.story_id, MovedBy(change=change, article=found.id)
        if found.story_id == self.story_id and found.origin != origin and len(self.members) < MAX_MEMBERS:
            member = Member(where=where, id=found.id, headline=found.headline, source=found.source)
            self.members.setdefault(found.id, member)


def _read(record: Message) -> CleanArticle | Duplicate | Letter | None:
    """What the record says; None for a stray one, and for one that is not about one article."""
    if record.topic == DEAD_LETTERS:
        return read_letter(record)
    if record.topic not in KINDS or record.value is None:
        return None
    try:
        return decode(record.value, KINDS[record.topic])
    except InvalidRecordError:
        return None


def _story(record: Message) -> Story | None:
    try:
        return decode(record.value or b"", Story)
    except InvalidRecordError:
        return None


def _origin_of(found: CleanArticle | Duplicate | Letter) -> Origin:
    """The coordinates of the raw message; those of the refused message if it does not say."""
    if not isinstance(found, Letter):
        return found.origin
    if found.refused.topic != RAW:
        try:
            return decode(found.record.value or b"", CleanArticle).origin
        except InvalidRecordError:
            return found.refused
    return found.refused


def _outcome(traces: _Traces) -> Outcome | None:
    if traces.duplicate:
        return Outcome.DUPLICATE
    if isinstance(traces.article, EnrichedArticle):
        return Outcome.ENRICHED
    if traces.letter:
        return Outcome.DEAD_LETTER
    if isinstance(traces.article, UniqueArticle):
        return Outcome.UNIQUE
    return Outcome.CLEAN if traces.article else None


def _refusal(letter: Letter) -> Refusal:
    todo = f"`copydesk dead-letters show {letter.place}` shows it, and `replay` sends it back once it can be read."
    return Refusal(stage=letter.stage, reason=letter.reason, message=letter.message, todo=todo)


def _cleaned(message: Message, settings: Settings) -> CleanArticle | None:
    """The clean article of the raw message, as clean would give it now."""
    try:
        record = clean_stage(settings)(message).record
    except RejectedError:
        return None
    return record if isinstance(record, CleanArticle) else None
