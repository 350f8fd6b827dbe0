"""What a record of any topic says about its article, as far as it is one of ours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson

from schemas.records import StoryChangeKind, VerdictKind
from workers.dead_letters.letters import Letter, place_name, read_letter
from workers.messages import FILE_HEADER, Message
from workers.outcomes import Outcome
from workers.topics import CLEAN, DEAD_LETTERS, DUPLICATES, ENRICHED, LEDGER, RAW, STORIES, UNIQUE

STRAY = "stray"
"""The outcome of a record that somebody else has written."""
RAW_OUTCOME, STORY, LEDGER_OUTCOME, REVISION, DELETED = "raw", "story", "ledger", "revision", "deleted"
MERGED = StoryChangeKind.MERGED.value
OUTCOME_OF = {
    CLEAN: Outcome.CLEAN.value,
    UNIQUE: Outcome.UNIQUE.value,
    ENRICHED: Outcome.ENRICHED.value,
    DUPLICATES: Outcome.DUPLICATE.value,
    STORIES: STORY,
    LEDGER: LEDGER_OUTCOME,
}
"""What a record stands for, by its topic, except raw messages and dead letters."""
WORDS = {Outcome.DUPLICATE.value: "copy", Outcome.DEAD_LETTER.value: "refused"}
"""The words for people, where they differ from the outcomes."""
HEADLINE_NAMES = ("headline", "title", "name", "webTitle", "article_title")
"""Where raw messages have their headline; only for showing it."""
MAX_RAW_BYTES = 4_000
"""Bytes of a raw message in which its headline is looked for."""
MAX_RAW_CHARACTERS = 120
_TITLE = re.compile(r"<title[^<>]{0,200}>\s*([^<>]+?)\s*</title>", re.IGNORECASE)


class _Place(msgspec.Struct):
    topic: str
    partition: int
    offset: int


class _Entity(msgspec.Struct):
    name: str
    type: str = ""
    aliases: tuple[str, ...] = ()
    links: dict[str, str] = {}


class _Notice(msgspec.Struct):
    kind: str


class _Copy(msgspec.Struct):
    duplicate_of: str
    kind: str
    score: float


class _Change(msgspec.Struct):
    share: float
    extent: str


class _StoryChange(msgspec.Struct):
    kind: str
    story_id: str
    moved: tuple[str, ...] = ()
    articles: int = 0
    remaining: int = 0


class _Fields(msgspec.Struct):
    """The fields of all records that are shown; each record has some of them."""

    id: str
    headline: str = ""
    language: str | None = None
    source: str | None = None
    url: str | None = None
    story_id: str | None = None
    revision: int = 1
    revision_of: str | None = None
    duplicate_of: str | None = None
    kind: str | None = None
    score: float | None = None
    entities: tuple[_Entity, ...] = ()
    origin: _Place | None = None
    articles: int | None = None
    first_seen: str | None = None
    last_seen: str | None = None
    latest: str | None = None
    terms: tuple[str, ...] = ()
    merged_into: str | None = None
    changes: tuple[_StoryChange, ...] = ()
    story_changes: tuple[_StoryChange, ...] = ()
    status: str = ""
    notice: _Notice | None = None
    notice_about: str | None = None
    copy: _Copy | None = None
    change: _Change | None = None
    warnings: tuple[msgspec.Raw, ...] = ()


class _Verdict(msgspec.Struct):
    kind: str
    story_id: str
    revision: int = 1
    revision_of: str | None = None
    duplicate_of: str | None = None
    copy_kind: str | None = None
    score: float | None = None


class _LedgerEntry(msgspec.Struct):
    """What an entry of the ledger says of its article; the rest is for comparing it with others."""

    id: str
    origin: _Place
    verdict: _Verdict


_decode = msgspec.json.Decoder(_Fields).decode
_decode_ledger_entry = msgspec.json.Decoder(_LedgerEntry).decode
_NOTHING = _Fields(id="")
_UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding a record raises that is none of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A record with what it says.

    Attributes:
        outcomes: what it stands for, the most general word first: duplicate, near; dead_letter, no_body.
        fields: what the record says of its article; empty if it is none.
        letter: what a dead letter says.
        file: the file and line that the article was published from.
    """

    record: Message
    outcomes: tuple[str, ...]
    fields: Any
    letter: Letter | None = None
    file: str | None = None

    @property
    def origin(self) -> str:
        """The coordinates of the raw message, as far as they are known."""
        if self.fields.origin:
            place = self.fields.origin
            return f"{place.topic}-{place.partition}-{place.offset}"
        return place_name(self.letter.refused if self.letter else self.record.origin)

    @property
    def story_changes(self) -> Sequence[Any]:
        """What has moved to the story from other stories because of the article."""
        changes: Sequence[Any] = self.fields.changes or self.fields.story_changes
        return changes

    @property
    def story(self) -> str | None:
        """The id of the story."""
        story: str | None = self.fields.id if self.outcomes[0] == STORY else self.fields.story_id
        return story


def read_entry(record: Message) -> Entry:
    """What the record says. One that is not of its topic's form is stray, without the value a deletion."""
    file = next(
        (value.decode(errors="replace") for name, value in record.headers if name == FILE_HEADER and value), None
    )
    if record.topic == RAW:
        return Entry(record=record, outcomes=(RAW_OUTCOME,), fields=_raw_fields(record.value), file=file)
    if record.topic == DEAD_LETTERS:
        letter = read_letter(record)
        if letter is None:
            return Entry(record=record, outcomes=(STRAY,), fields=_NOTHING)
        fields = _raw_fields(record.value) if letter.refused.topic == RAW else _known_fields(record.value) or _NOTHING
        refused = (Outcome.DEAD_LETTER.value, letter.reason)
        return Entry(record=record, outcomes=refused, fields=fields, letter=letter, file=file)
    if record.value is None:
        return Entry(record=record, outcomes=(DELETED,), fields=_NOTHING)
    known = (_ledger_fields if record.topic == LEDGER else _known_fields)(record.value)
    if known is None:
        return Entry(record=record, outcomes=(STRAY,), fields=_NOTHING)
    if known.copy and not known.revision_of:  # a revision is an article of its own, whatever text it has taken over
        copy = known.copy
        known = msgspec.structs.replace(known, duplicate_of=copy.duplicate_of, kind=copy.kind, score=copy.score)
    outcomes: tuple[str, ...] = (OUTCOME_OF.get(record.topic, STRAY),)
    kind = known.copy.kind if known.copy else known.kind
    if kind and (record.topic in (DUPLICATES, LEDGER) or known.copy):
        outcomes += (kind,)
    if known.revision > 1:
        outcomes += (REVISION,)
    if known.notice:
        outcomes += (known.notice.kind,)
    if known.merged_into:
        outcomes += (MERGED,)
    outcomes += tuple(dict.fromkeys(change.kind for change in (*known.changes, *known.story_changes)))
    return Entry(record=record, outcomes=outcomes, fields=known, file=file)


def _known_fields(value: bytes | None) -> _Fields | None:
    try:
        return _decode(value or b"")
    except _UNDECODABLE:
        return None


def _ledger_fields(value: bytes | None) -> _Fields | None:
    """What an entry of the ledger says of its article; what a revision has taken over is left out."""
    try:
        entry = _decode_ledger_entry(value or b"")
    except _UNDECODABLE:
        return None
    verdict = entry.verdict
    fields = _Fields(
        id=entry.id,
        origin=entry.origin,
        story_id=verdict.story_id,
        revision=verdict.revision,
        revision_of=verdict.revision_of,
    )
    if verdict.kind == VerdictKind.COPY:
        fields.duplicate_of, fields.kind, fields.score = verdict.duplicate_of, verdict.copy_kind, verdict.score
    return fields


def _raw_fields(value: bytes | None) -> _Fields:
    """What a raw message seems to say; clean reads it with more care."""
    text = (value or b"")[:MAX_RAW_BYTES].decode(errors="replace").strip()
    try:
        parsed: Any = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        parsed = None
    if not isinstance(parsed, dict):
        title = _TITLE.search(text)
        is_binary = "\0" in text
        return _Fields(id="", headline="" if is_binary else _short(title[1] if title else text.partition("\n")[0]))
    names = {name: value for name, value in parsed.items() if isinstance(value, str)}
    headline = next((names[name] for name in HEADLINE_NAMES if names.get(name)), text)
    return _Fields(
        id="",
        headline=_short(headline),
        language=names.get("language"),
        source=names.get("source"),
        url=names.get("url"),
    )


def _short(text: str) -> str:
    return text if len(text) <= MAX_RAW_CHARACTERS else f"{text[:MAX_RAW_CHARACTERS]}…"
