"""Finds countries, cities and organisations by their names in the article's language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from schemas.records import MentionSource
from workers.enrich.languages import tables
from workers.enrich.lexicon import LexiconEntry, PhraseMatcher, TokenizedText
from workers.enrich.spans import NamedSpan

MIN_UPPERCASE_CHARS = 4
"""Shortest name that is also found in capitals, as in datelines."""

_ARABIC_PREFIXES = "وفبلك"
"""Conjunctions and prepositions that are written together with the next word."""
_CAPITAL_AFTER = re.compile(r" [^\W\d_a-zа-яёіїєґß-öø-ÿ]\w*[a-zа-яёіїєґß-öø-ÿ]")
_CAPITAL_BEFORE = re.compile(r"\b[^\W\d_a-zа-яёіїєґß-öø-ÿ][\w-]*[a-zа-яёіїєґß-öø-ÿ] $")
_WORDS_BEFORE = re.compile(r"(?:([\w'’]+)\s+)?([\w'’]+)[ '’«„“(]+$")


def find_places(text: str, language: str) -> Iterator[NamedSpan]:
    """The names in a text of that language, in text order and without overlaps."""
    names = _names(language)
    if language in tables.WITHOUT_BLANKS:
        matches: Iterator[tuple[int, int, LexiconEntry]] = _find_signs(text, names)
    else:
        tokens = TokenizedText(text)
        if language == "ar":
            tokens.word_spans = [_without_prefix(text, span) for span in tokens.word_spans]
        matches = _matcher(language).find(tokens)
    for start, end, entry in matches:
        if _counts(text, start, end, entry, language):
            yield NamedSpan(start, end, entry.type, MentionSource.LEXICON, entry.key)


@cache
def _names(language: str) -> Mapping[str, LexiconEntry]:
    names = {**tables.cities(language), **tables.countries().get(language, {})}
    upper = {name.upper(): entry for name, entry in names.items() if len(name) >= MIN_UPPERCASE_CHARS}
    return upper | names


@cache
def _matcher(language: str) -> PhraseMatcher[LexiconEntry]:
    return PhraseMatcher(_names(language))


def _find_signs(text: str, names: Mapping[str, LexiconEntry]) -> Iterator[tuple[int, int, LexiconEntry]]:
    """The longest names at each place of a text without blanks."""
    place, longest = 0, max(map(len, names))
    while place < len(text):
        for end in range(min(len(text), place + longest), place + 1, -1):
            if entry := names.get(text[place:end]):
                yield place, end, entry
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


def _counts(text: str, start: int, end: int, entry: LexiconEntry, language: str) -> bool:
    """Whether the name is meant: it is not a part of a longer name, and has a place word before it where it must."""
    words, surface = tables.local_words(language), text[start:end]
    if not entry.key.startswith("city:") or words is None or surface.isupper():
        return True
    if follows(text, start, words.places):
        return True
    if language != "de" and " " not in surface and _is_within_longer_name(text, start, end):
        return False
    # The names that other languages have for a city are not told apart, so they need a place word.
    return surface not in words.ambiguous and (surface == entry.name or language in tables.SCRIPTS)


def _is_within_longer_name(text: str, start: int, end: int) -> bool:
    return bool(_CAPITAL_AFTER.match(text, end) or _CAPITAL_BEFORE.search(text, max(0, start - 40), start))


def follows(text: str, start: int, words: frozenset[str]) -> bool:
    """Whether one of the words, which may be two, stands right before ``start``."""
    before = _WORDS_BEFORE.search(text, max(0, start - 40), start)
    if before is None:
        return False
    return before[2] in words or before[2].lower() in words or f"{before[1]} {before[2]}" in words
