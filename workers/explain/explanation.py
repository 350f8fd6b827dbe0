"""The explanation of an article: its facts in order and in words. Renderers show it, and programs read it as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from schemas import (
    CleanArticle,
    CopyKind,
    Dateline,
    Duplicate,
    EnrichedArticle,
    FieldWarning,
    LeftOut,
    Removed,
    Section,
    UniqueArticle,
)
from workers.clean.fields.language import normalise
from workers.clean.input import reading
from workers.clean.input.formats import ours
from workers.dedupe.copies import MIN_CONTAINMENT, MIN_SHARED_SAMPLES, SHINGLE_WORDS
from workers.errors import RejectedError
from workers.explain.comparing import compare, difference
from workers.explain.facts import Facts, Known, Member, Refusal
from workers.explain.pieces import FIELD_CATEGORIES, Piece, cuts, mentions
from workers.outcomes import Outcome
from workers.reading.text import plural
from workers.settings import Settings

MAX_SEEN_CHARS = 1_500
"""Characters that are shown of a message that was refused."""
OUTCOMES = {
    Outcome.CLEAN: "cleaned",
    Outcome.UNIQUE: "unique",
    Outcome.ENRICHED: "enriched",
    Outcome.DUPLICATE: "a copy",
    Outcome.DEAD_LETTER: "refused",
    None: "not read yet",
}
"""The words for the outcomes."""
KINDS = {
    CopyKind.EXACT: "It has the same words; punctuation, case and layout may differ.",
    CopyKind.NEAR: "Most of each text is in the other.",
    CopyKind.EXCERPT: "The shorter text is in the longer: one of them was cut or extended.",
}
METHODS = {
    "content": "All words are the same, in the same order.",
    "containment": "Of the texts, a sample of their runs of five words is compared.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision on the article: what was decided, what came out, and why."""

    about: str
    answer: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of the article, and where its value is from, if that is known."""

    name: str
    value: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CutRule:
    """What one rule removed: how many passages and characters; ``kept_as_field`` if its words became a field."""

    rule: str
    category: str
    cuts: int
    characters: int
    kept_as_field: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyReport:
    """The copy beside its original; the shared passages have the same number in both texts."""

    original: Member
    passages: int
    words_of_copy: float
    words_of_original: float
    copy_text: tuple[Piece, ...]
    original_text: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionReport:
    """What changed from the text before: in the headline and in the body."""

    previous: Member
    headline: tuple[Piece, ...]
    body: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRow:
    """An entity with the places where it is mentioned: ``title 1, body 3``."""

    name: str
    type: str
    id: str | None
    aliases: tuple[str, ...]
    count: int
    salience: float
    links: dict[str, str]
    places: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionText:
    """A text that was searched for entities, with its mentions."""

    section: Section
    text: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything that there is to say about one article.

    Attributes:
        where: a file and line, or the coordinates of the raw message.
        outcome: how it left the stream; None if no stage has read it yet.
        decisions: what the stages decided, in their order.
        fields: what is known of the article.
        text: the raw text with the cuts; ``cuts`` sums them up, and ``left_out`` what of a page was not taken.
        seen: the start of a message that was refused.
        article: the record after the last stage that gave one.
        duplicate: the record that says that it is a copy.
    """

    where: str
    outcome: Outcome | None
    headline: str
    decisions: tuple[Decision, ...]
    notes: tuple[str, ...]
    refusal: Refusal | None
    seen: str | None
    fields: tuple[Field, ...]
    warnings: tuple[FieldWarning, ...]
    text: tuple[Piece, ...]
    cuts: tuple[CutRule, ...]
    left_out: tuple[LeftOut, ...]
    copy: CopyReport | None
    revision: RevisionReport | None
    story: tuple[Member, ...]
    entities: tuple[EntityRow, ...]
    mentions: tuple[SectionText, ...]
    article: CleanArticle | None
    duplicate: Duplicate | None


def explain(facts: Facts, settings: Settings) -> Explanation:
    """The explanation of the article."""
    article = facts.article
    enriched = article if isinstance(article, EnrichedArticle) else None
    return Explanation(
        where=facts.where,
        outcome=facts.outcome,
        headline=article.headline if article else facts.duplicate.headline if facts.duplicate else "",
        decisions=tuple(_decisions(facts, settings)),
        notes=facts.notes,
        refusal=facts.refusal,
        seen=_seen(facts.raw) if facts.refusal else None,
        fields=tuple(_fields(article)) if article else (),
        warnings=article.warnings if article else (),
        text=cuts(article) if article else (),
        cuts=_cut_rules(article.removed) if article else (),
        left_out=article.left_out if article else (),
        copy=_copy(article, facts.original) if article and facts.original else None,
        revision=_revision(article, facts.previous) if article and facts.previous else None,
        story=tuple(facts.members),
        entities=_entities(enriched) if enriched else (),
        mentions=tuple(SectionText(section=section, text=text) for section, text in mentions(enriched))
        if enriched
        else (),
        article=article,
        duplicate=facts.duplicate,
    )


def _decisions(facts: Facts, settings: Settings) -> Iterator[Decision]:
    article, refusal = facts.article, facts.refusal
    read = _read(facts.raw, settings) if facts.raw is not None else None
    if read:
        yield Decision(about="format", answer=_format(read))
    if refusal:
        yield Decision(about="refused", answer=f"by {refusal.stage}: {refusal.reason}")
    if article:
        yield _cuts_decision(article)
        if article.warnings:
            yield Decision(
                about="fields",
                answer=f"{plural(len(article.warnings), 'field')} could not be used",
                why=f"{', '.join(dict.fromkeys(each.field for each in article.warnings))}; the rest is whole",
            )
        yield Decision(about="language", answer=article.language, why=_why_language(article, read) if read else "")
    if facts.duplicate:
        yield from _copy_decisions(facts.duplicate)
    elif isinstance(article, UniqueArticle):
        yield from _unique_decisions(facts, article)
    if isinstance(article, EnrichedArticle):
        yield _entities_decision(article)


def _why_language(article: CleanArticle, read: reading.RawInput) -> str:
    declared = read.record.language
    if not declared:
        return "the message does not say; its page or the text decides" if read.is_page else "the text decides"
    if normalise(declared) == article.language:
        return f"the message says {declared}"
    return f"the text decides, though the message says {declared}"


def _cuts_decision(article: CleanArticle) -> Decision:
    fields = [cut for cut in article.removed if cut.category in FIELD_CATEGORIES]
    rest = [cut for cut in article.removed if cut.category not in FIELD_CATEGORIES]
    size = sum(len(cut.text) for cut in article.removed)
    whole = size + len(article.body)
    parts = []
    if fields:
        parts.append(f"{plural(len(fields), 'became a field', 'became fields')}")
    if rest:
        parts.append(f"{plural(len(rest), 'is', 'are')} boilerplate")
    if article.left_out:
        of_page = sum(part.characters for part in article.left_out)
        parts.append(f"{of_page:,} characters of the page were not taken")
    answer = f"{plural(len(article.removed), 'cut')}, {size:,} of {whole:,} characters" if size else "no cuts"
    return Decision(about="cuts", answer=answer, why="; ".join(parts))


def _copy_decisions(copy: Duplicate) -> Iterator[Decision]:
    if copy.id == copy.duplicate_of:
        yield Decision(about="copy", answer="yes: the same article arrived before", why=KINDS[copy.kind])
    else:
        evidence = copy.evidence
        sampled = (
            f" {plural(evidence.shared, 'sample')} of runs of {SHINGLE_WORDS} words are in both:"
            f" {evidence.of_copy:.0%} of this text's, {evidence.of_original:.0%} of the original's."
            if evidence.method != "content"
            else ""
        )
        yield Decision(
            about="copy",
            answer=f"yes: {copy.kind}, score {copy.score:.0%}, of {copy.duplicate_of}",
            why=KINDS[copy.kind] + sampled,
        )
    yield Decision(about="story", answer=copy.story_id, why="that of the original")


def _unique_decisions(facts: Facts, article: UniqueArticle) -> Iterator[Decision]:
    count = facts.compared_with
    among = (
        "" if count is None else f" among the {plural(count, 'article')} before it" if count else ": it is the first"
    )
    yield Decision(
        about="copy",
        answer="no",
        why="a new text at a known URL is a revision, unless it repeats another text"
        if article.revision_of
        else f"no text with the same words{among}, and none that shares at least {MIN_SHARED_SAMPLES} samples and "
        f"{MIN_CONTAINMENT:.0%} of the shorter text"
        if count != 0
        else "it is the first article",
    )
    if article.revision_of:
        yield Decision(
            about="revision",
            answer=f"{article.revision} of {article.revision_of}",
            why=f"another text came from {article.canonical_url or article.url}",
        )
    else:
        yield Decision(
            about="revision",
            answer="no" if article.canonical_url or article.url else "no: it has no URL",
            why="no other text came from its URL before" if article.canonical_url or article.url else "",
        )
    others = None if facts.articles is None else facts.articles - 1
    yield Decision(
        about="story",
        answer=article.story_id,
        why="" if others is None else f"with {plural(others, 'other article')}" if others else "it is the first in it",
    )


def _entities_decision(article: EnrichedArticle) -> Decision:
    meta = article.entity_meta
    found = f"found by the model {meta.model}, the lexicon and rules" if meta.model else "found by lexicon and rules"
    without = "" if meta.model else f"; there is no model for {article.language}"
    cut = f"; too long to be searched to the end: {', '.join(meta.truncated)}" if meta.truncated else ""
    return Decision(
        about="entities", answer=plural(len(article.entities), "entity", "entities"), why=f"{found}{without}{cut}"
    )


def _read(raw: bytes, settings: Settings) -> reading.RawInput | None:
    try:
        return reading.read(raw, paths=settings.fields)
    except RejectedError:
        return None


def _format(read: reading.RawInput) -> str:
    if read.format == ours.FORMAT.name:
        return "JSON in our own format" + (", with a page" if read.is_page else "")
    if read.format != "text":
        return f"{read.format}, with a page" if read.is_page else read.format
    return "a page" if read.is_page else "plain text"


def _seen(raw: bytes | None) -> str:
    """The start of the message, as text if it is."""
    if not raw:
        return "(no value)" if raw is None else "(empty)"
    start = raw[: 4 * MAX_SEEN_CHARS]
    text = start.decode(errors="backslashreplace")
    cut = text[:MAX_SEEN_CHARS]
    return f"{cut}…" if len(cut) < len(text) or len(start) < len(raw) else cut


def _fields(article: CleanArticle) -> Iterator[Field]:
    dateline = article.dateline
    values: dict[str, object] = {
        "id": article.id,
        "headline": article.headline,
        "summary": article.summary,
        "byline": ", ".join(article.byline),
        "dateline": dateline and _dateline(dateline),
        "agency": article.agency,
        "credits": ", ".join(f"{credit.name} ({credit.role})" for credit in article.credits),
        "captions": " | ".join(
            caption.text + (f" ({caption.credit})" if caption.credit else "") for caption in article.captions
        ),
        "published": article.published,
        "modified": article.modified,
        "fetched": article.fetched,
        "source": article.source,
        "source_id": article.source_id,
        "url": article.url,
        "canonical_url": article.canonical_url if article.canonical_url != article.url else None,
        "keywords": ", ".join(article.keywords),
        "section": article.section,
        "status": article.status if article.status != "usable" else None,
        "truncated": "the text is known to be only the start" if article.truncated else None,
    }
    for name, value in values.items():
        if value:
            source = article.date_sources.get(name, "")
            zone = "without a zone, read as UTC" if name in article.dates_without_zone else ""
            yield Field(name=name, value=str(value), source="; ".join(filter(None, (source, zone))))


def _dateline(dateline: Dateline) -> str:
    parts = {"place": dateline.place, "agency": dateline.agency}
    known = ", ".join(f"{name} {value}" for name, value in parts.items() if value)
    return f"{dateline.text} ({known})" if known else dateline.text


def _cut_rules(removed: tuple[Removed, ...]) -> tuple[CutRule, ...]:
    counts = Counter((cut.rule, cut.category) for cut in removed)
    sizes: Counter[tuple[str, str]] = Counter()
    for cut in removed:
        sizes[cut.rule, cut.category] += len(cut.text)
    return tuple(
        CutRule(
            rule=rule,
            category=category,
            cuts=count,
            characters=sizes[rule, category],
            kept_as_field=category in FIELD_CATEGORIES,
        )
        for (rule, category), count in counts.items()
    )


def _copy(article: CleanArticle, original: Known) -> CopyReport:
    compared = compare(article.body, original.article.body)
    return CopyReport(
        original=_member(original),
        passages=compared.passages,
        words_of_copy=compared.of_first,
        words_of_original=compared.of_second,
        copy_text=compared.first,
        original_text=compared.second,
    )


def _revision(article: CleanArticle, previous: Known) -> RevisionReport:
    return RevisionReport(
        previous=_member(previous),
        headline=difference(previous.article.headline, article.headline),
        body=difference(previous.article.body, article.body),
    )


def _member(known: Known) -> Member:
    article = known.article
    return Member(where=known.where, id=article.id, headline=article.headline, source=article.source)


def _entities(article: EnrichedArticle) -> tuple[EntityRow, ...]:
    return tuple(
        EntityRow(
            name=entity.name,
            type=entity.type,
            id=entity.id,
            aliases=entity.aliases,
            count=entity.count,
            salience=entity.salience,
            links=entity.links,
            places=", ".join(
                f"{section} {count}" for section, count in Counter(each.section for each in entity.mentions).items()
            ),
        )
        for entity in article.entities
    )
