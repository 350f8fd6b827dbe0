"""The two seed articles after the clean stage: every entity with its count, and none from the boilerplate."""

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


def test_the_first_seed_has_the_counted_entities_and_none_from_the_donation_appeal(
    seeds: list[EnrichedArticle],
) -> None:
    out = seeds[0]
    assert counts(out, EntityType.GPE) == {
        "North Korea": 12,
        "Russia": 4,
        "South Korea": 3,
        "Ukraine": 1,
        "Pyongyang": 1,
    }
    assert counts(out, EntityType.PERSON) == {"Kim Jong Un": 8, "Vladimir Putin": 7}
    assert counts(out, EntityType.ORG) == {"Korean Central News Agency": 4, "Tass": 1}
    assert counts(out, EntityType.EVENT) == {"Cold War": 1}
    assert counts(out, EntityType.NORP) == {"Russian": 3, "South Korean": 2, "North Korean": 1}
    assert len(out.entities) == 13
    assert entity(out, "Korean Central News Agency").aliases == ("KCNA",)
    assert entity(out, "North Korea").aliases == ("the North",)


def test_the_short_names_in_the_first_seed_are_resolved(seeds: list[EnrichedArticle]) -> None:
    def times(name: str, surface: str) -> int:
        return sum(mention.text == surface for mention in entity(seeds[0], name).mentions)

    assert times("North Korea", "the North") == 2
    assert times("Kim Jong Un", "Kim") == 7
    assert times("Vladimir Putin", "Putin") == 5
    assert times("Korean Central News Agency", "KCNA") == 3


def test_the_second_seed_has_the_counted_entities_and_none_from_the_link_lists(seeds: list[EnrichedArticle]) -> None:
    out = seeds[1]
    assert counts(out, EntityType.GPE) == {
        "North Korea": 7,
        "South Korea": 3,
        "Russia": 2,
        "Pyongyang": 4,
        "Seoul": 1,
        "Moscow": 1,
        "United States": 1,
    }
    assert counts(out, EntityType.PERSON) == {
        "Vladimir Putin": 6,
        "Kim Jong Un": 5,
        "Yoon Suk Yeol": 1,
        "Vladimir Smirnov": 1,
    }
    assert counts(out, EntityType.ORG) == {"KCNA": 4, "Reuters": 2, "Sputnik": 1, "Red Cross": 1}
    assert counts(out, EntityType.NORP) == {"Russian": 3, "North Korean": 1, "Korean": 1}
    assert {e.type for e in out.entities} == {EntityType.GPE, EntityType.PERSON, EntityType.ORG, EntityType.NORP}


def test_entities_of_the_second_seed_are_found_in_the_right_sections(seeds: list[EnrichedArticle]) -> None:
    out = seeds[1]
    assert in_section(out, Section.TITLE) == {"North Korea", "Russia", "Vladimir Putin"}
    assert in_section(out, Section.CAPTION) == {
        "Russia",
        "Vladimir Putin",
        "North Korea",
        "Kim Jong Un",
        "Pyongyang",
        "Sputnik",
        "Vladimir Smirnov",
        "Reuters",
    }
    assert in_section(out, Section.DATELINE) == {"Seoul", "Reuters"}
    assert in_section(out, Section.BYLINE) == {"Hyonhee Shin", "David Gregorio"}


def test_the_most_salient_entities_are_the_subjects_of_the_seeds(seeds: list[EnrichedArticle]) -> None:
    for out in seeds:
        assert {e.name for e in out.entities[:2]} == {"North Korea", "Vladimir Putin"}
        assert entity(out, "North Korea").id == "iso3166:KP"
        assert entity(out, "Russian").links == {"country": "iso3166:RU"}
