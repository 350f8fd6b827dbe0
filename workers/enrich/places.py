"""Decides which town a name means, by the countries and regions of the article. None rather than a guess.

A town that the text names with its region or country (Paris, Texas) is known at once: its key begins with ``town:``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from schemas.records import EntityType
from workers.enrich.gazetteer import City, cities
from workers.enrich.lexicon import LexiconEntry, LexiconMatch
from workers.vocabulary.letters import CAPITAL

DOMINANT = 10
"""How many times larger a town is than its next namesake if the name alone means it."""
LARGE_TOWN = 100_000
WORLD_CITY = 1_000_000
"""From this population a town is meant even in articles on another country that has a namesake."""

_TOWN_BEFORE_REGION = re.compile(
    rf"(?<![\w-])({CAPITAL}[\w'’.-]*(?: (?:[a-z]{{1,3}} )?{CAPITAL}[\w'’.-]*){{0,3}})(?:,| \() ?$"
)
_MAX_TOWN_CHARS = 60
_LIST_GOES_ON = re.compile(rf",? (?:and|or) |, {CAPITAL}")
_TWO_REGIONS = {"country:?GE": (("GE", ""), ("US", "GA"))}
"""Names of a country and of a state, by key."""


def towns_with_region(text: str, matches: Iterable[LexiconMatch]) -> Iterator[tuple[int, int, str]]:
    """The towns that the text names with their region or country, with their start, end and key.

    ``matches`` are the lexicon's names in the text. A list (Washington, Pennsylvania and Ohio) names no town.
    """
    for start, end, entry in matches:
        in_brackets = text.endswith(" (", 0, start) and text.startswith(")", end)
        if not in_brackets and (not text.endswith(", ", 0, start) or _LIST_GOES_ON.match(text, end)):
            continue
        within = _TWO_REGIONS.get(entry.key) or _codes_of(entry)
        before = _TOWN_BEFORE_REGION.search(text, max(0, start - _MAX_TOWN_CHARS), start) if within else None
        while before:
            name = before[1]
            found = [c for c in cities(name) if any(c.country == of and code in ("", c.region) for of, code in within)]
            if found or (in_brackets and cities(name)):
                yield before.start(1), before.end(1), town_key(name, found[0] if found else None)
                break
            before = (
                _TOWN_BEFORE_REGION.match(text, before.start(1) + name.find(" ") + 1, start) if " " in name else None
            )


def _codes_of(entry: LexiconEntry) -> tuple[tuple[str, str], ...]:
    """The country's code of a region or country, and the region's in countries whose towns have one; else nothing."""
    if entry.id is None or not entry.key.startswith(("country:", "place:")):
        return ()
    country, _, region = entry.id.removeprefix("iso3166:").partition("-")
    return ((country, region if country in ("US", "GB") else ""),)


def town_key(name: str, city: City | None) -> str:
    """The key of a town by one of its names, of one that no list has if ``city`` is None."""
    return f"town:{city.id if city else ''}:{name}"


def town_entry(key: str) -> LexiconEntry:
    """The entry of the town with that key."""
    _, id, name = key.split(":", 2)
    if not id:
        return LexiconEntry(key, name, EntityType.GPE)
    city = next(city for city in cities(name) if city.id == id)
    links = {"country": f"iso3166:{city.country}"}
    return LexiconEntry(key, city.name, EntityType.GPE, f"geonames:{city.id}", links)


def resolve_city(names: Sequence[str], countries: Set[str], regions: Set[str], country: str | None) -> City | None:
    """The town that the names mean, all of one place; None if more than one is likely.

    Args:
        names: the spellings that the article uses.
        countries: the countries that the article mentions, by ISO code.
        regions: the states and nations that it mentions, by the code after the country's (TX, SCT).
        country: the country in which the lexicon has the place, if it does.
    """
    candidates = list(dict.fromkeys(city for name in names for city in cities(name)))
    if country:
        candidates = [city for city in candidates if city.country == country]
    if not candidates:
        return None
    largest = max(candidates, key=lambda city: city.population)
    if country or len(candidates) == 1:
        return largest if _dominates(largest, candidates) else _largest_of_region(candidates, regions) or largest
    if _dominates(largest, candidates) and largest.population >= WORLD_CITY:
        return largest
    near = [city for city in candidates if city.country in countries]
    if near:
        by_region = _largest_of_region(near, regions)
        if by_region:
            return by_region
        nearest = max(near, key=lambda city: city.population)
        return nearest if _dominates(nearest, near) else None
    if not countries or largest.population >= LARGE_TOWN:
        return largest if _dominates(largest, candidates) else None
    return None


def _largest_of_region(candidates: Sequence[City], regions: Set[str]) -> City | None:
    within = [city for city in candidates if city.region and city.region in regions]
    return max(within, key=lambda city: city.population) if within else None


def _dominates(city: City, candidates: Sequence[City]) -> bool:
    others = [other.population for other in candidates if other is not city]
    return not others or city.population >= DOMINANT * max(others)


def codes(ids: Mapping[str, object] | Set[str]) -> tuple[Set[str], Set[str]]:
    """The countries and regions of ISO ids: ``iso3166:US-TX`` is in US and is TX."""
    iso = [id.removeprefix("iso3166:") for id in ids if id.startswith("iso3166:")]
    return {code.partition("-")[0] for code in iso}, {code.partition("-")[2] for code in iso if "-" in code}
