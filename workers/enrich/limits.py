"""How much of an article is searched for entities, and where a long text is cut.

A model takes its time per token and its memory per token that it reads at once, so both are bounded here, whatever a
text consists of. (50,000 code points are 8,000 words, or 10,000 tokens, of news.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from schemas.records import Section


@dataclass(frozen=True, slots=True)
class SearchLimit:
    """How much of a section is searched, at most: in code points, and in tokens (words, punctuation, tabs)."""

    chars: int
    tokens: int


BODY_LIMIT = SearchLimit(chars=50_000, tokens=15_000)
SECTION_LIMIT = SearchLimit(chars=10_000, tokens=3_000)
"""The limit of every section but the body."""

MAX_CHUNK_CHARS = 8_000
"""Code points of one text that a model reads as one document; nearly all articles are shorter."""

_CUTS = ("\n", ". ", " ")
"""What to cut after, the best first."""
_TOKEN = re.compile(r"[^\W\d_а-яё]+|[а-яё]+|\d+|[^\w\s]|_|[^\S ]+", re.IGNORECASE)
"""At least as many as any tokenizer makes: the Russian one splits a word between Latin, Cyrillic and digits."""


def searched_part(section: Section, text: str) -> str:
    """The text, or its first part if it exceeds the limit of its section."""
    limit = BODY_LIMIT if section is Section.BODY else SECTION_LIMIT
    if len(text) <= min(limit.chars, limit.tokens):
        return text
    excess = next(islice(_TOKEN.finditer(text, 0, limit.chars), limit.tokens, None), None)
    end = min(excess.start() if excess else len(text), limit.chars)
    return text if end >= len(text) else text[: cut_before(text, 0, end)]


def cut_before(text: str, start: int, end: int) -> int:
    """Where to cut the text between ``start`` and ``end``: after the last line, sentence or word, or at ``end``."""
    for cut in _CUTS:
        if (found := text.rfind(cut, start, end)) > start:
            return found + len(cut)
    return end


def chunks(text: str, size: int = MAX_CHUNK_CHARS) -> Iterator[tuple[int, str]]:
    """The text in chunks of at most ``size`` code points, each with its offset.

    A chunk ends after its last line end; if it has none, after its last sentence; if it has no end of a sentence, after
    its last space.
    """
    start = 0
    while len(text) - start > size:
        end = cut_before(text, start, start + size)
        yield start, text[start:end]
        start = end
    if start < len(text):
        yield start, text[start:]
