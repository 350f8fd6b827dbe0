from __future__ import annotations

import pytest

from workers.enrich.acronyms import abbreviates, acronyms


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Andean Coast Guard Agency", ("ACGA",)),
        ("Bank of the Andean Coast", ("BAC",)),
        ("Harbour Board", ()),
        ("Free Harbour Party of Valdoria", ("FHPV", "FHP")),
        ("Department for Harbours", ("DfH",)),
        ("Aske & Brand", ("A&B",)),
    ],
)
def test_an_acronym_has_at_least_three_initials(name: str, short: tuple[str, ...]) -> None:
    assert acronyms(name) == short


@pytest.mark.parametrize(
    ("acronym", "name"),
    [
        ("BKA", "Bundeskriminalamt"),
        ("SNCB", "Société nationale des chemins de fer belges"),
        ("Consob", "Commissione nazionale per le società e la borsa"),
        ("PO", "Platforma Obywatelska"),
        ("МОН", "Міністерству освіти і науки"),
        ("DİB", "Diyanet İşleri Başkanlığı"),
    ],
)
def test_letters_of_the_words_abbreviate_a_name(acronym: str, name: str) -> None:
    assert abbreviates(acronym, name)


@pytest.mark.parametrize(
    ("acronym", "name"),
    [
        ("SPD", "Anna Schmidt"),
        ("EU", "Bericht"),
        ("AB", "Alte Neue Bank"),
        ("CGT", "Confédération générale"),
        ("", ""),
    ],
)
def test_other_letters_do_not(acronym: str, name: str) -> None:
    assert not abbreviates(acronym, name)
