"""Finds names by the form of the text, in languages that write names with capitals and have no model.

A run of capitalised words is a name. What it names is told by the words around it, by known given names, and by words
for organisations. In German, where all nouns are capitalised, only runs with such evidence count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from schemas.records import EntityType, MentionSource
from workers.enrich.attribution import words_of_speech
from workers.enrich.gazetteer import cities, companies, given_names
from workers.enrich.languages.places import follows
from workers.enrich.languages.tables import LocalWords, cyrillic_given_names, local_words
from workers.enrich.lexicon import given_names as frequent_given_names
from workers.enrich.spans import NamedSpan
from workers.vocabulary.particles import PARTICLE

_LOWER = "a-zа-яёіїєґß-öø-ÿāăąćčďđēĕėęěğģīįıķĺļľłńņňōőŕřśşšţťūůűźżž"
_CAPITAL = rf"[^\W\d_{_LOWER}]"
_WORD = rf"{_CAPITAL}[\w’']*(?:-\w+)*"
_RUN = re.compile(rf"(?<![\w@#./-]){_WORD}(?: (?:{PARTICLE} ){{0,2}}{_WORD})*")
_PART = re.compile(r"[\w’'-]+")
_ELISION = re.compile(r"(?:[dlsnj]|qu|dell|all|nell|un|sull|dall)['’]", re.IGNORECASE)
_SENTENCE_START = re.compile(r"(?:^|[.!?…:;\n][\"”»“’)]*\s*|[«„“\"(‚‘]\s*|[–—-]\s+)$")
_CLUB = re.compile(
    r"(?:FC|SC|SV|VfB|VfL|TSV|AC|AS|RB|CF|CD|SL|Real|Stade|Olympique|Borussia|Eintracht|Sporting|Atlético|Deportivo) "
)
_LEGAL_FORM = re.compile(r" (?:AG|SE|GmbH|SA|SpA|NV|BV|Ltda|PLC|ПАО|ООО|АО)$")
_TITLE_APART = re.compile(r"\b(\w+)\b[^.,;:\n«»“”„]{0,30}, $")
_WORD_BEFORE = re.compile(r"(\w+)[ ]$")
_TWO_WORDS_AFTER = re.compile(r",? (\w+)(?: (\w+))?")
_CASE_ENDING = re.compile(r"(?:ом|ем|ой|ей|а|у|е|ы|и|ю|я)$")
_MAX_WORDS = 5
_MAX_ACRONYM_CHARS = 6
_MIN_POPULATION = 10_000
_CYRILLIC = frozenset({"ru", "uk"})


def find_names(text: str, language: str) -> Iterator[NamedSpan]:
    """The names in a text, in text order; none for a language without words of its own."""
    words = local_words(language)
    if words:
        finder = _Finder(text, language, words)
        for run in _RUN.finditer(text):
            if span := finder.name(*run.span()):
                yield span


class _Finder:
    """Finds the names in one text."""

    def __init__(self, text: str, language: str, words: LocalWords) -> None:
        self._text, self._language, self._words = text, language, words
        self._speech = words_of_speech(language)

    def name(self, start: int, end: int) -> NamedSpan | None:
        """The name in a run of capitalised words, with its type."""
        if elided := _ELISION.match(self._text, start, end):
            start = elided.end()
        parts = [part.span() for part in _PART.finditer(self._text, start, end)]
        opens = bool(_SENTENCE_START.search(self._text, max(0, start - 6), start)) and not elided
        if opens and parts and self._word(parts[0]).lower() in self._words.functions:
            parts, opens = parts[1:], False
        has_title = False
        while len(parts) > 1 and self._is_title(parts[0]):
            parts, has_title, opens = parts[1:], True, False
        if not parts or len(parts) > _MAX_WORDS or (len(parts) == 1 and self._is_title(parts[0])):
            return None
        start = parts[0][0]
        if self._text[start].islower():
            return None
        kind = self._kind(start, end, parts, has_title, opens)
        return NamedSpan(start, end, kind, MentionSource.RULE) if kind else None

    def _word(self, part: tuple[int, int]) -> str:
        return self._text[slice(*part)]

    def _is_title(self, part: tuple[int, int]) -> bool:
        word = self._word(part)
        return word in self._words.titles or word.lower() in self._words.titles

    def _kind(
        self, start: int, end: int, parts: Sequence[tuple[int, int]], has_title: bool, opens: bool
    ) -> EntityType | None:
        """What the run names; None if nothing shows that it is a name."""
        name = self._text[start:end]
        if self._is_organisation(name, start, end):
            return EntityType.ORG
        if has_title or self._follows_title(start):
            return EntityType.PERSON
        if len(parts) > 1 and self._is_given_name(self._word(parts[0])):
            return EntityType.PERSON
        if follows(self._text, start, self._words.organisations):
            return EntityType.ORG
        if self._is_beside_verb(start, end) and not opens:
            return EntityType.PERSON
        after_place_word = follows(self._text, start, self._words.places)
        if self._language == "de":
            is_town = after_place_word and any(city.population >= _MIN_POPULATION for city in cities(name)[:1])
            return EntityType.GPE if is_town else None
        if after_place_word:
            return EntityType.GPE
        if opens and (len(parts) == 1 or not self._recurs(name, start, end)):
            return None
        return EntityType.ORG

    def _is_organisation(self, name: str, start: int, end: int) -> bool:
        if self._language in _CYRILLIC and self._text[start - 1 : start] == "«" and self._text[end : end + 1] == "»":
            return True
        is_acronym = name.isupper() and name.isalpha() and 1 < len(name) <= _MAX_ACRONYM_CHARS
        is_company = name in companies() and not follows(self._text, start, self._words.titles)
        return is_acronym or is_company or bool(_CLUB.match(name) or _LEGAL_FORM.search(name))

    def _follows_title(self, start: int) -> bool:
        """Whether a title stands right before, or before a comma (el presidente del Gobierno, Pedro Sánchez)."""
        if follows(self._text, start, self._words.titles):
            return True
        apart = _TITLE_APART.search(self._text, max(0, start - 60), start)
        return bool(apart) and any(word in self._words.titles for word in _PART.findall(apart.group() if apart else ""))

    def _is_given_name(self, word: str) -> bool:
        first = word.split("-")[0]
        if self._language not in _CYRILLIC:
            return first in frequent_given_names() or first.lower() in given_names()
        stem = _CASE_ENDING.sub("", first.lower())
        return any(form in cyrillic_given_names() for form in (first.lower(), stem, f"{stem}а", f"{stem}я", f"{stem}й"))

    def _is_beside_verb(self, start: int, end: int) -> bool:
        """Whether a verb of saying stands right before or after the run."""
        if self._speech is None:
            return False
        verbs, helpers = self._speech.verbs, self._speech.helpers
        before = _WORD_BEFORE.search(self._text, max(0, start - 30), start)
        if before and verbs.fullmatch(before[1]):
            return True
        after = _TWO_WORDS_AFTER.match(self._text, end)
        if after is None:
            return False
        return bool(verbs.fullmatch(after[1]) or (after[1] in helpers and after[2] and verbs.fullmatch(after[2])))

    def _recurs(self, name: str, start: int, end: int) -> bool:
        return self._text.find(name, end) >= 0 or 0 <= self._text.find(name) < start
