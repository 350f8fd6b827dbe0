"""What the words of a name say about its type, in votes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache

from schemas.records import EntityType
from workers.enrich.gazetteer import cities, common_words, companies, family_names, given_names, is_city
from workers.enrich.lexicon import (
    entries,
    first_words,
    head_noun_hints,
    head_nouns,
    not_names,
    stage_names,
    titles,
)
from workers.enrich.lexicon import given_names as frequent_given_names
from workers.enrich.types import FAC, GPE, ORG, PERSON
from workers.enrich.variants import normalise_name
from workers.vocabulary.particles import PARTICLES

Votes = defaultdict[EntityType, int]

MAX_PERSON_WORDS = 4
LARGE_CITY = 100_000
"""From this population a town's name is likelier the town's than a person's."""

SENTENCE_START = re.compile(r"(?:^|[.!?:\n\"“”‘'(—–-]) *$")
"""Before a word that begins a sentence, a line or a quotation."""

_PREPOSITIONS = frozenset(("for", "of", "and", "at", "in", "on", "to", "with"))
_PLURALS = frozenset(
    ("Affairs", "Studies", "Sciences", "Islands", "Railways", "Airlines", "Territories", "Provinces", "Mountains")
)
_MIXED_CASE = re.compile(r"[a-zß-ÿ][A-Z](?!')")


@lru_cache(maxsize=20_000)
def votes_by_form(name: str) -> Mapping[EntityType, int]:
    """The votes that the words of a name give, whatever surrounds it."""
    votes: Votes = defaultdict(int)
    words = name.replace("-", " ").split()
    people = _votes_for_person(words, words[0].casefold(), words[-1].casefold())
    if people:
        votes[PERSON] += people
    by_words = _votes_by_words(name, words, people) if len(words) > 1 else ()
    for kind, weight in (*by_words, *_votes_by_lists(name, words, people)):
        votes[kind] += weight
    if len(words) > 1 and not people and all(word.casefold() in common_words() for word in words):
        votes[PERSON] -= 3  # App Store
    if name in stage_names().phrases:
        votes[PERSON] += 8
    if "&" in name or _MIXED_CASE.search(name):
        votes[ORG] += 2
    return votes


def _votes_by_words(name: str, words: Sequence[str], people: int) -> Iterator[tuple[EntityType, int]]:
    """The votes that the first and the last word of several give, beside those for a person."""
    first, last = words[0].casefold(), words[-1].casefold()
    if words[0] in first_words():
        yield first_words()[words[0]], 2 if first in given_names() and not words[1].islower() else 4
    elif not people and last in common_words() and last not in family_names():
        yield ORG, 1
    if kind := head_noun_hints().get(words[-1]):
        yield kind, 3
    if not people and words[-1] in _nations():
        yield ORG, 3  # Natural England
    if _is_with_acronym(name):
        yield ORG, 3


def _votes_by_lists(name: str, words: Sequence[str], people: int) -> Iterator[tuple[EntityType, int]]:
    """The votes that a name gets as that of a town, a port or a company."""
    towns = cities(name)
    is_other = name.casefold() in family_names() or name.casefold() in common_words()
    if name.startswith("Port of ") and not towns:
        yield FAC, 5
    if towns:
        yield GPE, 3 if towns[0].population >= LARGE_CITY else 1 if people or is_other else 2
        yield GPE, 3 * (len(words) > 2)  # Santiago de Compostela
    if name in companies():
        yield ORG, 1 if towns or is_other else 3


@cache
def _nations() -> frozenset[str]:
    """The names of nations in one word: those of countries and of the parts of the United Kingdom."""
    names = {name for name, entry in entries().phrases.items() if entry.key.startswith("country:") and name.isalpha()}
    return frozenset({name for name in names if name.istitle()} | {"England", "Scotland", "Wales"})


def _is_with_acronym(name: str) -> bool:
    """Whether an acronym stands at the beginning of a name of several words (AIIMS Bilaspur)."""
    first, _, rest = name.partition(" ")
    return bool(rest) and len(first) > 2 and first.isupper() and first.isalpha() and not rest.isupper()


@lru_cache(maxsize=20_000)
def is_like_full_name(name: str) -> bool:
    """Whether a name is two words that the lists know as nothing else (Aryna Sabalenka)."""
    words = name.split()
    return (
        len(words) == 2
        and all(
            len(word) > 2 and word.isalpha() and word[0].isupper() and word[1:].islower() and not is_known_word(word)
            for word in words
        )
        and not any(word in table for word in words for table in (head_nouns(), head_noun_hints(), first_words()))
    )


def _votes_for_person(words: list[str], first: str, last: str) -> int:
    is_given = first in given_names() and first not in common_words() and first not in PARTICLES
    if len(words) == 1:
        return int(is_given)
    if any(word in _PREPOSITIONS for word in words[1:]):
        return -8  # Transport for London
    if words[-1] in _nations() and words[0] not in frequent_given_names():
        return 0
    if _is_with_acronym(" ".join(words)):
        return 0
    if len(words) > MAX_PERSON_WORDS + sum(word in PARTICLES for word in words) or any(
        word in head_nouns() or word == "&" for word in words
    ):
        return 0
    is_family = last in family_names()
    if words[-1] in head_noun_hints() and not is_family and not (is_given and not is_city(words[0])):
        return 0
    if is_given and len(words) > 2 and all(word in PARTICLES for word in words[1:-1]):
        return 3  # Laurence des Cars
    if is_given and words[0] in frequent_given_names():
        return 4
    if is_given and last not in common_words():
        return 3 if is_family else 2
    return 2 * int(is_family and last not in common_words())


@lru_cache(maxsize=20_000)
def is_nobodys_name(name: str) -> bool:
    """Whether a name is a single word that the lists have neither as a given nor as a family name."""
    if " " in name or not name[1:].islower() or name in stage_names().phrases:
        return False
    keys = {key for word in (name.casefold(), normalise_name(name)) for key in (word, word.rpartition("-")[2])}
    return keys.isdisjoint(given_names()) and keys.isdisjoint(family_names())


@lru_cache(maxsize=20_000)
def is_known_word(word: str) -> bool:
    """Whether a word is known for something else than a person: as a word, a name, a title, a town or no name."""
    return (
        word.casefold() in common_words()
        or word in entries().phrases
        or word in not_names()
        or word in titles().phrases
        or is_city(word)
    )


def is_organisation(name: str) -> bool:
    """Whether the lexicon has the name as an organisation's."""
    entry = entries().phrases.get(name)
    return entry is not None and entry.type is ORG


def is_place(name: str, *, or_unknown: bool = False) -> bool:
    """Whether the name is a place's; or with ``or_unknown``, whether it may be."""
    entry = entries().phrases.get(name)
    if entry is not None:
        return entry.key.startswith(("place:", "country:"))
    words = name.split()
    return is_city(name) or (
        or_unknown and len(words) < 3 and words[-1] not in head_nouns() and words[-1] not in _PLURALS
    )
