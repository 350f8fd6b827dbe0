"""The two seed articles, as the clean stage hands them on: every entity with its count, and none from the furniture."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from schemas.records import EnrichedArticle, EntityType, Origin, Section, Verdict, VerdictKind
from tests.enrich.support import counts, entity, in_section
from tests.shared import needs_shared, seed
from workers.clean import clean
from workers.enrich import Enricher
from workers.enrich.recogniser import SpacyRecogniser
from workers.handlers import unique_article

pytestmark = needs_shared

RECEIVED = datetime(2024, 8, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def seeds(english: SpacyRecogniser) -> list[EnrichedArticle]:
    origin = Origin(topic="news-raw", partition=0, offset=7)
    time = "2024-08-05T00:00:00Z"
    verdict = Verdict(kind=VerdictKind.NEW, story_id="s1", story_articles=1, story_first_seen=time)
    articles = []
    for prefix in ("000", "001"):
        article = clean(seed(prefix).encode(), origin, RECEIVED)
        articles.append(unique_article(article, verdict))
    return Enricher({"en": english}).enrich(articles)


def test_the_first_seed_has_its_entities_and_none_from_the_appeal(seeds: list[EnrichedArticle]) -> None:
    one = seeds[0]
    assert counts(one, EntityType.GPE) == {
        "North Korea": 12,
        "Russia": 4,
        "South Korea": 3,
        "Ukraine": 1,
        "Pyongyang": 1,
    }
    assert counts(one, EntityType.PERSON) == {"Kim Jong Un": 8, "Vladimir Putin": 7}
    assert counts(one, EntityType.ORG) == {"Korean Central News Agency": 4, "Tass": 1}
    assert counts(one, EntityType.EVENT) == {"Cold War": 1}
    assert counts(one, EntityType.NORP) == {"Russian": 3, "South Korean": 2, "North Korean": 1}
    assert len(one.entities) == 13
    assert entity(one, "Korean Central News Agency").aliases == ("KCNA",)
    assert entity(one, "North Korea").aliases == ("the North",)


def test_the_first_seeds_short_names_are_resolved(seeds: list[EnrichedArticle]) -> None:
    def times(name: str, surface: str) -> int:
        return sum(mention.text == surface for mention in entity(seeds[0], name).mentions)

    assert times("North Korea", "the North") == 2
    assert times("Kim Jong Un", "Kim") == 7
    assert times("Vladimir Putin", "Putin") == 5
    assert times("Korean Central News Agency", "KCNA") == 3


def test_the_second_seed_has_its_entities_and_none_from_the_lists_below(seeds: list[EnrichedArticle]) -> None:
    one = seeds[1]
    assert counts(one, EntityType.GPE) == {
        "North Korea": 7,
        "South Korea": 3,
        "Russia": 2,
        "Pyongyang": 4,
        "Seoul": 1,
        "Moscow": 1,
        "United States": 1,
    }
    assert counts(one, EntityType.PERSON) == {
        "Vladimir Putin": 6,
        "Kim Jong Un": 5,
        "Yoon Suk Yeol": 1,
        "Vladimir Smirnov": 1,
    }
    assert counts(one, EntityType.ORG) == {"KCNA": 4, "Reuters": 2, "Sputnik": 1, "Red Cross": 1}
    assert counts(one, EntityType.NORP) == {"Russian": 3, "North Korean": 1, "Korean": 1}
    assert {e.type for e in one.entities} == {EntityType.GPE, EntityType.PERSON, EntityType.ORG, EntityType.NORP}


def test_the_second_seeds_sections_are_told_apart(seeds: list[EnrichedArticle]) -> None:
    one = seeds[1]
    assert in_section(one, Section.TITLE) == {"North Korea", "Russia", "Vladimir Putin"}
    assert in_section(one, Section.CAPTION) == {
        "Russia",
        "Vladimir Putin",
        "North Korea",
        "Kim Jong Un",
        "Pyongyang",
        "Sputnik",
        "Vladimir Smirnov",
        "Reuters",
    }
    assert in_section(one, Section.DATELINE) == {"Seoul", "Reuters"}
    assert in_section(one, Section.BYLINE) == {"Hyonhee Shin", "David Gregorio"}


def test_the_most_salient_entities_are_what_the_seeds_are_about(seeds: list[EnrichedArticle]) -> None:
    for one in seeds:
        assert {e.name for e in one.entities[:2]} == {"North Korea", "Vladimir Putin"}
        assert entity(one, "North Korea").id == "iso3166:KP"
        assert entity(one, "Russian").links == {"country": "iso3166:RU"}
