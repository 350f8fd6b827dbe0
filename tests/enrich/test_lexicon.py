from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import EntityType
from workers.enrich import lexicon
from workers.enrich.lexicon import PhraseMatcher, TokenizedText, entries, rows


def matches(text: str) -> list[tuple[str, EntityType, str | None]]:
    return [(text[start:end], entry.type, entry.id) for start, end, entry in entries().find(TokenizedText(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a ship from Chile", [("Chile", EntityType.GPE, "iso3166:CL")]),
        ("ships for the U.S. and", [("U.S.", EntityType.GPE, "iso3166:US")]),
        ("the US-led mission", [("US", EntityType.GPE, "iso3166:US")]),
        ("tell us more", []),
        ("Côte d’Ivoire", [("Côte d’Ivoire", EntityType.GPE, "iso3166:CI")]),
        ("Guinea-Bissau", [("Guinea-Bissau", EntityType.GPE, "iso3166:GW")]),
        ("South Sudan", [("South Sudan", EntityType.GPE, "iso3166:SS")]),
        ("inter-Korean talks", [("Korean", EntityType.NORP, None)]),
        ("turkey for dinner", []),
        ("Georgia", [("Georgia", EntityType.GPE, None)]),
        ("Ohioans", []),
        ("Ohio", [("Ohio", EntityType.GPE, "iso3166:US-OH")]),
        ("LIMA", [("LIMA", EntityType.GPE, None)]),
        ("the Black Sea", [("Black Sea", EntityType.LOC, None)]),
        ("a black sea", []),
        ("Kurdish forces", [("Kurdish", EntityType.NORP, None)]),
        ("western forces", []),
        ("said the WHO", [("WHO", EntityType.ORG, "wikidata:Q7817")]),
        ("those who said", []),
    ],
)
def test_the_lexicon_matches_whole_words_case_sensitively(
    text: str, expected: list[tuple[str, EntityType, str | None]]
) -> None:
    assert matches(text) == expected


def test_a_people_is_linked_to_its_country_unless_its_name_is_ambiguous() -> None:
    by_name = entries().phrases
    assert by_name["Chilean"].links == {"country": "iso3166:CL"}
    assert by_name["Georgian"].links == {}
    assert by_name["Lima"].links == {"country": "iso3166:PE"}


def test_every_id_is_an_iso_code_or_a_wikidata_item() -> None:
    ids = {entry.id for entry in entries().phrases.values() if entry.id}
    assert all(re.fullmatch(r"iso3166:[A-Z]{2}(-[A-Z0-9]{1,3})?|wikidata:Q\d+", id) for id in ids)
    assert len({id for id in ids if re.fullmatch("iso3166:..", id)}) > 230


def test_every_country_has_a_wikidata_item() -> None:
    countries = lexicon.countries_by_id()
    assert countries["iso3166:KP"].links["wikidata"] == "Q423"
    without = {id for id, entry in countries.items() if "wikidata" not in entry.links}
    assert len(without) < 12


@pytest.mark.parametrize(
    "name",
    [
        "countries",
        "places",
        "peoples",
        "organisations",
        "titles",
        "family_names",
        "given_names",
        "not_names",
        "head_nouns",
        "head_noun_hints",
        "first_words",
        "class_nouns",
        "sports_words",
        "clubs",
        "regions",
        "cues",
        "shorthands",
    ],
)
def test_all_rows_of_a_table_have_the_same_columns_and_none_repeats(name: str) -> None:
    lines = [tuple(row) for row in rows(name)]
    assert lines
    assert len({len(row) for row in lines}) == 1
    assert len(set(lines)) == len(lines)
    assert all(field == field.strip() for row in lines for field in row)


@pytest.mark.parametrize("name", ["countries", "places", "peoples", "organisations", "clubs", "regions"])
def test_no_table_has_two_rows_for_one_name(name: str) -> None:
    first = [row[1] if name == "countries" else row[0] for row in rows(name)]
    assert len(set(first)) == len(first)


def test_look_up_tables_contain_the_expected_words_and_no_others() -> None:
    assert lexicon.titles().phrases["Prime Minister"]
    assert not lexicon.titles().phrases["Former"]
    assert "Oyelaran" not in lexicon.titles().phrases
    assert lexicon.head_nouns()["University"] is EntityType.ORG
    assert "Smith" not in lexicon.head_nouns()
    assert lexicon.cues()["after", "said"][0] is EntityType.PERSON
    assert ("before", "said") in lexicon.cues()
    assert ("after", "green") not in lexicon.cues()
    assert "Kim" in lexicon.family_names()
    assert "Smith" not in lexicon.family_names()
    assert "Fatima" in lexicon.given_names()
    assert "Valdoria" not in lexicon.given_names()
    assert lexicon.head_nouns()["Plan"] is None
    assert "Covid-19" in lexicon.not_names()
    assert "Chile" not in lexicon.not_names()


def test_the_longest_phrase_wins() -> None:
    matcher = PhraseMatcher({"New": 1, "New York": 2, "New York Times": 3, "York Times": 4})
    text = "New York Times of New York, New Year"
    assert [(text[a:b], v) for a, b, v in matcher.find(TokenizedText(text))] == [
        ("New York Times", 3),
        ("New York", 2),
        ("New", 1),
    ]


@given(
    st.lists(st.sampled_from(["Aa", "Bb", "Aa Bb", "Bb Cc.", "Aa-Cc"]), min_size=1, unique=True),
    st.text(alphabet="ABCabc .-\n", max_size=60),
)
def test_matches_are_phrases_of_the_matcher_and_do_not_overlap(names: list[str], text: str) -> None:
    end = 0
    for start, stop, name in PhraseMatcher({name: name for name in names}).find(TokenizedText(text)):
        assert text[start:stop] == name
        assert start >= end
        end = stop


@given(st.text(max_size=60))
def test_words_are_found_at_their_places(text: str) -> None:
    tokens = TokenizedText(text)
    assert tokens.words == re.findall(r"\w+", tokens.text)
    assert [tokens.text[a:b] for a, b in zip(tokens.starts, tokens.ends, strict=True)] == tokens.words
    assert tokens.indexes_of(set(tokens.words)) == list(range(len(tokens.words)))
