"""Times on the command line."""

from __future__ import annotations

import time

import pytest

from workers.reading.times import parse_start, parse_time

NOW = 1_780_000_000.0


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("beginning", "beginning"),
        ("End", "end"),
        ("-10m", 1_779_999_400_000),
        ("2d", 1_779_827_200_000),
        ("2026-05-04T06:30:00Z", 1_777_876_200_000),
        ("2026-05-04T08:30:00+02:00", 1_777_876_200_000),
        ("2026-05-04 02:30:00", 1_777_876_200_000),
        ("2026-05-04", 1_777_867_200_000),
    ],
)
def test_a_start_is_an_end_of_the_topics_or_a_time(
    text: str, start: object, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(time.tzset)  # after the variable is restored
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    assert parse_start(text, NOW) == start


@pytest.mark.parametrize("text", ["", "yesterday", "-10x", "10", "2026-13-01", "9999-99"])
def test_anything_else_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match=r"-10m .*RFC 3339"):
        parse_start(text, NOW)


def test_the_end_of_a_span_is_a_time_only() -> None:
    with pytest.raises(ValueError, match="'beginning' is not a time ago such as"):
        parse_time("beginning", NOW)
