from __future__ import annotations

from pathlib import Path

import pytest

from schemas.records import EntityType
from tests.enrich.support import NameRecogniser, article, enriched
from workers.enrich import Enricher
from workers.enrich.people import office_holders, read_people
from workers.errors import SettingsError

PERSON = EntityType.PERSON


@pytest.mark.parametrize(
    ("body", "id"),
    [
        ("Emmanuel Macron spoke in Lyon.", "wikidata:Q3052772"),
        ("French voters heard Emmanuel Macron.", "wikidata:Q3052772"),
        ("They met President Emmanuel Macron.", "wikidata:Q3052772"),
        ("Emmanuel Macron, a plumber, spoke.", None),
        ("In Lyon, Macron spoke to Macron.", None),
        ("Brigitte Macron spoke in Lyon.", None),
    ],
)
def test_an_office_holder_is_linked_beside_country_or_office(body: str, id: str | None) -> None:
    names = dict.fromkeys(("Emmanuel Macron", "Brigitte Macron", "Macron"), PERSON)
    (person,) = [e for e in enriched(article(body), names).entities if e.type is PERSON]
    assert person.id == id


@pytest.mark.parametrize(
    ("body", "id"),
    [
        ("Senator Rand Paul spoke in the United States.", "wikidata:Q463557"),
        ("Rand Paul spoke in the United States.", None),
        ("Senator Rand Paul spoke in France.", None),
        ("Senator John Thune spoke to American voters.", "wikidata:Q462981"),
        ("Senator John Thune spoke to American and Norwegian voters.", None),
        ("The U.S. Trade Representative Rand Paul spoke.", None),
    ],
)
def test_a_politician_is_linked_by_seat_and_country(body: str, id: str | None) -> None:
    names = dict.fromkeys(("Rand Paul", "John Thune"), PERSON)
    (person,) = [e for e in enriched(article(body), names).entities if e.type is PERSON]
    assert person.id == id


@pytest.mark.parametrize(("language", "body"), [("zh", "马克龙抵达北京。"), ("ar", "وصل إيمانويل ماكرون إلى بيروت.")])
def test_office_holders_are_known_in_other_scripts(language: str, body: str) -> None:
    (out,) = Enricher({}).enrich([article(body, language=language)])
    assert "wikidata:Q3052772" in {e.id for e in out.entities if e.type is PERSON}


def test_the_users_file_wins(tmp_path: Path) -> None:
    file = tmp_path / "people.tsv"
    file.write_text("# ours\nstaff:17\tMarta Oyelaran\nstaff:18\tEmmanuel Macron\tManu Macron\n", encoding="utf-8")
    text = "Emmanuel Macron met Marta Oyelaran in France."
    recogniser = NameRecogniser({"Emmanuel Macron": PERSON, "Marta Oyelaran": PERSON})
    (out,) = Enricher({"en": recogniser}, people=read_people(file)).enrich([article(text)])
    assert {e.name: e.id for e in out.entities if e.type is PERSON} == {
        "Emmanuel Macron": "staff:18",
        "Marta Oyelaran": "staff:17",
    }


@pytest.mark.parametrize("line", ["staff:17", "\tMarta Oyelaran", "a\tMarta Oyelaran\nb\tMarta Oyelaran"])
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "people.tsv"
    file.write_text(line, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"people\.tsv, line \d"):
        read_people(file)


def test_each_office_holder_has_an_item_and_something_to_stand_beside() -> None:
    assert all(p.id.startswith("wikidata:Q") and p.beside for p in office_holders().values())
