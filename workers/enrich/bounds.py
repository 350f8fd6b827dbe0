"""Corrects where the names that a model found begin and end, by titles, particles, connectives and the lexicon."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from schemas.records import EntityType
from workers.enrich.evidence import SENTENCE_START, is_known_word, is_like_full_name
from workers.enrich.gazetteer import common_words, given_names, is_city
from workers.enrich.gazetteer import family_names as family_names_of_people
from workers.enrich.lexicon import (
    LexiconMatch,
    TokenizedText,
    class_nouns,
    entries,
    family_names,
    head_nouns,
    portfolios,
    titles,
)
from workers.enrich.lexicon import given_names as frequent_given_names
from workers.enrich.spans import ModelSpan, trim
from workers.enrich.types import FAC, GPE, LOC, ORG, PERSON, PRODUCT
from workers.vocabulary.months import MONTH_OR_DAY
from workers.vocabulary.particles import PARTICLE

_PROPER = frozenset({PERSON, ORG, GPE, LOC})
_PLACES = frozenset({GPE, LOC, FAC})
_LETTER_OF_SENTENCE_BEFORE = re.compile(r"[A-Z]\. (?=[A-Z])")
_LETTER_NAME_BEFORE = re.compile(r"\b(?:on|to|via|platform|called|Group|Plan|Class|Type|Section|hepatitis|vitamin) $")
_LAST_LOWERCASE_WORD = re.compile(r" ([a-z]{3,})$")
_LOWERCASE_WORD = re.compile(rf"(?!{PARTICLE} )([a-z]+) ")
_ROLE_BEFORE_NAME = re.compile(r"([A-Z][a-z]+) (\w+) \w")
_ACRONYM_AND_ROLE = re.compile(r"([A-Z]{2,6}) ([A-Z][a-z]+)")
_OFFICES_OF_PORTFOLIOS = (" Minister", " Secretary")
_MAX_TITLE_CHARS = 200
"""Where a title ends at the latest. The words of a whole span, which may be long, would be found again for each."""
_JUNIOR = re.compile(r" [JS]r$")
_WORD = re.compile(r"\w+")
_SYLLABLE = re.compile(r" ?- ?[a-z]{2,6}\b")
_OF_AFTER_PERSON = re.compile(r"(\S+ (?:.+ )?\S+) (?:of|from|at|for) (?:the )?([^\W\d_a-zß-öø-ÿ].*)")
_PROPER_OR_SITE = _PROPER | {FAC}
_DAY_AT_END = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day$")
_OWNER = re.compile(r"([A-Z][\w-]+) (?:[A-Z][\w.-]* )?([A-Z][\w-]+)['’]s (?=[A-Z])")
"""The full name of whom something belongs to: Marta Oyelaran's Harbour Party."""
_SITED = frozenset({FAC, ORG})
_IN_PLACE = re.compile(r"(.*\S) in ([^\W\d_a-zß-öø-ÿ][\w' -]*)")
_TWO_PLACES = re.compile(r"([^\W\d_a-zß-öø-ÿ][\w' -]*?) (?:and|for|to|or) (?:the )?([^\W\d_a-zß-öø-ÿ][\w' -]*)")
_TWO_NAMES = re.compile(r"([^\W\d_a-zß-öø-ÿ][\w'&. -]*?) and (?:the )?([^\W\d_a-zß-öø-ÿ][\w'&. -]*)")
_PLURALS = frozenset(
    ("Affairs", "Studies", "Sciences", "Islands", "Railways", "Airlines", "Territories", "Provinces", "Mountains")
)
_SURNAME = re.compile(r" ([A-ZÀ-ÖØ-Þ][\w-]+[a-zß-ÿ])(?!\w| [A-Z])")
_PARTICLES = re.compile(rf"(?: {PARTICLE}){{1,3}} [^\W\d_a-zß-öø-ÿ]\w+")
_COUNTRY_AFTER = re.compile(
    r" ([A-Z][a-z]+(?: [A-Z][a-z]+)?)(?=['’]s\b|[.,;)\n]|$| (?:is|has|was|had|will|said|says|in|on|at|for|to|and)\b)"
)
_PLACE_GOES_ON = re.compile(
    r" d['’][^\W\d_a-zß-öø-ÿ]\w+"
    r"| (?:d[ao]s?|del|della|du|de(?: l[ao]s?)?|nad|pod|sur|an der|am|upon) [^\W\d_a-zß-öø-ÿ]\w+"
)
_MORE_NAMES = re.compile(r"(?: [^\W\d_a-zß-öø-ÿ][a-zß-ÿ]+){2}(?![\w-]| [^\W\d_a-zß-öø-ÿ])")
_TRAILING_PARTICLE = re.compile(rf" {PARTICLE}$")
_CAPITALISED_BEFORE = re.compile(r"(?<!\S)([^\W\d_a-zß-öø-ÿ][a-zß-ÿ]{1,20}) $")
_NOUN_AND_ACRONYM_BEFORE = re.compile(r"(?<![\w-])([a-z-]+) ([A-Z]{2,6}) $")
_INITIALS_BEFORE = re.compile(r"(?<![\w.])((?:[A-Z]\.){2,4}) $")
"""Before the rest of a name: A.M.M. Nasir Uddin."""
_LABEL = re.compile(r"([A-Z][a-z-]+) (?=[^\W\d_a-zß-öø-ÿ])")
_BESIDE_NAMES = frozenset(("rival", "rivals", "former", "fellow", "parent", "neighbouring", "neighboring"))
"""Words before the name of somebody or something that the article knows."""
_GOES_ON = re.compile(r"[a-z,] ")
_PARTICLE_FIRST = re.compile(rf"(?:{PARTICLE} ){{1,3}}[^\W\d_a-zß-öø-ÿ]")
_LEGAL_FORM = re.compile(r",? (?:Inc|Corp|Ltd|LLC|PLC|Plc|plc|AG|SE|SA|NV|Bhd)\b")
_OFFICE = re.compile(
    r"""
    (?: \w+[ ] )?
    (?:
        Minister
      | Secretary
      | Head
      | Director
      | President
      | Chair
      | Speaker
      | Governor
      | Commissioner
      | Chief
    )
    [ ](?: of | for )\b
    """,
    re.VERBOSE,
)
_SEPARATOR = re.compile(r"\s?['’]\s?s\s+|,\s*")


def split_at_connectives(text: str, span: ModelSpan) -> Iterator[ModelSpan]:
    """The parts of a span that a connective joins but does not make one name.

    These are a person and what follows "of" (Joris van Dalen of Havenbond), two places (Naxos and Santorini), two
    organisations of which the lexicon has one (Vueling and Volotea), and a building or an organisation and its place
    (Great Hall of the People in Beijing).
    """
    name = text[span.start : span.end]
    if " " not in name:
        yield span
        return
    if (
        (owner := _OWNER.match(name))
        and owner[1][1:].islower()
        and owner[1].casefold() in given_names()
        and owner[1].casefold() not in common_words()
    ):
        yield ModelSpan(span.start, span.start + owner.end(2), PERSON)
        yield from split_at_connectives(text, ModelSpan(span.start + owner.end(), span.end, ORG))
        return
    if " in " in name and span.type in _SITED and (within := _IN_PLACE.fullmatch(name)) and is_place(within[2]):
        yield ModelSpan(span.start, span.start + within.end(1), span.type)
        yield ModelSpan(span.start + within.start(2), span.end, GPE)
        return
    if span.type is PERSON:
        joined = _OF_AFTER_PERSON.fullmatch(name)
        is_joined = joined is not None and not titles().phrases.get(joined[1].split()[0], False)
    elif span.type is ORG and (person := _person_of(name)):
        yield ModelSpan(span.start, span.start + len(person), PERSON)
        start, _ = trim(text, span.start + len(person) + len(" of "), span.end)
        kind = GPE if is_place(text[start : span.end]) else ORG
        yield from split_at_connectives(text, ModelSpan(start, span.end, kind))
        return
    else:
        joined = _TWO_NAMES.fullmatch(name) if " and " in name else None
        if joined and (_is_organisation(joined[1]) or _is_organisation(joined[2])):
            yield ModelSpan(span.start, span.start + joined.end(1), span.type)
            yield from split_at_connectives(text, ModelSpan(span.start + joined.start(2), span.end, span.type))
            return
        joined = _TWO_PLACES.fullmatch(name)
        is_joined = (
            joined is not None and is_place(joined[1]) and is_place(joined[2].split(" and ")[0], or_unknown=True)
        )
    if joined is None or not is_joined:
        yield span
        return
    is_person = span.type is PERSON
    yield ModelSpan(span.start, span.start + joined.end(1), span.type if is_person else GPE)
    kind = ORG if is_person and not is_place(joined[2]) else GPE
    yield from split_at_connectives(text, ModelSpan(span.start + joined.start(2), span.end, kind))


def _person_of(name: str) -> str:
    """The person at the beginning of an organisation's name (Marta Oyelaran of Harbour House); else nothing."""
    person, of, _ = name.partition(" of ")
    words = person.split() if of else ()
    is_person = (
        1 < len(words) < 4
        and words[0] in frequent_given_names()
        and all(word.isalpha() and word not in head_nouns() for word in words[1:])
        and words[-1].casefold() not in common_words()
        and words[-1] not in entries().phrases
    )
    return person if is_person else ""


def _is_organisation(name: str) -> bool:
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


def correct_bounds(text: str, span: ModelSpan, lexicon_matches: Sequence[LexiconMatch]) -> ModelSpan | None:
    """The model's span without titles and neighbouring lexicon names, and with what it missed at the end.

    A lexicon name at the start is removed if a possessive or a comma separates it from the rest, or if the rest is a
    person. A legal form, the rest of a surname with particles or a hyphenated syllable at the end is added.
    None if no name is left.
    """
    start, end, kind = span
    if not text[start:end].isalpha():  # half of all are one word
        start, end, kind = _without_neighbours(text, span, lexicon_matches)
        if not any(map(str.isalnum, text[start:end])):  # of "sturdy quad - core" the hyphen
            return None
    if acronym := _acronym_before(text, start, end):
        start, kind = acronym, ORG
    if surname := _surname_after(text, start, end):
        end, kind = surname, PERSON
    if kind is PERSON and _may_lack_given_name(text[start:end]):
        start = _given_name_before(text, start)
    if (
        kind is PERSON
        and text.endswith(". ", 0, start)
        and (initials := _INITIALS_BEFORE.search(text, max(0, start - 12), start))
    ):
        start = start if initials[1] in entries().phrases else initials.start(1)
    if (kind is GPE or kind is ORG) and (given_name := _unknown_word_before(text, start, end)):
        start, kind = given_name, PERSON
    if kind in _PROPER_OR_SITE and _ends_with_day(text, start, end):
        return None
    if kind is PERSON and _follows_organisation(text, start, end):
        return None
    is_portfolio = text.startswith(_OFFICES_OF_PORTFOLIOS, end) and text[start:end] in portfolios()  # Labour Minister
    if start >= end or is_portfolio or _OFFICE.match(text, start, end):
        return None
    if kind is ORG and (country := _country_after(text, start, end)):
        return ModelSpan(start, country, kind)
    return ModelSpan(start, _extended_end(text, start, end, kind), kind)


def _without_neighbours(text: str, span: ModelSpan, lexicon_matches: Sequence[LexiconMatch]) -> ModelSpan:
    """The span without what stands beside the name: other words, titles and lexicon names."""
    start, end, kind = span
    if label := _label(text, start, end):
        start, kind = label
    if (letter := _LETTER_OF_SENTENCE_BEFORE.match(text, start, end)) and _LETTER_NAME_BEFORE.search(
        text, max(0, start - 12), start
    ):
        start = letter.end()
    while (word := _LOWERCASE_WORD.match(text, start, end)) and word[1] in common_words():
        start = word.end()
    role = _ROLE_BEFORE_NAME.match(text, start, end) if kind is PERSON else None
    if role and class_nouns().get(role[1].lower()) is kind and role[2].casefold() in given_names():
        start = role.start(2)
    if (office := _ACRONYM_AND_ROLE.fullmatch(text, start, end)) and _is_role(office[2]):
        return ModelSpan(start, office.end(1), ORG)
    after_titles = skip_titles(text, start, end, only_people=kind is not PERSON)
    if after_titles > start:
        start, kind = after_titles, PERSON
    for match_start, match_end, entry in lexicon_matches:
        if match_start == start and match_end < end:
            separator = _SEPARATOR.match(text, match_end, end)
            if not separator and kind is PERSON and entry.type is ORG and _is_branch(text[match_end:end]):
                return ModelSpan(start, end, ORG)
            if separator or (kind is PERSON and not _is_given_name(text, start, match_end, end)):
                start, end = trim(text, separator.end() if separator else match_end, end)
                start = skip_titles(text, start, end, only_people=kind is not PERSON)
        elif start < match_start and match_end == end and text.endswith(", ", start, match_start):
            start, end = trim(text, start, match_start)
    if kind in _PROPER:
        while (word := _LAST_LOWERCASE_WORD.search(text, start, end)) and word[1] in common_words():
            end = word.start()
    return ModelSpan(start, end, kind)


def _is_branch(rest: str) -> bool:
    """Whether the words after an organisation's name are words for a part of it (Google Cloud)."""
    words = rest.split()
    return rest.startswith(" ") and all(
        word.casefold() in common_words()
        and word not in titles().phrases
        and head_nouns().get(word, ORG) is not None
        and class_nouns().get(word.lower()) is not PERSON
        for word in words
    )


def _label(text: str, start: int, end: int) -> tuple[int, EntityType] | None:
    """Where the name begins after a noun that is capitalised because it begins a sentence, and the name's type.

    Only where the rest is known as a name: by the lexicon, or because it occurs without the noun (Carmaker Halden).
    """
    match = _LABEL.match(text, start, end)
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


def _unknown_word_before(text: str, start: int, end: int) -> int:
    """Where a full name begins of which a model found the second word only, as no list knows it; else 0."""
    if text[start - 1 : start] != " " or not text[start - 2 : start - 1].isalpha() or " " in text[start:end]:
        return 0
    if not text[text.rfind(" ", max(0, start - 24), start - 1) + 1].isupper():
        return 0
    before = _CAPITALISED_BEFORE.search(text, max(0, start - 24), start)
    if before is None or MONTH_OR_DAY.match(before[1]):
        return 0
    return before.start(1) if is_like_full_name(text[before.start(1) : end]) else 0


def _ends_with_day(text: str, start: int, end: int) -> bool:
    """Whether a span is a day (Easter Sunday)."""
    return text.endswith("day", start, end) and _DAY_AT_END.search(text, start, end) is not None


def _follows_organisation(text: str, start: int, end: int) -> bool:
    """Whether a span is a word right after an organisation's name: a part of that, but nobody (Google Cloud)."""
    if text[start:end].casefold() not in common_words():
        return False
    before = _CAPITALISED_BEFORE.search(text, max(0, start - 24), start)
    return before is not None and _is_organisation(before[1])


def _may_lack_given_name(name: str) -> bool:
    first, _, second = name.partition(" ")
    return not second or (
        " " not in second and first.casefold() not in common_words() and second.casefold() not in common_words()
    )


def _given_name_before(text: str, start: int) -> int:
    """Where the full name begins of which a model found the surname only (murdering Amrit Kaur)."""
    before = _CAPITALISED_BEFORE.search(text, max(0, start - 24), start)
    if before is None or not text[start].isupper():
        return start
    word, first = before[1], before.start(1)
    if is_known_word(word) or MONTH_OR_DAY.match(word):
        return start
    if _GOES_ON.fullmatch(text, first - 2, first) or word.casefold() in given_names():
        return first
    surname = _WORD.match(text, start)
    is_plural = word.endswith("s") and word[:-1].casefold() in class_nouns()  # Drugmakers Pfizer and Moderna
    return first if surname and surname.group().casefold() in family_names_of_people() and not is_plural else start


def _surname_after(text: str, start: int, end: int) -> int:
    """Where the full name ends of which a model found the given name only; 0 if that is not so."""
    name = text[start:end]
    if name.casefold() not in given_names() or name.casefold() in common_words() or is_city(name):
        return 0
    after = _SURNAME.match(text, end)
    is_name = after and after[1].casefold() not in common_words() and after[1] not in entries().phrases
    return after.end() if after and is_name else 0


def _acronym_before(text: str, start: int, end: int) -> int:
    """Where the name begins of which a model found only the word after its acronym (the union IF Metall); else 0."""
    if not text[start - 2 : start - 1].isupper() or " " in text[start:end]:
        return 0
    before = _NOUN_AND_ACRONYM_BEFORE.search(text, max(0, start - 30), start)
    return before.start(2) if before and class_nouns().get(before[1]) is ORG else 0


def _is_given_name(text: str, start: int, after_place: int, end: int) -> bool:
    """Whether the place at the beginning of a person's name is a given name there (Jordan Hill)."""
    rest = text[after_place:end].split()
    is_word = len(rest) == 1 and (rest[0] in head_nouns() or rest[0] in titles().phrases)
    return text[start:after_place].casefold() in given_names() and len(rest) == 1 and not is_word


def _extended_end(text: str, start: int, end: int, kind: EntityType) -> int:
    """Where the name really ends: after a legal form, a surname with particles or a hyphenated syllable."""
    extension = None
    if kind is ORG:
        extension = _LEGAL_FORM.match(text, end)
    elif kind in _PLACES:
        extension = _PLACE_GOES_ON.match(text, end)
    elif kind is PERSON:
        if text.startswith(".", end) and _JUNIOR.search(text, max(start, end - 3), end):
            return end + 1
        name = text[start:end]
        extension = _PARTICLES.match(text, text.rfind(" ", start, end) if _TRAILING_PARTICLE.search(name) else end)
        if not extension and name.split()[0] in family_names():
            extension = _SYLLABLE.match(text, end)
        if not extension and " " not in name and name.casefold() not in common_words():
            extension = _more_names(text, end)
    return extension.end() if extension else end


def _country_after(text: str, start: int, end: int) -> int:
    """Where the name of an organisation in a country ends (Halden Random House India); 0 if it is none."""
    name = text[start:end]
    if " " not in name or name in entries().phrases or head_nouns().get(name.rpartition(" ")[2]) not in (None, ORG):
        return 0
    country = _COUNTRY_AFTER.match(text, end)
    entry = entries().phrases.get(country[1]) if country else None
    return country.end() if country and entry and entry.key.startswith("country:") else 0


def _more_names(text: str, start: int) -> re.Match[str] | None:
    """The rest of a name of which a model found the first word only: Purbaya Yudhi Sadewa."""
    more = _MORE_NAMES.match(text, start)
    is_name = more and not any(
        word.casefold() in common_words() or word in entries().phrases or word in head_nouns() or is_city(word)
        for word in more.group().split()
    )
    return more if is_name else None


def _is_first_name(text: str, start: int, name_start: int, end: int) -> bool:
    """Whether the title is a given name, because only a surname follows (Dean Fuleihan)."""
    return text[start:name_start].rstrip() in frequent_given_names() and " " not in text[name_start:end]


def skip_titles(text: str, start: int, end: int, *, only_people: bool = False) -> int:
    """Where the name in the span begins: after any titles, unless nothing would be left.

    With ``only_people``, only after titles that nothing but a person bears, so that it is safe for spans of any type.
    """
    while True:
        word = _WORD.match(text, start, end)
        if word is None or not titles().may_begin_with(word.group()):
            return start
        first = next(titles().find(TokenizedText(text[start : min(end, start + _MAX_TITLE_CHARS)])), None)
        if first is None or first[0] > 0 or (only_people and not first[2]):
            return start
        name_start, _ = trim(text, start + first[1], end)
        if name_start >= end or (text[name_start].islower() and not _PARTICLE_FIRST.match(text, name_start, end)):
            return start
        if _is_first_name(text, start, name_start, end):
            return start
        start = name_start
