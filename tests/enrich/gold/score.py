"""Scores the enrich stage on gold articles: entities, aliases, salience, links and quotes."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from schemas.records import EnrichedArticle, Entity, EntityType, Quote, Section
from tests.enrich.gold.reader import GoldArticle, GoldEntity, GoldMention, GoldQuote

CLASSES = {
    EntityType.PERSON: "person",
    EntityType.ORG: "organisation",
    EntityType.GPE: "place",
    EntityType.LOC: "place",
    EntityType.FAC: "place",
    EntityType.NORP: "people",
}
"""The types that count, and as what: a city is right as a place of any kind. Others may be found or not."""

SECTIONS = frozenset({Section.TITLE, Section.DATELINE, Section.BODY})
LINK_KINDS = {"iso3166": "countries", "geonames": "cities", "wikidata": "organisations"}
"""What the links of a scheme are given for. Links of people are not in the gold articles."""

_COUNTRY_OF_A_PLACE = "country"
"""The key of the link that says where a place is, not what it is."""


@dataclass(slots=True)
class Ratio:
    """How many of a number are right."""

    right: int = 0
    total: int = 0

    def add(self, is_right: bool) -> None:
        """Count one more."""
        self.right += is_right
        self.total += 1

    @property
    def value(self) -> float:
        """The share, 1 of nothing."""
        return self.right / self.total if self.total else 1.0

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.right}/{self.total})"


@dataclass(slots=True)
class Score:
    """The figures of a group of articles.

    Attributes:
        entities: gold entities with the right class and name and exactly their mentions in one entity.
        invented: entities found where nothing is marked in the gold article.
        aliases: B³ F1 of the mentions that were found: what belongs together is together.
        salience: mean over articles of the chance that an entity the article is about is above one that it is not.
        links: of the gold entities that got a link of the same scheme, those with the right one, by kind.
        linked: of the gold entities with a link, those that got one of the same scheme, by kind.
        quote_precision: quotes found whose text is right and whose speaker is right or null.
        quote_recall: gold quotes found with the right text and speaker.
        problems: a line for each entity or quote that is wrong.
    """

    entities: Ratio = field(default_factory=Ratio)
    invented: Ratio = field(default_factory=Ratio)
    links: dict[str, Ratio] = field(default_factory=lambda: {kind: Ratio() for kind in LINK_KINDS.values()})
    linked: dict[str, Ratio] = field(default_factory=lambda: {kind: Ratio() for kind in LINK_KINDS.values()})
    quote_precision: Ratio = field(default_factory=Ratio)
    quote_recall: Ratio = field(default_factory=Ratio)
    problems: list[str] = field(default_factory=list)
    _clusters: list[tuple[float, float]] = field(default_factory=list)
    _order: list[float] = field(default_factory=list)

    @property
    def aliases(self) -> float:
        """B³ F1: the harmonic mean of the mentions' average precision and recall."""
        if not self._clusters:
            return 1.0
        precision = sum(precision for precision, _ in self._clusters) / len(self._clusters)
        recall = sum(recall for _, recall in self._clusters) / len(self._clusters)
        return 2 * precision * recall / (precision + recall)

    @property
    def salience(self) -> float:
        """The mean area under the ROC curve."""
        return sum(self._order) / len(self._order) if self._order else 1.0


def score(pairs: Iterable[tuple[GoldArticle, EnrichedArticle]]) -> Score:
    """The figures of all pairs of a gold article and what the enrich stage made of it."""
    result = Score()
    for gold, found in pairs:
        _Comparison(gold, found).add_to(result)
    return result


def folded(name: str) -> str:
    """The name without case, accents and hyphens."""
    decomposed = unicodedata.normalize("NFKD", name.casefold().replace("-", " "))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


class _Comparison:
    """One article, and what was found in it."""

    def __init__(self, gold: GoldArticle, found: EnrichedArticle) -> None:
        self._gold, self._found = gold, found
        self._at = {
            (mention.section, mention.start, mention.end): i
            for i, entity in enumerate(found.entities)
            for mention in entity.mentions
            if mention.section in SECTIONS
        }
        self._mentions: dict[str, list[GoldMention]] = {}
        for mention in gold.mentions:
            self._mentions.setdefault(mention.entity, []).append(mention)
        self._found_as = {name: self._most_mentions(mentions) for name, mentions in self._mentions.items()}

    def add_to(self, result: Score) -> None:
        """Add what is right and wrong here to the result."""
        for name, gold in self._gold.entities.items():
            if gold.type in CLASSES:
                problem = self._problem(name, gold)
                result.entities.add(problem is None)
                if problem:
                    result.problems.append(f"{self._gold.where}: {name} ({gold.type}): {problem}")
            if gold.link:
                self._add_link(result, name, gold.link)
        for entity in self._found.entities:
            if self._counts(entity):
                invented = not any(self._touches_gold(*place) for place in _places(entity))
                result.invented.add(invented)
                if invented:
                    result.problems.append(f"{self._gold.where}: invented {entity.name} ({entity.type})")
        result._clusters += self._clusters()
        result._order += self._order()
        self._add_quotes(result)

    def _most_mentions(self, mentions: Sequence[GoldMention]) -> Entity | None:
        """The entity found at most of the mentions."""
        places = Counter(self._at[place] for m in mentions if (place := (m.section, m.start, m.end)) in self._at)
        return self._found.entities[places.most_common(1)[0][0]] if places else None

    def _problem(self, name: str, gold: GoldEntity) -> str | None:
        """What is wrong with an entity; None if all is right."""
        entity = self._found_as[name]
        if entity is None:
            return "not found"
        if CLASSES.get(entity.type) != CLASSES[gold.type]:
            return f"is {entity.type}"
        # The lexicon has English names, so an identified entity may be called otherwise than the article calls it.
        if folded(entity.name) not in map(folded, gold.names) and gold.link not in (entity.id, *entity.links.values()):
            return f"is called {entity.name}"
        expected = {(m.section, m.start, m.end) for m in self._mentions[name]}
        found = set(_places(entity))
        if missing := expected - found:
            return f"without {self._texts(missing)}"
        if more := found - expected:
            return f"also {self._texts(more)}"
        return None

    def _texts(self, places: Iterable[tuple[Section, int, int]]) -> str:
        return ", ".join(sorted(self._gold.texts[section][start:end] for section, start, end in places))

    def _counts(self, entity: Entity) -> bool:
        is_marked = entity.type is not EntityType.NORP or self._gold.language == "en"
        return entity.type in CLASSES and is_marked and any(True for _ in _places(entity))

    def _touches_gold(self, section: Section, start: int, end: int) -> bool:
        marked = [(m.section, m.start, m.end) for m in self._gold.mentions] + self._gold.optional
        return any(own is section and first < end and last > start for own, first, last in marked)

    def _clusters(self) -> Iterator[tuple[float, float]]:
        """For each mention that was found: how much of its cluster is right, and how much of the right one is there."""
        items = [
            (m.entity, self._at[place])
            for m in self._gold.mentions
            if (place := (m.section, m.start, m.end)) in self._at and self._gold.entities[m.entity].type in CLASSES
        ]
        both, gold, found = Counter(items), Counter(g for g, _ in items), Counter(f for _, f in items)
        for item in items:
            yield both[item] / found[item[1]], both[item] / gold[item[0]]

    def _order(self) -> Iterator[float]:
        """The area under the ROC curve, if the article has entities of both kinds."""
        scores: dict[bool, list[float]] = {True: [], False: []}
        for name, gold in self._gold.entities.items():
            entity = self._found_as[name]
            scores[gold.is_about].append(entity.salience if entity else 0.0)
        pairs = [(about, other) for about in scores[True] for other in scores[False]]
        if pairs:
            yield sum((about > other) + 0.5 * (about == other) for about, other in pairs) / len(pairs)

    def _add_link(self, result: Score, name: str, link: str) -> None:
        scheme = link.partition(":")[0]
        entity, kind = self._found_as[name], LINK_KINDS[scheme]
        links = [entity.id, *(v for k, v in entity.links.items() if k != _COUNTRY_OF_A_PLACE)] if entity else []
        given = [found for found in links if found and found.startswith(f"{scheme}:")]
        result.linked[kind].add(bool(given))
        if given:
            result.links[kind].add(link in given)
            if link not in given:
                result.problems.append(f"{self._gold.where}: {name} is linked to {given[0]}, not {link}")

    def _add_quotes(self, result: Score) -> None:
        gold = {(quote.start, quote.end): quote for quote in self._gold.quotes}
        right = set()
        for quote in self._found.quotes:
            expected = gold.get((quote.start, quote.end))
            speaker_is_right = expected is not None and self._is_speaker(quote, expected)
            if expected and speaker_is_right:
                right.add((quote.start, quote.end))
            is_precise = expected is not None and (quote.speaker is None or speaker_is_right)
            result.quote_precision.add(is_precise)
            if not is_precise:
                by = f"by {expected.speaker}, not {quote.speaker}" if expected else f"no quote (by {quote.speaker})"
                result.problems.append(f"{self._gold.where}: “{quote.text[:40]}…” is {by}")
        for place in gold:
            result.quote_recall.add(place in right)
            if place not in right:
                text = self._gold.texts[Section.BODY][slice(*place)]
                result.problems.append(f"{self._gold.where}: misses “{text[:40]}…” by {gold[place].speaker}")

    def _is_speaker(self, quote: Quote, gold: GoldQuote) -> bool:
        if gold.speaker is None or quote.speaker is None:
            return gold.speaker is quote.speaker
        entity = self._found_as[gold.speaker]
        return entity is not None and entity.name == quote.speaker


def _places(entity: Entity) -> Iterator[tuple[Section, int, int]]:
    return ((m.section, m.start, m.end) for m in entity.mentions if m.section in SECTIONS)
