"""Finds the short names of people: surnames, and given names that nothing else is called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from schemas.records import EntityType
from workers.enrich.evidence import MAX_PERSON_WORDS, is_known_word
from workers.enrich.gazetteer import common_words
from workers.enrich.gazetteer import family_names as known_family_names
from workers.enrich.gazetteer import given_names as known_given_names
from workers.enrich.lexicon import entries, family_names, head_nouns, not_names
from workers.enrich.types import PERSON
from workers.vocabulary.particles import PARTICLES

_PRONOUNS = frozenset(
    ("He", "She", "They", "We", "You", "It", "His", "Her", "Who", "This", "That", "And", "But", "The")
)
_REGNAL_NUMBER = re.compile(r"[IVX]{1,5}")
_ARABIC_ARTICLES = ("al-", "el-", "as-", "ad-", "ar-", "an-", "ul-")
_SUFFIXES = ("Jr", "Sr", "II", "III", "IV")
_MIN_GIVEN_NAME = 4


@lru_cache(maxsize=20_000)
def surnames(name: str) -> tuple[str, ...]:
    """The short names by which a text refers to a person of that full name; none for a surname alone.

    These are the last word, also with its particles (de Gaulle) and without an Arabic article (Sisi), and the first
    word if it is a family name that precedes the given name.
    """
    words = name.split()
    if len(words) == 2 and _REGNAL_NUMBER.fullmatch(words[1]):
        return (words[0],)
    while len(words) > 2 and words[-1].rstrip(".") in _SUFFIXES:
        words.pop()
    if len(words) < 2 or words[0].islower() or all(word.casefold() in PARTICLES for word in words[:-1]):
        return ()
    short_names = [words[0]] if words[0] in family_names() else []
    short_names.append(words[-1])
    particle = len(words) - 1
    while particle > 1 and words[particle - 1].casefold() in PARTICLES:
        particle -= 1
    if particle < len(words) - 1:
        short_names.append(" ".join(words[particle:]))
    if words[-1][:3].casefold() in _ARABIC_ARTICLES:
        short_names.append(words[-1][3:])
    return tuple(name for name in short_names if _may_stand_alone(name))


def _may_stand_alone(name: str) -> bool:
    """Whether a word of a full name may stand for it: no initial, number or pronoun."""
    return len(name.strip(".")) > 1 and not name.islower() and name[-1].isalpha() and name not in _PRONOUNS


def distinct_surname(name: str) -> str | None:
    """The last word of a name that may be a person's, if it is no other word; else None."""
    words = name.split()
    surname = words[-1]
    if not 1 < len(words) <= MAX_PERSON_WORDS or surname.casefold() in common_words() or surname in entries().phrases:
        return None
    return surname if surname[0].isupper() and surname not in head_nouns() else None


def surname_like_head_noun(name: str) -> str | None:
    """The last word of a name that looks like a person's, but for that word (Charles Hall); else None."""
    given_name, _, surname = name.partition(" ")
    is_surname = surname in head_nouns() and surname.casefold() in known_family_names()
    return surname if is_surname and given_name.casefold() in known_given_names() else None


def short_names_of_people(types: Mapping[str, EntityType]) -> set[str]:
    """The surnames of the people among the names, and those of their given names that are names as well.

    A given name alone may be another word. Then it counts only if the article already has it as a name.
    """
    people = [name for name, kind in types.items() if kind is PERSON]
    short_names = {
        surname
        for name in people
        for short in surnames(name)
        for surname in ((short, short[0].upper() + short[1:]) if short[0].islower() else (short,))  # De Gaulle wrote
        if surname not in not_names() and surname not in head_nouns()
    }
    given = {
        given_name
        for name in people
        if (given_name := name.partition(" ")[0]) != name
        and (given_name in types or _is_distinct_given_name(given_name))
    }
    return short_names | given


def _is_distinct_given_name(word: str) -> bool:
    """Whether a given name means nothing else, so that it is its bearer's where it stands alone (Deepti)."""
    return len(word) >= _MIN_GIVEN_NAME and word[1:].islower() and not is_known_word(word)
