"""Donation appeals: runs of units whose phrases together leave no doubt, split from the text that they are glued to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from string import ascii_lowercase

from workers.clean.boilerplate.first_characters import can_start
from workers.clean.boilerplate.rules import RULES
from workers.clean.units import Unit, make_unit

Score = tuple[int, frozenset[int]]
"""The weight of the cues in a text, and the indexes of these cues."""

_CUES = tuple((rule.weight, re.compile(rule.pattern, re.IGNORECASE)) for rule in RULES["cue"])


def _any_of(cues: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern that finds where the first cue starts.

    Every cue begins at a word boundary and with a letter. Stating the boundary once and the letter before the cues that
    begin with it makes the search faster.
    """
    by_letter = {letter: [cue for cue in cues if can_start(cue, letter)] for letter in ascii_lowercase}
    branches = "|".join(f"(?={letter})(?:{'|'.join(found)})" for letter, found in by_letter.items() if found)
    return re.compile(rf"\b(?:{branches})", re.IGNORECASE)


_ANY_CUE = _any_of([cue for rule in RULES["cue"] for cue in rule.alternatives])
_APPEAL_WORDS = (
    "your support", "your donation", "your contribution", "your help", "your gift", "donat", "journalis", "paywall",
    "newsroom", "reporters", "reporting", "reader-", "readers", "contribution", "chip in", "for as little",
)  # fmt: skip
"""Every appeal has one of these: a cheap test of the whole text before the patterns run."""

_GLUED_SENTENCES = re.compile(
    r"""
    (?<= [a-z%”’"')] [.!?] )
    [”’")]?
    (?= [A-Z“‘] [a-z’'] )
    """,
    re.VERBOSE,
)
_MIN_GLUED_OFFSET = 40
"""A cue must start beyond this offset for the text before it to be taken for a glued sentence."""
_MAX_APPEAL_LINE_CHARS = 3000
_MIN_SCORE = 6
_MIN_CUES = 3
_MIN_SCORE_AFTER_GAP = 2
_NO_SCORE: Score = (0, frozenset())


def split_appeals(units: Sequence[Unit]) -> Iterator[tuple[Unit, bool]]:
    """Yield the units, split where an appeal is glued to the text, and whether each belongs to an appeal."""
    folded = "\n".join(unit.text for unit in units).lower()
    if not any(word in folded for word in _APPEAL_WORDS):
        yield from ((unit, False) for unit in units)
        return
    scores = [_score(unit.text) if len(unit.text) <= _MAX_APPEAL_LINE_CHARS else _NO_SCORE for unit in units]
    first = 0
    while first < len(units):
        end = _run_end(scores, first)
        run = scores[first:end]
        cues = frozenset[int]().union(*(cues for _, cues in run))
        if sum(score for score, _ in run) < _MIN_SCORE or len(cues) < _MIN_CUES:
            yield from ((unit, False) for unit in units[first:end])
        else:
            yield from _split_run(units[first:end])
        first = end


@lru_cache(maxsize=4096)
def _score(text: str) -> Score:
    if _ANY_CUE.search(text) is None:
        return _NO_SCORE
    cues = frozenset(index for index, (_, pattern) in enumerate(_CUES) if pattern.search(text))
    return sum(_CUES[index][0] for index in cues), cues


def _run_end(scores: Sequence[Score], first: int) -> int:
    """Return the index after a run of units with cues, in which single units may have none.

    A unit without a cue stays in the run only if a unit with strong cues follows it. Without a run, the result is
    ``first + 1``.
    """
    end = first + 1
    while scores[first][0] and end < len(scores):
        if scores[end][0]:
            end += 1
        elif end + 1 < len(scores) and scores[end + 1][0] >= _MIN_SCORE_AFTER_GAP:
            end += 2
        else:
            break
    return end


def _split_run(run: Sequence[Unit]) -> Iterator[tuple[Unit, bool]]:
    """Yield the units of an appeal, with the text that is glued to either end split off."""
    start = run[0].start + _appeal_start(run[0].text)
    end = run[-1].start + _appeal_end(run[-1].text)
    for unit in run:
        for piece, is_appeal in (
            (_slice(unit, unit.start, start), False),
            (_slice(unit, start, end), True),
            (_slice(unit, end, unit.end), False),
        ):
            if piece is not None:
                yield piece, is_appeal


def _slice(unit: Unit, start: int, end: int) -> Unit | None:
    start, end = max(start, unit.start), min(end, unit.end)
    text = unit.text[max(start - unit.start, 0) : max(end - unit.start, 0)]
    stripped = text.strip()
    return make_unit(start + text.index(stripped), stripped) if stripped else None


def _appeal_start(line: str) -> int:
    """Return where the appeal starts in its first line: at a glued cue, or after glued sentences without a cue."""
    cue = _ANY_CUE.search(line)
    if cue is not None and cue.start() > _MIN_GLUED_OFFSET and cue[0][0].isupper() and line[cue.start() - 2].islower():
        return cue.start()
    start = 0
    for match in _GLUED_SENTENCES.finditer(line):
        if cue is not None and match.end() > cue.start():
            break
        start = match.end()
    return start


def _appeal_end(line: str) -> int:
    """Return where the appeal ends in its last line: after the glued sentence that no further cue follows."""
    for match in _GLUED_SENTENCES.finditer(line):
        if _ANY_CUE.search(line, match.end()) is None:
            return match.end()
    return len(line)
