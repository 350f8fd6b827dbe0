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


@pytest.mark.parametrize(
    ("body", "name", "id"),
    [
        ("A tornado hit Paris, Texas, on Friday. Paris has 25,000 residents.", "Paris", "geonames:4717560"),
        ("It began in Athens, Georgia.", "Athens", "geonames:4180386"),
        ("It began in Batumi, Georgia.", "Batumi", "geonames:615532"),
        ("London, Ontario, has a hospital.", "London", "geonames:6058560"),
        ("Washington, Pennsylvania and Ohio had storms.", "Washington", "geonames:4140963"),
        ("Paris (Georgia) has a mayor.", "Paris", None),
    ],
)
def test_a_town_lies_in_the_region_that_follows_its_name(body: str, name: str, id: str | None) -> None:
    assert entity(enriched(article(body)), name).id == id


def test_a_name_that_may_mean_several_towns_gets_no_id() -> None:
    town = entity(enriched(article("Rain fell in Springfield."), {"Springfield": EntityType.GPE}), "Springfield")
    assert town.id is None


def test_the_countries_of_an_article_include_those_of_its_towns_and_peoples() -> None:
    out = enriched(article("Chile and Peru met. Santiago sent Chilean experts to Lima.", headline="Chile"))
    assert [country.id for country in out.countries] == ["iso3166:CL", "iso3166:PE"]
    assert out.countries[0].salience > out.countries[1].salience
    assert enriched(article("Rain fell.")).countries == ()
