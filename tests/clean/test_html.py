"""Articles in web pages."""

from __future__ import annotations

import pytest

from tests.clean.samples import BODY, HEADLINE, STORY, cleaned, lines

PARAGRAPHS = "".join(f"<p>{line}</p>" for line in BODY)
PAGE = f"""<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>{HEADLINE} | The Courier</title>
<meta property="og:title" content="{HEADLINE}"><meta property="og:site_name" content="The Courier">
<meta name="author" content="Ida Holm"><meta property="article:published_time" content="2025-03-07T08:15:00Z">
<meta name="description" content="Nine routes are without a timetable.">
<link rel="canonical" href="https://courier.example/islands/ferry-walkout"></head>
<body><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<article><h1>{HEADLINE}</h1><p>Advertisement</p>{PARAGRAPHS}
<p>Sign up for the Courier's morning newsletter here.</p></article>
<footer>© 2025 The Courier</footer></body></html>"""


@pytest.mark.parametrize("value", [PAGE, {"html": PAGE}, {"body": PAGE}], ids=["bare", "html", "body"])
def test_an_article_is_found_in_a_page(value: object) -> None:
    article = cleaned(value)
    assert article.headline == HEADLINE
    assert article.body == STORY
    assert article.language == "en"
    assert article.byline == ("Ida Holm",)
    assert article.canonical_url == "https://courier.example/islands/ferry-walkout"
    assert article.source == "courier.example"
    assert article.summary == "Nine routes are without a timetable."
    assert article.published is not None
    assert article.published.startswith("2025-03-07")


def test_the_fields_of_the_json_around_a_page_come_first() -> None:
    article = cleaned(
        {"html": PAGE, "headline": "Ferries stop", "published": "2025-03-08", "url": "https://m.courier.example/1"}
    )
    assert article.headline == "Ferries stop"
    assert article.published == "2025-03-08T00:00:00Z"
    assert article.url == "https://m.courier.example/1"


def test_a_date_of_the_future_in_a_page_is_dropped() -> None:
    assert cleaned(PAGE.replace("2025-03-07T", "2025-12-24T")).published is None


def test_a_text_that_holds_a_less_than_sign_is_no_page() -> None:
    assert cleaned(lines("<3 and other signs of love", STORY)).body.endswith(STORY)
