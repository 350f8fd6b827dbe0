"""What a reader is shown of a story: the headline and words of its most central article, and the sources of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from schemas import StoryView

MAX_SOURCES = 20
"""Sources of a story that are named, the first ones."""
MAX_HEADLINE_CHARS = 300
MAX_SOURCE_CHARS = 60


def view_of(position: int, headline: str, source: str | None, words: Sequence[str]) -> StoryView:
    """The view of a story with one article: its stream offset, its headline, its source and its most telling words."""
    return StoryView(
        central=position,
        headline=_cut(headline, MAX_HEADLINE_CHARS),
        sources=(_cut(source, MAX_SOURCE_CHARS),) if source else (),
        terms=tuple(words),
    )


def with_sources(view: StoryView, *sources: Iterable[str]) -> StoryView:
    """The view with these sources, the first of them first, instead of its own."""
    distinct = dict.fromkeys(source for some in sources for source in some)
    return replace(view, sources=tuple(distinct)[:MAX_SOURCES])


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
