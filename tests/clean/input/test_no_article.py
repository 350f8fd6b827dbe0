"""Pages that are no article are refused with their kind; articles that look a little like them are not."""

from __future__ import annotations

import pytest

from tests.clean.samples import BODY, HEADLINE, STORY, cleaned
from workers.clean.input.no_article import RULES, Rule, line_kind, title_kind
from workers.errors import RejectedError
from workers.outcomes import Reason

PARAGRAPHS = "".join(f"<p>{line}</p>" for line in BODY)
TEASERS = "".join(
    f"<div class=item><h3><a href=/n/{number}>Harbour news number {number}</a></h3>"
    f"<p>{line}</p><span>{number + 1} March 2025</span></div>"
    for number, line in enumerate(BODY * 2)
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_matches_its_example_and_not_its_counter_example(rule: Rule) -> None:
    matches = title_kind if rule.title else line_kind
    assert matches(rule.example) == rule.kind
    assert matches(rule.counter_example) is None


def page(title: str, *lines: str, inside: str = "") -> str:
    """Return a page with these lines."""
    text = "".join(f"<p>{line}</p>" for line in lines)
    return f"<!DOCTYPE html><html lang=en><head><title>{title}</title></head><body>{inside}{text}</body></html>"


@pytest.mark.parametrize(
    ("kind", "title", "lines"),
    [
        (
            "bot check",
            "Just a moment...",
            ["Checking your browser before accessing courier.example.", "Ray ID: 7f00aa"],
        ),
        ("bot check", "courier.example", ["Please verify you are human by completing the action below."]),
        ("bot check", "Access Denied", ["You don't have permission to access this page on this server."]),
        ("consent wall", "Before you continue", ["We and our 120 partners process data to show ads.", "Accept all"]),
        ("consent wall", "Your privacy | Courier", ["We use cookies to measure our audience.", "Manage settings"]),
        ("consent wall", "Datenschutz", ["Wir und unsere Partner verarbeiten Daten, auch mit Cookies."]),
        ("error page", "404 Not Found", ["nginx"]),
        ("error page", "Page not found - Courier", ["Sorry, the page you are looking for could not be found."]),
        ("error page", "503 Service Unavailable", ["The server is temporarily unable to service your request."]),
        ("error page", "Seite nicht gefunden", ["Die gewünschte Seite existiert nicht mehr."]),
        ("login page", "Log in", ["E-mail address", "Password", "Forgot your password?"]),
        ("paywall", "Ferries", ["Subscribe to continue reading this article.", "Already a subscriber? Log in"]),
        ("index page", "Islands - The Courier", [TEASERS]),
    ],
)
def test_a_page_that_is_no_article_is_refused_with_its_kind(kind: str, title: str, lines: list[str]) -> None:
    html = page(title, *lines)
    with pytest.raises(RejectedError, match=kind) as refused:
        cleaned({"html": html, "headline": HEADLINE, "url": "https://courier.example/islands/walkout"})
    assert refused.value.reason is Reason.NO_ARTICLE


@pytest.mark.parametrize(
    "html",
    [
        page("Access denied", *BODY),
        page("404 days at sea", BODY[0]),
        page("Cookies that track sailors", "We use cookies, the baker said, laughing.", *BODY),
        page(HEADLINE, *BODY, "We use cookies to measure our audience.", "Accept all"),
        page(HEADLINE, inside=f"<article><h1>{HEADLINE}</h1>{PARAGRAPHS}</article><section>{TEASERS}</section>"),
        page(HEADLINE, inside=f"<article><h1>{HEADLINE}</h1>{PARAGRAPHS}</article><aside>{TEASERS}</aside>"),
    ],
    ids=["denied", "404", "cookies", "banner", "teasers", "aside"],
)
def test_an_article_is_not_taken_for_another_kind_of_page(html: str) -> None:
    assert BODY[0] in cleaned(html).body


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (page(HEADLINE, BODY[0], BODY[1], "Subscribe to continue reading this article."), True),
        (page(HEADLINE, inside='<script type="application/ld+json">{"@type": "NewsArticle", "headline": "'
              + HEADLINE + '", "isAccessibleForFree": false}</script>' + f"<p>{BODY[0]}</p>"), True),
        (page(HEADLINE, *BODY), False),
        (page(HEADLINE, *BODY * 3, "Subscribe to continue reading this article."), False),
    ],
)  # fmt: skip
def test_the_start_of_an_article_before_a_paywall_is_marked_as_truncated(html: str, expected: bool) -> None:
    article = cleaned(html)
    assert article.body.startswith(BODY[0])
    assert article.truncated is expected


def test_a_whole_text_is_not_truncated() -> None:
    assert not cleaned(STORY).truncated
