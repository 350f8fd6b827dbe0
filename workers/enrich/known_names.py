"""Finds names that the reference lists know: full names of people, towns and companies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from schemas.records import EntityType
from workers.enrich.evidence import LARGE_CITY, MAX_PERSON_WORDS, SENTENCE_START
from workers.enrich.gazetteer import (
    cities,
    common_words,
    companies,
    family_names,
    given_names,
    is_city,
    is_word_or_persons_name,
    politicians,
)
from workers.enrich.lexicon import entries, first_words, has_other_meaning, head_nouns, not_names, titles
from workers.enrich.lexicon import given_names as frequent_given_names
from workers.enrich.spans import MAX_NAME_CHARS, POST_NOMINALS, NamedSpan
from workers.enrich.types import BY_LEXICON, BY_RULE, GPE, ORG, PERSON
from workers.vocabulary.letters import CAPITAL
from workers.vocabulary.particles import PARTICLE, PARTICLES

_REST = r"[\w'’]*(?:-[\w'’]+)*"
_RUN = re.compile(
    rf"{CAPITAL}(?<![\w@#$./].){_REST}(?:(?:(?<=\b{CAPITAL})\. ?| )(?:{PARTICLE} ){{0,3}}{CAPITAL}{_REST})*"
)
"""Capitalised words. What stands before is checked after the first letter, so that a search skips to capitals."""
_TOKEN = re.compile(r"[\w'’-]+")
_PERSON_AFTER = re.compile(
    r",? \(?[1-9]\d\)?[,.) ]|,? who\b"
    r"|,? (?:said|says|told|added|wrote|asked|argued|explained|tweeted|replied|testified|died|married|posted|scored"
    r"|pleaded|resigned|retired|accused|interviewed|thanked|apologi[sz]ed|starred|coaches|dissented|knocked)\b"
    r"| (?:was|were|is|has been) (?:arrested|charged|accused|sentenced|jailed|convicted|acquitted|born|elected|sworn)\b"
)
_MAX_COMPANY_WORDS = 4
_POSSESSIVE = re.compile(r"['’]s$|(?<=s)['’]$")
_DAY = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day")
_SHARES_BEFORE = re.compile(r"\b(?:[Ss]hares|[Ss]tock|[Ii]nvestors|[Ss]hareholders) (?:in|of) $")
_SHARES_AFTER = re.compile(
    r"(?:['’]s)? (?:shares|shareholders|chief executive|CEO|chief financial officer)\b"
    r"| (?:has |had )?(?:reported|posted) (?:an? |its )?(?:\w+ )?(?:profits?|loss|losses|earnings|revenues?|sales)\b"
)
_COMPANY_BEFORE = re.compile(r"(?<![\w-])(\w+(?: \w+)?)(?:,|,? and) $")
_COMPANY_AFTER = re.compile(r"(?:,|,? and) (\w+(?: \w+)?)(?![\w-])")


class KnownNames(NamedTuple):
    """The names found in a text. The ``sure`` ones count even where the lexicon knows a part of them as a place."""

    sure: list[NamedSpan]
    others: list[NamedSpan]


def without_people(names: KnownNames) -> KnownNames:
    """The names that are not people's."""
    return KnownNames(*([span for span in own if span.type is not PERSON] for own in names))


class _Word(NamedTuple):
    start: int
    end: int
    text: str

    @property
    def key(self) -> str:
        return self.text.casefold()


def find_known_names(text: str) -> KnownNames:
    """The names of the reference lists in a text, in text order."""
    found = KnownNames([], [])
    for match in _RUN.finditer(text):
        if " " not in (name := match.group()):
            start, end = match.span()
            without_possessive = end - 2 * name.endswith(("'s", "’s"))
            if _is_traded(text, start, without_possessive):
                found.sure.append(NamedSpan(start, without_possessive, ORG, BY_RULE))
            elif len(name) <= MAX_NAME_CHARS and (kind := _type_alone(name)):
                found.others.append(NamedSpan(start, end, kind, BY_LEXICON))
            continue
        words = [_Word(*word.span(), word.group()) for word in _TOKEN.finditer(text, *match.span())]
        while words and words[-1].text in POST_NOMINALS:
            words.pop()
        words = _without_first_word_of_sentence(text, words) if words else words
        if not words:
            continue
        has_people = False
        for part in _between_possessives(words) if "'" in name or "’" in name else (words,):
            if politician := _politician(text, part):
                found.sure.append(politician)
                has_people = True
            elif person := _person(text, part):
                span, is_sure = person
                (found.sure if is_sure else found.others).append(span)
                has_people = True
        if not has_people and (town := _town(words)):
            (found.sure if len(words) > 1 else found.others).append(town)
        found.others.extend(_companies(words))
    return found


def _between_possessives(words: Sequence[_Word]) -> Iterator[Sequence[_Word]]:
    """The words, parted after each possessive and without its sign (Marta Oyelaran's Harbour Party)."""
    first = 0
    for i, word in enumerate(words, 1):
        bare = _without_possessive(word)
        if bare is not word or i == len(words):
            yield [*words[first : i - 1], bare]
            first = i


def _without_first_word_of_sentence(text: str, words: list[_Word]) -> list[_Word]:
    """The words without one that is capitalised only because it begins a sentence (When Marta Oyelaran)."""
    first = words[0]
    is_namesake = len(words) == 2 and first.key in given_names() and is_city(first.text)  # Savannah Guthrie
    may_be_word = first.key in common_words() and first.text not in frequent_given_names() and not is_namesake
    begins = may_be_word and SENTENCE_START.search(text, max(0, first.start - 3), first.start)
    return words[1:] if begins else words


def _without_possessive(word: _Word) -> _Word:
    """The word without what makes it a possessive: Trump of Trump's, Williams of Williams'."""
    match = _POSSESSIVE.search(word.text) if "'" in word.text or "’" in word.text else None
    return _Word(word.start, word.start + match.start(), word.text[: match.start()]) if match else word


def _politician(text: str, words: Sequence[_Word]) -> NamedSpan | None:
    """The full name of a politician at the end of the words, unless it seems to have begun earlier."""
    last = words[-1]
    if last.text in head_nouns():
        return None
    for i in range(max(0, len(words) - MAX_PERSON_WORDS - 2), len(words) - 1):
        name = text[words[i].start : last.end]
        if len(name) <= MAX_NAME_CHARS and politicians(name):
            before = words[i - 1] if i else None
            is_whole = before is None or before.text in titles().phrases or _is_no_part_of_name(before)
            is_other = name in entries().phrases or name in companies() or is_city(name)
            return NamedSpan(words[i].start, last.end, PERSON, BY_RULE) if is_whole and not is_other else None
    return None


def _is_no_part_of_name(word: _Word) -> bool:
    """Whether a capitalised word before a full name does not belong to it: Attorney General, MK."""
    return word.key not in given_names() and (word.key in common_words() or word.text.isupper())


def _person(text: str, words: Sequence[_Word]) -> tuple[NamedSpan, bool] | None:
    """The full name at the end of the words, after titles and peoples; and whether it is surely a person's."""
    first = _after_titles(words)
    name = words[first:]
    if not 2 <= len(name) <= MAX_PERSON_WORDS + 2 or len([w for w in name if not w.text.islower()]) > MAX_PERSON_WORDS:
        return None
    if name[0].text in first_words() and name[1].text.islower():  # Serra da Estrela
        return None
    start, end = name[0].start, name[-1].end
    if name[-1].text in ("Jr", "Sr") and text.startswith(".", end):
        end += 1
    surface = text[start:end]
    given = name[0].text.split("-")[0].casefold()
    is_frequent = name[0].text in frequent_given_names()
    if given not in given_names() or given in PARTICLES:
        return None
    if any(word.text in head_nouns() or word.text in not_names() for word in name[1:]):
        return None
    if _DAY.fullmatch(name[-1].text):  # Easter Sunday
        return None
    last = name[-1]
    known = entries().phrases
    if surface in known or surface in companies() or (cities(surface) and not is_frequent):
        return None
    is_place = name[0].text in known or bool(cities(name[0].text))
    if given in common_words() and not is_frequent and not is_place:
        return None
    if last.text in known and known[last.text].key.startswith(("people:", "organisation:")):
        return None
    is_family = last.text.split("-")[-1].casefold() in family_names()
    context = (first > 0 and words[first - 1].text in titles().phrases) or _PERSON_AFTER.match(text, end) is not None
    if is_family and not context:
        context = text.startswith(("'s ", "’s "), end) or text.count(last.text) > text.count(
            surface
        )  # the surname recurs alone
    is_word = last.key in common_words()
    is_sure = context if is_word and not is_frequent else context or is_family
    if (is_place or is_word or given in common_words()) and not is_sure:
        return None
    return NamedSpan(start, end, PERSON, BY_RULE), is_sure


def _after_titles(words: Sequence[_Word]) -> int:
    """The number of words at the beginning that are titles, peoples or countries (Finnish President ...)."""
    first = 0
    known = entries().phrases
    for i, word in enumerate(words[:-1]):
        entry = known.get(word.text)
        is_people = entry is not None and entry.key.startswith("people:")
        if is_people or word.text in titles().phrases:
            first = i + 1
    return first


@lru_cache(maxsize=20_000)
def _type_alone(name: str) -> EntityType | None:
    """The type of a word that is a large town or a company and hardly anything else; None of others."""
    towns = cities(name)
    if not (towns or name in companies()) or is_word_or_persons_name(name):
        return None
    if not towns:
        return ORG
    return GPE if towns[0].population >= LARGE_CITY else None


def _is_traded(text: str, start: int, end: int) -> bool:
    """Whether the text shows that a word is a company's name: by shares, results, or a company beside it."""
    name = text[start:end]
    if not name[1:].islower() or name.casefold() not in common_words() or name in entries().phrases:
        return False
    if text.endswith((" in ", " of "), 0, start) and _SHARES_BEFORE.search(text, max(0, start - 25), start):
        return True
    is_company = name in companies()
    if _SHARES_AFTER.match(text, end):
        begins = SENTENCE_START.search(text, max(0, start - 3), start) is not None  # Its shares
        return is_company or not begins
    if not is_company:
        return False
    before, after = _COMPANY_BEFORE.search(text, max(0, start - 40), start), _COMPANY_AFTER.match(text, end)
    return any(
        (entry := entries().phrases.get(part)) is not None and entry.type is ORG
        for beside in (before, after)
        if beside
        for part in (beside[1], beside[1].split(" ")[0], beside[1].split(" ")[-1])
    )


def _town(words: Sequence[_Word]) -> NamedSpan | None:
    """The words as a town, if they are hardly anything else."""
    name = " ".join(word.text for word in words)
    if not is_city(name) or name in entries().phrases or (len(words) == 1 and is_word_or_persons_name(name)):
        return None
    if cities(name)[0].population < LARGE_CITY or name.casefold() in common_words():
        return None
    return NamedSpan(words[0].start, words[-1].end, GPE, BY_LEXICON)


@cache
def _first_words_of_companies() -> frozenset[str]:
    return frozenset(name.split(" ")[0] for name in companies())


def _companies(words: Sequence[_Word]) -> Iterator[NamedSpan]:
    """The companies among the words, without those whose name is also another word or a person's."""
    i = 0
    while i < len(words):
        if words[i].text not in _first_words_of_companies():
            i += 1
            continue
        for n in range(min(_MAX_COMPANY_WORDS, len(words) - i), 0, -1):
            name = " ".join(word.text for word in words[i : i + n])
            if name not in companies():
                continue
            if n == 1 and has_other_meaning(name):
                continue
            yield NamedSpan(words[i].start, words[i + n - 1].end, ORG, BY_LEXICON)
            i += n - 1
            break
        i += 1
