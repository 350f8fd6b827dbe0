"""Groups the mentions of an article into entities, each with a name, aliases, a count and a salience."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.records import Entity, EntityType, Mention, Section
from workers.enrich.languages import entry_of
from workers.enrich.lexicon import LexiconEntry
from workers.enrich.linking import TypedMention, link_mentions
from workers.enrich.spans import NamedSpan

MAX_MENTIONS_PER_ENTITY = 1_000
"""Mentions listed for one entity; its ``count`` includes those beyond."""

_MAX_ACRONYM_CHARS = 5


@dataclass(frozen=True, slots=True)
class SectionText:
    """The text of one section of an article."""

    section: Section
    text: str


def group_entities(texts: Sequence[SectionText], names: Sequence[Sequence[NamedSpan]]) -> tuple[Entity, ...]:
    """The entities of an article, the most salient first, then by name; mentions in the order of ``texts``.

    ``names`` has the names of each text in text order, as ``workers.enrich.mentions.find_mentions`` returns them.
    """
    mentions = [
        TypedMention(
            Mention(
                text=text.text[span.start : span.end],
                start=span.start,
                end=span.end,
                section=text.section,
                source=span.source,
            ),
            span.type,
            span.key,
        )
        for text, spans in zip(texts, names, strict=True)
        for span in spans
    ]
    groups: dict[str, list[TypedMention]] = defaultdict(list)
    for mention, key in zip(mentions, link_mentions(mentions), strict=True):
        groups[key].append(mention)
    counts = {key: sum(m.mention.section is not Section.BYLINE for m in group) for key, group in groups.items()}
    max_count = max(counts.values(), default=0)
    body_length = sum(len(text.text) for text in texts if text.section is Section.BODY)
    entities = [_entity(group, counts[key], max_count, body_length) for key, group in groups.items()]
    return tuple(sorted(entities, key=lambda entity: (-entity.salience, entity.name, entity.type)))


def salience(count: int, max_count: int, first: int | None, body_length: int, in_title: bool) -> float:
    """How central an entity is to an article, 0 to 1, rounded to three decimals.

    0.5 · count / max_count + 0.3 · (1 − first / body_length) + 0.2 · in_title, weighted as the project's measurements
    on news suggest.

    Args:
        count: how often the article mentions the entity.
        max_count: the highest count of any entity in the article.
        first: the offset of the first mention in the body; None if there is none.
        body_length: the length of the body, in code points.
        in_title: whether the title mentions the entity.
    """
    frequency = 0.5 * count / max_count if max_count else 0.0
    earliness = 0.3 * (1 - first / body_length) if first is not None and body_length else 0.0
    return round(min(1.0, max(0.0, frequency + earliness + 0.2 * in_title)), 3)


def _entity(group: Sequence[TypedMention], count: int, max_count: int, body_length: int) -> Entity:
    first = min((m.mention.start for m in group if m.mention.section is Section.BODY), default=None)
    in_title = any(m.mention.section is Section.TITLE for m in group)
    types = Counter(m.type for m in group)
    entry = next((entry_of(m.key) for m in group if m.key), None)
    surfaces = Counter(m.mention.text for m in group)
    name = _display_name(surfaces, entry)
    return Entity(
        id=entry.id if entry else None,
        name=name,
        type=entry.type if entry else types.most_common(1)[0][0],
        aliases=tuple(sorted(surface for surface in surfaces if surface != name)),
        count=count,
        salience=salience(count, max_count, first, body_length, in_title),
        links=dict(entry.links) if entry else {},
        mentions=tuple(m.mention for m in group[:MAX_MENTIONS_PER_ENTITY]),
    )


def _display_name(surfaces: Mapping[str, int], entry: LexiconEntry | None) -> str:
    """The lexicon's name, or else the fullest surface.

    The fullest has the most words; ties go to one that is not written in capitals, then to the most frequent, then to
    the longest. An organisation keeps the form that the article uses: KCNA if the article never spells it out.
    """
    if entry and (entry.type is not EntityType.ORG or entry.name.casefold() in {s.casefold() for s in surfaces}):
        return entry.name
    return max(
        surfaces,
        key=lambda s: (s.count(" "), not s.isupper() or len(s) <= _MAX_ACRONYM_CHARS, surfaces[s], len(s), s),
    )
