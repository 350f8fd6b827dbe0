"""Removes from a span what a model labelled together with a name: titles, other words and neighbouring names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemas.records import EntityType
from workers.enrich.evidence import SENTENCE_START
from workers.enrich.gazetteer import common_words, given_names
from workers.enrich.lexicon import LexiconMatch, class_nouns, entries, head_nouns, titles
from workers.enrich.spans import ModelSpan, trim
from workers.enrich.titles import skip_titles
from workers.enrich.types import GPE, LOC, ORG, PERSON, PRODUCT
from workers.vocabulary.letters import CAPITAL
from workers.vocabulary.particles import PARTICLE

_PROPER = frozenset({PERSON, ORG, GPE, LOC})
_LETTER_OF_SENTENCE_BEFORE = re.compile(r"[A-Z]\. (?=[A-Z])")
_LETTER_NAME_BEFORE = re.compile(r"\b(?:on|to|via|platform|called|Group|Plan|Class|Type|Section|hepatitis|vitamin) $")
_LOWERCASE_WORD = re.compile(rf"(?!{PARTICLE} )([a-z]+) ")
_LAST_LOWERCASE_WORD = re.compile(r" ([a-z]{3,})$")
_ROLE_BEFORE_NAME = re.compile(r"([A-Z][a-z]+) (\w+) \w")
_ACRONYM_AND_ROLE = re.compile(r"([A-Z]{2,6}) ([A-Z][a-z]+)")
_NOUN_BEFORE_NAME = re.compile(rf"([A-Z][a-z-]+) (?={CAPITAL})")
_BESIDE_NAMES = frozenset(("rival", "rivals", "former", "fellow", "parent", "neighbouring", "neighboring"))
"""Words before the name of somebody or something that the article knows."""
_SEPARATOR = re.compile(r"\s?['’]\s?s\s+|,\s*")


def without_surplus_words(text: str, span: ModelSpan, lexicon_matches: Sequence[LexiconMatch]) -> ModelSpan:
    """The span without what stands beside the name: other words, titles and lexicon names."""
    start, end, kind = _without_words_before(text, span)
    if (office := _ACRONYM_AND_ROLE.fullmatch(text, start, end)) and _is_role(office[2]):
        return ModelSpan(start, office.end(1), ORG)
    after_titles = skip_titles(text, start, end, only_people=kind is not PERSON)
    if after_titles > start:
        start, kind = after_titles, PERSON
    for match in lexicon_matches:
        if kind is PERSON and _is_organisations_branch(text, start, end, match):
            return ModelSpan(start, end, ORG)
        start, end = _without_lexicon_name(text, start, end, kind, match)
    if kind in _PROPER:
        while (word := _LAST_LOWERCASE_WORD.search(text, start, end)) and word[1] in common_words():
            end = word.start()
    return ModelSpan(start, end, kind)


def _without_words_before(text: str, span: ModelSpan) -> ModelSpan:
    """The span without the words before the name that are neither titles nor names."""
    start, end, kind = span
    if after_noun := _after_noun(text, start, end):
        start, kind = after_noun
    if (letter := _LETTER_OF_SENTENCE_BEFORE.match(text, start, end)) and _LETTER_NAME_BEFORE.search(
        text, max(0, start - 12), start
    ):
        start = letter.end()
    while (word := _LOWERCASE_WORD.match(text, start, end)) and word[1] in common_words():
        start = word.end()
    role = _ROLE_BEFORE_NAME.match(text, start, end) if kind is PERSON else None
    if role and class_nouns().get(role[1].lower()) is kind and role[2].casefold() in given_names():
        start = role.start(2)
    return ModelSpan(start, end, kind)


def _after_noun(text: str, start: int, end: int) -> tuple[int, EntityType] | None:
    """Where the name begins after a noun that is capitalised because it begins a sentence, and the name's type.

    Only where the rest is known as a name: by the lexicon, or because it occurs without the noun (Carmaker Halden).
    """
    match = _NOUN_BEFORE_NAME.match(text, start, end)
    if not match or not SENTENCE_START.search(text, max(0, start - 3), start):
        return None
    noun, name = match[1].lower(), text[match.end() : end]
    kind = class_nouns().get(noun.removesuffix("s"))
    if kind is None and noun not in _BESIDE_NAMES:
        return None
    entry = entries().phrases.get(name)
    if entry is not None and (kind is None or kind is entry.type):
        return match.end(), entry.type
    is_known = noun.endswith("maker") or kind is PRODUCT or text.count(name) > text.count(text[start:end])
    return (match.end(), kind) if kind is not None and kind is not PERSON and is_known else None


def _is_role(word: str) -> bool:
    return word in titles().phrases or head_nouns().get(word, ORG) is None


def _is_organisations_branch(text: str, start: int, end: int, match: LexiconMatch) -> bool:
    """Whether the span is an organisation's name and words for a part of it (Google Cloud)."""
    match_start, match_end, entry = match
    if match_start != start or match_end >= end or entry.type is not ORG or _SEPARATOR.match(text, match_end, end):
        return False
    rest = text[match_end:end]
    return rest.startswith(" ") and all(
        word.casefold() in common_words()
        and word not in titles().phrases
        and head_nouns().get(word, ORG) is not None
        and class_nouns().get(word.lower()) is not PERSON
        for word in rest.split()
    )


def _without_lexicon_name(text: str, start: int, end: int, kind: EntityType, match: LexiconMatch) -> tuple[int, int]:
    """The span without the lexicon's name, if that stands at its start or end but is no part of the name.

    One at the start is none if a possessive or a comma separates it from the rest, or if the rest is a person.
    """
    match_start, match_end, _ = match
    if match_start == start and match_end < end:
        separator = _SEPARATOR.match(text, match_end, end)
        if separator or (kind is PERSON and not _is_given_name(text, start, match_end, end)):
            start, end = trim(text, separator.end() if separator else match_end, end)
            start = skip_titles(text, start, end, only_people=kind is not PERSON)
    elif start < match_start and match_end == end and text.endswith(", ", start, match_start):
        start, end = trim(text, start, match_start)
    return start, end


def _is_given_name(text: str, start: int, after_place: int, end: int) -> bool:
    """Whether the place at the beginning of a person's name is a given name there (Jordan Hill)."""
    rest = text[after_place:end].split()
    is_word = len(rest) == 1 and (rest[0] in head_nouns() or rest[0] in titles().phrases)
    return text[start:after_place].casefold() in given_names() and len(rest) == 1 and not is_word
