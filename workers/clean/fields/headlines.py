"""What stands above a text: headline, standfirst, crumbs, date."""

from __future__ import annotations

import re

_WORD = re.compile(r"\w+")
_LONGEST_HEADLINE = 200
_MOST_WORDS = 30
_ENDS = re.compile(r"[.;,:]$|[^.]\.[\"”’']$")
_STOP = frozenset({
    "the", "a", "an", "of", "in", "on", "to", "for", "and", "or", "as", "at", "by", "with", "from", "is", "are", "was",
    "were", "be", "it", "its", "his", "her", "their", "that", "this", "has", "have", "had", "after",
})  # fmt: skip


def words(text: str) -> list[str]:
    """The words of the text in lower case."""
    return _WORD.findall(text.lower())


def same(one: str, other: str) -> bool:
    """Whether two lines have the same words; lines without any are the same where they are equal."""
    said = words(one)
    return said == words(other) and (bool(said) or one == other)


def is_headline(line: str) -> bool:
    """Whether the line has the shape of a headline: short, with no full stop at its end."""
    return 0 < len(line) <= _LONGEST_HEADLINE and len(line.split()) <= _MOST_WORDS and not _ENDS.search(line)


def overlap(line: str, text: str) -> float:
    """The share of the line's content words that the text has, whatever their endings; 0..1."""
    stems = {word[:5] for word in words(line) if word not in _STOP}
    if not stems:
        return 0.0
    return len(stems & {word[:5] for word in words(text)}) / len(stems)
