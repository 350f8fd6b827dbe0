"""Finds organisations by the nouns in their names: Ministère de la Justice, Landgericht Köln, Gazi Üniversitesi.

``heads.tsv`` has these nouns. Two more signs hold in every language: a legal form after the name (Siemens AG), and an
acronym of the name in brackets after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from workers.enrich.acronyms import abbreviates
from workers.enrich.gazetteer import given_names, is_city
from workers.enrich.languages.tables import WITHOUT_BLANKS, head_words, local_words
from workers.enrich.spans import NamedSpan
from workers.enrich.types import BY_RULE, ORG

_CAPITAL = r"[^\W\d_a-zа-яёіїєґß-öø-ÿāăąćčďđēĕėęěğģīįıķĺļľłńņňōőŕřśşšţťūůűźżž]"
_WORD = rf"{_CAPITAL}[\w’'-]*"
_OF = (
    r"(?:de l['’]|d['’]|de las?|de los|de|du|des|del|dello|della|dell['’]|delle|dei|degli|di|do|da|dos|das|et|e|y"
    r"|à la|aux?|para|per|per l['’]|für|der|van de|van het|van|voor de|voor|en|i|ds\.|do spraw|för)"
)
_FORM = re.compile(
    rf"(?<![\w-]){_WORD}(?: (?:& |und |y |e )?{_WORD}){{0,4}} "
    r"(?:GmbH(?: & Co\. KG)?|AG|SE|KGaA|e\. ?V\.|S\.p\.A\.|SpA|S\.r\.l\.|S\.A\.U?\.?|S\.L\.|SAS|SA|N\.V\.|NV"
    r"|B\.V\.|BV|AB|ASA|A/S|Oyj|Sp\. z o\.o\.|sp\. z o\.o\.|A\.Ş\.|Ltd\. Şti\.|Ltda\.?|plc|Inc\.|Corp\.)(?![\w-])"
)
_ACRONYM = re.compile(r" \(([^\W\d_][^\W_]{1,9})\)")
_MAX_NAME_CHARS = 120
_MAX_CONNECTIVE = 3
_WORD_BEFORE = re.compile(r"[^\W_][\w-]*")
_BREAK = re.compile(r"[.!?:;,()«»„“”\"\n]")
_GERMAN_COMPOUND = re.compile(
    r"(?<![\w-])(?!Feuerwehr|Polizei|Team|Regierungs|Gewerkschafts|Bau|Sport)([^\W\d_][\w&.]*[^\W_])"
    r"-(?:Chef|Chefin|Aktien?|Konzerns?|Vorstand|Vorstandschef|Vorstandschefin|Aufsichtsrat|Tochter|Fraktion|Politikers?"
    r"|Politikerin|Vorsitzende[rn]?|Abgeordnete[rn]?|Gründers?|Aktionären?|Parteitag)(?!\w)"
)
_CAMEL_CASE = re.compile(
    r"(?<![\w@#./-])(?<!\d )(?!(?:Mc|Mac|De|Di|Du|La|Le|Van|Von|Fitz|Vander|Del|Della|San)[A-ZÀ-Þ])"
    r"[A-ZÀ-ÞА-ЯІЇЄҐ][a-zß-öø-ÿа-яіїєґ]+[A-ZÀ-ÞА-ЯІЇЄҐ][^\W_]*(?![\w’'-]| \d)"
)
_TOWN_AFTER = re.compile(rf" ({_WORD})")
_PARTY_AFTER_PERSON = re.compile(r"(?<=\w) \(([A-ZÀ-ÞА-ЯІЇЄҐ][A-ZÀ-ÞА-ЯІЇЄҐ\d]{1,5})\)")
_SIGNS = r"[一-鿿゠-ヿA-Z]"
_JAPANESE_COMMON = frozenset(("労働組合", "協同組合", "実行委員会", "特別委員会", "総合病院", "大学病院"))
_PARTICLE_SIGN = "的在和与跟及对由从到向被把将是为了给让说称"


def find_organisations(text: str, language: str) -> Iterator[NamedSpan]:
    """The organisations that their own words tell, the surest first; they may overlap."""
    spans: Iterable[tuple[int, int]]
    if language in WITHOUT_BLANKS:
        spans = _by_last_signs(text, language)
    else:
        spans = (
            *_with_acronym(text),
            *_by_legal_form(text, language),
            *_by_nouns(text, language),
            *((match.start(), _with_town(text, match.end())) for match in _CAMEL_CASE.finditer(text)),
            *(match.span(1) for match in _PARTY_AFTER_PERSON.finditer(text)),
            *(_in_compounds(text) if language == "de" else ()),
        )
    for start, end in spans:
        yield NamedSpan(start, end, ORG, BY_RULE)


def _by_legal_form(text: str, language: str) -> Iterator[tuple[int, int]]:
    words = local_words(language)
    for match in _FORM.finditer(text):
        start = match.start()
        first = match.group().partition(" ")[0]
        known = words.functions | words.titles | words.organisations if words else frozenset()
        if words and (first in known or first.lower() in known or first.lower().endswith(words.body_endings)):
            start += len(first) + 1
        yield start, match.end()


def _with_town(text: str, end: int) -> int:
    """The end of the town that follows a club's letters (ThSV Eisenach), or else the same place."""
    town = _TOWN_AFTER.match(text, end)
    return town.end() if town and is_city(town[1]) else end


def _in_compounds(text: str) -> Iterator[tuple[int, int]]:
    """The names before German nouns for what only organisations have: Lufthansa-Chef."""
    for match in _GERMAN_COMPOUND.finditer(text):
        if match[1][0].isupper() and not is_city(match[1]):
            yield match.span(1)


def _with_acronym(text: str) -> Iterator[tuple[int, int]]:
    """The names before their acronyms in brackets, and these, wherever they stand."""
    found = set()
    for match in _ACRONYM.finditer(text):
        acronym = match[1]
        if acronym[0].isupper() and (start := _start_of_full_name(text, match.start(), acronym)) is not None:
            yield start, match.start()
            found.add(acronym)
    if found:
        yield from (word.span() for word in _WORD_BEFORE.finditer(text) if word.group() in found)


def _start_of_full_name(text: str, end: int, acronym: str) -> int | None:
    """Where the name begins that ends before its acronym; None if the words do not give these letters."""
    begin = max(0, end - _MAX_NAME_CHARS)
    breaks = [found.end() for found in _BREAK.finditer(text, begin, end)]
    words = list(_WORD_BEFORE.finditer(text, breaks[-1] if breaks else begin, end))
    for found in words:
        if text[found.start()].isupper() and _initials(text[found.start() : end]) == acronym.casefold():
            return found.start()
    for i in range(len(words) - 1, -1, -1):
        start = words[i].start()
        if text[start].isupper() and abbreviates(acronym, text[start:end]):
            is_person = i == len(words) - 2 and words[i].group().casefold() in given_names()  # Anna Svensson (AS)
            return None if is_person else start
    return None


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split() if len(word) > _MAX_CONNECTIVE or word[0].isupper()).casefold()


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], ...]:
    """What matches the names with the nouns of a language."""
    heads = head_words(language)
    first, last, whole, adjective, of = (heads.get(k) for k in ("first", "last", "whole", "adjective", "of"))
    found = []
    if whole:
        found.append(rf"(?<![\w-])(?:{whole})(?![\w-])")
    if of:
        found.append(
            rf"(?<![\w-])(?:{of}) {_OF} ?\w[\w’'-]+(?:(?:,| et| e| y| en)?(?: {_OF})? ?(?<=[ ’']){_WORD})*(?![\w-])"
        )
    if first:
        more = rf"(?: (?:{adjective}))" if adjective else "(?!)"
        rest = rf"(?:{more}*(?: (?:{_OF} ?)?(?!(?:{first})\b [^\W\d_]+ (?:hat|ist)){_WORD})+|{more}+)"
        found.append(rf"(?<![\w-])(?:(?:{adjective or '(?!)'}) )?(?:{first})(?![\w-]){rest}(?![\w-])")
    if last:
        found.append(rf"(?<![\w-]){_WORD}(?: (?:ve )?{_WORD}){{0,4}} (?:{last})(?![\w-])")
    return tuple(map(re.compile, found))


def _by_nouns(text: str, language: str) -> Iterator[tuple[int, int]]:
    words = local_words(language)
    for pattern in _patterns(language):
        for match in pattern.finditer(text):
            start, end = match.span()
            first = match.group().partition(" ")[0]
            rest = match.group()[len(first) + 1 :]
            if words and " " in rest and (first.lower() in words.functions or first in words.common):
                start += len(first) + 1
            if language == "de":
                end = _end_at_town(text, start, end)
                if not _is_german_name(text[start:end]):
                    continue
            yield start, end


def _end_at_town(text: str, start: int, end: int) -> int:
    """Where a town within the name ends, which ends the name (RWTH Aachen Besuch), or else ``end``."""
    towns = (word.end() for word in _WORD_BEFORE.finditer(text, start, end) if is_city(word.group()))
    return next((town for town in towns if town < end and text.startswith(" ", town)), end)


def _is_german_name(name: str) -> bool:
    """Whether more than two nouns in a row make a German name: a town or "für" after the noun, or a known one."""
    last = name.rpartition(" ")[2]
    return (
        " " not in name
        or is_city(last)
        or " für " in name
        or last in ("Universität", "Hochschule")
        or name.count(" ") > 1
    )


def _by_last_signs(text: str, language: str) -> Iterator[tuple[int, int]]:
    last = head_words(language).get("last")
    if not last:
        return
    pattern = re.compile(
        rf"(?:{_SIGNS}){{2,8}}?(?:{last})(?!{_SIGNS})" if language == "ja" else rf"[一-鿿]{{2,8}}?(?:{last})"
    )
    for match in pattern.finditer(text):
        start = match.start()
        cut = max((match.group().rfind(sign) for sign in _PARTICLE_SIGN), default=-1)
        if language == "zh":
            start += cut + 1
        if match.end() - start >= 3 and text[start : match.end()] not in _JAPANESE_COMMON:
            yield start, match.end()
