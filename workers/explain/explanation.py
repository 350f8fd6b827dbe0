"""The explanation of an article: its facts in order and in words. Renderers show it, and programs read it as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from schemas import (
    CleanArticle,
    Dateline,
    Duplicate,
    EnrichedArticle,
    FieldWarning,
    LeftOut,
    Removed,
    Section,
    UniqueArticle,
)
from workers.explain.comparing import compare, difference
from workers.explain.decisions import Decision, decisions
from workers.explain.facts import Facts, Known, Member, Refusal
from workers.explain.pieces import FIELD_CATEGORIES, Piece, cuts, mentions
from workers.outcomes import Outcome
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
    """The copy beside its original; the shared passages have the same number in both texts.

    If it is ``of_series``, it is no copy: both have the same template. Nor is it one if it ``resembles`` the other.
    """

    original: Member
    of_series: bool
    resembles: bool
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
        decisions=tuple(decisions(facts, settings)),
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
    compared = compare(article.body, original.article.body, (article.language, original.article.language))
    return CopyReport(
        original=_member(original),
        of_series=isinstance(article, UniqueArticle) and article.series_of == original.article.id,
        resembles=isinstance(article, UniqueArticle) and article.resembles is not None,
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
