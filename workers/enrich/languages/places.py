"""Finds countries, cities and organisations by their names in the article's language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cache
from itertools import pairwise

from workers.enrich.gazetteer import cities, companies, is_word_or_persons_name, towns_of_country
from workers.enrich.languages import polish, tables
from workers.enrich.languages.signs import find_signs
from workers.enrich.lexicon import LexiconEntry, PhraseMatcher, TokenizedText, clubs_by_name
from workers.enrich.places import town_entry, town_key
from workers.enrich.spans import NamedSpan
from workers.enrich.types import BY_LEXICON, GPE
from workers.vocabulary.letters import CAPITAL

MIN_UPPERCASE_CHARS = 4
"""Shortest name that is also found in capitals, as in datelines."""

_MIN_REGION_CHARS = 6
_MIN_HOME_TOWN = 10_000
_MAX_ABBREVIATION = 5
_ARABIC_PREFIXES = "وفبلك"
"""Conjunctions and prepositions that are written together with the next word."""
_MAX_ARABIC_PREFIXES = 2
_MAX_CHARS_IN_LIST = 3
_PARTICLE_AFTER = re.compile(
    rf" (?:d[aeo]s?|del|de l[ao]s?|d[ei]lla|di|du|sur|sous|en|am|an der|ob der|nad|aan den) {CAPITAL}[\w’'-]+"
)
_COMPOUND_AFTER = re.compile(r"-[^\W\d_a-zа-яёіїєґß-öø-ÿ]")
_CAPITAL_AFTER = re.compile(r" [^\W\d_a-zа-яёіїєґß-öø-ÿ]\w*[a-zа-яёіїєґß-öø-ÿ]")
_CAPITAL_BEFORE = re.compile(r"\b([^\W\d_a-zа-яёіїєґß-öø-ÿ][\w-]*[a-zа-яёіїєґß-öø-ÿ]) $")
_BLANKS_AND_OPENING_MARKS = " '’«„“("


def find_places(texts: Sequence[str], language: str) -> list[list[NamedSpan]]:
    """The names in each text of an article in that language, in text order and without overlaps.

    A name that is clearly a place's somewhere in the article is one wherever it stands alone.
    """
    candidates = [list(_matches(text, language)) for text in texts]
    mentioned = {entries[0].key for own in candidates for _, _, entries in own}
    matches = [[(start, end, _likeliest(entries, mentioned)) for start, end, entries in own] for own in candidates]
    meant = {
        text[start:end].casefold()
        for text, own in zip(texts, matches, strict=True)
        for i, (start, end, entry) in enumerate(own)
        if _is_meant(text, start, end, entry, language) or (language == "ar" and _is_listed(own, i))
    }
    return [
        [
            _with_particle(text, NamedSpan(start, end, entry.type, BY_LEXICON, entry.key))
            for start, end, entry in own
            if text[start:end].casefold() in meant and not _is_within_longer_name(text, start, end, entry, language)
        ]
        for text, own in zip(texts, matches, strict=True)
    ]


def _with_particle(text: str, span: NamedSpan) -> NamedSpan:
    """The span, or the town whose name it only begins (Viana do Castelo, Santiago de Compostela)."""
    rest = _PARTICLE_AFTER.match(text, span.end)
    name = text[span.start : rest.end()] if rest else ""
    towns = cities(name)
    return NamedSpan(span.start, span.start + len(name), GPE, span.source, town_key(name, towns[0])) if towns else span


def _likeliest(entries: Sequence[LexiconEntry], mentioned: Set[str]) -> LexiconEntry:
    """The largest city in another country that the article mentions, or else the country or the largest city."""
    own = (
        e for e in entries if e.links.get("country", "").replace("iso3166", "country") in mentioned - {entries[0].key}
    )
    return next(own, entries[0])


def _is_listed(matches: Sequence[tuple[int, int, LexiconEntry]], i: int) -> bool:
    """Whether the match stands right beside another one, as in a list of countries."""
    return any(
        0 <= after[0] - before[1] <= _MAX_CHARS_IN_LIST for before, after in pairwise(matches[max(0, i - 1) : i + 2])
    )


def _matches(text: str, language: str) -> Iterator[tuple[int, int, Sequence[LexiconEntry]]]:
    if language in tables.WITHOUT_BLANKS:
        return find_signs(text, *_signs(language))
    return _matcher(language).find(TokenizedText(text, _without_prefix if language == "ar" else None))


@cache
def _names(language: str) -> Mapping[str, Sequence[LexiconEntry]]:
    names: dict[str, list[LexiconEntry]] = {
        name: [entry] for name, entry in tables.countries().get(language, {}).items()
    }
    for name, entry in tables.regions(language).items():
        names.setdefault(name, [entry])
    for name, entries in tables.cities(language).items():
        own = names.setdefault(name, [])
        if not own or not _is_region(own[0]):
            own.extend(entries)
    if language == "tr":
        names |= {f"İ{name[1:]}": own for name, own in names.items() if name.startswith("I")}
    if language == "pl":
        names = {
            form: entries for name, entries in _with_home_towns(names).items() for form in polish.forms(name)
        } | names
    upper = {name.upper(): entries for name, entries in names.items() if len(name) >= MIN_UPPERCASE_CHARS}
    after_lam = {}
    if language == "ar":  # ل and ال make لل: للولايات المتحدة
        after_lam = {name[1:]: entries for name, entries in names.items() if name.startswith("ال")}
    return {**after_lam, **upper, **names}


def _with_home_towns(names: Mapping[str, list[LexiconEntry]]) -> dict[str, list[LexiconEntry]]:
    """The names that Polish newspapers decline: those of countries, regions, world cities and Polish towns."""
    world = {entry.key for entry in tables.largest_cities()}
    towns = {
        city.name: [town_entry(town_key(city.name, city))]
        for city in towns_of_country("PL")
        if city.population >= _MIN_HOME_TOWN
    }
    known = {
        name: entries
        for name, entries in names.items()
        if not entries[0].key.startswith("city:") or (entries[0].key in world and polish.may_be_polish(name))
    }
    return towns | known


@cache
def _signs(language: str) -> tuple[Mapping[str, Sequence[LexiconEntry]], int]:
    """The names and the longer words that contain some, and the length of the longest."""
    longer: dict[str, Sequence[LexiconEntry]] = dict.fromkeys(tables.words_around_places(language).longer, ())
    names = {**longer, **_names(language)}
    return names, max(map(len, names))


@cache
def _matcher(language: str) -> PhraseMatcher[Sequence[LexiconEntry]]:
    return PhraseMatcher(_names(language))


def _without_prefix(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """The span of an Arabic word without one or two prefixes, if only that makes a known first word of a name."""
    start, end = span
    known = _first_words()
    for prefixes in range(_MAX_ARABIC_PREFIXES + 1):
        if text[start + prefixes : end] in known:
            return start + prefixes, end
        if text[start + prefixes] not in _ARABIC_PREFIXES:
            break
    return span


@cache
def _first_words() -> frozenset[str]:
    return frozenset(name.split()[0] for name in _names("ar"))


def _is_region(entry: LexiconEntry) -> bool:
    return entry.key.startswith(("region:", "place:")) and "-" in (entry.id or "")


def _is_region_meant(surface: str, is_after_place_word: bool) -> bool:
    """Whether a region is meant: a short name or one of a person, company or club (Lazio) needs a place word."""
    return is_after_place_word or not (
        len(surface) < _MIN_REGION_CHARS
        or is_word_or_persons_name(surface)
        or surface in companies()
        or surface in clubs_by_name()
    )


def _is_meant(text: str, start: int, end: int, entry: LexiconEntry, language: str) -> bool:
    """Whether the name is clearly meant here: the names that other languages have for a city need a place word."""
    words, surface = tables.words_around_places(language), text[start:end]
    if surface in words.ambiguous:
        return follows(text, start, words.places)
    if _is_region(entry) and words.titles and surface not in tables.countries().get(language, {}):
        return _is_region_meant(surface, follows(text, start, words.places))
    if entry.key.startswith("town:"):
        return follows(text, start, words.places) or not is_word_or_persons_name(surface)
    if not entry.key.startswith("city:") or not words.titles or surface.isupper():
        return True
    is_own_name = surface == entry.name or language in tables.SCRIPTS
    return is_own_name or language == "pl" or follows(text, start, words.places)


def _is_within_longer_name(text: str, start: int, end: int, entry: LexiconEntry, language: str) -> bool:
    """Whether the name is part of a compound (Météo-France), or a city's single word with a capitalised one beside it.

    In German, those are usual: Ukraine-Hilfe, München Montag. In Turkish, an apostrophe ends a name.
    """
    if language == "de" or (language == "tr" and text[end : end + 1] in tuple("'’")):
        return False
    if text[start - 1 : start] == "-" or _COMPOUND_AFTER.match(text, end):
        return True
    if (
        not (entry.key.startswith(("city:", "town:")) or _is_region(entry))
        or " " in text[start:end]
        or text[start:end].isupper()
    ):
        return False
    if _CAPITAL_AFTER.match(text, end):
        return True
    before, words = _CAPITAL_BEFORE.search(text, max(0, start - 40), start), tables.local_words(language)
    return before is not None and words is not None and before[1].lower() not in words.functions | words.places


def follows(text: str, start: int, words: frozenset[str], endings: tuple[str, ...] = ()) -> bool:
    """Whether one of the words, which may be two, or a longer word with one of the endings stands before ``start``."""
    before = text[max(0, start - 40) : start]
    last = before.rstrip(_BLANKS_AND_OPENING_MARKS).rsplit(None, 2)[-2:]
    if not last or len(before) == len(before.rstrip(_BLANKS_AND_OPENING_MARKS)):
        return False
    lower = last[-1].replace("İ", "i").lower()
    if len(lower) <= _MAX_ABBREVIATION:
        lower = lower.removesuffix(".")  # Prof. Dr.
    return last[-1] in words or lower in words or " ".join(last) in words or lower.endswith(endings)
