"""The records of the stream: the value of each topic, as frozen dataclasses.

Names follow schema.org NewsArticle and ninjs where these have a term. Times are RFC 3339 in UTC, to the second
(``2024-08-04T06:30:00Z``). Offsets count code points; the end is exclusive. Each word means one thing: *raw, clean,
unique, enriched*; *copy* (same text), *revision* (same URL or id, new text), *story* (same event, other text).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta

Time = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", description="RFC 3339, UTC, to the second")]
Offset = Annotated[int, Meta(ge=0, description="code points")]
Share = Annotated[float, Meta(ge=0, le=1)]
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$", description="64 bits of a stable hash, in hexadecimal")]


class Status(StrEnum):
    """Whether the publisher allows an article to be used (ninjs ``pubstatus``)."""

    USABLE = "usable"
    WITHHELD = "withheld"
    CANCELED = "canceled"


class NoticeKind(StrEnum):
    """What a notice tells those who have used an article."""

    CORRECTION = "correction"
    """It was wrong, and this text is or says what is right."""
    WITHDRAWAL = "withdrawal"
    """The publisher takes it back (kill, retraction): delete it."""
    EMBARGO = "embargo"
    """It must not be published yet."""


class CopyKind(StrEnum):
    """How a copy relates to its original."""

    EXACT = "exact"
    """The same words; punctuation, case and layout may differ."""
    UNCHANGED = "unchanged"
    """The same article came again from the same place, with the same words."""
    OUTDATED = "outdated"
    """An older version of an article, by its date of modification, that came after a newer one."""
    NEAR = "near"
    """Most of each text is contained in the other."""
    EXCERPT = "excerpt"
    """The shorter text is contained in the longer: one of them was cut or extended."""
    ROUNDUP = "roundup"
    """It contains several texts on different stories; it is a copy of no single one of them."""


class ResemblanceKind(StrEnum):
    """Why an article that has words of another is no copy of it."""

    BACKGROUND = "background"
    """Both have the same background behind different news."""
    QUOTATION = "quotation"
    """Both quote the same words."""
    COPIES_OFF = "copies_off"
    """It would be a copy, but COPYDESK_COPIES_OFF names its source or the kind."""


class Extent(StrEnum):
    """How much a revision changes."""

    MINOR = "minor"
    """One sentence, the headline, or less than a tenth of the text."""
    SUBSTANTIAL = "substantial"
    """More than one sentence, and at least a tenth of the text."""


class StoryChangeKind(StrEnum):
    """How a story loses articles to another one."""

    MERGED = "merged"
    """It is about the same event: all its articles belong to the other story, and so will later ones."""
    SPLIT = "split"
    """Some of its articles are about another event: these belong to the other story."""


class VerdictKind(StrEnum):
    """The kinds of verdict that dedupe gives."""

    NEW = "new"
    REVISION = "revision"
    COPY = "copy"


class EntityType(StrEnum):
    """The type of an entity, with the names of OntoNotes 5."""

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
    """All captions, each followed by its credit, one per line."""
    DATELINE = "dateline"
    """The dateline's text."""
    BYLINE = "byline"
    """The names in the byline, then those in the credits, one per line."""


class MentionSource(StrEnum):
    """The component that found a mention."""

    MODEL = "model"
    RULE = "rule"
    LEXICON = "lexicon"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The coordinates of an article's raw message: its identity through every stage and redelivery."""

    topic: str
    partition: Annotated[int, Meta(ge=0)]
    offset: Annotated[int, Meta(ge=0)]

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """An article as a crawler submits it, in our own JSON format.

    Requires ``body`` (or ``text``) or ``html``; all other fields are optional. ``published``, ``modified`` and
    ``fetched`` accept most date formats. A field that cannot be used is dropped, and noted in the ``warnings`` of the
    clean article.
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
    embargoed: Annotated[str | None, Meta(description="when the embargo ends; accepts most date formats")] = None
    truncated: Annotated[bool, Meta(description="the text is known to be only the start of the article")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """The place and agency that a text names at its start: ``SEOUL (Reuters) -``."""

    text: str
    place: str | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """A picture caption from the text, and the picture's credit."""

    text: str
    credit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """One person's contribution to an article: ``Reporting by Hyonhee Shin``."""

    name: str
    role: Annotated[str, Meta(description="reporting, writing, editing, photography, …, in lower case")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A span that cleaning removed from the raw text: boilerplate, or words that became a field.

    ``start`` and ``end`` are offsets into the raw text after its encoding and white space were normalised (one
    paragraph per line). ``text`` is exactly that slice, including line ends:
    ``workers.clean.restore(body, removed)`` rebuilds the raw text.
    """

    start: Offset
    end: Offset
    text: str
    rule: Annotated[str, Meta(description="id of the rule that matched")]
    category: Annotated[
        str, Meta(description="headline, summary, dateline, caption, credit, appeal, promo, related, …")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldWarning:
    """A field of the raw message that could not be used, and was dropped; the article itself is whole."""

    field: str
    value: Annotated[str, Meta(description="what the message said, cut to 100 characters")]
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Text of an HTML page that is not the article's, counted and not kept."""

    kind: Annotated[str, Meta(description="navigation, aside, footer, form, caption, hidden, or other")]
    characters: Annotated[int, Meta(ge=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What an article tells those who have used it or an earlier one: that it is corrected, withdrawn or embargoed.

    ``text`` has the words that say so; null if only the status of the message does. ``until`` is the end of an embargo,
    where it is known.
    """

    kind: NoticeKind
    text: str | None = None
    until: Time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanArticle:
    """An article without boilerplate and with normalised fields; ``body`` has one paragraph per line."""

    id: str
    origin: Origin
    headline: str
    body: str
    language: Annotated[str, Meta(description="ISO 639-1, or und if it cannot be determined")]
    summary: str | None = None
    byline: Annotated[
        tuple[str, ...],
        Meta(description="the people who wrote it; where none is named, the agency or desk; never the publisher"),
    ] = ()
    dateline: Dateline | None = None
    agency: str | None = None
    credits: tuple[Credit, ...] = ()
    captions: tuple[Caption, ...] = ()
    published: Time | None = None
    modified: Time | None = None
    fetched: Time | None = None
    date_sources: Annotated[
        dict[str, str],
        Meta(
            description="source of each date: message, json-ld, meta, time (an element of the page), text, url (only "
            "the day), or relative (to the time of the message)"
        ),
    ] = field(default_factory=dict)
    dates_without_zone: Annotated[
        tuple[str, ...], Meta(description="the dates that name no time zone, or no time; they are read as UTC")
    ] = ()
    source: str | None = None
    source_id: Annotated[
        str | None,
        Meta(
            description="the sender's own id; what comes from the same source under the same id is the same article, "
            "whatever its URL, unless it is about something else"
        ),
    ] = None
    url: str | None = None
    canonical_url: str | None = None
    keywords: tuple[str, ...] = ()
    section: str | None = None
    status: Status = Status.USABLE
    notice: Notice | None = None
    truncated: Annotated[bool, Meta(description="the text is known to be only the start of the article")] = False
    left_out: Annotated[
        tuple[LeftOut, ...], Meta(description="what of an HTML page was not taken, summed up by kind")
    ] = ()
    removed: tuple[Removed, ...] = ()
    warnings: tuple[FieldWarning, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyOf:
    """What an article is a copy of, with a score and the evidence."""

    duplicate_of: str
    kind: CopyKind
    score: Share
    evidence: Evidence
    also_of: Annotated[
        tuple[str, ...], Meta(description="ids of further originals, each with a part that is in none before it")
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resemblance:
    """Another article of which an article has words without being its copy, and why it is none."""

    article: Annotated[str, Meta(description="id of the other article")]
    kind: ResemblanceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A passage of the body."""

    start: Offset
    end: Offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a revision changes in the version before, by sentences: one that differs is removed and added.

    The numbers of sentences are estimates for a text of more than some 256 sentences.
    """

    share: Annotated[
        float,
        Meta(
            ge=0, le=1,
            description="added sentences as a share of this text, or removed ones as a share of the version before, "
            "by characters, whichever is larger",
        ),
    ]  # fmt: skip
    sentences_added: Annotated[int, Meta(ge=0)]
    sentences_removed: Annotated[int, Meta(ge=0)]
    headline_changed: bool
    extent: Extent
    added: Annotated[
        tuple[Passage, ...], Meta(description="the first five added passages; none in a text that is so long")
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryChange:
    """A story that loses articles to the story of a new article, because that article shows where they belong."""

    kind: StoryChangeKind
    story_id: Annotated[str, Meta(description="the story that loses articles")]
    moved: Annotated[
        tuple[str, ...], Meta(description="ids of the articles that move, if it splits; if it is merged, all move")
    ] = ()
    articles: Annotated[int, Meta(ge=1, description="articles that move")]
    remaining: Annotated[int, Meta(ge=0, description="articles that remain in it")]
    first_seen: Time
    likeness: Annotated[
        Share,
        Meta(
            description="how likely the new article and a merged story are about one event; or each article that moves "
            "and the story it moves to, the least likely of them"
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqueArticle(CleanArticle):
    """A clean article that is passed on, with its revision (1 = first seen at its URL or by its id) and its story."""

    revision: Annotated[int, Meta(ge=1)] = 1
    revision_of: Annotated[str | None, Meta(description="id of the previous revision")] = None
    series_of: Annotated[
        str | None,
        Meta(description="id of an earlier article from the same template about something else, such as another quake"),
    ] = None
    story_id: str
    notice_about: Annotated[
        str | None,
        Meta(
            description="id of the article that the notice is about, if it came within the window; the copies of that "
            "article are the duplicates with this key"
        ),
    ] = None
    copy: Annotated[
        CopyOf | None,
        Meta(
            description="what it is a copy of, if copies are passed on (COPYDESK_COPIES=mark), or if it is a revision "
            "that has taken over the text of another article"
        ),
    ] = None
    change: Annotated[
        Change | None,
        Meta(description="what a revision changes; null if the version before was judged by an earlier Copydesk"),
    ] = None
    story_changes: Annotated[
        tuple[StoryChange, ...], Meta(description="what moves to its story from other stories because of it")
    ] = ()
    resembles: Annotated[
        Resemblance | None, Meta(description="another article of which it has words without being its copy")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One mention of an entity; ``text`` is exactly the slice ``[start:end]`` of its section."""

    text: str
    start: Offset
    end: Offset
    section: Section = Section.BODY
    source: MentionSource = MentionSource.MODEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """An entity of an article with its mentions; ``count`` is the number of mentions outside the byline."""

    id: Annotated[str | None, Meta(description="iso3166:KP, geonames:…, wikidata:… or null; never guessed")] = None
    name: str
    type: EntityType
    aliases: tuple[str, ...] = ()
    count: Annotated[int, Meta(ge=0)]
    salience: Share
    links: dict[str, str]
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleCountry:
    """A country that an article is about: it names the country, its places or its people."""

    id: Annotated[str, Meta(description="ISO 3166-1: iso3166:KP")]
    name: str
    salience: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityMeta:
    """How the entities were found. ``model`` is null if the language has no model (lexicon and rules only).

    ``rules_language`` is the language whose own names and patterns were used; null if there are none for it, and only
    the general ones were used.

    ``truncated`` names the sections that are too long to be searched to their end: the body after 50,000 code points or
    15,000 words and signs, any other section after 10,000 or 3,000.
    """

    model: str | None
    rules: str
    rules_language: str | None = None
    offset_unit: str = "codepoint"
    truncated: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Direct speech in the body; ``text`` is exactly the slice ``[start:end]``, without quotation marks.

    Speech that an article interrupts (“We will,” he said, “not wait.”) or continues in a new paragraph is several
    quotes.
    """

    text: str
    start: Offset
    end: Offset
    speaker: Annotated[
        str | None, Meta(description="the name of one of the entities; null if the speaker is none, or is not certain")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichedArticle(UniqueArticle):
    """A unique article with its entities, the most salient first, and its quotes in the order of the text."""

    entities: tuple[Entity, ...]
    entity_meta: EntityMeta
    quotes: tuple[Quote, ...] = ()
    countries: tuple[ArticleCountry, ...] = ()
    """The countries that the article is about, the most salient first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a text counts as a copy: figures that anyone can recompute."""

    method: Annotated[
        str,
        Meta(description="content (same words), containment (of word shingles), modified (older, by sentences)"),
    ]
    shared: Annotated[int, Meta(ge=0, description="sampled shingles, or sentences, that both texts share")]
    of_copy: Annotated[float, Meta(ge=0, le=1, description="their share of the copy, each weighted by how rare it is")]
    of_original: Annotated[float, Meta(ge=0, le=1, description="the same of the original")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """An article that is a copy, with its original, a score and the evidence.

    An article that comes again is a copy of itself, or of what it was a copy of before.
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
    also_of: Annotated[
        tuple[str, ...], Meta(description="ids of further originals, each with a part that is in none before it")
    ] = ()
    body: Annotated[str | None, Meta(description="its text, with COPYDESK_DUPLICATE_BODIES=on")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story, the articles on one event from any source, as of its newest article. Compacted by ``id``.

    If it turns out to be about the same event as another story, its last record says into which it is merged.
    """

    id: str
    language: str
    headline: Annotated[str, Meta(description="headline of the most central article, the one most like the others")]
    articles: Annotated[int, Meta(ge=1, description="unique articles so far, revisions included")]
    first_seen: Time
    last_seen: Time
    latest: Annotated[str, Meta(description="id of the newest article")]
    sources: Annotated[tuple[str, ...], Meta(description="the first sources of its articles, at most 20")] = ()
    terms: Annotated[
        tuple[str, ...], Meta(description="the most telling words of the most central article, case-folded, at most 8")
    ] = ()
    merged_into: Annotated[
        str | None,
        Meta(
            description="id of the story that its articles belong to, from ``latest`` on, which is the article that "
            "showed it"
        ),
    ] = None
    changes: Annotated[
        tuple[StoryChange, ...], Meta(description="what has moved here from other stories because of ``latest``")
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """What a reader is shown of a story."""

    central: Annotated[int, Meta(ge=0, description="offset of its most central article in the input topic of dedupe")]
    headline: str
    sources: tuple[str, ...]
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRest:
    """What remains of a story that is split."""

    story_id: str
    articles: Annotated[int, Meta(ge=1)]
    first_seen: Time
    last_seen: Time
    latest: Annotated[str, Meta(description="id of the newest article that remains")]
    view: StoryView


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The decision of dedupe on one article: everything needed to repeat its answer byte for byte."""

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
    notice_about: str | None = None
    url_is_disbelieved: Annotated[
        bool, Meta(description="an article with another text was at its canonical URL, so it is where it was found")
    ] = False
    also_of: tuple[str, ...] = ()
    series_of: str | None = None
    change: Change | None = None
    story_changes: tuple[StoryChange, ...] = ()
    moved_positions: Annotated[
        tuple[Annotated[int, Meta(ge=0)], ...],
        Meta(description="offsets in the input topic of dedupe of the articles that move to its story, in their order"),
    ] = ()
    story_view: Annotated[
        StoryView | None, Meta(description="what is shown of its story, unless that is the article alone")
    ] = None
    story_rests: Annotated[tuple[StoryRest, ...], Meta(description="what remains of the stories that it splits")] = ()
    resembles: Resemblance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """What dedupe stores for one article: its raw message, its verdict, and the data for comparing later articles."""

    id: str
    origin: Annotated[Origin, Meta(description="coordinates of the raw message that claimed the article")]
    position: Annotated[int, Meta(ge=0, description="offset of the article in the input topic of dedupe")]
    time: Annotated[int, Meta(ge=0, description="message time, milliseconds since 1970")]
    url: Annotated[Hash | None, Meta(description="hash of the canonical URL")]
    content: Annotated[Hash, Meta(description="hash of the words")]
    terms: Annotated[str, Meta(description="term hashes (32-bit) and weights (16-bit), base64")]
    verdict: Verdict
    url_is_declared: Annotated[
        bool, Meta(description="the article was found at another URL than its canonical one, which its page declares")
    ] = False
    publisher_id: Annotated[
        Hash | None,
        Meta(description="hash of its source and its id there, if it has a URL, too; otherwise that is `url`"),
    ] = None
    id_is_contested: Annotated[
        bool, Meta(description="a text about something else came under its id, so the id is not believed")
    ] = False
    url_subjects: Annotated[
        int, Meta(ge=1, le=4, description="things that the texts at its URL have been about so far; 4 is many")
    ] = 1
    shingles: Annotated[
        str,
        Meta(
            description="sampled shingle hashes and their weight, little-endian, base64; empty in entries of earlier "
            "versions, whose texts are recognised only by their content"
        ),
    ] = ""
    particulars: Annotated[str, Meta(description="hashes of its names and numbers, 16-bit little-endian, base64")] = ""
    outline: Annotated[
        str,
        Meta(
            description="hashes of its headline and sentences, 32-bit little-endian, base64; empty if it cannot have "
            "revisions, and in entries of earlier versions"
        ),
    ] = ""
    modified: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(description="when its publisher changed it last, in seconds since 1970, if that is certain"),
    ] = None
    headline: Annotated[str, Meta(description="its headline, cut short")] = ""
    source: str | None = None
    words: Annotated[str, Meta(description="its most telling words, case-folded, with spaces between them")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterHeaders:
    """Why a message was refused: the headers ``__copydesk.errors.<name>`` of a dead letter, as UTF-8."""

    topic: str
    partition: int
    offset: int
    timestamp: Annotated[int | None, Meta(description="timestamp of the original message as Kafka stores it")]
    stage: str
    reason: str
    exception: str
    message: str
    attempt: Annotated[int, Meta(ge=1)]
    first_failed_at: Time
    worker_version: str
    cut_from: Annotated[
        int | None,
        Meta(description="size of the original in bytes, if the dead letter has only a part; its topic has the whole"),
    ] = None


Record = RawArticle | CleanArticle | UniqueArticle | EnrichedArticle | Duplicate | Story | LedgerEntry
"""The types of topic values."""

JsonObject = dict[str, Any]
