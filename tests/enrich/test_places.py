from __future__ import annotations

import pytest

from schemas.records import EntityType
from tests.enrich.support import article, enriched, entity
from workers.enrich.places import codes, resolve_city

NOWHERE: frozenset[str] = frozenset()


def country_of(name: str, *ids: str) -> str | None:
    countries, regions = codes(frozenset(ids))
    city = resolve_city([name], countries, regions, None)
    return f"{city.country}-{city.region}".strip("-") if city else None


@pytest.mark.parametrize(
    ("name", "ids", "expected"),
    [
        ("Paris", (), "FR"),
        ("Paris", ("iso3166:US",), "FR"),
        ("Naxos", (), "GR"),
        ("Birmingham", ("iso3166:GB",), "GB-ENG"),
        ("Birmingham", ("iso3166:US", "iso3166:US-AL"), "US-AL"),
        ("Springfield", (), None),
        ("Springfield", ("iso3166:US", "iso3166:US-MO"), "US-MO"),
        ("Valdoria", (), None),
    ],
)
def test_a_town_is_chosen_by_the_countries_and_regions_of_the_article_or_not_at_all(
    name: str, ids: tuple[str, ...], expected: str | None
) -> None:
    assert country_of(name, *ids) == expected


def test_a_town_gets_its_geonames_id_and_country() -> None:
    town = entity(enriched(article("Rain fell in Kharkiv. In Kharkov the sun shone.")), "Kharkiv")
    assert (town.id, town.count, town.links["country"]) == ("geonames:706483", 2, "iso3166:UA")


def test_a_name_that_may_mean_several_towns_gets_no_id() -> None:
    town = entity(enriched(article("Rain fell in Springfield."), {"Springfield": EntityType.GPE}), "Springfield")
    assert town.id is None


def test_the_countries_of_an_article_include_those_of_its_towns_and_peoples() -> None:
    out = enriched(article("Chile and Peru met. Santiago sent Chilean experts to Lima.", headline="Chile"))
    assert [country.id for country in out.countries] == ["iso3166:CL", "iso3166:PE"]
    assert out.countries[0].salience > out.countries[1].salience
    assert enriched(article("Rain fell.")).countries == ()
