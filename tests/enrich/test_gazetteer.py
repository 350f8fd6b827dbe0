from __future__ import annotations

from tests.timing import seconds
from workers.enrich import gazetteer
from workers.enrich.gazetteer import build


def test_a_town_is_found_by_its_name_and_its_other_spellings() -> None:
    assert gazetteer.cities("Kharkov")[0] == gazetteer.cities("Kharkiv")[0]
    assert [city.country for city in gazetteer.cities("Paris")][:2] == ["FR", "US"]
    assert gazetteer.cities("Valdoria") == []


def test_names_and_words_are_in_lower_case() -> None:
    assert "georgia" in gazetteer.given_names()
    assert "wells" in gazetteer.family_names()
    assert "telescope" in gazetteer.common_words()
    assert "Telescope" not in gazetteer.common_words()


def test_a_company_has_its_ticker() -> None:
    assert gazetteer.companies()["General Motors"] == "GM"
    assert gazetteer.companies()["Fiserv"] == "FISV"


def test_politicians_of_one_name_are_told_apart_by_their_countries() -> None:
    assert {(p.item, *p.countries) for p in gazetteer.politicians("John Thune")} == {
        ("Q462981", "US"),
        ("Q4571225", "NO"),
    }
    assert gazetteer.politicians("John R. Thune") == gazetteer.politicians("John Thune")
    assert gazetteer.politicians("John Thun") == gazetteer.politicians("Marta \ud800") == []


def test_loading_is_quick() -> None:
    for read in (gazetteer._city_rows, gazetteer._city_names, gazetteer.family_names, gazetteer.given_names):
        read.cache_clear()
    assert seconds(gazetteer.load) < 3  # 0.2 s on an idle machine


def test_the_build_script_strips_legal_forms_and_accents() -> None:
    assert build._LEGAL_FORM.sub("", "Valdoria Lines Ltd.") == "Valdoria Lines"
    assert build.without_ends("VALDORIA LINES CORP /DE/", build._REGISTRANT_ENDS) == "VALDORIA LINES"
    assert [build._cased(word) for word in ("VALDORIA", "OF", "KLM", "DuPont")] == ["Valdoria", "of", "KLM", "DuPont"]
    assert build.unaccented("Náxos") == "Naxos"
