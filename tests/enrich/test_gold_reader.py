from __future__ import annotations

import pytest

from schemas.records import EntityType, Section
from tests.enrich.gold.reader import GoldError, gold_articles, read_article

ARTICLE = """# [Lark] opens a bridge
en politics held-back
dateline: [BATH|Bath] -
* Ada Lark: PERSON = Lark
- Bath / City of Bath: GPE geonames:2656173

[Ada Lark] opened it in [Wales|GPE iso3166:GB]. {Lark: “It is open,”} [she|Ada Lark] said in [May|-].
""".splitlines()


def test_an_article_is_read_with_all_that_is_marked() -> None:
    article = read_article(ARTICLE)
    assert (article.language, article.kind, article.is_held_back) == ("en", "politics", True)
    assert article.texts[Section.BODY] == "Ada Lark opened it in Wales. “It is open,” she said in May."
    assert [(m.section, article.texts[m.section][m.start : m.end], m.entity) for m in article.mentions] == [
        (Section.TITLE, "Lark", "Ada Lark"),
        (Section.DATELINE, "BATH", "Bath"),
        (Section.BODY, "Ada Lark", "Ada Lark"),
        (Section.BODY, "Wales", "Wales"),
        (Section.BODY, "she", "Ada Lark"),
    ]
    (quote,) = article.quotes
    assert (article.texts[Section.BODY][quote.start : quote.end], quote.speaker) == ("It is open,", "Ada Lark")
    assert article.entities["Bath"].names == ("Bath", "City of Bath")
    assert (article.entities["Ada Lark"].type, article.entities["Ada Lark"].is_about) == (EntityType.PERSON, True)


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("[Wales|GPE iso3166:GB]", "[Wales]", "'Wales' is not declared"),
        ("[Ada Lark] opened", "Ada Lark opened", "'Ada Lark' stands unmarked"),
        ("[Wales|", "[Wales|-] and [Wales|[", "unexpected"),
        ("”}", "”", "has no end"),
        ("PERSON = Lark", "PERSN = Lark", "cannot read"),
        ("held-back", "heldback", "unknown flag"),
    ],
)
def test_a_mistake_is_told_with_what_to_write(old: str, new: str, error: str) -> None:
    with pytest.raises(GoldError, match=error.replace("[", r"\[")):
        read_article([line.replace(old, new) for line in ARTICLE])


def test_a_third_of_the_english_articles_is_held_back() -> None:
    english = [article for article in gold_articles() if article.language == "en"]
    assert len(gold_articles()) - len(english) >= 20
    assert sum(article.is_held_back for article in english) >= len(english) // 3
