"""Groups the mentions of an article into entities, each with an id, a name, aliases, a count and a salience."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from schemas.records import ArticleCountry, Entity, EntityType, Mention, Section
from workers.enrich.gazetteer import City, common_words, companies
from workers.enrich.languages import entry_of
from workers.enrich.lexicon import LexiconEntry, countries_by_id, has_other_meaning
from workers.enrich.linking import TypedMention, link_mentions
from workers.enrich.people import person_id
from workers.enrich.places import codes, resolve_city
from workers.enrich.spans import NamedSpan
from workers.enrich.types import GPE, ORG, PERSON

MAX_MENTIONS_PER_ENTITY = 1_000
"""Mentions listed for one entity; its ``count`` includes those beyond."""

T = TypeVar("T")

_MAX_ACRONYM_CHARS = 5
_MIN_COMPANY_CHARS = 5
_CHARS_BEFORE = 60


class SectionText(NamedTuple):
    """The text of one section of an article."""

    section: Section
    text: str


def group_entities(
    texts: Sequence[SectionText],
    names: Sequence[Sequence[NamedSpan]],
    people: Mapping[str, str] | None = None,
    bases: Mapping[str, str] | None = None,
) -> tuple[Entity, ...]:
    """The entities of an article, the most salient first, then by name; mentions in the order of ``texts``.

    ``names`` has the names of each text in text order, as ``workers.enrich.mentions.find_mentions`` returns them;
    ``people`` the user's ids of people; ``bases`` the names that others are forms of.
    """
    bases = bases or {}
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
            text.text[max(0, span.start - _CHARS_BEFORE) : span.start],
        )
        for text, spans in zip(texts, names, strict=True)
        for span in spans
    ]
    groups: dict[str, list[TypedMention]] = defaultdict(list)
    in_base_form = [_in_base_form(mention, bases) for mention in mentions] if bases else mentions
    for mention, key in zip(mentions, link_mentions(in_base_form), strict=True):
        groups[key].append(mention)
    cities = _cities(groups)
    groups = _merge_by_city(groups, cities)
    counts = {key: sum([m.mention.section is not Section.BYLINE for m in group]) for key, group in groups.items()}
    max_count = max(counts.values(), default=0)
    body_length = sum(len(text.text) for text in texts if text.section is Section.BODY)
    person_ids = _person_ids(groups, cities, people or {})
    entities = [
        _entity(group, counts[key], max_count, body_length, cities.get(key), person_ids.get(key), bases)
        for key, group in groups.items()
    ]
    return tuple(sorted(entities, key=lambda entity: (-entity.salience, entity.name, entity.type)))


def _in_base_form(mention: TypedMention, bases: Mapping[str, str]) -> TypedMention:
    base = bases.get(mention.mention.text)
    return mention._replace(mention=replace(mention.mention, text=base)) if base else mention


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


def article_countries(entities: Sequence[Entity], body_length: int) -> tuple[ArticleCountry, ...]:
    """The countries of an article by salience: those it names, and those of its places and peoples.

    The salience is that of an entity that has the mentions of all of them.
    """
    groups: dict[str, list[Entity]] = defaultdict(list)
    for entity in entities:
        id = entity.id if entity.id in countries_by_id() else entity.links.get("country")
        if id and entity.count:
            groups[id].append(entity)
    counts = {id: sum(entity.count for entity in group) for id, group in groups.items()}
    max_count = max(counts.values(), default=0)
    found = []
    for id, group in groups.items():
        first, in_title = _places(mention for entity in group for mention in entity.mentions)
        share = salience(counts[id], max_count, first, body_length, in_title)
        found.append(ArticleCountry(id=id, name=countries_by_id()[id].name, salience=share))
    return tuple(sorted(found, key=lambda country: (-country.salience, country.name)))


def _cities(groups: Mapping[str, Sequence[TypedMention]]) -> dict[str, City]:
    """The towns among the groups of mentions, by the group's key."""
    entries = {key: entry_of(group[0].key) if group[0].key else None for key, group in groups.items()}
    mentioned = {id for entry in entries.values() if entry for id in (entry.id, entry.links.get("country")) if id}
    countries, regions = codes(mentioned)
    found = {}
    for key, group in groups.items():
        entry = entries[key]
        if group[0].type is GPE and not (entry and (entry.id or entry.key.startswith(("country:", "town:")))):
            names = dict.fromkeys(m.mention.text for m in group)
            names |= dict.fromkeys(name.title() for name in names if name.isupper())
            country = entry.links.get("country", "").removeprefix("iso3166:") if entry else None
            if city := resolve_city([*names, *([entry.name] if entry else [])], countries, regions, country):
                found[key] = city
    return found


def _person_ids(
    groups: Mapping[str, Sequence[TypedMention]], cities: Mapping[str, City], people: Mapping[str, str]
) -> dict[str, str]:
    """The ids of the people among the groups of mentions, by the group's key."""
    entries = [entry_of(group[0].key) for group in groups.values() if group[0].key]
    mentioned = {f"iso3166:{city.country}" for city in cities.values()}
    mentioned.update(
        id for entry in entries for id in (entry.key, entry.id, entry.links.get("country")) if id is not None
    )
    found = {}
    for key, group in groups.items():
        if group[0].type is PERSON and (people or not group[0].key):
            names = dict.fromkeys(m.mention.text for m in group)
            if id := person_id(names, (m.before for m in group), mentioned, people):
                found[key] = id
    return found


def _merge_by_city(
    groups: Mapping[str, list[TypedMention]], cities: Mapping[str, City]
) -> dict[str, list[TypedMention]]:
    """The groups, those of one town under the key of the first: Kharkiv and Kharkov."""
    first_key: dict[str, str] = {}
    merged: dict[str, list[TypedMention]] = defaultdict(list)
    for key, group in groups.items():
        merged[first_key.setdefault(cities[key].id, key) if key in cities else key] += group
    return merged


def _entity(
    group: Sequence[TypedMention],
    count: int,
    max_count: int,
    body_length: int,
    city: City | None,
    person: str | None,
    bases: Mapping[str, str],
) -> Entity:
    mentions = [m.mention for m in group]
    first, in_title = _places(mentions)
    entry = next((entry_of(m.key) for m in group if m.key), None)
    surfaces = _counts([mention.text for mention in mentions])
    in_base_form = {surface: number for surface, number in surfaces.items() if bases.get(surface) not in surfaces}
    name = _display_name(in_base_form, entry)
    id = person or (entry.id if entry else None)
    links = dict(entry.links) if entry else {}
    if city and not id:
        id = f"geonames:{city.id}"
        links = {"country": f"iso3166:{city.country}"} | links
    kind = entry.type if entry else _most_common([m.type for m in group])
    if ticker := _ticker(entry, kind, name, surfaces):
        links["ticker"] = ticker
    return Entity(
        id=id,
        name=name,
        type=kind,
        aliases=tuple(sorted(surface for surface in surfaces if surface != name)),
        count=count,
        salience=salience(count, max_count, first, body_length, in_title),
        links=links,
        mentions=tuple(mentions[:MAX_MENTIONS_PER_ENTITY]),
    )


def _places(mentions: Iterable[Mention]) -> tuple[int | None, bool]:
    """The offset of the first of the mentions in the body, if one is there, and whether the title has one."""
    first, in_title = None, False
    for mention in mentions:
        if mention.section is Section.BODY:
            first = mention.start if first is None else min(first, mention.start)
        elif mention.section is Section.TITLE:
            in_title = True
    return first, in_title


def _counts(values: Iterable[T]) -> dict[T, int]:
    """How often each of a few values comes, which a ``Counter`` takes much longer to say."""
    counts: dict[T, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts


def _most_common(values: Iterable[T]) -> T:
    """The most common value; of equally common ones, the first."""
    counts = _counts(values)
    return max(counts, key=counts.__getitem__)


def _ticker(entry: LexiconEntry | None, kind: EntityType, name: str, surfaces: Iterable[str]) -> str | None:
    """The ticker of a listed company.

    One that the lexicon does not have must be called by nothing else that means something: no National Bank, no CTS.
    """
    if kind is not ORG:
        return None
    if entry:
        return next(filter(None, (companies().get(known) for known in (entry.name, *surfaces))), None)
    is_distinct = len(name) >= _MIN_COMPANY_CHARS and not all(
        word in common_words() for word in name.casefold().split()
    )
    return companies().get(name) or None if is_distinct and not has_other_meaning(name) else None


def _display_name(surfaces: Mapping[str, int], entry: LexiconEntry | None) -> str:
    """The lexicon's name, or else the fullest surface.

    The fullest has the most words; ties go to one that is not written in capitals, then to the most frequent, then to
    the longest. An organisation or a person keeps the form that the article uses: KCNA if it never spells it out.
    """
    if entry and (entry.type not in (ORG, PERSON) or entry.name.casefold() in {s.casefold() for s in surfaces}):
        return entry.name
    return max(
        surfaces,
        key=lambda s: (s.count(" "), not s.isupper() or len(s) <= _MAX_ACRONYM_CHARS, surfaces[s], len(s), s),
    )
