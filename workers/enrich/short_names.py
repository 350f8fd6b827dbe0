"""Finds the short names of what an article names in full: the Commission, the Etihad, the Tourmalet."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from schemas.records import EntityType
from workers.enrich.evidence import LARGE_CITY, SENTENCE_START, is_known_word, is_nobodys_name
from workers.enrich.gazetteer import cities, common_words, family_names, given_names, is_city, is_word_or_persons_name
from workers.enrich.lexicon import (
    TokenizedText,
    entries,
    first_words,
    head_noun_hints,
    head_nouns,
    not_names,
    titles,
)
from workers.enrich.spans import NamedSpan
from workers.enrich.sports import stands_alone
from workers.enrich.types import BY_RULE, FAC, GPE, LOC, ORG, PERSON
from workers.vocabulary.letters import CAPITAL
from workers.vocabulary.particles import PARTICLES

INSTITUTIONS = frozenset(
    (
        "Commission",
        "Council",
        "Court",
        "Parliament",
        "Ministry",
        "Agency",
        "Authority",
        "Committee",
        "Tribunal",
        "Board",
        "Bank",
        "Fund",
        "University",
        "Department",
        "Assembly",
        "Federation",
        "Foundation",
    )
)
"""Words that stand for the one institution that an article names: its last, or its first before "of" or "for"."""

_SITES = frozenset((FAC, LOC))
_DIVISIONS = frozenset(("State", "Province", "Region", "Prefecture", "Governorate", "Oblast", "District", "County"))
"""Last words of places that are also called by the word before."""
_DIVISIONS_IN_NAMES = tuple(f" {word.lower()}" for word in sorted(_DIVISIONS))
_KINDS = frozenset(("Britain", "Modern", "Homes", "Bros", "Bros."))
"""More last words that say what a name is."""
_ACTS = re.compile(r" (?:is|was|has|had|will|would|said|says|also|declined|plans|did|does|can|could|may)\b")
"""After a name that begins a sentence: a common noun would have an article."""
_PLACE_BEFORE = re.compile(r"\b(?:in|near|around|outside|across) $", re.IGNORECASE)
_INSTITUTION = re.compile(rf"\b[Tt]he ({'|'.join(sorted(INSTITUTIONS))})\b(?![ -]{CAPITAL}| (?:of|for|on)\b)")
_MIN_CHARS = 5
_MIN_SHORT_CHARS = 4
_COMPANY_WORDS = frozenset(
    (
        "Group",
        "Corp",
        "Corporation",
        "Company",
        "Inc",
        "Ltd",
        "Limited",
        "Holdings",
        "Capital",
        "Partners",
        "Airlines",
        "Airways",
        "Industries",
        "Technologies",
        "Systems",
        "Energy",
        "Motors",
        "Electronics",
        "Pharmaceuticals",
        "Pharma",
        "Sciences",
        "Therapeutics",
        "Foods",
        "Brands",
        "Software",
        "Logistics",
        "Securities",
        "Aerospace",
        "Semiconductors",
    )
)
"""Last words of companies that are mostly called by their first word."""


def site_short_names(types: Mapping[str, EntityType]) -> dict[str, EntityType]:
    """The names of buildings and of nature among the names without what they are: Tourmalet of Col du Tourmalet."""
    found = {}
    for name, kind in types.items():
        words = name.split()
        if kind is GPE and len(words) == 2 and words[1] in _DIVISIONS and is_nobodys_name(words[0]):
            if not is_known_word(words[0]):
                found[words[0]] = GPE  # Kebbi of Kebbi State
            continue
        if kind not in _SITES or not 1 < len(words) <= 4:
            continue
        if words[0] in first_words():
            words = words[1:]
            while words and words[0] in PARTICLES:
                words = words[1:]
        elif words[-1] in head_nouns():
            words = words[:-1]
        else:
            continue
        short = " ".join(words)
        if len(words) == 1 and len(short) >= _MIN_CHARS and short not in types and not is_known_word(short):
            found[short] = kind
    return found


def is_division(name: str) -> bool:
    """Whether a name in lower case says that it is a part of a country (kebbi state)."""
    return name.endswith(_DIVISIONS_IN_NAMES)


def is_short_for_division(name: str, full: str) -> bool:
    """Whether the second name, both in lower case, is the first with what it is (Kebbi State)."""
    return full.startswith(f"{name} ") and full[len(name) :] in _DIVISIONS_IN_NAMES and not is_city(name.title())


def company_short_names(types: Mapping[str, EntityType]) -> dict[str, EntityType]:
    """The words by which the companies among the names are called: Wedbush of Wedbush Securities, Lilly of Eli Lilly.

    That is the first word, if it is no other word, place or part of a person's name; of a company that is called after
    a person, the surname.
    """
    people = {word for name, kind in types.items() if kind is PERSON and " " in name for word in name.split()}
    found = {}
    for name, kind in types.items():
        first, _, last = name.partition(" ")
        if last and "-" in first:
            first = first.partition("-")[0]  # Alpecin of Alpecin-Premier Tech
        if kind is ORG and _is_persons_name(first, last) and name in entries().phrases and last not in people:
            found[last] = ORG
        if kind is not ORG or not last or len(first) < _MIN_SHORT_CHARS or not first[0].isupper():
            continue
        is_company = last in _COMPANY_WORDS or (head_nouns().get(last) is None and " " not in last)
        is_other = first in people or first in first_words() or is_known_word(first) or is_word_or_persons_name(first)
        if is_company and not is_other and first[1:].islower():
            found[first] = ORG
    return found


def possible_short_forms(types: Mapping[str, EntityType]) -> dict[str, EntityType]:
    """The names of organisations and sites without what they are: Telethon of the Telethon Foundation."""
    full: dict[str, set[str]] = defaultdict(set)
    for name, kind in types.items():
        if kind is ORG or kind is FAC or kind is LOC:
            short, _, last = _without_purpose(name).rpartition(" ")
            is_adherents = last == "Party" and short.casefold() in common_words()  # Liberal voters
            if short and not is_adherents and _is_kind(last) and _may_be_short_form(short):
                full[short].add(name)
    return {short: types[name] for short, (name, *others) in full.items() if not others}


def used_short_forms(
    possible: Mapping[str, EntityType],
    types: Mapping[str, EntityType],
    texts: Sequence[TokenizedText],
    found: Sequence[Sequence[tuple[int, int, str]]],
) -> dict[str, EntityType]:
    """Those of the possible short forms that are such, by what ``found`` has of them in each text.

    One must be a name within a sentence and next to no other name, and must nowhere be a place or a person.
    """
    if not possible:
        return {}
    people = {
        word
        for name, kind in types.items()
        if kind is PERSON
        for word in name.split()
        if " " in name or (is_word_or_persons_name(word) and word.casefold() not in common_words())
    }
    used, denied = set[str](), set[str]()
    for tokens, matches in zip(texts, found, strict=True):
        text = tokens.text
        for match in (match for match in matches if match[2] in possible and stands_alone(tokens, match)):
            start, end, short = match
            is_person = short in people and not text.endswith("the ", 0, start)
            if is_person or (possible[short] is ORG and _PLACE_BEFORE.search(text, max(0, start - 10), start)):
                denied.add(short)
            elif _is_name_there(tokens, start, end, short):
                used.add(short)
    return {short: possible[short] for short in used - denied}


def _without_purpose(name: str) -> str:
    """The name without what an institution is for (the Whitney Museum of American Art)."""
    return name.partition(" of ")[0].partition(" for ")[0]


def _is_kind(word: str) -> bool:
    return word in _COMPANY_WORDS or word in head_nouns() or word in head_noun_hints() or word in _KINDS


def _may_be_short_form(short: str) -> bool:
    """Whether the words may be a name of their own, judging by what else they may be."""
    words = short.split()
    return (
        len(short) >= _MIN_SHORT_CHARS
        and len(words) < 3
        and short[0].isupper()
        and not _is_kind(words[-1])
        and not any(short in names for names in (entries().phrases, not_names(), titles().phrases, first_words()))
        and not (len(words) > 1 and all(word.casefold() in common_words() for word in words))
        and not (is_city(short) and cities(short)[0].population >= LARGE_CITY)
    )


def _is_name_there(tokens: TokenizedText, start: int, end: int, short: str) -> bool:
    """Whether a word is a name there: within a sentence or acting at its beginning, and in lower case nowhere."""
    return (
        "." in tokens.text
        and short.lower() not in tokens.different
        and (
            SENTENCE_START.search(tokens.text, max(0, start - 3), start) is None
            or _ACTS.match(tokens.text, end) is not None
        )
    )


def _is_persons_name(first: str, last: str) -> bool:
    return first.casefold() in given_names() and last.casefold() in family_names() and not is_known_word(last)


def with_short_names(texts: Sequence[str], names: Sequence[Sequence[NamedSpan]]) -> list[list[NamedSpan]]:
    """The names in each text, with "the Commission" and sites that share a company's name (the Etihad)."""
    full: dict[str, set[str]] = defaultdict(set)
    sites: dict[str, EntityType] = {}
    for text, own in zip(texts, names, strict=True):
        for span in own:
            if span.type is not ORG and span.type is not FAC:
                continue
            words = text[span.start : span.end].split()
            if span.type is ORG and len(words) > 1:
                word = words[0] if words[1] in ("of", "for") else words[-1]
                if word in INSTITUTIONS:
                    full[word].add(span.key or " ".join(words))
            elif span.type is FAC and len(words) == 2 and words[1] in head_nouns():
                sites[words[0]] = FAC
    if not full and not sites:
        return [list(own) for own in names]
    return [
        sorted([*_as_sites(text, own, sites), *_institutions(text, own, full)], key=lambda span: span.start)
        for text, own in zip(texts, names, strict=True)
    ]


def _as_sites(text: str, names: Sequence[NamedSpan], sites: Mapping[str, EntityType]) -> Iterator[NamedSpan]:
    for span in names:
        kind = sites.get(text[span.start : span.end])
        if kind and span.type is ORG and text.endswith("the ", 0, span.start):
            yield span._replace(type=kind, key=None)
        else:
            yield span


def _institutions(text: str, names: Sequence[NamedSpan], full: Mapping[str, set[str]]) -> Iterator[NamedSpan]:
    for match in _INSTITUTION.finditer(text):
        start, end = match.span(1)
        if len(full.get(match[1], ())) == 1 and all(span.end <= start or end <= span.start for span in names):
            yield NamedSpan(start, end, ORG, BY_RULE)
