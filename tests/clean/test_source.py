"""The source of a message is told without cleaning it, and is the one that its clean article has."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import orjson
import pytest

from tests.clean.samples import cleaned
from workers.clean.source import source
from workers.cli.demo.samples import samples
from workers.errors import RejectedError

FORMATS = Path(__file__).parent / "input" / "formats"
MESSAGES = {
    **{path.name: path.read_bytes() for path in sorted(FORMATS.iterdir()) if "expected" not in path.name},
    **{sample.name: sample.value for sample in samples()},
}


@pytest.mark.parametrize("name", MESSAGES)
def test_the_source_is_that_of_the_clean_article(name: str) -> None:
    with suppress(RejectedError):
        assert source(MESSAGES[name]) == cleaned(MESSAGES[name]).source


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"headline": "Ferry runs again", "url": "https://www.courier.example/ferry"}, "courier.example"),
        ({"title": "Ferry runs again", "source": "Harbour Wire"}, "Harbour Wire"),
        ("<html><link rel=canonical href='https://courier.example/a-b'><title>404</title></html>", "courier.example"),
        ('{"url": "https://courier.example/ferry", "body": "no end', None),
        ("", None),
        (b"\x00\x01\x02", None),
    ],
)  # fmt: skip
def test_a_refused_message_has_a_source_if_it_can_be_read(message: object, expected: str | None) -> None:
    value = (
        message
        if isinstance(message, bytes)
        else message.encode()
        if isinstance(message, str)
        else orjson.dumps(message)
    )
    with pytest.raises(RejectedError):
        cleaned(value)
    assert source(value) == expected


def test_the_fields_may_be_where_the_settings_say() -> None:
    assert source(b'{"meta": {"site": "Harbour Wire"}}', {"source": ("meta.site",)}) == "Harbour Wire"
