"""The tables of this folder: names in other languages, and the words around names."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from workers.enrich.lexicon import LexiconEntry, entries_by_key
from workers.enrich.people import office_holders_by_key
from workers.enrich.places import town_entry
from workers.enrich.types import GPE, ORG

CYRILLIC = ("ru", "uk")
SCRIPTS = {
    **dict.fromkeys(CYRILLIC, re.compile("[Ѐ-ӿ]")),
    "ar": re.compile("[؀-ۿ]"),
    **dict.fromkeys(("zh", "ja"), re.compile("[゠-ヿ一-鿿]")),
}
"""The letters of the languages that are not written in Latin ones."""
HOMES = {
    "de": ("DE", "AT", "CH", "LI", "LU"),
    "fr": ("FR", "BE", "CH", "CA", "SN", "CI", "MA", "DZ", "TN"),
    "es": ("ES", "MX", "AR", "CO", "CL", "PE", "VE", "EC", "BO", "UY", "PY", "CU", "DO", "GT", "HN", "SV", "CR", "PA"),
    "it": ("IT", "CH", "SM"),
    "pt": ("PT", "BR", "AO", "MZ", "CV"),
    "nl": ("NL", "BE", "SR"),
    "pl": ("PL",),
    "sv": ("SE", "FI"),
    "tr": ("TR", "CY"),
}  # fmt: skip
"""The countries whose newspapers are written in a language: their towns are called without saying where they lie."""
_WORLD_CITIES = 700
WITHOUT_BLANKS = frozenset({"zh", "ja"})
_LATIN = re.compile("[A-Za-zÀ-ɏ]")


@dataclass(frozen=True, slots=True)
class LocalWords:
    """The words that tell names in a language; ``words.tsv`` describes the kinds."""

    titles: frozenset[str]
    places: frozenset[str]
    organisations: frozenset[str]
    functions: frozenset[str]
    areas: frozenset[str]
    ambiguous: frozenset[str]
    longer: frozenset[str]
    common: frozenset[str]
    title_endings: tuple[str, ...]
    body_endings: tuple[str, ...]


@cache
def countries() -> Mapping[str, Mapping[str, LexiconEntry]]:
    """The entries of countries and organisations by language and name."""
    found: dict[str, dict[str, LexiconEntry]] = {}
    known = {**entries_by_key(), **office_holders_by_key(), **{entry.key: entry for entry, _ in _cities()}}
    for language, code, names in _rows("countries.tsv.gz"):
        if entry := known.get(f"country:{code}") or known.get(f"country:?{code}"):
            found.setdefault(language, {}).update(dict.fromkeys(names.split("|"), entry))
    for language, key, names in _rows("names.tsv"):
        kind = GPE if key.startswith("place:") else ORG
        entry = known.get(key) or LexiconEntry(key, names.split("|")[0], kind)
        found.setdefault(language, {}).update(dict.fromkeys(names.split("|"), entry))
    return found


@cache
def regions(language: str) -> Mapping[str, LexiconEntry]:
    """The entries of provinces and states by their names in the language."""
    known = {entry.id: entry for entry in entries_by_key().values() if entry.id and entry.type is GPE}
    found: dict[str, LexiconEntry] = {}
    for code, english, names in _regions_by_language().get(language, ()):
        id, country = f"iso3166:{code}", f"iso3166:{code.partition('-')[0]}"
        entry = known.get(id) or LexiconEntry(f"region:{code}:{english}", english, GPE, id, {"country": country})
        for name in names.split("|"):
            found.setdefault(name, entry)
    return found


@cache
def _regions_by_language() -> Mapping[str, Sequence[Sequence[str]]]:
    found: dict[str, list[Sequence[str]]] = {}
    for language, *row in _rows("regions.tsv.gz"):
        found.setdefault(language, []).append(row)
    return found


@cache
def cities(language: str) -> Mapping[str, Sequence[LexiconEntry]]:
    """The entries of large cities by their names in the letters of the language, the largest city of a name first."""
    letters = SCRIPTS.get(language, _LATIN)
    found: dict[str, list[LexiconEntry]] = {}
    for entry, names in _cities():
        for name in names.split("|"):
            if letters.match(name):
                found.setdefault(name, []).append(entry)
    return found


@cache
def _cities() -> list[tuple[LexiconEntry, str]]:
    """The entry of each large city, the largest first, and all its names."""
    return [
        (
            LexiconEntry(f"city:{id}", name, GPE, f"geonames:{id}", {"country": f"iso3166:{country}"}),
            names,
        )
        for id, country, name, names in _rows("cities.tsv.gz")
    ]


def largest_cities() -> Sequence[LexiconEntry]:
    """The entries of the cities that newspapers everywhere mention."""
    return [entry for entry, _ in _cities()[:_WORLD_CITIES]]


def entry_of(key: str) -> LexiconEntry:
    """The entry with a key, of the general lexicon, of this folder or of the list of towns."""
    if key.startswith("town:"):
        return town_entry(key)
    if key.startswith("region:"):
        _, code, name = key.split(":", 2)
        return LexiconEntry(key, name, GPE, f"iso3166:{code}", {"country": f"iso3166:{code.partition('-')[0]}"})
    return entries_by_key().get(key) or office_holders_by_key().get(key) or _own_entries()[key]


@cache
def _own_entries() -> Mapping[str, LexiconEntry]:
    local = (entry for names in countries().values() for entry in names.values())
    return {entry.key: entry for entry in (*local, *(entry for entry, _ in _cities()))}


def local_words(language: str) -> LocalWords | None:
    """The words that tell all kinds of names in the language; None if there are none."""
    words = words_around_places(language)
    return words if words.titles else None


@cache
def words_around_places(language: str) -> LocalWords:
    """The words that tell places and, for some languages, other names too."""
    kinds = {kind: frozenset(own.split("|")) for of, kind, own in _rows("words.tsv") if of == language}
    none: frozenset[str] = frozenset()
    return LocalWords(
        titles=kinds.get("title", none),
        places=kinds.get("place", none),
        organisations=kinds.get("organisation", none),
        functions=kinds.get("function", none),
        areas=kinds.get("area", none),
        ambiguous=kinds.get("ambiguous", none),
        longer=kinds.get("longer", none),
        common=kinds.get("common", none),
        title_endings=tuple(sorted(kinds.get("ending", none))),
        body_endings=tuple(sorted(kinds.get("body", none))),
    )


@cache
def names_of_people(language: str) -> frozenset[str]:
    """Given names in Arabic, family names in Chinese."""
    return frozenset(name for of, _, names in _rows("people.tsv.gz") if of == language for name in names.split("|"))


@cache
def words_around_people(language: str) -> Mapping[str, Sequence[str]]:
    """The words beside people's names in languages without capitals, by kind; the longest first."""
    found = ((kind, own.split("|")) for of, kind, own in _rows("words.tsv") if of == language)
    return {kind: sorted(words, key=len, reverse=True) for kind, words in found}


@cache
def head_words(language: str) -> Mapping[str, str]:
    """Regular expressions for the nouns in names of organisations, by kind; ``heads.tsv`` describes the kinds."""
    return {kind: own for of, kind, own in _rows("heads.tsv") if of == language}


@cache
def cyrillic_given_names() -> frozenset[str]:
    """Given names in Cyrillic letters, in lower case."""
    return frozenset(line for (line,) in _rows("given_names.txt.gz"))


def _rows(table: str) -> Iterator[list[str]]:
    data = (resources.files(__package__) / table).read_bytes()
    text = (gzip.decompress(data) if table.endswith(".gz") else data).decode()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    yield from (line.split("\t") for line in lines[not table.endswith(".gz") :])
