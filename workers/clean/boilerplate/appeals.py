"""Appeals for donations: runs of units whose turns of phrase together leave no doubt, split from glued text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from workers.clean.boilerplate.rules import RULES
from workers.clean.units import Unit, unit

Score = tuple[int, frozenset[int]]
"""The weight of the cues that a text has, and which they are."""

_CUES = tuple((rule.weight, re.compile(rule.pattern, re.IGNORECASE)) for rule in RULES["cue"])
# Every cue begins at a word, which is said once for speed.
_ANY_CUE = re.compile(rf"\b(?:{'|'.join(rule.pattern for rule in RULES['cue'])})", re.IGNORECASE)
_APPEAL_WORDS = (
    "your support", "your donation", "your contribution", "your help", "your gift", "donat", "journalis", "paywall",
    "newsroom", "reporters", "reporting", "reader-", "readers", "contribution", "chip in", "for as little",
)  # fmt: skip
"""One of these stands in every appeal: a cheap look at the text before the patterns."""

_GLUED = re.compile(r"(?<=[a-z%”’\"')][.!?])[”’\")]?(?=[A-Z“‘][a-z’'])")
_GLUED_LEAST = 40
_LONGEST = 3000  # a line beyond that is no line of an appeal
_LEAST_SCORE = 6
_LEAST_CUES = 3
_STRONG = 2
_NONE: Score = (0, frozenset())


def appeals(units: Sequence[Unit]) -> Iterator[tuple[Unit, bool]]:
    """The units, split where an appeal is glued to the text, each with whether it is of an appeal."""
    folded = "\n".join(part.text for part in units).lower()
    if not any(word in folded for word in _APPEAL_WORDS):
        yield from ((part, False) for part in units)
        return
    scores = [_score(part.text) if len(part.text) <= _LONGEST else _NONE for part in units]
    first = 0
    while first < len(units):
        last = _last(scores, first)
        run = scores[first:last]
        cues = frozenset[int]().union(*(cues for _, cues in run))
        if sum(score for score, _ in run) < _LEAST_SCORE or len(cues) < _LEAST_CUES:
            yield from ((part, False) for part in units[first:last])
        else:
            yield from _split(units[first:last])
        first = last


@lru_cache(maxsize=4096)
def _score(text: str) -> Score:
    if _ANY_CUE.search(text) is None:
        return _NONE
    cues = frozenset(index for index, (_, pattern) in enumerate(_CUES) if pattern.search(text))
    return sum(_CUES[index][0] for index in cues), cues


def _last(scores: Sequence[Score], first: int) -> int:
    """The index after a run of units with a cue each, but for single ones between; first + 1 where there is no run."""
    last = first + 1
    while scores[first][0] and last < len(scores):
        if scores[last][0]:
            last += 1
        elif last + 1 < len(scores) and scores[last + 1][0] >= _STRONG:
            last += 2
        else:
            break
    return last


def _split(run: Sequence[Unit]) -> Iterator[tuple[Unit, bool]]:
    """The units of an appeal, with the text that is glued to its ends apart."""
    start = run[0].start + _start(run[0].text)
    end = run[-1].start + _end(run[-1].text)
    for part in run:
        for piece, inside in (
            (_slice(part, part.start, start), False),
            (_slice(part, start, end), True),
            (_slice(part, end, part.end), False),
        ):
            if piece is not None:
                yield piece, inside


def _slice(part: Unit, start: int, end: int) -> Unit | None:
    start, end = max(start, part.start), min(end, part.end)
    text = part.text[max(start - part.start, 0) : max(end - part.start, 0)]
    stripped = text.strip()
    return unit(start + text.index(stripped), stripped) if stripped else None


def _start(line: str) -> int:
    """Where the appeal begins in its first line: after a glued sentence end, or at a capital, with no cue before."""
    cue = _ANY_CUE.search(line)
    if cue is not None and cue.start() > _GLUED_LEAST and cue[0][0].isupper() and line[cue.start() - 2].islower():
        return cue.start()
    start = 0
    for match in _GLUED.finditer(line):
        if cue is not None and match.end() > cue.start():
            break
        start = match.end()
    return start


def _end(line: str) -> int:
    """Where the appeal ends in its last line: at the glued sentence end after which there is no cue."""
    for match in _GLUED.finditer(line):
        if _ANY_CUE.search(line, match.end()) is None:
            return match.end()
    return len(line)
