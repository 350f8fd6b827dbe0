"""The lexicon: names that are known beforehand, and a table of names that finds them in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Generic, TypeVar

from schemas.records import EntityType

T = TypeVar("T")

_WORD = re.compile(r"\w+")
_SHOUT = 4
"""Names of so many letters and more are known in capitals too (SEOUL)."""


class Words:
    """The words of a text with their places; apostrophes are made alike, so that ``Côte d’Ivoire`` is found."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("’", "'")
        self.spans = [word.span() for word in _WORD.finditer(self.text)]


class Table(Generic[T]):
    """Names and what they stand for, found in a text by whole words; the longest where several begin.

    One look-up per word, and per word that begins a name as many more as the longest such name has words.
    """

    def __init__(self, values: Mapping[str, T]) -> None:
        self.values = values
        self._reach: dict[str, int] = {}
        for name in values:
            words = _WORD.findall(name)
            if words:
                self._reach[words[0]] = max(self._reach.get(words[0], 0), len(words))

    def find(self, words: Words) -> Iterator[tuple[int, int, T]]:
        """The start, end and value of each name in the text, left to right, none overlapping."""
        text, spans, values, reach = words.text, words.spans, self.values, self._reach
        free = 0
        for i, (start, end) in enumerate(spans):
            longest = reach.get(text[start:end])
            if longest is None or start < free:
                continue
            for _, end in reversed(spans[i : i + longest]):
                name = text[start:end]
                if text.startswith(".", end) and f"{name}." in values:
                    name, end = f"{name}.", end + 1
                if name in values:
                    free = end
                    yield start, end, values[name]
                    break


@dataclass(frozen=True, slots=True)
class Entry:
    """What a name stands for.

    ``key`` is one for all names of a thing; ``id`` is null where the name has other bearers.
    """

    key: str
    name: str
    type: EntityType
    id: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)


def rows(name: str) -> list[list[str]]:
    """The rows of a table of this package as lists of fields, without comments and the line of column names."""
    text = (resources.files(__package__) / "lexicon" / f"{name}.tsv").read_text(encoding="utf-8")
    header, *lines = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return [line + [""] * (len(header) - len(line)) for line in lines]


@cache
def entries() -> Table[Entry]:
    """The lexicon of this package: countries, peoples, places, organisations. Read once; earlier tables go first."""
    names: dict[str, Entry] = {}

    def add(entry: Entry, *surfaces: str) -> None:
        for surface in filter(None, surfaces):
            names.setdefault(surface, entry)

    for code, name, aliases, people in rows("countries"):
        sure = not code.startswith("?")
        country = f"iso3166:{code.lstrip('?')}"
        add(Entry(f"country:{code}", name, EntityType.GPE, country if sure else None), name, *aliases.split("|"))
        for surface in people.split("|"):
            add(
                Entry(f"people:{surface}", surface, EntityType.NORP, None, {"country": country} if sure else {}),
                surface,
            )
    for name, aliases, kind, id, country in rows("places"):
        links = {"country": f"iso3166:{country}"} if country else {}
        add(Entry(f"place:{name}", name, EntityType(kind), id or None, links), name, *aliases.split("|"))
    for (name,) in rows("peoples"):
        add(Entry(f"people:{name}", name, EntityType.NORP), name)
    for name, aliases in rows("organisations"):
        add(Entry(f"organisation:{name}", name, EntityType.ORG), name, *aliases.split("|"))
    for surface, entry in list(names.items()):
        if len(surface) >= _SHOUT:
            names.setdefault(surface.upper(), entry)
    return Table(names)


@cache
def titles() -> Table[bool]:
    """The words that stand before a person's name, and whether what follows such a word is surely a person."""
    names = {title: bool(cue) for title, cue in rows("titles")}
    return Table(names | {title[0].lower() + title[1:]: cue for title, cue in names.items() if title[1:2].islower()})


@cache
def family_names() -> frozenset[str]:
    """The family names that stand before the given name."""
    return frozenset(name for (name,) in rows("family_names"))


@cache
def entries_by_key() -> Mapping[str, Entry]:
    """The entries of the lexicon by their keys."""
    return {entry.key: entry for entry in entries().values.values()}


@cache
def shorthands() -> Table[tuple[Entry, frozenset[str]]]:
    """Names that hold only in an article that names something else: the entry and the keys that must be there."""
    known = entries_by_key()
    return Table({name: (known[key], frozenset(needs.split("|"))) for name, key, needs in rows("shorthands")})


@cache
def given_names() -> frozenset[str]:
    """Common given names."""
    return frozenset(name for (name,) in rows("given_names"))


@cache
def heads() -> Mapping[str, EntityType | None]:
    """The last words that tell what a name is; None where it is nothing that we keep (a plan, a policy)."""
    return {word: EntityType(kind) if kind else None for word, kind in rows("heads")}


@cache
def not_names() -> frozenset[str]:
    """What models take for names and is none."""
    return frozenset(name for (name,) in rows("not_names"))


@cache
def cues() -> Mapping[tuple[str, str], tuple[EntityType, int]]:
    """What a word ``before`` or ``after`` a name of one word tells of its type, and how strongly."""
    return {(side, word): (EntityType(kind), int(weight)) for side, word, kind, weight in rows("cues")}
