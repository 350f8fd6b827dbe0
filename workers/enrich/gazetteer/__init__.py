"""Reference lists of towns, people's names, politicians, companies and words. ``SOURCES.md`` says where they come from.

They are evidence of what a name may be, while the tables of ``workers.enrich.lexicon`` say what it is. ``build.py``
and ``build_politicians.py`` make the files.
"""

from __future__ import annotations

import gzip
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

_MIDDLE_INITIAL = re.compile(r"(?<=\w\w) [A-Z]\.?(?= )")


class City(NamedTuple):
    """A town by GeoNames. ``region`` is the first-level division, of the United States and the United Kingdom only."""

    name: str
    country: str
    region: str
    population: int
    id: str


@cache
def _city_rows() -> Sequence[str]:
    """The rows of all towns, unread: an article needs a handful of 70,000."""
    return _lines("cities.tsv")


@cache
def _city_names() -> Mapping[str, str]:
    """The numbers of the rows by name."""
    return dict(line.split("\t") for line in _lines("city_names.tsv"))


def cities(name: str) -> Sequence[City]:
    """The towns of that name, the largest first."""
    found = []
    for number in _city_names().get(name, "").split():
        own_name, country, region, population, id = _city_rows()[int(number)].split("\t")
        found.append(City(own_name, country, region, int(population), id))
    return found


def towns_of_country(country: str) -> list[City]:
    """All towns of a country, by its ISO code, under their own names."""
    found = (line.split("\t") for line in _city_rows() if f"\t{country}\t" in line)
    return [City(name, of, region, int(people), id) for name, of, region, people, id in found if of == country]


def is_city(name: str) -> bool:
    """Whether a town has that name."""
    return name in _city_names()


@cache
def given_names() -> frozenset[str]:
    """Given names of many countries, in lower case."""
    return frozenset(_lines("given_names.txt"))


@cache
def family_names() -> frozenset[str]:
    """Family names of many countries, in lower case."""
    return frozenset(_lines("family_names.txt"))


@cache
def common_words() -> frozenset[str]:
    """English words that are written in lower case."""
    return frozenset(_lines("words.txt"))


def is_word_or_persons_name(name: str) -> bool:
    """Whether a name is also an English word or a person's given or family name."""
    word = name.casefold()
    return word in common_words() or word in given_names() or word in family_names()


class Politician(NamedTuple):
    """A member of a parliament or government: the Wikidata item, and the codes of the countries that they served."""

    item: str
    countries: frozenset[str]


@cache
def _politician_rows() -> Sequence[bytes]:
    """The rows of all politicians, unread, in order and in UTF-8, which takes a third less memory."""
    return _data("politicians.tsv").splitlines()


def without_middle_initials(name: str) -> str:
    """The name as the list of politicians has it: John Thune for John R. Thune."""
    return _MIDDLE_INITIAL.sub("", name)


@lru_cache(maxsize=20_000)
def politicians(name: str) -> Sequence[Politician]:
    """The politicians of that full name, with or without middle initials."""
    rows = _politician_rows()
    beginning = f"{without_middle_initials(name)}\t".encode(errors="surrogatepass")
    place = bisect_left(rows, beginning)
    if place == len(rows) or not rows[place].startswith(beginning):
        return []
    bearers = (bearer.split(":") for bearer in rows[place].decode().split("\t")[1:])
    return [Politician(item, frozenset(countries.split("|"))) for item, countries in bearers]


@cache
def companies() -> Mapping[str, str]:
    """The tickers of listed companies by name; empty if it is not known."""
    return dict(line.split("\t") for line in _lines("companies.tsv"))


def load() -> None:
    """Read all lists now, so that the first article is not slow."""
    for read in (_city_rows, _city_names, given_names, family_names, common_words, companies, _politician_rows):
        read()


def _lines(table: str) -> list[str]:
    return _data(table).decode().splitlines()


def _data(table: str) -> bytes:
    return gzip.decompress((resources.files(__package__) / f"{table}.gz").read_bytes())
