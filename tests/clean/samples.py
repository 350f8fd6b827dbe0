"""Invented articles with invented boilerplate, and helpers to clean them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from schemas import CleanArticle, Origin
from workers.clean import clean, restore
from workers.clean.text import normal_form

ORIGIN = Origin(topic="news-raw", partition=2, offset=41)
RECEIVED = datetime(2025, 3, 9, 12, 0, tzinfo=UTC)

HEADLINE = "Ferry crews vote for walkout as talks over night shifts collapse"
LEAD = (
    "Ferry crews on the northern islands voted on Friday for a walkout after talks over night shifts collapsed, "
    "the seafarers' union said, leaving nine routes without a timetable for the weekend."
)
BODY = (
    LEAD,
    "The union's secretary, Mara Quill, said members had been asked to work eleven nights in a row and would not do "
    "so again without a written promise of rest days.",
    "The operator, Northline, said its offer of two extra days of leave still stood and urged passengers to check "
    "before travelling to the harbour at Port Ellery.",
    "“Nobody wants a silent pier in the lambing season,” said Tom Adair, who runs the island's only shop. “But nobody "
    "wants a tired captain either.”",
    "The regional government said it would send a mediator on Monday and had asked both sides to keep the hospital "
    "boat running.",
)
STORY = "\n".join(BODY)

APPEAL = (
    "Help us stay on the quay",
    "The Courier is reader-funded: no shipping line and no ministry pays for our reporting from eleven islands. If you "
    "value it, please consider a donation, for as little as the price of a ferry ticket a year.",
    "We will never hide local journalism behind a paywall, because pensioners and pupils need it too. It is your "
    "contribution that lets us pay reporters to sit through council meetings that nobody else attends.",
)
APPEAL_END = "Every little helps us sail on."


def cleaned(value: Any, received: datetime = RECEIVED) -> CleanArticle:
    """Return the clean article of a text, of bytes, or of any other value as JSON."""
    data = value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else orjson.dumps(value)
    return clean(data, ORIGIN, received)


def lines(*texts: str) -> str:
    """Return the texts as the lines of one text."""
    return "\n".join(texts)


def raw(article: CleanArticle) -> str:
    """Return the raw text of an article; fails if it cannot be rebuilt or is not in normal form."""
    text = restore(article.body, article.removed)
    assert text == normal_form(text)
    previous = 0
    for item in article.removed:
        assert previous <= item.start < item.end <= len(text)
        assert text[item.start : item.end] == item.text
        previous = item.end
    return text


def removed(article: CleanArticle, category: str) -> list[str]:
    """Return the stripped texts that were removed under the category."""
    return [item.text.strip() for item in article.removed if item.category == category]
