"""The records of the stream: what each topic carries, as frozen dataclasses.

Names follow schema.org NewsArticle and ninjs where they have a word. Times are RFC 3339 in UTC, to the second
(``2024-08-04T06:30:00Z``). Offsets are code points, end exclusive. Each word means one thing: *raw, clean, unique,
enriched*; *copy* (same text), *revision* (same URL, new text), *story* (same event, other text).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta

Time = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", description="RFC 3339, UTC, to the second")]
Offset = Annotated[int, Meta(ge=0, description="code points")]
Share = Annotated[float, Meta(ge=0, le=1)]
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$", description="64 bits of a stable hash, in hexadecimal")]


class Status(StrEnum):
    """The publisher's word on an article (ninjs ``pubstatus``)."""

    USABLE = "usable"
    WITHHELD = "withheld"
    CANCELED = "canceled"


class CopyKind(StrEnum):
    """How a copy relates to its original."""

    EXACT = "exact"
    """The same words, whatever the punctuation, case and layout."""
    NEAR = "near"
    """Most of either text stands in the other."""
    EXCERPT = "excerpt"
    """The shorter text stands in the longer: one of them was cut or had something added."""


class VerdictKind(StrEnum):
    """What dedupe found an article to be."""

    NEW = "new"
    REVISION = "revision"
    COPY = "copy"


class EntityType(StrEnum):
    """What an entity is, in the names of OntoNotes 5."""

    PERSON = "PERSON"
    ORG = "ORG"
    GPE = "GPE"
    LOC = "LOC"
    FAC = "FAC"
    NORP = "NORP"
    EVENT = "EVENT"
    PRODUCT = "PRODUCT"
    WORK_OF_ART = "WORK_OF_ART"
    LAW = "LAW"


class Section(StrEnum):
    """The part of an article in which an entity is mentioned."""

    TITLE = "title"
    """The headline."""
    SUMMARY = "summary"
    BODY = "body"
    CAPTION = "caption"
    """The captions one after the other, each followed by its credit, a line each."""
    DATELINE = "dateline"
    """The dateline's text."""
    BYLINE = "byline"
    """The names of the byline, then those of the credits, a line each."""


class MentionSource(StrEnum):
    """Who found a mention."""

    MODEL = "model"
    RULE = "rule"
    LEXICON = "lexicon"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The raw message that an article came in as: its identity through every stage and every redelivery."""

    topic: str
    partition: Annotated[int, Meta(ge=0)]
    offset: Annotated[int, Meta(ge=0)]

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """An article as a crawler hands it in: our own JSON form.

    Needs ``body`` (or ``text``) or ``html``; the rest is optional. ``published``, ``modified`` and ``fetched`` are read
    leniently; nonsense is refused, an absent value is fine.
    """

    id: str | int | None = None
    headline: str | None = None
    body: str | None = None
    text: str | None = None
    html: str | None = None
    summary: str | None = None
    byline: str | list[str] | None = None
    dateline: str | None = None
    language: str | None = None
    published: str | None = None
    modified: str | None = None
    fetched: str | None = None
    source: str | None = None
    url: str | None = None
    canonical_url: str | None = None
    keywords: list[str] | str | None = None
    section: str | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """Where, and by which agency, a text says that it was written: ``SEOUL (Reuters) -``."""

    text: str
    place: str | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """A picture's caption that stood in the text, apart from its credit."""

    text: str
    credit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """One person's part in an article: ``Reporting by Hyonhee Shin``."""

    name: str
    role: Annotated[str, Meta(description="reporting, writing, editing, photography, …, in lower case")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A span that cleaning took out of the raw text: furniture, or words that became a field of their own.

    ``start`` and ``end`` are offsets into the raw text once decoded, with its encoding and white space in order (one
    paragraph a line). ``text`` is that slice exactly, line ends included, so that putting every span back where it was
    gives the raw text again: ``workers.clean.text.restore(body, removed)``.
    """

    start: Offset
    end: Offset
    text: str
    rule: Annotated[str, Meta(description="id of the rule that matched")]
    category: Annotated[
        str, Meta(description="headline, summary, dateline, caption, credit, appeal, promo, related, …")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanArticle:
    """An article with its furniture removed and its fields in order; ``body`` has one paragraph a line."""

    id: str
    origin: Origin
    headline: str
    body: str
    language: Annotated[str, Meta(description="ISO 639-1, or und where nothing can be told")]
    summary: str | None = None
    byline: tuple[str, ...] = ()
    dateline: Dateline | None = None
    agency: str | None = None
    credits: tuple[Credit, ...] = ()
    captions: tuple[Caption, ...] = ()
    published: Time | None = None
    modified: Time | None = None
    fetched: Time | None = None
    source: str | None = None
    source_id: Annotated[str | None, Meta(description="the id that the sender gave")] = None
    url: str | None = None
    canonical_url: str | None = None
    keywords: tuple[str, ...] = ()
    section: str | None = None
    status: Status = Status.USABLE
    removed: tuple[Removed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqueArticle(CleanArticle):
    """A clean article that is no copy: with its revision (1 = first seen at its URL) and its story."""

    revision: Annotated[int, Meta(ge=1)] = 1
    revision_of: Annotated[str | None, Meta(description="id of the revision before")] = None
    story_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One place where an entity is named: ``text[start:end]`` of its section, exactly."""

    text: str
    start: Offset
    end: Offset
    section: Section = Section.BODY
    source: MentionSource = MentionSource.MODEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """An entity of an article with its mentions; ``count`` counts those in all sections but the byline."""

    id: Annotated[str | None, Meta(description="iso3166:KP, geonames:…, wikidata:… or null: never a guess")] = None
    name: str
    type: EntityType
    aliases: tuple[str, ...] = ()
    count: Annotated[int, Meta(ge=0)]
    salience: Share
    links: dict[str, str]
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityMeta:
    """How the entities were found. ``model`` is null where the language has none and only the lexicon spoke."""

    model: str | None
    rules: str
    offset_unit: str = "codepoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichedArticle(UniqueArticle):
    """A unique article with its entities, the most salient first."""

    entities: tuple[Entity, ...]
    entity_meta: EntityMeta


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a text was called a copy: figures that anyone can recompute."""

    method: Annotated[str, Meta(description="content (same words) or containment (of word shingles)")]
    shared: Annotated[int, Meta(ge=0, description="sampled shingles that both have")]
    of_copy: Share
    of_original: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """An article that is a copy: of which, how surely and why.

    ``id`` equals ``duplicate_of`` where the very same article came again.
    """

    id: str
    origin: Origin
    duplicate_of: str
    kind: CopyKind
    score: Share
    evidence: Evidence
    story_id: str
    headline: str
    language: str
    source: str | None = None
    source_id: str | None = None
    url: str | None = None
    published: Time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story as of its newest article: articles of one event, whoever wrote them. Compacted by ``id``."""

    id: str
    language: str
    headline: Annotated[str, Meta(description="of the newest article")]
    articles: Annotated[int, Meta(ge=1, description="unique articles so far, revisions included")]
    first_seen: Time
    last_seen: Time
    latest: Annotated[str, Meta(description="id of the newest article")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What dedupe decided of one article: all that is needed to say the same again, word for word."""

    kind: VerdictKind
    story_id: str
    story_articles: Annotated[int, Meta(ge=0)]
    story_first_seen: Time
    revision: Annotated[int, Meta(ge=1)] = 1
    revision_of: str | None = None
    duplicate_of: str | None = None
    copy_kind: CopyKind | None = None
    score: Share | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """What dedupe remembers of one article: its claim, its verdict, and what later articles are compared with."""

    id: str
    origin: Annotated[Origin, Meta(description="the raw message that claimed the article")]
    position: Annotated[int, Meta(ge=0, description="its offset in the input of dedupe")]
    time: Annotated[int, Meta(ge=0, description="its message time, milliseconds since 1970")]
    url: Annotated[Hash | None, Meta(description="of the canonical URL")]
    content: Annotated[Hash, Meta(description="of the words")]
    sketch: Annotated[str, Meta(description="sampled shingle hashes, 32-bit little-endian, base64")]
    terms: Annotated[str, Meta(description="term hashes (32-bit) and weights (16-bit), base64")]
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterHeaders:
    """Why a message was refused, in the headers ``__copydesk.errors.<name>`` beside the original bytes, as UTF-8."""

    topic: str
    partition: int
    offset: int
    timestamp: Annotated[int | None, Meta(description="of the original, milliseconds since 1970")]
    stage: str
    reason: str
    exception: str
    message: str
    attempt: Annotated[int, Meta(ge=1)]
    first_failed_at: Time
    worker_version: str
    cut_from: Annotated[
        int | None,
        Meta(description="bytes of the original, where it is too large to stand here whole; it is in its topic"),
    ] = None


Record = RawArticle | CleanArticle | UniqueArticle | EnrichedArticle | Duplicate | Story | LedgerEntry
"""What a topic's value can be."""

JsonObject = dict[str, Any]
