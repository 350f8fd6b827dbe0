"""Dates that a page shows are those of its own article."""

from __future__ import annotations

import pytest

from tests.clean.samples import BODY, HEADLINE, cleaned

PARAGRAPHS = "".join(f"<p>{line}</p>" for line in BODY)


def page(top: str = "", *, head: str = "", above: str = "", below: str = "", language: str = "de") -> str:
    """Return a page with these lines around the headline and the text."""
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><title>{HEADLINE}</title>{head}</head><body>{above}<article>'
        f"<h1>{HEADLINE}</h1>{top}{PARAGRAPHS}</article>{below}</body></html>"
    )


@pytest.mark.parametrize(
    ("shown", "published", "source"),
    [
        ('<time datetime="2025-03-07T08:15:00+01:00">vor 2 Tagen</time>', "2025-03-07T07:15:00Z", "time"),
        ('<relative-time datetime="2025-03-07T08:15:00Z">Friday</relative-time>', "2025-03-07T08:15:00Z", "time"),
        ('<abbr class="published" title="2025-03-07T08:15:00Z">7 March</abbr>', "2025-03-07T08:15:00Z", "time"),
        ('<p><time>7. März 2025, 08:15 Uhr</time></p>', "2025-03-07T08:15:00Z", "time"),
        ('<div><span>Von Ida Holm</span><span>07.03.2025, 08:15 Uhr</span></div>', "2025-03-07T08:15:00Z", "text"),
        ('<div>Stand: 08.03.2025 09:00 | Erstellt: 07.03.2025 08:15</div>', "2025-03-07T08:15:00Z", "text"),
        ("<div>vor 3 Stunden</div>", "2025-03-09T09:00:00Z", "relative"),
    ],
)  # fmt: skip
def test_a_date_below_the_headline_is_that_of_the_article(shown: str, published: str, source: str) -> None:
    article = cleaned(page(shown))
    assert (article.published, article.date_sources["published"]) == (published, source)
    assert article.warnings == ()


def test_update_times_are_told_apart() -> None:
    article = cleaned(
        page(
            '<time class="updated" datetime="2025-03-08T09:00:00Z"></time>'
            '<time itemprop="datePublished" datetime="2025-03-07T08:15:00Z"></time>'
        )
    )
    assert (article.published, article.modified) == ("2025-03-07T08:15:00Z", "2025-03-08T09:00:00Z")


@pytest.mark.parametrize(
    "other",
    [
        '<aside><time datetime="2024-01-02T09:00:00Z">2. Januar 2024</time></aside>',
        '<a href="/n/1">Ferry strike <time datetime="2024-01-02">2 Jan 2024</time></a>',
        '<ul><li><span>02.01.2024</span> Mill opens</li></ul>',
        '<div class="related-teaser"><time datetime="2024-01-02">2 Jan 2024</time></div>',
        "<nav>02.01.2024</nav>",
    ],
)  # fmt: skip
def test_the_date_of_another_article_is_never_taken(other: str) -> None:
    for each in (page(other), page(above=other), page(below=other)):
        assert cleaned(each).published is None


def test_a_date_of_the_head_wins_and_one_that_cannot_be_used_is_warned_of() -> None:
    meta = '<meta property="article:published_time" content="{}">'
    shown = "<div>06.03.2025, 08:15 Uhr</div>"
    article = cleaned(page(shown, head=meta.format("2025-03-07T08:15:00Z")))
    assert (article.published, article.date_sources) == ("2025-03-07T08:15:00Z", {"published": "meta"})
    article = cleaned(page(head=meta.format("2031-03-07T08:15:00Z")))
    assert article.published is None
    assert [(each.field, each.value) for each in article.warnings] == [("published", "2031-03-07T08:15:00Z")]
    assert cleaned(page(shown, head=meta.format("2031-03-07T08:15:00Z"))).published == "2025-03-06T08:15:00Z"


def test_the_language_of_the_page_decides_the_order_of_day_and_month() -> None:
    shown = "<div>Published 07/03/2025</div>"
    assert cleaned(page(shown, language="en-GB")).published == "2025-03-07T00:00:00Z"
    assert cleaned(page(shown.replace("07/03", "03/07"), language="en-US")).published == "2025-03-07T00:00:00Z"
    assert cleaned(page(shown, language="en")).published is None
