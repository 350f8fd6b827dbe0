from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import EntityType, MentionSource
from workers.enrich.lexicon import PhraseMatcher, TokenizedText
from workers.enrich.short_names import (
    company_short_names,
    possible_short_forms,
    site_short_names,
    used_short_forms,
    with_short_names,
)
from workers.enrich.spans import NamedSpan

FAC, GPE, LOC, ORG, PERSON = EntityType.FAC, EntityType.GPE, EntityType.LOC, EntityType.ORG, EntityType.PERSON
PARTS = st.sampled_from(
    ["the Commission", "the Council", "The Court", "said", "of", "Harbour Commission", "Vellmar Council", "."]
)


def named(text: str, **names: EntityType) -> list[NamedSpan]:
    """The spans of the names, which are written with underscores for blanks."""
    spans = [(name.replace("_", " "), kind) for name, kind in names.items()]
    return [NamedSpan(text.index(name), text.index(name) + len(name), kind) for name, kind in spans]


def found(text: str, names: list[NamedSpan]) -> list[tuple[str, EntityType]]:
    (own,) = with_short_names([text], [names])
    return [(text[span.start : span.end], span.type) for span in own]


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("Col du Tourmalet", LOC, {"Tourmalet": LOC}),
        ("Quellin Stadium", FAC, {"Quellin": FAC}),
        ("Etihad Stadium", FAC, {}),  # a company
        ("Victory Stadium", FAC, {}),  # a common word
        ("Berlin Stadium", FAC, {}),  # a town
        ("Quellin Stadium", ORG, {}),
        ("Quellin State", GPE, {"Quellin": GPE}),
        ("Washington State", GPE, {}),  # a town
        ("Quellin City", GPE, {}),
    ],
)
def test_a_site_may_be_called_without_the_word_for_what_it_is(
    name: str, kind: EntityType, expected: dict[str, EntityType]
) -> None:
    assert site_short_names({name: kind}) == expected


def short_forms(text: str, types: dict[str, EntityType]) -> dict[str, EntityType]:
    """The short forms of names of those types that the text uses."""
    tokens, possible = TokenizedText(text), possible_short_forms(types)
    found = list(PhraseMatcher({name: name for name in possible}).find(tokens))
    return used_short_forms(possible, types, [tokens], [found])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It lent Orchard money.", {"Orchard": ORG}),
        ("But Orchard declined.", {"Orchard": ORG}),
        ("Orchard was fined.", {"Orchard": ORG}),
        ("Orchard fruit is sold.", {}),  # a word that begins a sentence
        ("It lent Orchard money for an orchard.", {}),
        ("It lent money in Orchard.", {}),  # a place
        ("It lent Orchard Road money.", {}),  # another name
    ],
)
def test_an_organisation_may_be_called_without_the_word_for_what_it_is(
    text: str, expected: dict[str, EntityType]
) -> None:
    assert short_forms(text, {"Orchard Therapeutics": ORG}) == expected


def test_a_museum_may_be_called_without_what_it_is_for() -> None:
    assert short_forms("Kelley left the Whitney.", {"Whitney Museum of American Art": FAC}) == {"Whitney": FAC}


def test_the_followers_of_a_party_are_not_the_party() -> None:
    assert short_forms("He asked Liberal voters.", {"Liberal Party": ORG}) == {}


def test_a_surname_is_no_short_form_of_the_organisation_that_is_called_after_it() -> None:
    types = {"Holm Foundation": ORG, "Brian Holm": PERSON}
    assert short_forms("They asked Holm.", types) == {}


def test_the_institution_is_the_one_that_the_article_names() -> None:
    text = "The Vellmar Harbour Commission met. The Commission said so. The Commission of Inquiry did not."
    names = named(text, Vellmar_Harbour_Commission=ORG)
    assert found(text, names) == [("Vellmar Harbour Commission", ORG), ("Commission", ORG)]


def test_the_institution_is_called_by_the_first_word_of_its_name_too() -> None:
    text = "The Bank of Vellmar met. The Bank said so. The Bank of Saltby did not."
    assert found(text, named(text, Bank_of_Vellmar=ORG)) == [("Bank of Vellmar", ORG), ("Bank", ORG)]


def test_the_institution_is_nobody_if_the_article_names_two() -> None:
    text = "The Vellmar Commission wrote to the Saltby Commission. The Commission said so."
    names = named(text, Vellmar_Commission=ORG, Saltby_Commission=ORG)
    assert len(found(text, names)) == 2


def test_a_site_that_shares_a_companys_name_is_the_site_after_an_article() -> None:
    text = "They met at Etihad Stadium. Fans left the Etihad early. Etihad flew them home."
    start = text.index("the Etihad") + 4
    airline = text.rindex("Etihad")
    names = [*named(text, Etihad_Stadium=FAC), NamedSpan(start, start + 6, ORG), NamedSpan(airline, airline + 6, ORG)]
    assert found(text, names) == [("Etihad Stadium", FAC), ("Etihad", FAC), ("Etihad", ORG)]


@given(st.lists(PARTS, max_size=20))
def test_short_names_are_new_spans_without_overlaps_in_order(parts: list[str]) -> None:
    text = " ".join(["Harbour Commission", *parts])
    names = [NamedSpan(0, len("Harbour Commission"), ORG, MentionSource.MODEL)]
    (own,) = with_short_names([text], [names])
    assert set(names) <= set(own)
    assert all(text[span.start : span.end] in ("Harbour Commission", "Commission") for span in own)
    assert all(before.end <= after.start for before, after in pairwise(own))


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ({"Nexvard Holdings": ORG}, {"Nexvard": ORG}),
        ({"Nexvard-Trellis Tech": ORG}, {"Nexvard": ORG}),
        ({"Berlin Holdings": ORG}, {}),  # a town
        ({"Marta Holdings": ORG}, {}),  # a given name
        ({"Nexvard University": ORG}, {}),  # called after a place, perhaps
        ({"Eli Lilly": ORG}, {"Lilly": ORG}),
        ({"Eli Lilly": ORG, "Ann Lilly": EntityType.PERSON}, {}),
        ({"Nexvard Holdings": ORG, "Jon Nexvard": EntityType.PERSON}, {}),
    ],
)
def test_a_company_is_called_by_the_word_that_means_nothing_else(
    types: dict[str, EntityType], expected: dict[str, EntityType]
) -> None:
    assert company_short_names(types) == expected
