from __future__ import annotations

import pytest

from schemas.records import EntityType, MentionSource
from tests.enrich.support import SpanRecogniser, article, enriched, entity, types_by_name
from workers.enrich import Enricher
from workers.enrich.spans import ModelSpan

PERSON, ORG, GPE = EntityType.PERSON, EntityType.ORG, EntityType.GPE


def test_what_raises_millions_is_a_company() -> None:
    found = enriched(article("Opticore has raised 30 million euros."), {"Opticore": GPE})
    assert entity(found, "Opticore").type is ORG


def test_a_model_alone_makes_no_person_of_a_word_that_nobody_is_called() -> None:
    found = enriched(article("Kafuco grew. An analyst at Kafuco left."), {"Kafuco": PERSON})
    assert entity(found, "Kafuco").type is ORG


def test_a_surname_resolves_to_the_full_name_before_it() -> None:
    text = "Marta Oyelaran spoke. Then Oyelaran left. Nobody saw Oyelaran again."
    person = entity(enriched(article(text), {"Marta Oyelaran": PERSON}), "Marta Oyelaran")
    assert (person.count, person.aliases) == (3, ("Oyelaran",))
    assert [m.source for m in person.mentions] == [MentionSource.MODEL, MentionSource.RULE, MentionSource.RULE]


def test_a_family_name_that_precedes_the_given_name_is_resolved_too() -> None:
    text = "Choi Min Seo spoke in the hall. Choi left early."
    assert entity(enriched(article(text), {"Choi Min Seo": PERSON}), "Choi Min Seo").count == 2


@pytest.mark.parametrize("word", ["Friday", "Later"])
def test_two_words_that_no_list_knows_are_a_full_name(word: str) -> None:
    out = enriched(article("They knew Andry Vellmarina well. Vellmarina left."), {"Vellmarina": GPE})
    assert types_by_name(out) == {"Andry Vellmarina": PERSON}
    out = enriched(article(f"{word} Vellmarina flooded."), {"Vellmarina": GPE})
    assert types_by_name(out) == {"Vellmarina": GPE}


def test_the_head_noun_may_stand_before_a_place() -> None:
    out = enriched(article("The Central Bank of Vellmar cut rates."), {"Central Bank of Vellmar": GPE})
    assert types_by_name(out) == {"Central Bank of Vellmar": ORG}


def test_a_company_is_one_without_its_legal_form_too() -> None:
    out = enriched(
        article("Marta-Aske Corp. lost. Marta-Aske sells cars."), {"Marta-Aske Corp": ORG, "Marta-Aske": PERSON}
    )
    assert [(e.type, e.count) for e in out.entities] == [(ORG, 2)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Usman Vellmarin, a late call into the side, fell.", PERSON),
        ("His wife, Vellmarin, died.", PERSON),
        ("She is the MP for Vellmarin.", GPE),
        ("It hit the coast of Gia Lai province.", GPE),
    ],
)
def test_what_stands_beside_a_name_outweighs_the_model(text: str, kind: EntityType) -> None:
    name = next(name for name in ("Usman Vellmarin", "Gia Lai", "Vellmarin") if name in text)
    out = enriched(article(text), {name: ORG})
    assert types_by_name(out)[name] is kind


def test_a_nickname_is_another_given_name_of_the_same_person() -> None:
    text = "Eleanor “Nell” Aske sang. Nell Aske was born in 1934, and Eleanor Aske died on Monday."
    out = enriched(article(text), dict.fromkeys(("Nell Aske", "Eleanor Aske"), PERSON))
    assert [e.count for e in out.entities] == [3]


def test_a_shared_surname_means_the_person_last_mentioned_in_full() -> None:
    text = "Marta Brand met Jon Brand. Brand laughed. Marta Brand left. Brand waved, and Brand sang."
    out = enriched(article(text), {"Marta Brand": PERSON, "Jon Brand": PERSON})
    assert entity(out, "Jon Brand").count == 2
    assert entity(out, "Marta Brand").count == 4


def test_a_surname_is_a_person_even_if_the_model_disagrees() -> None:
    text = "Marta Oyelaran spoke. Oyelaran left."
    assert types_by_name(enriched(article(text), {"Marta Oyelaran": PERSON, "Oyelaran": ORG})) == {
        "Marta Oyelaran": PERSON
    }


def test_a_surname_is_resolved_with_and_without_its_particles() -> None:
    text = "Ana van der Berg spoke. Then van der Berg left, and Berg it was."
    assert entity(enriched(article(text), {"Ana van der Berg": PERSON}), "Ana van der Berg").count == 3


def test_a_surname_in_the_title_resolves_to_a_full_name_in_the_body() -> None:
    out = enriched(article("Marta Oyelaran spoke.", headline="Oyelaran speaks"), {"Marta Oyelaran": PERSON})
    assert len(entity(out, "Marta Oyelaran").mentions) == 2


def test_a_middle_initial_or_a_hyphen_does_not_make_another_person() -> None:
    text = "Jon Q. Aske met Choi Min-seo. Jon Aske greeted Choi Min Seo."
    out = enriched(article(text), dict.fromkeys(("Jon Q. Aske", "Jon Aske", "Choi Min-seo", "Choi Min Seo"), PERSON))
    assert sorted(e.count for e in out.entities) == [2, 2]


def test_an_acronym_resolves_to_the_organisation_with_those_initials() -> None:
    text = "The Andean Coast Guard Agency warned ships. Later the ACGA closed the port."
    out = enriched(article(text), {"Andean Coast Guard Agency": ORG, "ACGA": GPE})
    agency = entity(out, "Andean Coast Guard Agency")
    assert (agency.type, agency.count, agency.aliases) == (ORG, 2, ("ACGA",))


@pytest.mark.parametrize("acronym", ["DfH", "HBU", "CAN"])
def test_initials_that_nothing_else_shows_are_those_of_the_full_name(acronym: str) -> None:
    names = {"DfH": "Department for Harbours", "HBU": "Harbour Boatmen Union", "CAN": "Coastal Association of Nord"}
    out = enriched(article(f"The {names[acronym]} met. Later {acronym} called a strike."), {names[acronym]: ORG})
    assert entity(out, names[acronym]).aliases == (acronym,)


def test_an_acronym_of_the_lexicon_is_anothers_whose_full_name_the_article_has() -> None:
    text = "The Nordic Coast Party won. Leaders of the NCP danced."
    out = enriched(article(text), {"Nordic Coast Party": ORG})
    assert entity(out, "Nordic Coast Party").aliases == ("NCP",)
    text = "The Nordic Coast Party beat the Nationalist Congress Party. Leaders of the NCP wept."
    out = enriched(article(text), {"Nordic Coast Party": ORG})
    assert entity(out, "Nationalist Congress Party").aliases == ("NCP",)


def test_an_unexplained_acronym_stays_as_it_is() -> None:
    assert types_by_name(enriched(article("Officials of the ACGA met."), {"ACGA": ORG})) == {"ACGA": ORG}


def test_a_name_gets_its_most_frequent_type_everywhere() -> None:
    text = "Valdoria rose. Valdoria fell. Valdoria sank."
    model = SpanRecogniser([ModelSpan(0, 8, GPE), ModelSpan(15, 23, ORG), ModelSpan(30, 38, ORG)])
    (out,) = Enricher({"en": model}).enrich([article(text)])
    assert types_by_name(out) == {"Valdoria": ORG}


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
def test_neighbouring_words_decide_the_type_of_a_one_word_name(text: str, kind: EntityType) -> None:
    assert types_by_name(enriched(article(text), {"Valdoria": ORG})) == {"Valdoria": kind}


def test_the_head_noun_decides_the_type_of_a_name() -> None:
    out = enriched(article("Rain fell on Valdoria University."), {"Valdoria University": PERSON})
    assert types_by_name(out) == {"Valdoria University": ORG}


def test_a_name_found_once_is_found_wherever_it_occurs() -> None:
    text = "Valdoria Line sails. Ships of Valdoria Line sink."
    (out,) = Enricher({"en": SpanRecogniser([ModelSpan(0, 13, ORG)])}).enrich([article(text)])
    assert entity(out, "Valdoria Line").count == 2


def test_a_name_that_begins_with_a_given_name_is_a_person() -> None:
    names = {"Fatima Valdoria": ORG, "Fatima Valdoria University": PERSON}
    out = enriched(article("Fatima Valdoria left. Rain fell on Fatima Valdoria University."), names)
    assert types_by_name(out) == {"Fatima Valdoria": PERSON, "Fatima Valdoria University": ORG}


def test_a_surname_in_capitals_is_not_an_acronym() -> None:
    out = enriched(
        article("Marta Aske spoke.", headline="ASKE SPEAKS; XKQ SILENT"),
        {"Marta Aske": PERSON, "ASKE": PERSON, "XKQ": PERSON},
    )
    assert types_by_name(out) == {"Marta Aske": PERSON, "XKQ": ORG}


def test_a_given_name_resolves_to_the_full_name_even_if_the_model_disagrees() -> None:
    text = "Oyela Brandt spoke. Then Oyela left."
    out = enriched(article(text), {"Oyela Brandt": PERSON, "Oyela": ORG})
    assert entity(out, "Oyela Brandt").count == 2


def test_a_surname_found_by_rule_includes_the_given_name_before_it() -> None:
    text = "Marta Brandt spoke, and then Jon Brandt left. Nobody saw Brandt."
    out = enriched(article(text), {"Marta Brandt": PERSON})
    assert {e.name: e.count for e in out.entities} == {"Marta Brandt": 1, "Jon Brandt": 2}


def test_a_longer_name_found_elsewhere_replaces_a_part_of_it() -> None:
    text = "Valdoria Star Line sails. Then Valdoria Star Line sank."
    spans = [ModelSpan(0, 18, ORG), ModelSpan(31, 39, GPE)]
    (out,) = Enricher({"en": SpanRecogniser(spans)}).enrich([article(text)])
    assert {e.name: e.count for e in out.entities} == {"Valdoria Star Line": 2}


def test_a_country_gives_way_to_a_person_of_that_name() -> None:
    text = "Marta Jordan spoke. Jordan left."
    assert types_by_name(enriched(article(text), {"Marta Jordan": PERSON})) == {"Marta Jordan": PERSON}


def test_the_first_or_last_words_of_one_organisation_mean_it() -> None:
    names = dict.fromkeys(("Valdoria Institute of Ports", "Valdoria Institute", "Oyela Nord", "Oyela"), ORG)
    text = "The Valdoria Institute of Ports met Oyela Nord. The Valdoria Institute and Oyela agreed."
    assert {e.name: e.count for e in enriched(article(text), names).entities} == {
        "Valdoria Institute of Ports": 2,
        "Oyela Nord": 2,
    }


def test_several_words_of_one_full_name_mean_that_person() -> None:
    names = dict.fromkeys(("Karin Oyelaran Brandt", "Oyelaran Brandt"), PERSON)
    text = "Karin Oyelaran Brandt spoke. Oyelaran Brandt left."
    assert {e.name: e.count for e in enriched(article(text), names).entities} == {"Karin Oyelaran Brandt": 2}
