"""Which source wins where several say something about a field."""

from __future__ import annotations

from dataclasses import fields

import pytest

from schemas import Dateline
from tests.clean.samples import BODY, HEADLINE, STORY, cleaned, lines
from workers.clean.candidates import PRECEDENCE, Candidates, Source, merge

PAGE = f"""<html lang="en"><head><title>Page title of some length | The Courier</title>
<meta property="og:title" content="Page title of some length"><meta property="og:site_name" content="Page site">
<meta name="author" content="Paula Page"><meta property="article:published_time" content="2025-03-07T08:15:00Z">
<meta property="article:modified_time" content="2025-03-07T09:15:00Z"><meta name="keywords" content="page">
<meta name="description" content="Page description."><meta property="article:section" content="Page section">
<link rel="canonical" href="https://page.example/1"></head>
<body><article><p>By Tina Text</p><p>SALTBY (AFP) — {BODY[0]}</p>{"".join(f"<p>{line}</p>" for line in BODY[1:])}
</article></body></html>"""
MESSAGE = {
    "headline": "Message headline", "summary": "Message summary.", "byline": ["Mia Message"],
    "dateline": "HOLM (AP) —", "published": "2025-03-01", "modified": "2025-03-02", "source": "Message source",
    "url": "https://message.example/1", "keywords": ["message"], "section": "Message section",
}  # fmt: skip


def test_every_field_has_a_precedence() -> None:
    assert list(PRECEDENCE) == [field.name for field in fields(Candidates)]


@pytest.mark.parametrize("field", PRECEDENCE)
def test_the_first_source_of_a_field_wins(field: str) -> None:
    order = PRECEDENCE[field]
    candidates = {source: Candidates(**{field: source.name}) for source in Source}  # type: ignore[arg-type]
    for source in order:
        assert getattr(merge(candidates), field) == source.name
        del candidates[source]
    assert getattr(merge(candidates), field) is None


def test_a_source_that_says_nothing_leaves_the_field_to_the_next() -> None:
    merged = merge({Source.MESSAGE: Candidates(), Source.PAGE: Candidates(headline="Page", keywords=())})
    assert merged == Candidates(headline="Page", keywords=())


def test_the_message_wins_over_page_and_text() -> None:
    article = cleaned({"html": PAGE} | MESSAGE)
    assert article.headline == "Message headline"
    assert article.summary == "Message summary."
    assert article.byline == ("Mia Message",)
    assert article.dateline == Dateline(text="HOLM (AP) —", place="Holm", agency="AP")
    assert (article.published, article.modified) == ("2025-03-01T00:00:00Z", "2025-03-02T00:00:00Z")
    assert (article.source, article.url) == ("Message source", "https://message.example/1")
    assert article.canonical_url == "https://page.example/1"
    assert (article.keywords, article.section) == (("message",), "Message section")


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        (f"{HEADLINE} - The Courier", HEADLINE),
        (f"The Courier | {HEADLINE}", HEADLINE),
        (f"{HEADLINE} | Islander", HEADLINE),
        (f"{HEADLINE} - the argument", f"{HEADLINE} - the argument"),
        ("Sport - The Courier", "Sport - The Courier"),
        ("The Courier - a paper that outlived its owners", "The Courier - a paper that outlived its owners"),
    ],
)
def test_a_headline_is_without_the_name_of_its_source(headline: str, expected: str) -> None:
    message = {"headline": headline, "body": BODY[0], "source": "The Courier", "url": "https://www.islander.test/7"}
    assert cleaned(message).headline == expected


@pytest.mark.parametrize("headline", ["**Ferries** stop for **storm**", "# 1 song on all islands"])
def test_marks_within_a_headline_stay(headline: str) -> None:
    assert cleaned({"headline": headline, "body": STORY}).headline == headline


def test_page_and_text_fill_what_the_message_lacks() -> None:
    article = cleaned(PAGE)
    assert article.headline == "Page title of some length"
    assert article.summary == "Page description."
    assert article.byline == ("Tina Text",)
    assert article.dateline == Dateline(text="SALTBY (AFP) —", place="Saltby", agency="AFP")
    assert (article.published, article.modified) == ("2025-03-07T08:15:00Z", "2025-03-07T09:15:00Z")
    assert (article.source, article.url) == ("page.example", "https://page.example/1")
    assert (article.keywords, article.section) == (("page",), "Page section")


def test_the_agency_in_the_text_wins_over_those_of_dateline_and_byline() -> None:
    text = {"headline": HEADLINE, "body": lines(*BODY, "(dpa)")}
    assert cleaned(text | {"byline": "Reuters", "dateline": "HOLM (AP) —"}).agency == "dpa"
    plain = {"headline": HEADLINE, "body": lines(*BODY), "byline": "Reuters"}
    assert cleaned(plain | {"dateline": "HOLM (AP) —"}).agency == "AP"
    assert cleaned(plain).agency == "Reuters"


def test_an_empty_list_of_keywords_in_the_message_wins_over_the_page() -> None:
    assert cleaned({"html": PAGE, "keywords": []}).keywords == ()
