"""Tells where a name begins after titles: Marta Oyelaran in Prime Minister Marta Oyelaran."""

from __future__ import annotations

import re

from workers.enrich.lexicon import TokenizedText, given_names, titles
from workers.enrich.spans import trim
from workers.vocabulary.letters import CAPITAL
from workers.vocabulary.particles import PARTICLE

_MAX_TITLE_CHARS = 200
"""Where a title ends at the latest. The words of a whole span, which may be long, would be found again for each."""
_WORD = re.compile(r"\w+")
_PARTICLE_FIRST = re.compile(rf"(?:{PARTICLE} ){{1,3}}{CAPITAL}")


def skip_titles(text: str, start: int, end: int, *, only_people: bool = False) -> int:
    """Where the name in the span begins: after any titles, unless nothing would be left.

    With ``only_people``, only after titles that nothing but a person bears, so that it is safe for spans of any type.
    """
    while True:
        word = _WORD.match(text, start, end)
        if word is None or not titles().may_begin_with(word.group()):
            return start
        first = next(titles().find(TokenizedText(text[start : min(end, start + _MAX_TITLE_CHARS)])), None)
        if first is None or first[0] > 0 or (only_people and not first[2]):
            return start
        name_start, _ = trim(text, start + first[1], end)
        if name_start >= end or (text[name_start].islower() and not _PARTICLE_FIRST.match(text, name_start, end)):
            return start
        if _is_given_name(text, start, name_start, end):
            return start
        start = name_start


def _is_given_name(text: str, start: int, name_start: int, end: int) -> bool:
    """Whether the title is a given name, because only a surname follows (Dean Fuleihan)."""
    return text[start:name_start].rstrip() in given_names() and " " not in text[name_start:end]
