"""Headlines: what one looks like, and how much of a line's wording a text repeats."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"\w+")
_MAX_HEADLINE_CHARS = 200
_MAX_HEADLINE_WORDS = 30
_STEM_CHARS = 5
_SENTENCE_END = re.compile(r"[.;,:]$|[^.]\.[\"”’']$")
_STOP_WORDS = frozenset({
    "the", "a", "an", "of", "in", "on", "to", "for", "and", "or", "as", "at", "by", "with", "from", "is", "are", "was",
    "were", "be", "it", "its", "his", "her", "their", "that", "this", "has", "have", "had", "after",
})  # fmt: skip
_SITE_BREAK = re.compile(
    r"""
      [ ]* [|｜] [ ]*
    | [ ]+ [»«] [ ]+
    | [ ]+ (?: [-–—―·•:/] | :: ) [ ]+
    | ： | 丨
    | [ ]+ [@] [ ]+
    | _(?=[^\W\d_a-z])
    """,
    re.VERBOSE,
)
_BAR = re.compile(r"[|｜»«丨]")
_SITE_SUFFIX = re.compile(r"(?:\.[a-z]{2,4}){1,2}$|\b(?:the|www)\b|[\W_]+")
_MAX_SITE_WORDS = 5
_MAX_SITE_CHARS = 40
_MIN_TITLE_CHARS = 8
_MAX_STRIPPED = 4


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


def without_site(title: str, sites: Iterable[str | None]) -> str:
    """Return the title without the name of the site before or after it: ``Bridge closes | Valley Post``.

    Args:
        title: the title of a page.
        sites: the site's name, its publisher and its host. A short part after a bar is taken for a site whatever its
            name; after a dash or colon, which headlines have too, only a known one.
    """
    known = {key for site in sites if site and (key := _site_key(site))}
    for _ in range(_MAX_STRIPPED):
        breaks = list(_SITE_BREAK.finditer(title))
        if not breaks:
            break
        first, last = breaks[0], breaks[-1]
        head, tail = title[: last.start()], title[last.end() :]
        if len(head) >= _MIN_TITLE_CHARS and (
            _site_key(tail) in known or (_BAR.search(last[0]) and _is_short(tail, head))
        ):
            title = head.strip()
        elif _site_key(title[: first.start()]) in known and len(title) - first.end() >= _MIN_TITLE_CHARS:
            title = title[first.end() :].strip()
        else:
            break
    site, colon, rest = title.partition(": ")
    return rest.strip() if colon and _site_key(site) in known and len(rest) >= _MIN_TITLE_CHARS else title


def _site_key(name: str) -> str:
    return _SITE_SUFFIX.sub("", name.lower())


def _is_short(site: str, headline: str) -> bool:
    return len(site) <= _MAX_SITE_CHARS and len(site.split()) <= _MAX_SITE_WORDS and len(site) < len(headline)


def agreed(titles: Sequence[str]) -> str | None:
    """Return the title that most of the others repeat word by word; of equals the first.

    A title that is another one and something after a dash or colon counts as the other one.
    """
    keys = {_key(title) for title in titles}
    shortened = [
        next((title[: end.start()] for end in _SITE_BREAK.finditer(title) if _key(title[: end.start()]) in keys), title)
        for title in titles
    ]
    counts = Counter(map(_key, shortened))
    return max(shortened, key=lambda title: counts[_key(title)], default=None)


def _key(title: str) -> str:
    return "".join(words(title))
