"""Finds names by the form of the text, in languages that write names with capitals and have no model.

A run of capitalised words is a name. What it names is told by the words around it, by known given names, and by words
for organisations. In German, where all nouns are capitalised, only runs with such evidence count.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from schemas.records import EntityType
from workers.enrich.attribution import words_of_speech
from workers.enrich.gazetteer import cities, companies, given_names, is_city
from workers.enrich.languages import polish
from workers.enrich.languages.places import follows
from workers.enrich.languages.tables import CYRILLIC, HOMES, LocalWords, cyrillic_given_names, local_words
from workers.enrich.languages.tables import cities as known_cities
from workers.enrich.lexicon import first_words
from workers.enrich.lexicon import given_names as frequent_given_names
from workers.enrich.spans import NamedSpan
from workers.enrich.types import BY_RULE, GPE, LOC, ORG, PERSON
from workers.vocabulary.particles import PARTICLE

_LOWER = "a-zа-яёіїєґß-öø-ÿāăąćčďđēĕėęěğģīįıķĺļľłńņňōőŕřśşšţťūůűźżž"
_CAPITAL = rf"[^\W\d_{_LOWER}]"
_WORD = rf"{_CAPITAL}[\w’']*(?:-\w+)*"
_PARTICLES = r"(?:von der|van de[nr]|de l[ao]s?)"
_RUN = re.compile(rf"(?<![\w@#./-]){_WORD}(?: (?:{PARTICLE} |{_PARTICLES} )?{_WORD})*")
_RUNS = {"tr": re.compile(rf"(?<![\w@#./’'-]){_CAPITAL}\w*(?:-\w+)*(?: {_CAPITAL}\w*(?:-\w+)*)*")}
"""In Turkish, an apostrophe ends a name: Ankara'da."""
_PART = re.compile(r"[\w’'-]+")
_ELISION = re.compile(r"(?:[dlsnj]|qu|dell|all|nell|un|sull|dall)['’]", re.IGNORECASE)
_SENTENCE_START = re.compile(r"(?:^|[.!?…:;\n][\"”»“’)]*\s*|[«„“”\"(‚‘]\s*|[–—-]\s+)$")
_CLUB = re.compile(
    r"(?:FC|SC|SV|VfB|VfL|TSV|AC|AS|RB|CF|CD|SL|Real|Stade|Olympique|Borussia|Eintracht|Sporting|Atlético|Deportivo) "
)
_CLUB_ADJECTIVE = re.compile(r"(?:Stade|Olympique|Racing) [a-zé]+(?:ais|ain|ois|ien)\b")
_LEGAL_FORM = re.compile(r" (?:AG|SE|GmbH|SA|SpA|NV|BV|Ltda|PLC|ПАО|ООО|АО)$")
_TITLE_APART = re.compile(r"\b(\w+)\b[^.,;:\n«»“”„]{0,30}, $")
_WORD_BEFORE = re.compile(r"(\w+)[ ]$")
_TWO_WORDS_AFTER = re.compile(r",? (\w+)(?: (\w+))?")
_AREA_BEFORE = re.compile(
    r"(?<!\w)([^\W\d_]+) (?:d[ueoa]s?|de l[aeo]s?|de l['’]|del|dell[aeo]?|dell?['’]|d['’]|delle|degli|dei) ?$"
)
_BETWEEN_BEFORE = re.compile(r"\b(?:entre|tra|fra) (?:\w[\w’'-]+ (?:et|y|e) )?$")
_GERMAN_BODY = re.compile(
    r"\w+(?:bund|verband|verein|partei|amt|ministerium|gesellschaft|behörde|gewerkschaft|kammer|institut|stiftung|agentur|allianz|bündnis)"
)
_GERMAN_NOUN_FOLLOWS = re.compile(r"\b(?i:im|am|zum|beim|vom|ins|zur|ans|eine?[mnrs]?|keine?[mnrs]?|mehr|viele) $")
_ROLE_BEFORE = re.compile(r"(?<!\w)([^\W\d_A-ZА-ЯІЇЄҐ]\w+(?: [^\W\d_A-ZА-ЯІЇЄҐ]\w*){1,3}) $")
_DECLINED = ("uk", "ru", "pl")
"""Languages with cases, whose titles go on with nouns in the genitive (minister zdrowia)."""
_GERMAN_ARTICLE_BEFORE = re.compile(r"\b(?:[Dd](?:er|ie|as|em|en|es)|[Ee]ine?[rmns]?) $")
_WEAK_PLACE_WORDS = frozenset(("a", "à", "de", "di", "e", "o"))
"""Prepositions that stand before people and things more often than before places."""
_TURKISH_LOCATIVE = re.compile(r"['’][dt][ae]n?\b")
_CASE_ENDING = re.compile(r"(?:ом|ем|ой|ей|а|у|е|ы|и|ю|я)$")
_CAPITALS_BEFORE = re.compile(rf"{_CAPITAL}{{3,}} $")
_ACRONYM = re.compile(rf"{_CAPITAL}{{2,5}}")
_MAX_WORDS = 5
_MAX_ACRONYM_CHARS = 6
_MIN_POPULATION = 10_000


def _lower(word: str) -> str:
    """The word in lower case; a Turkish İ becomes one letter."""
    return word.replace("İ", "i").lower()


class LocalName(NamedTuple):
    """A name, and whether more than its form tells what it is."""

    span: NamedSpan
    is_sure: bool


def find_names(
    text: str, language: str, places: Sequence[NamedSpan], organisations: Sequence[NamedSpan] = ()
) -> Iterator[LocalName]:
    """The names in a text, in text order; none for a language without words of its own.

    ``places`` are the known names in the text, in text order, and ``organisations`` those that their own words tell.
    Countries and organisations are cut out (президент Франции Макрон).
    """
    words = local_words(language)
    if words:
        countries = [
            span
            for span in places
            if span.key and span.key.startswith("country:") and not _follows_given_name(text, span.start)
        ]
        finder = _Finder(text, language, words, [*countries, *organisations])
        known = sorted(
            (*(places if language == "tr" else countries), *organisations), key=lambda span: (span.start, -span.end)
        )
        begin_of_organisation = {span.start for span in organisations}
        for run in (_RUNS.get(language) or _RUN).finditer(text):
            parts = _cut(run.span(), known)
            for start, end in _without_dutch_genitives(text, parts, words) if language == "nl" else parts:
                name = finder.name(start, end)
                is_rest = end + 1 in begin_of_organisation and " " not in text[start:end]  # Nouvelle Union populaire
                if name and (name.is_sure or not is_rest):
                    yield name


def _follows_given_name(text: str, start: int) -> bool:
    """Whether a given name stands right before ``start``: the country is a surname (Luís Montenegro)."""
    before = _WORD_BEFORE.search(text, max(0, start - 30), start)
    return before is not None and before[1][0].isupper() and before[1].casefold() in given_names()


def _cut(run: tuple[int, int], spans: Sequence[NamedSpan]) -> Iterator[tuple[int, int]]:
    """The parts of a run before, between and after the spans."""
    start, end = run
    for span in spans[bisect_left(spans, start, key=lambda span: span.start) :]:
        if span.start >= end:
            break
        if start < span.start:
            yield start, span.start - 1
        start = max(start, span.end + 1)
    if start < end:
        yield start, end


def _without_dutch_genitives(
    text: str, runs: Iterable[tuple[int, int]], titles: LocalWords
) -> Iterator[tuple[int, int]]:
    """The runs, cut at "van" where a given name and a surname stand before it (Anna Visser van Milieudefensie)."""
    for start, end in runs:
        words = text[start:end].split()
        has_title = follows(text, start, titles.titles, titles.title_endings)
        particle = words.index("van") if "van" in words else 0
        known = [word.casefold() in given_names() for word in words[:particle]]
        if (particle > 1 and known[-2] and not known[-1]) or (particle == 2 and has_title):
            middle = text.index(" van ", start)
            yield start, middle
            yield middle + len(" van "), end
        else:
            yield start, end


class _Finder:
    """Finds the names in one text."""

    def __init__(self, text: str, language: str, words: LocalWords, known: Sequence[NamedSpan]) -> None:
        self._text, self._language, self._words = text, language, words
        self._known_start = {span.end: span.start for span in known}
        self._speech = words_of_speech(language)

    def name(self, start: int, end: int) -> LocalName | None:
        """The name in a run of capitalised words, with its type."""
        if end - start < 2:
            return None  # R$ 5
        if elided := _ELISION.match(self._text, start, end):
            start = elided.end()
        parts = [part.span() for part in _PART.finditer(self._text, start, end)]
        while parts and self._text[parts[-1][0]].islower():  # von der, before a known name
            parts.pop()
        end = parts[-1][1] if parts else end
        opens = bool(_SENTENCE_START.search(self._text, max(0, start - 6), start)) and not elided
        if opens and parts and self._word(parts[0]).lower() in self._words.functions:
            parts, opens = parts[1:], False
        introduced = None
        if self._language == "tr":
            titles = [i for i, part in enumerate(parts[:-1]) if self._introduces(part) is PERSON]
            if titles:  # Tarım Bakanı İbrahim Yumaklı
                parts, introduced, opens = parts[titles[-1] + 1 :], PERSON, False
        may_describe = (opens or self._language == "tr") and len(parts) > 2  # Galatasaraylı Mert Aksoy
        may_describe |= len(parts) > 1 and _ACRONYM.fullmatch(self._word(parts[0])) is not None
        if may_describe and not self._is_given_name(parts[0]):
            latest = len(parts) - 1 if self._language == "tr" else 2
            if given := next((i for i in range(1, latest) if self._is_given_name(parts[i])), 0):
                parts, introduced, opens = parts[given:], PERSON, False
        while len(parts) > 1 and (kind := self._introduces(parts[0])):
            parts, introduced, opens = parts[1:], kind, False
        if not parts or len(parts) > _MAX_WORDS or (len(parts) == 1 and self._is_no_name(parts[0])):
            return None
        start = parts[0][0]
        if adjective := _CLUB_ADJECTIVE.match(self._text, start):
            end = adjective.end()
        if self._text[start].islower():
            return None
        if sure := self._sure_kind(start, end, parts) or introduced:
            return LocalName(NamedSpan(start, end, sure, BY_RULE), True)
        is_compound = len(parts) == 1 and "-" in self._text[start:end]  # Météo-France is not France
        guess = self._guess(start, end, parts, opens and not is_compound)
        return LocalName(NamedSpan(start, end, guess, BY_RULE), is_compound) if guess else None

    def _word(self, part: tuple[int, int]) -> str:
        return self._text[slice(*part)]

    def _introduces(self, part: tuple[int, int]) -> EntityType | None:
        """The type of what a capitalised title or noun stands before (Bundeskanzler Merz, Gewerkschaft Verdi)."""
        word = self._word(part)
        for words, kind in ((self._words.titles, PERSON), (self._words.organisations, ORG)):
            if word in words or (self._language != "de" and _lower(word) in words):
                return kind
        if _lower(word).endswith(self._words.title_endings):
            return PERSON
        return ORG if _lower(word).endswith(self._words.body_endings) else None

    def _is_no_name(self, part: tuple[int, int]) -> bool:
        return self._introduces(part) is not None or self._word(part) in self._words.common

    def _sure_kind(self, start: int, end: int, parts: Sequence[tuple[int, int]]) -> EntityType | None:
        """What the run names by a title, a given name, a noun or a verb beside it, or its own words."""
        if self._is_organisation(self._text[start:end], start, end):
            return ORG
        if self._follows_title(start):
            return PERSON
        if len(parts) > 1 and is_city(self._text[start:end]):  # Santiago de Chile
            return GPE
        if len(parts) > 1 and self._is_given_name(parts[0]):
            is_noun = self._language == "de" and _GERMAN_NOUN_FOLLOWS.search(self._text, max(0, start - 12), start)
            return None if is_noun else PERSON
        if len(parts) > 1 and self._language in _DECLINED and self._follows_role(start):
            return PERSON
        if follows(self._text, start, self._words.organisations, self._words.body_endings):
            return ORG
        if not self._is_beside_verb(start, end):
            return None
        return self._speaker(start, end) if len(parts) == 1 and self._language == "de" else PERSON

    def _speaker(self, start: int, end: int) -> EntityType | None:
        """What a single German word beside a verb of saying names: with an article, a body (der Naturschutzbund)."""
        if not _GERMAN_ARTICLE_BEFORE.search(self._text, max(0, start - 7), start):
            return PERSON
        return ORG if _GERMAN_BODY.fullmatch(self._text, start, end) else None

    def _is_in_area(self, start: int) -> bool:
        """Whether the name is that of a valley, quarter or tunnel (la vallée d'Aoste)."""
        area = _AREA_BEFORE.search(self._text, max(0, start - 40), start)
        return area is not None and area[1].lower() in self._words.areas

    def _guess(self, start: int, end: int, parts: Sequence[tuple[int, int]], opens: bool) -> EntityType | None:
        """What the run may name; None if nothing shows that it is a name."""
        name = self._text[start:end]
        after_place_word = follows(self._text, start, self._words.places) and (
            is_city(name) or name in known_cities(self._language) or not follows(self._text, start, _WEAK_PLACE_WORDS)
        )
        if self._language == "de":
            is_town = after_place_word and any(city.population >= _MIN_POPULATION for city in cities(name)[:1])
            return GPE if is_town else None
        if self._is_portfolio(start):
            return None
        if self._is_in_area(start) or (first_words().get(name.replace("-", " ").split(" ")[0]) is LOC):
            return LOC
        if after_place_word or _BETWEEN_BEFORE.search(self._text, max(0, start - 40), start):
            return GPE
        is_headline = name.isupper() and (len(parts) > 1 or len(name) > _MAX_ACRONYM_CHARS)
        if is_headline or (opens and (len(parts) == 1 or not self._recurs(name, start, end))):
            return None
        return GPE if self._is_home_town(name, end) else ORG

    def _is_home_town(self, name: str, end: int) -> bool:
        """Whether a town has that name in a country where the language is spoken, and no company.

        In Turkish, any town that something is in or from.
        """
        homes = HOMES.get(self._language, ())
        is_town = any(
            city.country in homes and city.population >= _MIN_POPULATION for city in cities(name.replace("İ", "I"))
        )
        return (is_town and name not in companies()) or (
            self._language == "tr" and is_city(name) and bool(_TURKISH_LOCATIVE.match(self._text, end))
        )

    def _is_portfolio(self, start: int) -> bool:
        """Whether the words say what somebody is minister of (ministro de Economía)."""
        of = _AREA_BEFORE.search(self._text, max(0, start - 40), start)
        return of is not None and of[1].lower().startswith("minist")

    def _is_organisation(self, name: str, start: int, end: int) -> bool:
        if self._language in CYRILLIC and self._text[start - 1 : start] == "«" and self._text[end : end + 1] == "»":
            return True
        is_acronym = name.isupper() and name.isalpha() and 1 < len(name) <= _MAX_ACRONYM_CHARS
        is_acronym = is_acronym and not _CAPITALS_BEFORE.search(self._text, max(0, start - 20), start)
        is_company = name in companies() and not follows(self._text, start, self._words.titles)
        return is_acronym or is_company or bool(_CLUB.match(name) or _LEGAL_FORM.search(name))

    def _follows_title(self, start: int) -> bool:
        """Whether a title stands right before, or before a comma (el presidente del Gobierno, Pedro Sánchez).

        A known name may stand between (президент Франции Эмманюэль Макрон).
        """
        start = self._known_start.get(start - 1, start)
        if follows(self._text, start, self._words.titles, self._words.title_endings):
            return True
        if not self._text.endswith(", ", 0, start):
            return False
        apart = _TITLE_APART.search(self._text, max(0, start - 60), start)
        words = _PART.findall(apart.group()) if apart else ()
        return any(map(self._is_title, words))

    def _follows_role(self, start: int) -> bool:
        """Whether a title and a few words in lower case stand before (міністр оборони Павло Коваль)."""
        role = _ROLE_BEFORE.search(self._text, max(0, start - 60), start)
        return role is not None and any(map(self._is_title, role[1].split()))

    def _is_title(self, word: str) -> bool:
        return word in self._words.titles or word.lower().endswith(self._words.title_endings)

    def _is_given_name(self, part: tuple[int, int]) -> bool:
        first = self._word(part).split("-")[0]
        if first.lower() in self._words.functions:
            return False
        if self._language not in CYRILLIC:
            forms = (_lower(first), *(polish.given_name_forms(first.lower()) if self._language == "pl" else ()))
            return first in frequent_given_names() or any(form in given_names() for form in forms)
        stem = _CASE_ENDING.sub("", first.lower())
        return any(form in cyrillic_given_names() for form in (first.lower(), stem, f"{stem}а", f"{stem}я", f"{stem}й"))

    def _is_beside_verb(self, start: int, end: int) -> bool:
        """Whether a verb of saying stands right before or after the run."""
        if self._speech is None:
            return False
        verbs, helpers = self._speech.personal_verbs, self._speech.helpers
        before = _WORD_BEFORE.search(self._text, max(0, start - 30), start)
        if before and verbs.fullmatch(before[1]):
            return True
        after = _TWO_WORDS_AFTER.match(self._text, end)
        if after is None:
            return False
        return bool(verbs.fullmatch(after[1]) or (after[1] in helpers and after[2] and verbs.fullmatch(after[2])))

    def _recurs(self, name: str, start: int, end: int) -> bool:
        return self._text.find(name, end) >= 0 or 0 <= self._text.find(name) < start
