"""Entities: the mentions of one article grouped by what they name, with a name, a count and a salience each."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.records import Entity, EntityType, Mention, Section
from workers.enrich.lexicon import Entry, entries_by_key
from workers.enrich.name_resolution import acronym, surnames
from workers.enrich.spans import Found

MOST_MENTIONS = 1_000
"""Mentions that are listed of one entity; ``count`` counts all of them."""

_COMPANY = re.compile(r",? (?:Inc|Corp|Corporation|Co|Company|Ltd|Limited|PLC|plc|LLC|AG|SA|NV|Group|Holdings)\.?$")
_INITIAL = re.compile(r" [A-Z]\.?(?= )")


@dataclass(frozen=True, slots=True)
class Text:
    """One section's text."""

    section: Section
    text: str


@dataclass(frozen=True, slots=True)
class _Named:
    """A mention on its way to its entity."""

    mention: Mention
    type: EntityType
    key: str | None


def grouped(texts: Sequence[Text], found: Sequence[Sequence[Found]]) -> tuple[Entity, ...]:
    """The entities of an article, the most salient first, then by name; mentions in the order of ``texts``.

    ``found`` are the named pieces of each text, in order, as :func:`workers.enrich.mentions.named` gives them.
    """
    named = [
        _Named(
            Mention(text=t.text[f.start : f.end], start=f.start, end=f.end, section=t.section, source=f.source),
            f.type,
            f.key,
        )
        for t, pieces in zip(texts, found, strict=True)
        for f in pieces
    ]
    groups: dict[str, list[_Named]] = defaultdict(list)
    for one, key in zip(named, _keys(named), strict=True):
        groups[key].append(one)
    counts = {key: sum(n.mention.section is not Section.BYLINE for n in group) for key, group in groups.items()}
    most = max(counts.values(), default=0)
    length = sum(len(t.text) for t in texts if t.section is Section.BODY)
    made = [_entity(group, counts[key], most, length) for key, group in groups.items()]
    return tuple(sorted(made, key=lambda entity: (-entity.salience, entity.name, entity.type)))


def salience(count: int, most: int, first: int | None, length: int, in_title: bool) -> float:
    """How much an article is about an entity, 0 to 1: 0.5·count/most + 0.3·(1 − first/length) + 0.2·in title.

    ``first`` is where the body first names it (None: nowhere), ``length`` that of the body, ``most`` the highest count.
    To three places. The weights are those of the project's measurements on news.
    """
    share = 0.5 * count / most if most else 0.0
    early = 0.3 * (1 - first / length) if first is not None and length else 0.0
    return round(min(1.0, max(0.0, share + early + 0.2 * in_title)), 3)


def _entity(group: Sequence[_Named], count: int, most: int, length: int) -> Entity:
    first = min((n.mention.start for n in group if n.mention.section is Section.BODY), default=None)
    in_title = any(n.mention.section is Section.TITLE for n in group)
    kinds = Counter(n.type for n in group)
    entry = next((entries_by_key()[n.key] for n in group if n.key), None)
    surfaces = Counter(n.mention.text for n in group)
    name = _name(surfaces, entry)
    return Entity(
        id=entry.id if entry else None,
        name=name,
        type=entry.type if entry else kinds.most_common(1)[0][0],
        aliases=tuple(sorted(surface for surface in surfaces if surface != name)),
        count=count,
        salience=salience(count, most, first, length, in_title),
        links=dict(entry.links) if entry else {},
        mentions=tuple(n.mention for n in group[:MOST_MENTIONS]),
    )


def _name(surfaces: Mapping[str, int], entry: Entry | None) -> str:
    """A place's own name, else the fullest surface: most words, then not in capitals only, most often, longest.

    An organisation keeps the form that the article uses (KCNA where it never says more).
    """
    if entry and (entry.type is not EntityType.ORG or entry.name.casefold() in {s.casefold() for s in surfaces}):
        return entry.name
    return max(surfaces, key=lambda s: (s.count(" "), not s.isupper() or len(s) <= 5, surfaces[s], len(s), s))


def _keys(named: Sequence[_Named]) -> list[str]:
    """The key of each mention's entity."""
    people = _People(named)
    organisations = _organisations(named)
    out = []
    for one in named:
        text = folded(one.mention.text)
        if one.key:
            out.append(one.key)
        elif one.type is EntityType.PERSON:
            out.append(f"person:{people.key(one.mention.text)}")
        elif one.type is EntityType.ORG:
            out.append(organisations.get(text, f"organisation:{text}"))
        else:
            out.append(f"{one.type.value}:{text}")
    return out


def folded(name: str) -> str:
    """A name as it is compared: small letters without accents, hyphens as blanks, a company's form of law left out."""
    plain = unicodedata.normalize("NFKD", _COMPANY.sub("", name))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().replace("-", " ").split())


class _People:
    """Who a person's mention is: by full name, or by the full name that a single word stands for."""

    def __init__(self, named: Sequence[_Named]) -> None:
        self._latest: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._bearers: dict[str, set[str]] = defaultdict(set)
        self._given: dict[str, set[str]] = defaultdict(set)
        for one in named:
            if one.type is EntityType.PERSON and one.key is None and (words := surnames(one.mention.text)):
                full = self._full(one.mention.text)
                self._counts[full] += 1
                for word in words:
                    self._bearers[folded(word)].add(full)
                self._given[folded(one.mention.text.split()[0])].add(full)
        self._usual = {
            word: max(sorted(bearers), key=self._counts.__getitem__) for word, bearers in self._bearers.items()
        }

    @staticmethod
    def _full(name: str) -> str:
        return folded(_INITIAL.sub("", name))

    def key(self, text: str) -> str:
        """The full name, folded. To be asked in order: a surname means whoever was last named in full."""
        if words := surnames(text):
            full = self._full(text)
            for word in words:
                self._latest[folded(word)] = full
            return full
        word = folded(text)
        if word in self._latest:
            return self._latest[word]
        if word in self._usual:
            return self._usual[word]
        given = self._given.get(word, set())
        return next(iter(given)) if len(given) == 1 else word


def _organisations(named: Sequence[_Named]) -> dict[str, str]:
    """The keys of short forms by what they are folded to: acronyms of names in the article, names of the lexicon."""
    full = {folded(one.mention.text): one.key for one in named if one.type is EntityType.ORG and one.key}
    for one in named:
        if one.type is EntityType.ORG and (short := acronym(one.mention.text)):
            full.setdefault(short.casefold(), one.key or f"organisation:{folded(one.mention.text)}")
    return full
