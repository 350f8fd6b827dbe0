"""Adds to a span the words of the name that a model missed: given names, surnames, acronyms, legal forms."""

from __future__ import annotations

import re

from schemas.records import EntityType
from workers.enrich.evidence import is_known_word, is_like_full_name
from workers.enrich.gazetteer import common_words, given_names, is_city
from workers.enrich.gazetteer import family_names as family_names_of_people
from workers.enrich.lexicon import class_nouns, entries, family_names, head_nouns
from workers.enrich.spans import ModelSpan
from workers.enrich.types import FAC, GPE, LOC, ORG, PERSON
from workers.vocabulary.letters import CAPITAL
from workers.vocabulary.months import MONTH_OR_DAY
from workers.vocabulary.particles import PARTICLE

_PLACES = frozenset({GPE, LOC, FAC})
_WORD = re.compile(r"\w+")
_CAPITALISED_BEFORE = re.compile(rf"(?<!\S)({CAPITAL}[a-zß-ÿ]{{1,20}}) $")
_NOUN_AND_ACRONYM_BEFORE = re.compile(r"(?<![\w-])([a-z-]+) ([A-Z]{2,6}) $")
_INITIALS_BEFORE = re.compile(r"(?<![\w.])((?:[A-Z]\.){2,4}) $")
"""Before the rest of a name: A.M.M. Nasir Uddin."""
_WITHIN_SENTENCE = re.compile(r"[a-z,] ")
_SURNAME = re.compile(r" ([A-ZÀ-ÖØ-Þ][\w-]+[a-zß-ÿ])(?!\w| [A-Z])")
_LEGAL_FORM = re.compile(r",? (?:Inc|Corp|Ltd|LLC|PLC|Plc|plc|AG|SE|SA|NV|Bhd)\b")
_COUNTRY = re.compile(
    r" ([A-Z][a-z]+(?: [A-Z][a-z]+)?)(?=['’]s\b|[.,;)\n]|$| (?:is|has|was|had|will|said|says|in|on|at|for|to|and)\b)"
)
_PLACE_GOES_ON = re.compile(
    rf" d['’]{CAPITAL}\w+| (?:d[ao]s?|del|della|du|de(?: l[ao]s?)?|nad|pod|sur|an der|am|upon) {CAPITAL}\w+"
)
_JUNIOR = re.compile(r" [JS]r$")
_LAST_PARTICLE = re.compile(rf" {PARTICLE}$")
_PARTICLES = re.compile(rf"(?: {PARTICLE}){{1,3}} {CAPITAL}\w+")
_SYLLABLE = re.compile(r" ?- ?[a-z]{2,6}\b")
_MORE_NAMES = re.compile(rf"(?: {CAPITAL}[a-zß-ÿ]+){{2}}(?![\w-]| {CAPITAL})")


def with_missed_words(text: str, span: ModelSpan) -> ModelSpan:
    """The span with the first words or the surname of a name of which a model found one word, and with its type."""
    start, end, kind = span
    if acronym := _acronym_before(text, start, end):
        start, kind = acronym, ORG
    if surname := _surname_after(text, start, end):
        end, kind = surname, PERSON
    if kind is PERSON:
        if _may_lack_given_name(text[start:end]):
            start = _given_name_before(text, start)
        if text.endswith(". ", 0, start):
            start = _initials_before(text, start)
    elif (kind is GPE or kind is ORG) and (unknown_word := _unknown_word_before(text, start, end)):
        start, kind = unknown_word, PERSON
    return ModelSpan(start, end, kind)


def extended_end(text: str, start: int, end: int, kind: EntityType) -> int:
    """Where the name in the span really ends: after a legal form, a country, a surname with particles or the like."""
    if kind is ORG:
        extension = _country_after(text, start, end) or _LEGAL_FORM.match(text, end)
    elif kind in _PLACES:
        extension = _PLACE_GOES_ON.match(text, end)
    elif kind is PERSON:
        if text.startswith(".", end) and _JUNIOR.search(text, max(start, end - 3), end):
            return end + 1
        extension = _rest_of_person(text, start, end)
    else:
        return end
    return extension.end() if extension else end


def capitalised_word_before(text: str, start: int) -> re.Match[str] | None:
    """The capitalised word right before a place in a text, as the first group."""
    return _CAPITALISED_BEFORE.search(text, max(0, start - 24), start)


def _acronym_before(text: str, start: int, end: int) -> int:
    """Where the name begins of which a model found only the word after its acronym (the union IF Metall); else 0."""
    if not text[start - 2 : start - 1].isupper() or " " in text[start:end]:
        return 0
    before = _NOUN_AND_ACRONYM_BEFORE.search(text, max(0, start - 30), start)
    return before.start(2) if before and class_nouns().get(before[1]) is ORG else 0


def _surname_after(text: str, start: int, end: int) -> int:
    """Where the full name ends of which a model found the given name only; 0 if that is not so."""
    name = text[start:end]
    if name.casefold() not in given_names() or name.casefold() in common_words() or is_city(name):
        return 0
    after = _SURNAME.match(text, end)
    is_name = after and after[1].casefold() not in common_words() and after[1] not in entries().phrases
    return after.end() if after and is_name else 0


def _may_lack_given_name(name: str) -> bool:
    first, _, second = name.partition(" ")
    return not second or (
        " " not in second and first.casefold() not in common_words() and second.casefold() not in common_words()
    )


def _given_name_before(text: str, start: int) -> int:
    """Where the full name begins of which a model found the surname only (murdering Amrit Kaur)."""
    before = capitalised_word_before(text, start)
    if before is None or not text[start].isupper():
        return start
    word, first = before[1], before.start(1)
    if is_known_word(word) or MONTH_OR_DAY.match(word):
        return start
    if _WITHIN_SENTENCE.fullmatch(text, first - 2, first) or word.casefold() in given_names():
        return first
    surname = _WORD.match(text, start)
    is_plural = word.endswith("s") and word[:-1].casefold() in class_nouns()  # Drugmakers Pfizer and Moderna
    return first if surname and surname.group().casefold() in family_names_of_people() and not is_plural else start


def _initials_before(text: str, start: int) -> int:
    """Where the name begins with the initials before it, if these are no country's (the U.S.)."""
    initials = _INITIALS_BEFORE.search(text, max(0, start - 12), start)
    return initials.start(1) if initials and initials[1] not in entries().phrases else start


def _unknown_word_before(text: str, start: int, end: int) -> int:
    """Where a full name begins of which a model found the second word only, as no list knows it; else 0."""
    if text[start - 1 : start] != " " or not text[start - 2 : start - 1].isalpha() or " " in text[start:end]:
        return 0
    if not text[text.rfind(" ", max(0, start - 24), start - 1) + 1].isupper():
        return 0
    before = capitalised_word_before(text, start)
    if before is None or MONTH_OR_DAY.match(before[1]):
        return 0
    return before.start(1) if is_like_full_name(text[before.start(1) : end]) else 0


def _country_after(text: str, start: int, end: int) -> re.Match[str] | None:
    """The country at the end of the name of an organisation there: Halden Random House India."""
    name = text[start:end]
    if " " not in name or name in entries().phrases or head_nouns().get(name.rpartition(" ")[2]) not in (None, ORG):
        return None
    country = _COUNTRY.match(text, end)
    entry = entries().phrases.get(country[1]) if country else None
    return country if entry and entry.key.startswith("country:") else None


def _rest_of_person(text: str, start: int, end: int) -> re.Match[str] | None:
    """The rest of a person's name: a surname with particles, a hyphenated syllable, or two more words."""
    name = text[start:end]
    rest = _PARTICLES.match(text, text.rfind(" ", start, end) if _LAST_PARTICLE.search(name) else end)
    if not rest and name.split()[0] in family_names():
        rest = _SYLLABLE.match(text, end)
    if not rest and " " not in name and name.casefold() not in common_words():
        rest = _more_names(text, end)
    return rest


def _more_names(text: str, start: int) -> re.Match[str] | None:
    """The rest of a name of which a model found the first word only: Purbaya Yudhi Sadewa."""
    more = _MORE_NAMES.match(text, start)
    is_name = more and not any(
        word.casefold() in common_words() or word in entries().phrases or word in head_nouns() or is_city(word)
        for word in more.group().split()
    )
    return more if is_name else None
