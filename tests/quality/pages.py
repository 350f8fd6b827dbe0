"""Cleans the pages of the evaluation data, and scores their bodies and metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson

from schemas import CleanArticle, Origin
from tests.shared import rows, score
from workers.clean import clean
from workers.errors import RejectedError

ORIGIN = Origin(topic="news-raw", partition=0, offset=0)
RECEIVED = datetime(2030, 1, 1, tzinfo=UTC)  # later than any page of the set


def article(message: Mapping[str, Any]) -> CleanArticle | None:
    """Return the clean article of a message, None if it is refused."""
    try:
        return clean(orjson.dumps(message), ORIGIN, RECEIVED)
    except RejectedError:
        return None


@cache
def pages(name: str = "cleaning/html-dev") -> Mapping[str, CleanArticle | None]:
    """Return the clean articles of the pages of a set, by their ids."""
    return {
        row["id"]: article({"id": row["id"], "html": row["html"], "url": row.get("url")}) for row in rows(name)
    }  # fmt: skip


def bodies(origin: str, language: str | None = None) -> dict[str, float]:
    """Return the scores of the bodies of one origin of the set."""
    chosen = [
        row
        for row in rows("cleaning/html-dev")
        if row["set"] == origin and (language is None or row["language"] == language)
    ]
    found: dict[str, float] = score().body_f1(
        (row["truth"], page.body if (page := pages()[row["id"]]) else "") for row in chosen
    )
    return found


def metadata() -> dict[str, float]:
    """Return the share of pages whose headline, byline, time and keywords are right."""
    found: dict[str, float] = score().metadata_accuracy(
        (row, asdict(page) if (page := pages()[row["id"]]) else {}) for row in rows("cleaning/metadata-dev")
    )
    return found
