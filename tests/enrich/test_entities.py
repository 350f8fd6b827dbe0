from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import EntityType, Section
from tests.enrich.support import article, enriched, entity, in_section
from workers.enrich.entities import MAX_MENTIONS_PER_ENTITY, salience
from workers.enrich.variants import normalise_name


def test_all_names_of_a_country_form_one_entity_with_its_iso_code() -> None:
    country = entity(enriched(article("The UK, or Britain, is the United Kingdom.")), "United Kingdom")
    assert (country.id, country.count, country.aliases) == ("iso3166:GB", 3, ("Britain", "UK"))


def test_short_and_long_forms_of_an_organisation_form_one_entity() -> None:
    out = enriched(article("The UN met. The United Nations voted."))
    assert entity(out, "United Nations").aliases == ("UN",)
    assert entity(enriched(article("The WHO met. WHO officials voted.")), "WHO").count == 2


def test_a_legal_form_does_not_make_another_company() -> None:
    names = {"Valdoria Lines Inc": EntityType.ORG, "Valdoria Lines": EntityType.ORG}
    out = enriched(article("Valdoria Lines Inc sails. Valdoria Lines sinks."), names)
    assert [e.count for e in out.entities] == [2]
    assert normalise_name("Valdoria-Linés, Ltd.") == "valdoria lines"


@pytest.mark.parametrize(
    ("name", "ticker"), [("Kenvue", "KVUE"), ("General Motors", "GM"), ("Target", None), ("First Solar", None)]
)
def test_a_listed_company_has_its_ticker_if_it_is_called_by_nothing_else(name: str, ticker: str | None) -> None:
    company = entity(enriched(article(f"They met people of {name} today."), {name: EntityType.ORG}), name)
    assert company.links.get("ticker") == ticker


def test_a_name_with_a_legal_form_is_no_short_form_of_another_company() -> None:
    names = {"Valdor Holdings": EntityType.ORG, "Valdor Shipping Line": EntityType.ORG}
    out = enriched(article("Valdor Holdings owns Valdor Shipping Line."), names)
    assert [e.count for e in out.entities] == [1, 1]


def test_byline_mentions_are_listed_but_not_counted() -> None:
    out = enriched(
        article(
            "Rain fell on Chile. Chile was wet.",
            headline="Rain in Chile",
            captions=["A ship.", "A port in Peru."],
            byline=["Marta Oyelaran"],
        )
    )
    chile = entity(out, "Chile")
    assert chile.count == 3
    assert entity(out, "Marta Oyelaran").count == 0
    assert [m.section for m in chile.mentions] == [Section.TITLE, Section.BODY, Section.BODY]
    assert in_section(out, Section.CAPTION) == {"Peru"}
    assert in_section(out, Section.BYLINE) == {"Marta Oyelaran"}


def test_salience_weighs_count_first_mention_and_title() -> None:
    assert salience(4, 4, 0, 100, True) == 1.0
    assert salience(2, 4, 50, 100, False) == 0.4
    assert salience(0, 4, None, 100, True) == 0.2
    assert salience(0, 0, None, 0, False) == 0.0


@given(st.integers(0, 50), st.integers(0, 50), st.none() | st.integers(0, 99), st.booleans())
def test_salience_is_between_zero_and_one(count: int, more: int, first: int | None, in_title: bool) -> None:
    assert 0.0 <= salience(count, count + more, first, 100, in_title) <= 1.0


def test_entities_are_sorted_by_salience_then_by_name() -> None:
    out = enriched(article("Chile, Peru. Peru rejoiced.", headline="Peru"))
    assert [e.name for e in out.entities] == ["Peru", "Chile"]
    keys = [(-e.salience, e.name) for e in out.entities]
    assert keys == sorted(keys)


@pytest.mark.parametrize("times", [MAX_MENTIONS_PER_ENTITY, MAX_MENTIONS_PER_ENTITY + 50])
def test_the_list_of_mentions_is_limited_but_the_count_is_not(times: int) -> None:
    chile = entity(enriched(article("Chile. " * times)), "Chile")
    assert (chile.count, len(chile.mentions)) == (times, MAX_MENTIONS_PER_ENTITY)
