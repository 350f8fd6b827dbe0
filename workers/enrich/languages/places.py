"""Finds countries, cities and organisations by their names in the article's language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cache

from schemas.records import MentionSource
from workers.enrich.languages import tables
from workers.enrich.lexicon import LexiconEntry, PhraseMatcher, TokenizedText
from workers.enrich.spans import NamedSpan

MIN_UPPERCASE_CHARS = 4
"""Shortest name that is also found in capitals, as in datelines."""

_ARABIC_PREFIXES = "وفبلك"
"""Conjunctions and prepositions that are written together with the next word."""
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
        for start, end, entry in own
        if _is_meant(text, start, end, entry, language)
    }
    return [
        [
            NamedSpan(start, end, entry.type, MentionSource.LEXICON, entry.key)
            for start, end, entry in own
            if text[start:end].casefold() in meant and not _is_within_longer_name(text, start, end, entry, language)
        ]
        for text, own in zip(texts, matches, strict=True)
    ]


def _likeliest(entries: Sequence[LexiconEntry], mentioned: Set[str]) -> LexiconEntry:
    """The largest city in a country that the article mentions, or else the largest."""
    own = (e for e in entries if e.links.get("country", "").replace("iso3166", "country") in mentioned)
    return next(own, entries[0])


def _matches(text: str, language: str) -> Iterator[tuple[int, int, Sequence[LexiconEntry]]]:
    if language in tables.WITHOUT_BLANKS:
        return _find_signs(text, _names(language))
    return _matcher(language).find(TokenizedText(text, _without_prefix if language == "ar" else None))


@cache
def _names(language: str) -> Mapping[str, Sequence[LexiconEntry]]:
    countries = {name: [entry] for name, entry in tables.countries().get(language, {}).items()}
    names = {**tables.cities(language), **countries}
    upper = {name.upper(): entries for name, entries in names.items() if len(name) >= MIN_UPPERCASE_CHARS}
    return upper | names


@cache
def _matcher(language: str) -> PhraseMatcher[Sequence[LexiconEntry]]:
    return PhraseMatcher(_names(language))


def _find_signs(
    text: str, names: Mapping[str, Sequence[LexiconEntry]]
) -> Iterator[tuple[int, int, Sequence[LexiconEntry]]]:
    """The longest names at each place of a text without blanks."""
    place, longest = 0, max(map(len, names))
    while place < len(text):
        for end in range(min(len(text), place + longest), place + 1, -1):
            if entries := names.get(text[place:end]):
                yield place, end, entries
                place = end
                break
        else:
            place += 1


def _without_prefix(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """The span of an Arabic word without a prefix, if only that makes a known first word of a name."""
    start, end = span
    known = _first_words()
    if text[start] in _ARABIC_PREFIXES and text[start:end] not in known and text[start + 1 : end] in known:
        return start + 1, end
    return span


@cache
def _first_words() -> frozenset[str]:
    return frozenset(name.split()[0] for name in _names("ar"))


def _is_meant(text: str, start: int, end: int, entry: LexiconEntry, language: str) -> bool:
    """Whether the name is clearly meant here: the names that other languages have for a city need a place word."""
    words, surface = tables.local_words(language), text[start:end]
    if not entry.key.startswith("city:") or words is None or surface.isupper():
        return True
    if follows(text, start, words.places):
        return True
    return surface not in words.ambiguous and (surface == entry.name or language in tables.SCRIPTS)


def _is_within_longer_name(text: str, start: int, end: int, entry: LexiconEntry, language: str) -> bool:
    """Whether the name is part of a compound (Météo-France), or a city's single word with a capitalised one beside it.

    In German, those are usual: Ukraine-Hilfe, München Montag.
    """
    if language == "de":
        return False
    if text[start - 1 : start] == "-" or _COMPOUND_AFTER.match(text, end):
        return True
    if not entry.key.startswith("city:") or " " in text[start:end] or text[start:end].isupper():
        return False
    if _CAPITAL_AFTER.match(text, end):
        return True
    before, words = _CAPITAL_BEFORE.search(text, max(0, start - 40), start), tables.local_words(language)
    return before is not None and words is not None and before[1].lower() not in words.functions | words.places


def follows(text: str, start: int, words: frozenset[str]) -> bool:
    """Whether one of the words, which may be two, stands right before ``start``."""
    before = text[max(0, start - 40) : start]
    last = before.rstrip(_BLANKS_AND_OPENING_MARKS).rsplit(None, 2)[-2:]
    if not last or len(before) == len(before.rstrip(_BLANKS_AND_OPENING_MARKS)):
        return False
    return last[-1] in words or last[-1].lower() in words or " ".join(last) in words
