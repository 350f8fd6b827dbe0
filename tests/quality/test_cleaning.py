"""The cleaning gate: scores on real pages, with floors just below the measured values, so that a regression fails."""

from __future__ import annotations

from typing import Any

import pytest

from tests.quality.pages import article, bodies, pages
from tests.shared import needs_shared, rows, score

pytestmark = needs_shared


def body(message: dict[str, Any]) -> str:
    """Return the cleaned body of a message, empty if it is refused."""
    found = article(message)
    return found.body if found else ""


def english(name: str, origin: str) -> list[dict[str, Any]]:
    """Return the English rows of one set of an evaluation file."""
    return [row for row in rows(name) if row["set"] == origin and row["language"] == "en"]


@pytest.mark.parametrize(
    ("level", "floor"),
    [
        ("container", 0.960),  # doing nothing: .906
        ("wider", 0.941),  # doing nothing: .766
        ("glued", 0.770),  # line ends lost from wider; doing nothing: .766
    ],
)
def test_boilerplate_is_removed_from_news_pages(level: str, floor: float) -> None:
    pages = english("cleaning/text-dev", "fundus")
    for page in pages:
        page["glued"] = " ".join(page["wider"].split("\n"))
    pairs = [(page["truth"], body({"id": page["id"], "body": page[level]})) for page in pages]
    assert score().body_f1(pairs)["f1"] >= floor


def test_clean_texts_lose_almost_nothing() -> None:
    pairs = [(row["truth"], body({"id": row["id"], "body": row["truth"]})) for row in rows("cleaning/text-dev")]
    assert score().tokens_lost(pairs) <= 0.0015


@pytest.mark.slow
@pytest.mark.parametrize(
    ("origin", "floor"),
    [
        ("fundus", 0.966),  # trafilatura alone: .962
        ("aeb", 0.958),  # trafilatura alone: .954
    ],
)
def test_articles_are_found_in_web_pages(origin: str, floor: float) -> None:
    assert bodies(origin, "en")["f1"] >= floor


@pytest.mark.slow
def test_no_article_is_refused() -> None:
    assert [name for name, page in pages().items() if page is None] == []
