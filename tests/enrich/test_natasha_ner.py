from __future__ import annotations

import pytest

from schemas.records import EntityType
from tests.enrich.support import article
from workers.enrich import Enricher
from workers.enrich.recogniser import load_recognisers

PERSON, ORG, GPE = EntityType.PERSON, EntityType.ORG, EntityType.GPE


@pytest.fixture(scope="module")
def enricher() -> Enricher:
    recognisers, problems = load_recognisers({"ru": "natasha"})
    assert not problems
    return Enricher(recognisers)


def test_russian_names_are_found_by_the_model(enricher: Enricher) -> None:
    body = "Анна Ковалёва из «Газпрома» приехала в Москву. Журналисты ждали Ковалёву у Курского вокзала."
    (out,) = enricher.enrich([article(body, language="ru")])
    found = {m.text: e.type for e in out.entities for m in e.mentions}
    assert found.items() >= {"Анна Ковалёва": PERSON, "Газпрома": ORG, "Москву": GPE, "Ковалёву": PERSON}.items()
    assert all(body[m.start : m.end] == m.text for e in out.entities for m in e.mentions)
    assert out.entity_meta.model == "natasha 1.6.0"


@pytest.mark.parametrize("body", ["", " \n\t", "«»", "а" * 30_000, "😀 Москва\n\n", "Путин " * 4_000])
def test_any_text_can_be_read(enricher: Enricher, body: str) -> None:
    (out,) = enricher.enrich([article(body, language="ru")])
    assert all(body[m.start : m.end] == m.text for e in out.entities for m in e.mentions)
