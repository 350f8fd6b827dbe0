"""Decides which entity of the article each mention refers to."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from schemas.records import EntityType, Mention, Section
from workers.enrich.acronyms import abbreviates, acronyms
from workers.enrich.short_names import is_division, is_short_for_division
from workers.enrich.surnames import surnames
from workers.enrich.types import EVENT, FAC, GPE, LOC, ORG, PERSON
from workers.enrich.variants import normalise_name, spelling_key

_MAX_NAME_WORDS = 12
_MIDDLE_INITIAL = re.compile(r" [A-Z]\.?(?= )")
_MARKS = "\"“‘'"
_NICKNAME = re.compile(r"(\S.*?) [\"“‘'](\S[^\"”’']*)[\"”’'] (\S.*)")
_RELATIVE_BEFORE = re.compile(
    r"\b(?:son|daughter|wife|husband|brother|sister|father|mother|widow|grandson|granddaughter|nephew|niece|cousin|uncle"
    r"|aunt|grandfather|grandmother|children)\b[^.;]{0,30}$"
)


class TypedMention(NamedTuple):
    """A mention with the type of its name, its lexicon key, if it has one, and the text before it."""

    mention: Mention
    type: EntityType
    key: str | None
    before: str = ""


def link_mentions(mentions: Sequence[TypedMention]) -> list[str]:
    """For each mention of an article in reading order, the key of the entity that it refers to."""
    people = _People(mentions)
    organisations = _organisation_keys(mentions)
    own_acronyms = _own_acronyms(mentions)
    sites = _site_keys(mentions)
    keys = []
    for mention in mentions:
        name = normalise_name(mention.mention.text)
        if mention.key:
            keys.append(own_acronyms.get(mention.mention.text, mention.key))
        elif mention.type is PERSON:
            keys.append(f"person:{people.full_name(mention)}")
        elif mention.type is ORG:
            keys.append(organisations.get(name, f"organisation:{name}"))
        else:
            key = f"{mention.type.value}:{name}"
            keys.append(sites.get(key, key))
    return keys


class _People:
    """The people of an article, by their full names and by the single words that stand for those."""

    def __init__(self, mentions: Sequence[TypedMention]) -> None:
        self._names: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._bearers: dict[str, dict[str, None]] = defaultdict(dict)
        self._relatives: set[str] = set()
        by_given_name: dict[str, set[str]] = defaultdict(set)
        for mention in mentions:
            if mention.type is PERSON and any(m in mention.mention.text for m in _MARKS):
                self._add_nickname(mention.mention.text)
        for mention in mentions:
            name = mention.mention.text
            if mention.type is PERSON and mention.key is None and (short_names := surnames(name)):
                full_name = self._full_name_key(name)
                if full_name not in self._counts and _RELATIVE_BEFORE.search(mention.before):
                    self._relatives.add(full_name)
                self._counts[full_name] += 1 + (mention.mention.section is Section.TITLE)
                for short_name in short_names:
                    self._bearers[spelling_key(short_name)].setdefault(full_name)
                by_given_name[normalise_name(name.split()[0])].add(full_name)
        self._by_given_name = by_given_name
        self._longer = _by_part(self._counts)
        self._latest: dict[str, str] = {}

    def _full_name_key(self, name: str) -> str:
        """One key for the spellings of a full name: that of the first."""
        name = _MIDDLE_INITIAL.sub("", name)
        return self._names.setdefault(spelling_key(name), normalise_name(name))

    def _add_nickname(self, name: str) -> None:
        """Make one person of Eleanor “Nell” Rowe, Eleanor Rowe and Nell Rowe."""
        if nickname := _NICKNAME.fullmatch(name):
            given_name, short, surname = nickname.groups()
            key = normalise_name(name)
            for own in (name, f"{given_name} {surname}", f"{short} {surname}"):
                self._names.setdefault(spelling_key(_MIDDLE_INITIAL.sub("", own)), key)

    def _longer_name(self, name: str) -> str | None:
        """The one person whose full name begins or ends with that name of several words (Vestergaard Holm), if any."""
        longer = self._longer.get(normalise_name(name), ())
        return longer[0] if len(longer) == 1 else None

    def full_name(self, mention: TypedMention) -> str:
        """The normalised full name of the person that a mention refers to.

        Call it for the mentions in reading order. A surname alone refers to the person of that name whom the article
        is about, not to a relative who is introduced by that person (Kim Jong Un's daughter Kim Ju Ae): to the last
        whom it mentions in full, or before any such mention to the one it mentions most often, or else first.
        """
        name = mention.mention.text
        if short_names := surnames(name):
            full_name = self._longer_name(name) or self._full_name_key(name)
            for short_name in short_names:
                key = spelling_key(short_name)
                if full_name not in self._relatives or set(self._bearers[key]) <= self._relatives:
                    self._latest[key] = full_name
            return full_name
        word = spelling_key(name)
        if word in self._latest:
            return self._latest[word]
        if bearers := self._bearers.get(word):
            candidates = [bearer for bearer in bearers if bearer not in self._relatives] or list(bearers)
            return max(candidates, key=self._counts.__getitem__)
        full_names = self._by_given_name.get(normalise_name(name), set())
        return next(iter(full_names)) if len(full_names) == 1 else word


def _by_part(names: Iterable[str]) -> dict[str, list[str]]:
    """The names that begin or end with some words and have more, by these words."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        words = name.split()
        for count in range(1, min(len(words), _MAX_NAME_WORDS)):
            for part in {" ".join(words[:count]), " ".join(words[-count:])}:
                found[part].append(name)
    return dict(found)


def _site_keys(mentions: Sequence[TypedMention]) -> dict[str, str]:
    """The keys of the one longer name for the short forms of buildings, natural features and divisions (the Etihad)."""
    found = {}
    for kind in (FAC, LOC, GPE, EVENT):
        keys = {normalise_name(m.mention.text): m.key for m in mentions if m.type is kind}
        if len(keys) < 2 or (kind is GPE and not any(is_division(name) for name in keys)):
            continue
        by_part = _by_part(keys)
        for name in keys:
            longer = by_part.get(name, [])
            if kind is EVENT and not (longer and longer[0].endswith(f" {name}")):
                continue
            if kind is GPE and not (longer and is_short_for_division(name, longer[0])):
                continue
            if len(longer) == 1:
                found[f"{kind.value}:{name}"] = keys[longer[0]] or f"{kind.value}:{longer[0]}"
    return found


def _own_acronyms(mentions: Sequence[TypedMention]) -> dict[str, str]:
    """The keys of the one full name that the article has for acronyms that the lexicon knows as another's.

    (NCP is the Nationalist Congress Party, but not in an article on the National Citizen Party.)
    """
    short = {m.mention.text: m.key for m in mentions if m.type is ORG and m.key and m.mention.text.isupper()}
    if not short:
        return {}
    full: dict[str, set[str]] = defaultdict(set)
    names: dict[str, set[str]] = defaultdict(set)
    for mention in mentions:
        if mention.type is ORG and " " in (name := mention.mention.text):
            names[mention.key or ""].add(name)
            for acronym in short.keys() & set(acronyms(name)):
                full[acronym].add(mention.key or f"organisation:{normalise_name(name)}")
    return {
        acronym: key
        for acronym, (key, *others) in full.items()
        if not others and key != short[acronym] and short[acronym] not in names
    }


def _organisation_keys(mentions: Sequence[TypedMention]) -> dict[str, str]:
    """The keys of organisations by normalised name.

    They are those of the lexicon, and for short forms those of the one longer name that the article has: acronyms, also
    in brackets after the name, and the first or last words (Serum Institute of Serum Institute of India). A legal form
    is no such word: Novo Holdings is not Novo Nordisk.
    """
    organisations = [mention for mention in mentions if mention.type is ORG]
    keys = {normalise_name(mention.mention.text): mention.key for mention in organisations if mention.key}
    full_names = dict.fromkeys(normalise_name(mention.mention.text) for mention in organisations)
    key_of = {name: keys.get(name, f"organisation:{name}") for name in full_names}
    for mention in organisations:
        for short_name in acronyms(mention.mention.text):
            keys.setdefault(short_name.casefold(), key_of[normalise_name(mention.mention.text)])
    for before, mention in pairwise(organisations):
        name, acronym = before.mention.text, mention.mention.text
        if mention.before.endswith(f"{name} (") and not mention.key and abbreviates(acronym, name):
            keys.setdefault(normalise_name(acronym), key_of[normalise_name(name)])
    for name in full_names:
        if len(name) == 2 and name not in keys:
            longer = {key_of[full] for full in full_names if _initials(full) == name}
            if len(longer) == 1:
                keys[name] = longer.pop()
    by_part = _by_part(full_names)
    as_written = {mention.mention.text.casefold().replace("-", " ") for mention in organisations}
    for name in as_written & full_names.keys():
        longer = {key_of[full] for full in by_part.get(name, ())}
        if len(longer) == 1:
            keys.setdefault(name, longer.pop())
    return keys


def _initials(name: str) -> str:
    """The first letters of a name's words."""
    return "".join(word[0] for word in name.split())
