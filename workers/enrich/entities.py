"""Groups the mentions of an article into entities, each with a name, aliases, a count and a salience."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.records import Entity, EntityType, Mention, Section
from workers.enrich.lexicon import LexiconEntry, entries_by_key
from workers.enrich.name_resolution import acronym, surnames
from workers.enrich.spans import NamedSpan

MAX_MENTIONS_PER_ENTITY = 1_000
"""Mentions listed for one entity; its ``count`` includes those beyond."""

_MAX_ACRONYM_CHARS = 5

_LEGAL_FORM = re.compile(r",? (?:Inc|Corp|Corporation|Co|Company|Ltd|Limited|PLC|plc|LLC|AG|SA|NV|Group|Holdings)\.?$")
_MIDDLE_INITIAL = re.compile(r" [A-Z]\.?(?= )")


@dataclass(frozen=True, slots=True)
class SectionText:
    """The text of one section of an article."""

    section: Section
    text: str


def group_entities(texts: Sequence[SectionText], names: Sequence[Sequence[NamedSpan]]) -> tuple[Entity, ...]:
    """Returns the entities of an article, the most salient first, then by name; mentions in the order of ``texts``.

    ``names`` has the names of each text in text order, as :func:`workers.enrich.mentions.find_mentions` returns them.
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
    """Returns how central an entity is to an article, 0 to 1, rounded to three decimals.

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
    entry = next((entries_by_key()[m.key] for m in group if m.key), None)
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
    """Returns the lexicon's name, or else the fullest surface.

    The fullest has the most words; ties go to one that is not written in capitals, then to the most frequent, then to
    the longest. An organisation keeps the form that the article uses: KCNA if the article never spells it out.
    """
    if entry and (entry.type is not EntityType.ORG or entry.name.casefold() in {s.casefold() for s in surfaces}):
        return entry.name
    return max(
        surfaces,
        key=lambda s: (s.count(" "), not s.isupper() or len(s) <= _MAX_ACRONYM_CHARS, surfaces[s], len(s), s),
    )


# --- linking ---
@dataclass(frozen=True, slots=True)
class TypedMention:
    """A mention with the type of its name and its lexicon key, if it has one."""

    mention: Mention
    type: EntityType
    key: str | None


def link_mentions(mentions: Sequence[TypedMention]) -> list[str]:
    """Returns the key of the entity that each mention of an article refers to. ``mentions`` are in article order."""
    people = _People(mentions)
    organisations = _organisation_keys(mentions)
    keys = []
    for mention in mentions:
        name = normalise_name(mention.mention.text)
        if mention.key:
            keys.append(mention.key)
        elif mention.type is EntityType.PERSON:
            keys.append(f"person:{people.full_name(mention.mention.text)}")
        elif mention.type is EntityType.ORG:
            keys.append(organisations.get(name, f"organisation:{name}"))
        else:
            keys.append(f"{mention.type.value}:{name}")
    return keys


def normalise_name(name: str) -> str:
    """Returns a name for comparison: lower case, no accents, spaces for hyphens, no legal form (Inc, Ltd)."""
    decomposed = unicodedata.normalize("NFKD", _LEGAL_FORM.sub("", name))
    unaccented = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(unaccented.casefold().replace("-", " ").split())


class _People:
    """The people of an article, by their full names and by the single words that stand for those."""

    def __init__(self, mentions: Sequence[TypedMention]) -> None:
        counts: Counter[str] = Counter()
        bearers: dict[str, set[str]] = defaultdict(set)
        by_given_name: dict[str, set[str]] = defaultdict(set)
        for mention in mentions:
            name = mention.mention.text
            if mention.type is EntityType.PERSON and mention.key is None and (short_names := surnames(name)):
                full_name = _without_middle_initial(name)
                counts[full_name] += 1
                for short_name in short_names:
                    bearers[normalise_name(short_name)].add(full_name)
                by_given_name[normalise_name(name.split()[0])].add(full_name)
        self._by_given_name = by_given_name
        self._most_frequent = {
            short_name: max(sorted(full_names), key=counts.__getitem__) for short_name, full_names in bearers.items()
        }
        self._latest: dict[str, str] = {}

    def full_name(self, name: str) -> str:
        """Returns the normalised full name of the person that ``name`` refers to.

        Call it for the mentions in article order: a surname refers to the person last mentioned in full, or before any
        such mention to the one mentioned most often.
        """
        if short_names := surnames(name):
            full_name = _without_middle_initial(name)
            for short_name in short_names:
                self._latest[normalise_name(short_name)] = full_name
            return full_name
        word = normalise_name(name)
        if word in self._latest:
            return self._latest[word]
        if word in self._most_frequent:
            return self._most_frequent[word]
        full_names = self._by_given_name.get(word, set())
        return next(iter(full_names)) if len(full_names) == 1 else word


def _without_middle_initial(name: str) -> str:
    return normalise_name(_MIDDLE_INITIAL.sub("", name))


def _organisation_keys(mentions: Sequence[TypedMention]) -> dict[str, str]:
    """Returns the keys of organisations by normalised name: of those in the lexicon, and of acronyms of full names."""
    organisations = [mention for mention in mentions if mention.type is EntityType.ORG]
    keys = {normalise_name(mention.mention.text): mention.key for mention in organisations if mention.key}
    for mention in organisations:
        if short_name := acronym(mention.mention.text):
            full_name = normalise_name(mention.mention.text)
            keys.setdefault(short_name.casefold(), mention.key or f"organisation:{full_name}")
    return keys
