"""Builds ``regions.tsv.gz``, the names of provinces and states; ``SOURCES.md`` says from what.

Run it after ``build.py``, in the environment of the project with PyYAML, and say where a clone of
https://github.com/countries/countries lies::

    PYTHONPATH=. python workers/enrich/languages/build_regions.py /tmp/countries

Where the source does not change, the file does not change by a byte.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Set
from pathlib import Path

import yaml

from workers.enrich.languages.build import declined, write

HERE = Path(__file__).parent

LANGUAGES = re.findall(r"\w+", "ar de es fr it ja nl pl pt ru sv tr uk zh")
TYPES = frozenset(
    re.findall(
        r"\w+",
        """province region state department departments metropolitan_department governorate prefecture canton county
        administrative_region metropolitan_region republic voivodeship autonomous_region autonomous_community
        autonomous_province regional_state union_territory administrative_territory emirate oblast development_region
        land federal_district geographical_region territory""",
    )
)
"""The kinds of divisions that newspapers call by name; no districts, towns or parishes."""
_OF = r"(?:de l['’]|d['’]|du |de las? |del |d[eo]l?l?a? |di |des? )"
_KIND = re.compile(
    rf"""[ ]?\(.+\)
    | ^(?:Provinz|Département|Präfektur|Region|Oblast|Woiwodschaft|Kanton|Gouvernement|Bundesstaat|Bezirk|Gebiet)[ ]
    | ^(?:[Pp]rovincia|[Pp]rovíncia|[Pp]rovince|[Dd]épartement|[Rr]égion|[Pp]réfecture|[Ee]stado|[Rr]egi[oó]n|[Rr]egião
        |[Rr]egione|[Dd]epartamento|[Cc]antone?|[Dd]istrito)[ ]{_OF.replace(" ", "[ ]")}
    | ^(?:[Pp]rovincie|[Pp]refectuur|[Pp]rowincja|[Pp]refektura|[Dd]epartament|[Ss]tan|[Kk]anton)[ ]
    | ^(?:منطقة|محافظة|ولاية|مقاطعة|إقليم)[ ]
    | [ ](?:Province|Oblast|Prefecture|County|Region|Governorate|Department|State|prefektur|län|provins|ili|Bölgesi
        |Eyaleti|Valiliği)$
    """,
    re.VERBOSE,
)
_SIGN_AFTER = re.compile(r"(?<=..)[省市]$")
_COMPASS = re.compile(
    r"(?:(?:nor[dt]h?e?|noord|su[dlr]|süd|zuid|south|east|west|[eo]st|este|ovest|ouest|oeste|oost"
    r"|cent(?:re|er|ro|rale?|ral))[ -]?)+",
    re.IGNORECASE,
)
_KIND_STAYS = re.compile(r"[都道府県省州]$| област\w+$|^(?:województwo|obwód|Obwód|Prefektura|Prowincja) ")
_SPELLING = {
    "zh": re.compile(r"[一-鿿]{2,8}"),
    "ja": re.compile(r"[゠-ヿ]{4,14}[州県]?|[一-鿿]{2,5}[都道府県省]"),
    "ar": re.compile(r"[ء-غف-ي]{4,}(?: [ء-غف-ي]{2,}){0,2}"),
    "ru": re.compile(r"[А-ЯЁІЇЄҐ][А-Яа-яёіїєґ'’ -]{3,}"),
    "uk": re.compile(r"[А-ЯЁІЇЄҐ][А-Яа-яёіїєґ'’ -]{3,}"),
    "el": re.compile(r"[Ͱ-Ͽἀ-῿][Ͱ-Ͽἀ-῿ -]{3,}"),
}
_LATIN = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-Ž][A-Za-zÀ-ÖØ-öø-ÿĀ-žḀ-ỿ.'’ -]{3,}")
_MAX_WORDS = 4


def main(clone: Path) -> None:
    """Write the table from the clone."""
    write("regions.tsv", regions(clone / "lib/countries/data/subdivisions"))


def regions(folder: Path) -> Iterator[str]:
    """Language, ISO 3166-2 code, English name and names of each region in each language, by language."""
    towns = {(country, name) for name, country, *_ in _rows("gazetteer/cities.tsv.gz")}
    countries_of_city: defaultdict[str, set[str]] = defaultdict(set)
    for _, country, _, alternatives in _rows("languages/cities.tsv.gz"):
        for name in alternatives.split("|"):
            countries_of_city[name].add(country)
            if not _LATIN.match(name):
                towns.add((country, name))
    words = {word for (word,) in _rows("gazetteer/words.txt.gz")}
    found: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for path in sorted(folder.glob("*.yaml")):
        for code, region in sorted((yaml.safe_load(path.read_text("utf-8")) or {}).items()):
            translations = region.get("translations") or {}
            english = _KIND.sub("", str(translations.get("en") or region.get("name") or ""))
            are_words = set(re.split("[ -]", english.casefold())) <= words  # Central, North-East
            if region.get("type") not in TYPES or not english or are_words:
                continue
            for language in LANGUAGES:
                names = _names(str(translations.get(language) or ""), language)
                if (path.stem, english) in towns:  # called after its capital: only "Luhansk Oblast" is not the town
                    names = {name for name in names if _KIND_STAYS.search(name)}
                names = {name for name in names if (path.stem, name) not in towns}
                if own := sorted(name for name in names if countries_of_city[name] <= {path.stem}):
                    found[language].append("\t".join([language, f"{path.stem}-{code}", english, "|".join(own)]))
    for language in LANGUAGES:
        yield from found[language]


def _rows(table: str) -> Iterator[list[str]]:
    lines = gzip.decompress((HERE.parent / table).read_bytes()).decode().splitlines()
    return (line.split("\t") for line in lines)


def _names(name: str, language: str) -> Set[str]:
    """The name, also without what kind of region it is, in all its cases; none that cannot be read in the script."""
    plain = _KIND.sub("", name)
    forms = {plain} if plain != name and language not in ("pl", "ru", "uk") else {name, plain}
    if name.endswith("s län"):
        forms = {plain[:-1]}
    if language == "zh":
        forms.add(_SIGN_AFTER.sub("", plain))
    spelling = _SPELLING.get(language, _LATIN)
    forms = {form for form in forms if not _COMPASS.fullmatch(form)}
    known = {form for form in forms if spelling.fullmatch(form) and len(form.split()) <= _MAX_WORDS}
    if language not in ("ru", "uk"):
        return known
    return {form for each in known for form in (declined(each) if each.count(" ") < 2 else {each})}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
