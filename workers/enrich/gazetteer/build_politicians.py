"""Builds ``politicians.tsv.gz``: members of parliaments and governments, with their Wikidata items.

Clone the repositories of ``politicians_sources.tsv`` and unitedstates/congress-legislators into one folder, each as
``owner/name``, and give that folder, in the project's development environment::

    python -m workers.enrich.gazetteer.build_politicians /tmp/repositories

Each is read at the commit named there or here, so the file does not change by a byte.
"""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from workers.enrich.gazetteer import without_middle_initials
from workers.enrich.gazetteer.build import HERE, unaccented, write

CONGRESS, CONGRESS_COMMIT = "unitedstates/congress-legislators", "dfa9622263dd4c8d08636926e498f1845704d7eb"

_NAME = re.compile(r"[^\W\d_a-zß-öø-ÿ][\w.'’-]*(?: [\w.'’-]+)+")
_ADDITION = re.compile(r" ?\([^)]*\)|,.*| (?:[JS]r\.?|I{2,3}|IV)$")
_TITLE = re.compile(r"^(?:Dr|Prof|Sir|Dame|Lord|Lady|Baron|Baroness)\.? ")


class Politician(NamedTuple):
    """A name, its bearer's Wikidata item, and a country that the bearer served."""

    name: str
    item: str
    country: str


def main(repositories: Path) -> None:
    """Write the table."""
    bearers: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for politician in (*members_of_all_countries(repositories), *congress(repositories)):
        name = without_middle_initials(_TITLE.sub("", _ADDITION.sub("", politician.name), count=1)).strip()
        if _NAME.fullmatch(name):
            for spelling in {name, unaccented(name)}:
                bearers[spelling].add((politician.item, politician.country))
    write("politicians.tsv", sorted(_row(name, found) for name, found in bearers.items()))


def _row(name: str, bearers: Iterable[tuple[str, str]]) -> str:
    """The name, and each of its bearers with the countries that they served."""
    countries: dict[str, set[str]] = defaultdict(set)
    for item, country in bearers:
        countries[item].add(country)
    return "\t".join([name, *(f"{item}:{'|'.join(sorted(own))}" for item, own in sorted(countries.items()))])


def members_of_all_countries(repositories: Path) -> Iterator[Politician]:
    """The members of the parliaments and governments of the countries in the table of sources."""
    for line in (HERE / "politicians_sources.tsv").read_text(encoding="utf-8").splitlines()[2:]:
        repository, commit, country = line.split("\t")
        for table in ("html/legislators.csv", "html/holders21.csv"):
            for row in csv.DictReader(io.StringIO(show(repositories / repository, commit, table))):
                yield Politician(row["person"], row["personID"], country)


def congress(repositories: Path) -> Iterator[Politician]:
    """The members of the Congress of the United States, and its presidents and vice presidents."""
    for table in ("legislators-current.yaml", "executive.yaml"):
        people: list[dict[str, Any]] = yaml.safe_load(show(repositories / CONGRESS, CONGRESS_COMMIT, table))
        for person in people:
            item = person["id"].get("wikidata")
            for name in _names_of_member(person) if item else ():
                yield Politician(name, item, "US")


def _names_of_member(person: dict[str, Any]) -> Iterable[str]:
    name = person["name"]
    usual = [f"{name[key]} {name['last']}" for key in ("first", "nickname") if key in name]
    return filter(None, [*usual, name.get("official_full"), person["id"].get("wikipedia")])


def show(repository: Path, commit: str, path: str) -> str:
    """The text of a file of a repository at a commit."""
    command = ["git", "-C", str(repository), "show", f"{commit}:{path}"]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
