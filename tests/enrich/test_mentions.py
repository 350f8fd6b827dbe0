from __future__ import annotations

import pytest

from schemas.records import EntityType, MentionSource
from tests.enrich.support import article, enriched, entity, types_by_name

PERSON, ORG, GPE, NORP = EntityType.PERSON, EntityType.ORG, EntityType.GPE, EntityType.NORP


@pytest.mark.parametrize(
    ("text", "model", "expected"),
    [
        ("met President Marta Oyelaran today", {"President Marta Oyelaran": PERSON}, {"Marta Oyelaran": PERSON}),
        ("met Mr Oyelaran today", {"Mr Oyelaran": ORG}, {"Oyelaran": PERSON}),
        ("met Chilean Marta Oyelaran", {"Chilean Marta Oyelaran": PERSON}, {"Chilean": NORP, "Marta Oyelaran": PERSON}),
        (
            "met Chile's Foreign Minister Jon Aske",
            {"Chile's Foreign Minister Jon Aske": PERSON},
            {"Chile": GPE, "Jon Aske": PERSON},
        ),
        ("at the Bank of Chile today", {"Bank of Chile": ORG}, {"Bank of Chile": ORG}),
        ("at Chile's Harbour Board today", {"Chile's Harbour Board": ORG}, {"Chile": GPE, "Harbour Board": ORG}),
        ("in Valdoria, Chile, today", {"Valdoria, Chile": GPE}, {"Valdoria": GPE, "Chile": GPE}),
        ("ships of Chile sank", {"Chile": ORG}, {"Chile": GPE}),
        ("the Chilean fleet", {"Chilean": GPE}, {"Chilean": NORP}),
        ("about US $5 and US interests", {}, {"United States": GPE}),
        ("read https://example.org/Chile/Peru now", {"Chile": GPE}, {}),
        ("the Covid-19 ward", {"Covid-19": PERSON}, {}),
        ("the harbour board met", {"harbour board": ORG}, {}),
        ("with Uhuru Kenyatta today", {"Uhuru Kenyatta": ORG}, {"Uhuru Kenyatta": PERSON}),
        (
            "outside Uhuru Kenyatta Stadium today",
            {"Uhuru Kenyatta Stadium": ORG},
            {"Uhuru Kenyatta Stadium": EntityType.FAC},
        ),
        ("with sturdy quad - core chips", {"sturdy quad - core": ORG}, {}),
        ("in the Chile Labour Congress hall", {}, {"Chile Labour Congress": ORG}),
        ("on the West Bank today", {}, {"West Bank": GPE}),
        ("at the Congress of Valdoria", {}, {"Congress": ORG}),
        ("met Choi Min - seo today", {"Choi Min": PERSON}, {"Choi Min - seo": PERSON}),
        ("of Valdoria Line Inc today", {"Valdoria Line": ORG}, {"Valdoria Line Inc": ORG}),
        ("as Minister of Ports", {"Minister of Ports": ORG}, {}),
        ("with Aske and Oyelaran", {"Aske and Oyelaran": PERSON}, {"Aske": PERSON, "Oyelaran": PERSON}),
        ("for the Valdoria Action Plan", {"Valdoria Action Plan": ORG}, {}),
        ("of Valdoria Prison", {"Valdoria Prison": ORG}, {"Valdoria Prison": EntityType.FAC}),
        ("met Ursa von der Valdoria now", {"Ursa von": PERSON, "Valdoria": GPE}, {"Ursa von der Valdoria": PERSON}),
        ("met Ursa de la Valdoria now", {"Ursa": PERSON, "Valdoria": GPE}, {"Ursa de la Valdoria": PERSON}),
        ("NAIROBI (Reuters) - Rain fell.", {}, {"Nairobi": GPE, "Reuters": ORG}),
        (
            "the State Harbour Railway of Chile said",
            {"State Harbour Railway": ORG, "Chile": GPE},
            {"State Harbour Railway of Chile": ORG},
        ),
        (
            "met in the Great Hall of Sails in Santiago",
            {"Great Hall of Sails in Santiago": EntityType.FAC},
            {"Great Hall of Sails": EntityType.FAC, "Santiago": GPE},
        ),
        ("told the inquiry at Saltby House", {"Saltby House": ORG}, {"Saltby House": EntityType.FAC}),
        ("crowds gathered outside La Ronda today", {"La Ronda": ORG}, {"La Ronda": EntityType.FAC}),
        ("Neighbours complained. Harbour staff left.", {"Neighbours": ORG, "Harbour": ORG}, {}),
        ("on General Motors cars", {"General Motors": ORG}, {"General Motors": ORG}),
    ],
)
def test_rules_correct_the_spans_of_a_model(
    text: str, model: dict[str, EntityType], expected: dict[str, EntityType]
) -> None:
    assert types_by_name(enriched(article(text), model)) == expected


def test_the_north_means_north_korea_if_the_article_mentions_it() -> None:
    text = "North Korea fired a rocket. The North said so. Rain fell on the North Sea and in the north."
    country = entity(enriched(article(text)), "North Korea")
    assert (country.id, country.count, country.aliases) == ("iso3166:KP", 2, ("The North",))
    assert [m.source for m in country.mentions] == [MentionSource.LEXICON, MentionSource.RULE]


def test_the_north_is_no_entity_if_the_article_does_not_mention_north_korea() -> None:
    assert types_by_name(enriched(article("Rain fell on the North and on the South. South Korea sent aid."))) == {
        "South Korea": GPE
    }


def test_a_language_without_a_model_gets_entities_from_the_lexicon() -> None:
    out = enriched(article("La délégation du Niger a quitté Paris.", language="fr"))
    assert types_by_name(out) == {"Niger": GPE, "Paris": GPE}
    assert out.entity_meta.model is None


SPORT = " The striker scored a penalty before halftime, and the coach praised the goalkeeper and his teammates."


def test_a_club_that_is_called_after_its_town_is_one_in_articles_on_sport() -> None:
    text = "Liverpool beat Borussia Dortmund."
    assert types_by_name(enriched(article(text + SPORT))) == {"Liverpool": ORG, "Borussia Dortmund": ORG}
    assert types_by_name(enriched(article("Rain fell in Liverpool." + SPORT))) == {"Liverpool": GPE}
    assert types_by_name(enriched(article("Liverpool is wet."))) == {"Liverpool": GPE}


def test_the_last_word_of_a_club_means_it_in_articles_on_sport() -> None:
    text = "Crystal Palace won, and Palace sang."
    assert entity(enriched(article(text + SPORT)), "Crystal Palace").count == 2
    assert types_by_name(enriched(article(text))) == {}
