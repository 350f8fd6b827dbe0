"""The two seed articles, read in place."""

from __future__ import annotations

from schemas import Caption, Credit, Dateline
from tests.clean.samples import cleaned, raw, removed
from tests.shared import needs_shared, seed
from workers.clean.text import tidy

pytestmark = needs_shared


def test_headline_standfirst_and_glued_appeal_are_separated_from_the_body() -> None:
    article = cleaned(seed("000"))
    assert article.headline.startswith("Russia's Putin offers disaster aid to North Korea")
    assert article.summary is not None
    assert article.summary.startswith("Russian President Vladimir Putin has offered humanitarian assistance")
    assert article.body.startswith("Russian President Vladimir Putin offered humanitarian assistance")
    assert article.body.endswith("South Korea's offer to provide aid.")
    (appeal,) = removed(article, "appeal")
    assert appeal.startswith("Your support helps us")
    assert appeal.endswith("makes all the difference.")
    assert [item.category for item in article.removed] == ["headline", "summary", "appeal"]
    assert raw(article) == tidy(seed("000"))
    assert article.language == "en"


def test_breadcrumbs_caption_dateline_credits_promo_and_lists_are_separated_from_the_body() -> None:
    article = cleaned(seed("001"))
    assert article.headline.startswith("North Korea says Russia's Putin offered humanitarian aid")
    assert article.section == "World"
    assert article.published == "2024-08-04T00:00:00Z"
    (caption,) = article.captions
    assert isinstance(caption, Caption)
    assert caption.text.endswith("June 19, 2024.")
    assert caption.credit == "Sputnik/Vladimir Smirnov/Pool via REUTERS/File Photo"
    assert article.dateline == Dateline(text="SEOUL (Reuters) -", place="Seoul", agency="Reuters")
    assert article.agency == "Reuters"
    assert article.credits == (
        Credit(name="Hyonhee Shin", role="reporting"),
        Credit(name="David Gregorio", role="editing"),
    )
    assert article.body.startswith("Russian President Vladimir Putin has offered humanitarian aid")
    assert article.body[-30:].replace("”", '"').endswith('partnership" pact in June.')
    assert [item.category for item in article.removed] == [
        "headline", "crumb", "date", "caption", "dateline", "credit", "promo", "related",
    ]  # fmt: skip
    assert raw(article) == tidy(seed("001"))


def test_other_line_ends_give_the_same_article() -> None:
    for prefix in ("000", "001"):
        plain, crlf = cleaned(seed(prefix)), cleaned(seed(prefix).replace("\n", "\r\n\r\n"))
        assert crlf == plain
