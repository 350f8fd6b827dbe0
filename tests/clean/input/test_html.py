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


def test_the_fields_of_the_message_win_over_those_of_the_page() -> None:
    article = cleaned(
        {"html": PAGE, "headline": "Ferries stop", "published": "2025-03-08", "url": "https://m.courier.example/1"}
    )
    assert article.headline == "Ferries stop"
    assert article.published == "2025-03-08T00:00:00Z"
    assert article.url == "https://m.courier.example/1"


@pytest.mark.parametrize("end", ["</head>", "<meta charset=utf-8></head>", "", "</title><style>p {{}}</head>"])
def test_a_title_or_style_without_its_end_ends_before_the_next_part_of_the_page(end: str) -> None:
    article = cleaned(f"<html><head><title>{HEADLINE}{end}<body><article>{PARAGRAPHS}</article>")
    assert (article.headline, article.body) == (HEADLINE, STORY)


def test_a_title_may_show_tags() -> None:
    title = "How a stray <body> tag stopped the ferries of Port Ellery"
    assert cleaned(f"<html><head><title>{title}</title></head><body>{PARAGRAPHS}</body></html>").headline == title


@pytest.mark.parametrize("separator", ["\n", "\n\n", "\n    "])
def test_the_lines_of_preformatted_text_are_paragraphs(separator: str) -> None:
    text = separator.join(BODY)
    article = cleaned(f"<html><head><title>{HEADLINE}</title></head><body><h1>{HEADLINE}</h1><pre>{text}</pre></body>")
    assert article.body == STORY


def test_a_headline_that_is_broken_over_lines_is_no_part_of_the_text() -> None:
    broken = HEADLINE.replace(" as ", "<br>as ")
    article = cleaned(PAGE.replace(f"<h1>{HEADLINE}</h1>", f"<h1>{broken}</h1>"))
    assert (article.headline, article.body) == (HEADLINE, cleaned(PAGE).body)


def test_a_future_date_in_a_page_is_ignored() -> None:
    assert cleaned(PAGE.replace("2025-03-07T", "2025-12-24T")).published is None


def test_a_text_with_a_less_than_sign_is_not_a_page() -> None:
    assert cleaned(lines("<3 and other signs of love", STORY)).body.endswith(STORY)


LINKED = """<script type="application/ld+json">
{"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "The Courier"},
 {"@type": ["NewsArticle"], "headline": "%s", "datePublished": "2025-03-07T22:15:00-05:00",
  "dateModified": "2025-03-08T05:00:00Z", "author": [{"@type": "Person", "name": "Ida Holm"}, {"name": "Agencies"}],
  "mainEntityOfPage": {"@id": "https://courier.example/islands/ferry-walkout"}, "articleSection": "Islands",
  "description": "broken\nover lines"}]}</script>"""


def page(head: str, body: str = PARAGRAPHS) -> str:
    """Return a page with this head and body."""
    return (
        f"<html><head><title>{HEADLINE} | The Courier</title>{head}</head><body><article>{body}</article></body></html>"
    )


def test_json_ld_gives_times_url_names_and_section() -> None:
    article = cleaned(page(LINKED % HEADLINE))
    assert article.headline == HEADLINE
    assert article.published == "2025-03-08T03:15:00Z"
    assert article.modified == "2025-03-08T05:00:00Z"
    assert article.url == article.canonical_url == "https://courier.example/islands/ferry-walkout"
    assert article.byline == ("Ida Holm",)
    assert article.agency == "Agencies"
    assert article.section == "Islands"


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2025-03-07T08:15:30+02:00">',
        '<meta itemprop="datePublished" content="2025-03-07 06:15:30Z">',
        '<meta name="date" content="2025-03-07"><meta name="parsely-pub-date" content="2025-03-07T06:15:30Z">',
    ],
)
def test_the_date_with_a_time_of_day_is_preferred(head: str) -> None:
    assert cleaned(page(head)).published == "2025-03-07T06:15:30Z"


def test_a_url_that_names_only_the_site_is_ignored() -> None:
    head = '<link rel="canonical" href="https://courier.example/"><meta property="og:url" content="https://courier.example/1">'
    assert cleaned(page(head)).canonical_url == "https://courier.example/1"


@pytest.mark.parametrize(
    "json", ["{", "[[[[", '{"@type": 7}', '{"@graph": {"@type": "NewsArticle"}}', "[" * 90_000, "7"]
)
def test_json_ld_without_an_article_is_ignored(json: str) -> None:
    article = cleaned(page(f'<script type="application/ld+json">{json}</script>'))
    assert article.body == STORY
    assert article.headline.startswith(HEADLINE)


@pytest.mark.parametrize(
    "line", ["<b>Ida Holm</b> | Published 7 March 2025, 08:15", "By Ida Holm | Published March 7, 2025 8:15 AM"]
)
def test_a_line_with_byline_and_date_is_not_part_of_the_body(line: str) -> None:
    article = cleaned(page("", f"<h1>{HEADLINE}</h1><p>{line}</p>{PARAGRAPHS}"))
    assert article.body == STORY
    assert article.byline == ("Ida Holm",)
