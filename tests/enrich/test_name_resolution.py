from __future__ import annotations

import pytest

from schemas.records import EntityType, MentionSource
from tests.enrich.support import Fixed, article, enriched, entity, named
from workers.enrich import Enricher
from workers.enrich.name_resolution import acronym, surnames
from workers.enrich.spans import ModelSpan

PERSON, ORG, GPE = EntityType.PERSON, EntityType.ORG, EntityType.GPE


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("Marta Oyelaran", ("Oyelaran",)),
        ("Kim Jong Un", ("Kim", "Un")),
        ("Ana van der Berg", ("Berg", "van der Berg")),
        ("Martin Brand Jr.", ("Brand",)),
        ("Oyelaran", ()),
        ("van der Berg", ()),
        ("Jon B.", ()),
    ],
)
def test_a_full_name_gives_the_names_it_is_called_by(name: str, again: tuple[str, ...]) -> None:
    assert surnames(name) == again


@pytest.mark.parametrize(
    ("name", "short"),
    [("Andean Coast Guard Agency", "ACGA"), ("Bank of the Andean Coast", "BAC"), ("Harbour Board", None)],
)
def test_an_acronym_is_made_of_at_least_three_initials(name: str, short: str | None) -> None:
    assert acronym(name) == short


def test_a_surname_is_resolved_to_the_full_name_before_it() -> None:
    text = "Marta Oyelaran spoke. Then Oyelaran left. Nobody saw Oyelaran again."
    person = entity(enriched(article(text), {"Marta Oyelaran": PERSON}), "Marta Oyelaran")
    assert (person.count, person.aliases) == (3, ("Oyelaran",))
    assert [m.source for m in person.mentions] == [MentionSource.MODEL, MentionSource.RULE, MentionSource.RULE]


def test_a_family_name_that_stands_first_is_resolved_too() -> None:
    text = "Choi Min Seo spoke in the hall. Choi left early."
    assert entity(enriched(article(text), {"Choi Min Seo": PERSON}), "Choi Min Seo").count == 2


def test_two_people_of_one_surname_are_kept_apart_by_who_was_named_last() -> None:
    text = "Marta Brand met Jon Brand. Brand laughed. Marta Brand left. Brand waved, and Brand sang."
    out = enriched(article(text), {"Marta Brand": PERSON, "Jon Brand": PERSON})
    assert entity(out, "Jon Brand").count == 2
    assert entity(out, "Marta Brand").count == 4


def test_a_surname_that_a_model_takes_for_something_else_is_a_person() -> None:
    text = "Marta Oyelaran spoke. Oyelaran left."
    assert named(enriched(article(text), {"Marta Oyelaran": PERSON, "Oyelaran": ORG})) == {"Marta Oyelaran": PERSON}


def test_a_surname_is_resolved_with_its_particles() -> None:
    text = "Ana van der Berg spoke. Then van der Berg left, and Berg it was."
    assert entity(enriched(article(text), {"Ana van der Berg": PERSON}), "Ana van der Berg").count == 3


def test_a_surname_in_the_title_is_resolved_to_the_body() -> None:
    out = enriched(article("Marta Oyelaran spoke.", headline="Oyelaran speaks"), {"Marta Oyelaran": PERSON})
    assert len(entity(out, "Marta Oyelaran").mentions) == 2


def test_a_middle_initial_and_a_hyphen_make_no_other_person() -> None:
    text = "Jon Q. Aske met Choi Min-seo. Jon Aske greeted Choi Min Seo."
    out = enriched(article(text), dict.fromkeys(("Jon Q. Aske", "Jon Aske", "Choi Min-seo", "Choi Min Seo"), PERSON))
    assert sorted(e.count for e in out.entities) == [2, 2]


def test_an_acronym_is_the_organisation_whose_initials_it_has() -> None:
    text = "The Andean Coast Guard Agency warned ships. Later the ACGA closed the port."
    out = enriched(article(text), {"Andean Coast Guard Agency": ORG, "ACGA": GPE})
    agency = entity(out, "Andean Coast Guard Agency")
    assert (agency.type, agency.count, agency.aliases) == (ORG, 2, ("ACGA",))


def test_an_acronym_that_nobody_explains_stays_as_it_is() -> None:
    assert named(enriched(article("Officials of the ACGA met."), {"ACGA": ORG})) == {"ACGA": ORG}


def test_one_name_has_one_type_the_most_frequent() -> None:
    text = "Valdoria rose. Valdoria fell. Valdoria sank."
    model = Fixed([ModelSpan(0, 8, GPE), ModelSpan(15, 23, ORG), ModelSpan(30, 38, ORG)])
    (out,) = Enricher({"en": model}).enrich([article(text)])
    assert named(out) == {"Valdoria": ORG}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Yesterday Valdoria said no.", PERSON),
        ("Rain fell in Valdoria again.", GPE),
        ("Rain fell on Valdoria residents.", GPE),
        ("There Prime Minister Valdoria spoke.", PERSON),
        ("It rained and Valdoria sank.", ORG),
    ],
)
def test_the_words_next_to_a_doubtful_name_tell_what_it_is(text: str, kind: EntityType) -> None:
    assert named(enriched(article(text), {"Valdoria": ORG})) == {"Valdoria": kind}


def test_the_last_word_of_a_name_tells_what_it_is() -> None:
    out = enriched(article("Rain fell on Valdoria University."), {"Valdoria University": PERSON})
    assert named(out) == {"Valdoria University": ORG}


def test_a_name_found_once_is_found_wherever_it_stands() -> None:
    text = "Valdoria Line sails. Ships of Valdoria Line sink."
    (out,) = Enricher({"en": Fixed([ModelSpan(0, 13, ORG)])}).enrich([article(text)])
    assert entity(out, "Valdoria Line").count == 2


def test_a_name_that_begins_with_a_given_name_is_a_persons() -> None:
    names = {"Fatima Valdoria": ORG, "Fatima Valdoria University": PERSON}
    out = enriched(article("Fatima Valdoria left. Rain fell on Fatima Valdoria University."), names)
    assert named(out) == {"Fatima Valdoria": PERSON, "Fatima Valdoria University": ORG}


def test_a_surname_in_capitals_is_no_acronym() -> None:
    out = enriched(
        article("Marta Aske spoke.", headline="ASKE SPEAKS; XKQ SILENT"),
        {"Marta Aske": PERSON, "ASKE": PERSON, "XKQ": PERSON},
    )
    assert named(out) == {"Marta Aske": PERSON, "XKQ": ORG}


def test_a_given_name_that_a_model_doubts_is_the_persons() -> None:
    text = "Oyela Brandt spoke. Then Oyela left."
    out = enriched(article(text), {"Oyela Brandt": PERSON, "Oyela": ORG})
    assert entity(out, "Oyela Brandt").count == 2


def test_a_surname_takes_the_given_name_before_it_with_it() -> None:
    text = "Marta Brandt spoke, and then Jon Brandt left. Nobody saw Brandt."
    out = enriched(article(text), {"Marta Brandt": PERSON})
    assert {e.name: e.count for e in out.entities} == {"Marta Brandt": 1, "Jon Brandt": 2}


def test_a_longer_name_found_elsewhere_outdoes_a_part_of_it() -> None:
    text = "Valdoria Star Line sails. Then Valdoria Star Line sank."
    spans = [ModelSpan(0, 18, ORG), ModelSpan(31, 39, GPE)]
    (out,) = Enricher({"en": Fixed(spans)}).enrich([article(text)])
    assert {e.name: e.count for e in out.entities} == {"Valdoria Star Line": 2}


def test_a_country_gives_way_to_a_person_who_is_named_like_it() -> None:
    text = "Marta Jordan spoke. Jordan left."
    assert named(enriched(article(text), {"Marta Jordan": PERSON})) == {"Marta Jordan": PERSON}
