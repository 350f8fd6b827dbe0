"""The lexicon: tables of known names and words, and a matcher that finds them in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import accumulate
from typing import Generic, TypeVar

from schemas.records import EntityType
from workers.enrich.gazetteer import is_city, is_word_or_persons_name

T = TypeVar("T")

Span = tuple[int, int]

_WORD = re.compile(r"\w+")
_WORDS_BETWEEN = re.compile(r"(\w+)")
"""Splits a text into what is between the words and the words, in turns."""
_MIN_UPPERCASE_CHARS = 4
"""Shortest name that is also matched in capitals (SEOUL). In capitals, shorter names look like acronyms."""


class TokenizedText:
    """A text with its words and their offsets. Curly apostrophes become straight, so that ``Côte d’Ivoire`` matches."""

    def __init__(self, text: str, trim: Callable[[str, Span], Span] | None = None) -> None:
        """Split the text; ``trim`` takes from a word what is written together with it, such as an article."""
        self.text = text.replace("’", "'")
        parts = _WORDS_BETWEEN.split(self.text)
        ends = list(accumulate(map(len, parts)))
        self.words = parts[1::2]
        self.starts, self.ends = ends[0:-1:2], ends[1::2]
        """The offsets of the words."""
        if trim:
            spans = [trim(self.text, span) for span in zip(self.starts, self.ends, strict=True)]
            self.words = [self.text[start:end] for start, end in spans]
            self.starts, self.ends = [start for start, _ in spans], [end for _, end in spans]
        self.different = dict.fromkeys(self.words).keys()
        """The different words, in the order of their first occurrence."""

    def indexes_of(self, words: Set[str]) -> list[int]:
        """The indexes in ``words`` of those words, in text order."""
        found = self.different & words
        return [i for i, word in enumerate(self.words) if word in found] if found else []


class PhraseMatcher(Generic[T]):
    """Maps phrases to values and finds them in a text, as whole words and case-sensitively; the longest match wins.

    A text costs one look-up for each of its different words and, if any of them begins a phrase, one for each word. A
    word that begins a phrase costs one more for each word of the longest phrase that begins with it.
    """

    def __init__(self, phrases: Mapping[str, T]) -> None:
        self.phrases = phrases
        self._max_words: dict[str, int] = {}
        for phrase in phrases:
            words = _WORD.findall(phrase)
            if words:
                self._max_words[words[0]] = max(self._max_words.get(words[0], 0), len(words))

    def may_begin_with(self, word: str) -> bool:
        """Whether a phrase begins with that word."""
        return word in self._max_words

    def find(self, tokens: TokenizedText) -> Iterator[tuple[int, int, T]]:
        """The start, end and value of each match, from left to right and without overlaps."""
        text, starts, ends, phrases = tokens.text, tokens.starts, tokens.ends, self.phrases
        last_end = 0
        for i in tokens.indexes_of(self._max_words.keys()):
            start = starts[i]
            if start < last_end:
                continue
            longest = self._max_words[tokens.words[i]]
            for end in reversed(ends[i : i + longest]):
                phrase = text[start:end]
                if text.startswith(".", end) and f"{phrase}." in phrases:
                    phrase, end = f"{phrase}.", end + 1
                if phrase in phrases:
                    last_end = end
                    yield start, end, phrases[phrase]
                    break


@dataclass(frozen=True, slots=True)
class LexiconEntry:
    """What a name refers to.

    ``key`` is shared by all names of the same thing. ``id`` is None if the name may refer to something else.
    """

    key: str
    name: str
    type: EntityType
    id: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)


LexiconMatch = tuple[int, int, LexiconEntry]
"""A lexicon name in a text: start, end and entry."""


def rows(table: str) -> list[list[str]]:
    """The fields of each row of ``lexicon/<table>.tsv``, without comments and the header row."""
    text = (resources.files(__package__) / "lexicon" / f"{table}.tsv").read_text(encoding="utf-8")
    header, *lines = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return [line + [""] * (len(header) - len(line)) for line in lines]


@cache
def entries() -> PhraseMatcher[LexiconEntry]:
    """The names of countries, peoples, places and organisations. Where tables share a name, the first wins."""
    names: dict[str, LexiconEntry] = {}

    def add(entry: LexiconEntry, *surfaces: str) -> None:
        for surface in filter(None, surfaces):
            names.setdefault(surface, entry)

    for code, name, aliases, demonyms, item in rows("countries"):
        is_unambiguous = not code.startswith("?")
        id = f"iso3166:{code.lstrip('?')}"
        wikidata = {"wikidata": item} if item else {}
        country = LexiconEntry(f"country:{code}", name, EntityType.GPE, id if is_unambiguous else None, wikidata)
        add(country, name, *aliases.split("|"))
        links = {"country": id} if is_unambiguous else {}
        for demonym in demonyms.split("|"):
            add(LexiconEntry(f"people:{demonym}", demonym, EntityType.NORP, None, links), demonym)
    for name, aliases, kind, id, country_code in rows("places"):
        links = {"country": f"iso3166:{country_code}"} if country_code else {}
        add(LexiconEntry(f"place:{name}", name, EntityType(kind), id or None, links), name, *aliases.split("|"))
    for name, kind, country_code in rows("regions"):
        links = {"country": f"iso3166:{country_code}"} if country_code else {}
        add(LexiconEntry(f"place:{name}", name, EntityType(kind), None, links), name)
    for (name,) in rows("peoples"):
        add(LexiconEntry(f"people:{name}", name, EntityType.NORP), name)
    for name, aliases, item in rows("organisations"):
        item_id = f"wikidata:{item}" if item else None
        add(LexiconEntry(f"organisation:{name}", name, EntityType.ORG, item_id), name, *aliases.split("|"))
    for surface, club in clubs_by_name().items():
        if not has_other_meaning(surface):
            add(club, surface)
    for surface, entry in list(names.items()):
        if len(surface) >= _MIN_UPPERCASE_CHARS:
            names.setdefault(surface.upper(), entry)
    return PhraseMatcher(names)


@cache
def clubs_by_name() -> Mapping[str, LexiconEntry]:
    """All sports clubs by their names and aliases."""
    clubs: dict[str, LexiconEntry] = {}
    for name, aliases in rows("clubs"):
        entry = LexiconEntry(f"organisation:{name}", name, EntityType.ORG)
        clubs |= dict.fromkeys(filter(None, (name, *aliases.split("|"))), entry)
    return clubs


@cache
def topic_words() -> Mapping[str, frozenset[str]]:
    """The words that tell what an article is on, by topic."""
    found: dict[str, set[str]] = {}
    for topic, word in rows("topic_words"):
        found.setdefault(topic, set()).add(word)
    return {topic: frozenset(words) for topic, words in found.items()}


@cache
def topic_organisations() -> PhraseMatcher[dict[str, LexiconEntry]]:
    """The organisations that are called by what means something else as well (Delta, Labour), by topic."""
    found: dict[str, dict[str, LexiconEntry]] = {}
    for topic, name, aliases in rows("topic_organisations"):
        known = entries().phrases.get(name)
        is_organisation = known is not None and known.type is EntityType.ORG
        entry = known if known and is_organisation else LexiconEntry(f"organisation:{name}", name, EntityType.ORG)
        for alias in aliases.split("|"):
            found.setdefault(alias, {})[topic] = entry
    return PhraseMatcher(found)


@cache
def sports_entries() -> PhraseMatcher[LexiconEntry]:
    """The sports clubs whose names are also words, towns or people's names: Liverpool, Hearts."""
    return PhraseMatcher({name: entry for name, entry in clubs_by_name().items() if has_other_meaning(name)})


def has_other_meaning(name: str) -> bool:
    """Whether a name is also an English word, a town's name or a person's."""
    return is_word_or_persons_name(name) or is_city(name)


@cache
def sports_words() -> frozenset[str]:
    """Words that tell an article on sport, in lower case."""
    return frozenset(word for (word,) in rows("sports_words"))


@cache
def entries_by_key() -> Mapping[str, LexiconEntry]:
    """The lexicon's entries by key."""
    of_topics = (entry for entries in topic_organisations().phrases.values() for entry in entries.values())
    return {entry.key: entry for entry in (*of_topics, *clubs_by_name().values(), *entries().phrases.values())}


@cache
def countries_by_id() -> Mapping[str, LexiconEntry]:
    """The countries by their ids, such as ``iso3166:KP``."""
    return {entry.id: entry for key, entry in entries_by_key().items() if key.startswith("country:") and entry.id}


@cache
def shorthands() -> PhraseMatcher[tuple[LexiconEntry, frozenset[str]]]:
    """Names that count only in some articles: the entry, and the keys that the article must also mention."""
    by_key = entries_by_key()
    return PhraseMatcher({name: (by_key[key], frozenset(needs.split("|"))) for name, key, needs in rows("shorthands")})


@cache
def portfolios() -> frozenset[str]:
    """What ministers and secretaries are of (Health, Home Affairs)."""
    return frozenset(portfolio for (portfolio,) in rows("portfolios"))


@cache
def titles() -> PhraseMatcher[bool]:
    """The titles that precede a person's name, and whether only people bear them."""
    names = {title: bool(only_people) for title, only_people in rows("titles")}
    offices = [f"{portfolio} {office}" for portfolio in portfolios() for office in ("Minister", "Secretary")]
    names |= {f"{rank}{office}": True for office in offices for rank in ("", "Deputy ")}
    lowercased = {title[0].lower() + title[1:]: flag for title, flag in names.items() if title[1:2].islower()}
    return PhraseMatcher(names | lowercased)


@cache
def family_names() -> frozenset[str]:
    """The family names that precede the given name (Kim Jong Un)."""
    return frozenset(name for (name,) in rows("family_names"))


@cache
def given_names() -> frozenset[str]:
    """Common given names."""
    return frozenset(name for (name,) in rows("given_names"))


@cache
def head_nouns() -> Mapping[str, EntityType | None]:
    """The entity type that a name's last word implies; None if such names are not entities (Plan, Policy)."""
    return {word: EntityType(kind) if kind else None for word, kind in rows("head_nouns")}


@cache
def stage_names() -> PhraseMatcher[str]:
    """The names by which people are known that do not look like a person's (Lady Gaga, Rihanna)."""
    return PhraseMatcher({name: name for (name,) in rows("stage_names")})


@cache
def not_names() -> frozenset[str]:
    """Words and phrases that models mistake for names."""
    return frozenset(name for (name,) in rows("not_names"))


@cache
def cues() -> Mapping[tuple[str, str], tuple[EntityType, int]]:
    """The type and votes that a neighbouring word gives a one-word name, by side (before, after) and word."""
    return {(side, word): (EntityType(kind), int(weight)) for side, word, kind, weight in rows("cues")}


@cache
def class_nouns() -> Mapping[str, EntityType]:
    """The type of a name by the common noun right before it (the ferry Elpida Star)."""
    return {word: EntityType(kind) for word, kind in rows("class_nouns")}


@cache
def head_noun_hints() -> Mapping[str, EntityType]:
    """The type that a name's last word makes likely."""
    return {word: EntityType(kind) for word, kind in rows("head_noun_hints")}


@cache
def first_words() -> Mapping[str, EntityType]:
    """The type that a name's first word makes likely (Lake Simcoe)."""
    return {word: EntityType(kind) for word, kind in rows("first_words")}
