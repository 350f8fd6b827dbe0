"""XML that is not well-formed is read all the same."""

from __future__ import annotations

import pytest

from tests.clean.samples import HEADLINE, STORY, cleaned
from workers.clean.input.splitting import split


def feed(end: str, items: int = 1) -> str:
    """Return a feed whose items have this end in their titles and links."""
    link = f"<link>https://courier.example/?{end}</link>"
    item = f"<item><title>{HEADLINE} {end}</title>{link}<description>{STORY}</description></item>"
    return f"<rss><channel>{item * items}</channel></rss>"


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("&#xd83d;&#xde00;", "😀"),  # a pair of surrogates, as Java writes an emoji
        ("&#55357;&#056832;", "😀"),
        ("&#xD800;", "\ufffd"),
        ("&#xd8000;", "\U000d8000"),
        ("& so on", "& so on"),
    ],
)
def test_a_reference_to_half_a_character_does_not_cost_the_article(end: str, expected: str) -> None:
    assert cleaned(feed(end)).headline == f"{HEADLINE} {expected}"


@pytest.mark.parametrize("end", ["&#xd800;", "&#xd800", "&#55296;", "&#xd83d&#xde00"])
def test_a_reference_to_half_a_character_does_not_cost_the_feed(end: str) -> None:
    assert [place for place, _ in split(feed(end, items=2).encode())] == ["item 1", "item 2"]
