"""Headlines: what one looks like, and how much of a line's wording a text repeats."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+")
_MAX_HEADLINE_CHARS = 200
_MAX_HEADLINE_WORDS = 30
_STEM_CHARS = 5
_SENTENCE_END = re.compile(r"[.;,:]$|[^.]\.[\"”’']$")
_STOP_WORDS = frozenset({
    "the", "a", "an", "of", "in", "on", "to", "for", "and", "or", "as", "at", "by", "with", "from", "is", "are", "was",
    "were", "be", "it", "its", "his", "her", "their", "that", "this", "has", "have", "had", "after",
})  # fmt: skip


def words(text: str) -> list[str]:
    """Return the words of the text in lower case."""
    return _WORD.findall(text.lower())


def has_same_words(line: str, other: str) -> bool:
    """Whether two lines have the same words; lines without any word must be equal."""
    line_words = words(line)
    return line_words == words(other) and (bool(line_words) or line == other)


def is_headline(line: str) -> bool:
    """Whether the line looks like a headline: short, without a full stop at its end."""
    return (
        0 < len(line) <= _MAX_HEADLINE_CHARS
        and len(line.split()) <= _MAX_HEADLINE_WORDS
        and not _SENTENCE_END.search(line)
    )


def overlap(line: str, text: str) -> float:
    """Return the share of the line's content words, compared by their first letters, that the text has; 0..1."""
    stems = {word[:_STEM_CHARS] for word in words(line) if word not in _STOP_WORDS}
    if not stems:
        return 0.0
    return len(stems & {word[:_STEM_CHARS] for word in words(text)}) / len(stems)
