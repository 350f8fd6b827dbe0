"""Splits what a model labelled as one name although it is two: Joris van Dalen of Havenbond, Naxos and Santorini."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.records import EntityType
from workers.enrich.evidence import is_organisation, is_place
from workers.enrich.gazetteer import common_words, given_names
from workers.enrich.lexicon import entries, head_nouns, titles
from workers.enrich.lexicon import given_names as frequent_given_names
from workers.enrich.spans import ModelSpan, trim
from workers.enrich.types import FAC, GPE, ORG, PERSON
from workers.vocabulary.letters import CAPITAL

_OWNER = re.compile(r"([A-Z][\w-]+) (?:[A-Z][\w.-]* )?([A-Z][\w-]+)['’]s (?=[A-Z])")
_IN_PLACE = re.compile(rf"(.*\S) in ({CAPITAL}[\w' -]*)")
_OF_AFTER_PERSON = re.compile(rf"(\S+ (?:.+ )?\S+) (?:of|from|at|for) (?:the )?({CAPITAL}.*)")
_TWO_NAMES = re.compile(rf"({CAPITAL}[\w'&. -]*?) and (?:the )?({CAPITAL}[\w'&. -]*)")
_TWO_PLACES = re.compile(rf"({CAPITAL}[\w' -]*?) (?:and|for|to|or) (?:the )?({CAPITAL}[\w' -]*)")


class _Parts(NamedTuple):
    """The two parts of a name, by where the first ends and the second starts."""

    first_end: int
    first_type: EntityType
    second_start: int
    second_type: EntityType


@dataclass(frozen=True, slots=True)
class Rule:
    """Says where a name divides, if it is two.

    It divides ``example`` into the parts in brackets, and keeps ``counterexample`` whole; the tests check both.

    Attributes:
        parts_of: takes a name of several words and its type.
        types: those that a model gives to such names.
        may_go_on: whether the second part may be two names in turn.
    """

    parts_of: Callable[[str, EntityType], _Parts | None]
    types: Sequence[EntityType]
    example: str
    counterexample: str
    may_go_on: bool = True


def split_joined_names(text: str, span: ModelSpan) -> Iterator[ModelSpan]:
    """The names that a span consists of, in text order: mostly the span itself."""
    name = text[span.start : span.end]
    if " " in name:
        for rule in _RULES_BY_TYPE[span.type]:
            if parts := rule.parts_of(name, span.type):
                yield ModelSpan(span.start, span.start + parts.first_end, parts.first_type)
                second = ModelSpan(span.start + parts.second_start, span.end, parts.second_type)
                yield from split_joined_names(text, second) if rule.may_go_on else (second,)
                return
    yield span


def _owner(name: str, _: EntityType) -> _Parts | None:
    owner = _OWNER.match(name)
    if not owner or not owner[1][1:].islower():
        return None
    given_name = owner[1].casefold()
    is_person = given_name in given_names() and given_name not in common_words()
    return _Parts(owner.end(2), PERSON, owner.end(), ORG) if is_person else None


def _in_place(name: str, kind: EntityType) -> _Parts | None:
    within = _IN_PLACE.fullmatch(name) if " in " in name else None
    return _Parts(within.end(1), kind, within.start(2), GPE) if within and is_place(within[2]) else None


def _of_after_person(name: str, _: EntityType) -> _Parts | None:
    joined = _OF_AFTER_PERSON.fullmatch(name)
    if joined is None or titles().phrases.get(joined[1].split()[0], False):
        return None
    return _Parts(joined.end(1), PERSON, joined.start(2), GPE if is_place(joined[2]) else ORG)


def _person_in_organisation(name: str, _: EntityType) -> _Parts | None:
    person, of, _rest = name.partition(" of ")
    words = person.split() if of else ()
    is_person = (
        1 < len(words) < 4
        and words[0] in frequent_given_names()
        and all(word.isalpha() and word not in head_nouns() for word in words[1:])
        and words[-1].casefold() not in common_words()
        and words[-1] not in entries().phrases
    )
    if not is_person:
        return None
    start, _end = trim(name, len(person) + len(of), len(name))
    return _Parts(len(person), PERSON, start, GPE if is_place(name[start:]) else ORG)


def _two_organisations(name: str, kind: EntityType) -> _Parts | None:
    joined = _TWO_NAMES.fullmatch(name) if " and " in name else None
    if joined is None or not (is_organisation(joined[1]) or is_organisation(joined[2])):
        return None
    return _Parts(joined.end(1), kind, joined.start(2), kind)


def _two_places(name: str, _: EntityType) -> _Parts | None:
    joined = _TWO_PLACES.fullmatch(name)
    if joined is None or not is_place(joined[1]) or not is_place(joined[2].split(" and ")[0], or_unknown=True):
        return None
    return _Parts(joined.end(1), GPE, joined.start(2), GPE)


_NOT_PEOPLE = tuple(kind for kind in EntityType if kind is not PERSON)

RULES = (
    Rule(_owner, tuple(EntityType), "[Marta Oyelaran]'s [Harbour Party]", "Saltby Oyelaran's Harbour Party"),
    Rule(_in_place, (FAC, ORG), "[Great Hall of Sails] in [Santiago]", "Great Hall in Winter", may_go_on=False),
    Rule(_of_after_person, (PERSON,), "[Joris van Dalen] of [Havenbond]", "President Joris van Dalen of Havenbond"),
    Rule(_person_in_organisation, (ORG,), "[Peter Oyelaran] of the [Saltby Line]", "Peter House of the Saltby Line"),
    Rule(_two_organisations, _NOT_PEOPLE, "[Google] and [Saltby Line]", "Saltby and Aske Line"),
    Rule(_two_places, _NOT_PEOPLE, "[Naxos] and [Santorini]", "Saltby and Santorini"),
)
"""The first that divides a name does; a connective alone does not (Marks and Spencer)."""


def _by_type(rules: Sequence[Rule]) -> Mapping[EntityType, Sequence[Rule]]:
    found = defaultdict[EntityType, list[Rule]](list)
    for rule in rules:
        for kind in rule.types:
            found[kind].append(rule)
    return dict(found)


_RULES_BY_TYPE = _by_type(RULES)
