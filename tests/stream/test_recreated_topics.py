"""When a topic counts as recreated."""

from __future__ import annotations

import pytest

from workers.stream.recreated_topics import recreated

KNOWN = {"news-raw": "one", "news-clean": "two"}


@pytest.mark.parametrize(
    ("current", "topic"),
    [
        (KNOWN, None),
        ({}, None),
        ({"news-clean": "two"}, None),
        (KNOWN | {"news-raw": "three"}, "news-raw"),
        ({"news-clean": "four"}, "news-clean"),
    ],
)
def test_only_another_id_tells_a_recreated_topic(current: dict[str, str], topic: str | None) -> None:
    assert recreated(KNOWN, current) == topic
