"""Decides which town a name means, by the countries and regions of the article. None rather than a guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from workers.enrich.gazetteer import City, cities

DOMINANT = 10
"""How many times larger a town is than its next namesake if the name alone means it."""
LARGE_TOWN = 100_000
WORLD_CITY = 1_000_000
"""From this population a town is meant even in articles on another country that has a namesake."""


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
        return _largest_of_region(candidates, regions) or largest
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
