"""Furniture: which stretches of a text are not the article but what the publisher put around it.

The rules are data, in ``rules.toml``. A text is read as *units*: its lines, or its sentences where the line ends were
lost. A unit is furniture by itself (a line rule), as part of a list under a header, as part of an appeal, or, in a text
that is dirty by such signs, by standing outside the stretch of prose.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of ``rules.toml``."""

    id: str
    pattern: str
    example: str
    counter_example: str
    category: str = "appeal"
    sure: bool = True
    weight: int = 0


class Unit(NamedTuple):
    """A line of the text, or a sentence of a line that had lost its line ends; ``words`` is its length."""

    start: int
    end: int
    text: str
    words: int
    prose: bool


class Mark(NamedTuple):
    """That a unit is to go: the rule that says so and the category of what it is."""

    rule: str
    category: str


RULES: dict[str, tuple[Rule, ...]] = {
    kind: tuple(Rule(**row) for row in rows)
    for kind, rows in tomllib.loads((files(__package__) / "rules.toml").read_text(encoding="utf-8")).items()
}
"""The rules by kind: ``line``, ``header`` and ``cue``."""

_ORNAMENT = " \t•·*>»›:.!…→▶►|-–—\u200b\u200c\u200d"
_LONGEST_LINE = 700


def _combined(rules: Sequence[Rule]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<r{index}>{rule.pattern})" for index, rule in enumerate(rules)), re.IGNORECASE)


_LINES = RULES["line"]
_LINE = _combined(_LINES)
_HEADERS = RULES["header"]
_HEADER = _combined(_HEADERS)
_CUES = tuple((rule.weight, re.compile(rule.pattern, re.IGNORECASE)) for rule in RULES["cue"])
_ANY_CUE = _combined(RULES["cue"])
_APPEAL_WORDS = (
    "your support", "your donation", "your contribution", "your help", "your gift", "donat", "journalis", "paywall",
    "newsroom", "reporters", "reporting", "reader-", "readers", "contribution", "chip in", "for as little",
)  # fmt: skip
"""One of these stands in every appeal: a cheap look at the text before the patterns."""

_SENTENCE_END = re.compile(r"[.!?。！？][\"”’'»)\]]{0,2}$|[。！？」』]$")
_SENTENCE_BREAK = re.compile(r"(?<=[a-z\d)%”’\"'][.!?])[\"”’')]?(?:\s+(?=[^\W_a-z]|[\"“‘'(•—–])|(?=[A-Z“‘][a-z]))")
_GLUED = re.compile(r"(?<=[a-z%”’\"')][.!?])[”’\")]?(?=[A-Z“‘][a-z’'])")
# Where a line that had lost its line ends must have had one.
_GLUED_HEADERS = (
    r"(?:Next In [A-Z]\w+|Others? Also Read|Also Read|ALSO READ|READ MORE|Read More|Most (?:Read|Popular|Viewed)"
    r"|Related (?:Stories|Articles|News|Content)|You (?:May|Might) Also Like|Recommended (?:For You|Stories)"
    r"|Top Stories|Trending(?: Now)?|More (?:From|On|In) [A-Z]\w+)"
)
_INLINE_BREAK = re.compile(
    rf" (?=• )|(?<=[.)!?\"”]) (?={_GLUED_HEADERS}\b)|{_GLUED_HEADERS} (?=[A-Z])"
    r"|(?<=\)) (?=[A-Z])|(?<=/File Photo) |(?<=Getty Images) (?=[A-Z])"
    r"| (?=\((?:Additional r|R|W|E)(?:eporting|riting|diting) by )|(?<=• )[^•]{0,30}?\b20\d\d (?=[A-Z])"
)
_GLUED_LINE = 900
_GLUED_LEAST = 40
_PROSE_WORDS = 9
_ALWAYS_PROSE_WORDS = 28

_APPEAL_LEAST = 6
_APPEAL_LEAST_CUES = 3


def units(text: str) -> list[Unit]:
    """The lines of the text, and where line ends were lost its sentences, in order, with their offsets."""
    found: list[Unit] = []
    start = 0
    for line in text.split("\n"):
        glued = len(line) > _GLUED_LINE and len(line) > len(text) * 0.6
        found += _pieces(line, start) if glued else [_unit(start, line)]
        start += len(line) + 1
    return found


def _pieces(line: str, offset: int) -> Iterator[Unit]:
    breaks = {match.end() for pattern in (_SENTENCE_BREAK, _INLINE_BREAK) for match in pattern.finditer(line)}
    start = 0
    for end in (*sorted(breaks), len(line)):
        piece = line[start:end].rstrip()
        if piece:
            unit = _unit(offset + start, piece)
            # What is left without a stop once sentences are apart is a run of headlines, however long.
            yield unit._replace(prose=unit.prose and _SENTENCE_END.search(piece[-4:]) is not None)
        start = end


def _unit(start: int, line: str) -> Unit:
    words = line.count(" ") + 1
    if len(line) > words * 15:  # a script without blanks between words
        words = len(line) // 3
    ended = words >= _PROSE_WORDS and _SENTENCE_END.search(line[-4:]) is not None
    return Unit(start, start + len(line), line, words, ended or words >= _ALWAYS_PROSE_WORDS)


def mark(parts: list[Unit]) -> tuple[list[Unit], list[Mark | None]]:
    """The units, split where an appeal is glued to the text, and the mark of each that is furniture by itself, or None.

    What the whole of the text says comes after: see ``outside``.
    """
    parts, marks = _appeals(parts)
    for index, part in enumerate(parts):
        if marks[index] is None and (rule := line_rule(part.text)) and rule.sure:
            marks[index] = Mark(rule.id, rule.category)
    _mark_lists(parts, marks)
    return parts, marks


def outside(parts: Sequence[Unit], marks: Sequence[Mark | None]) -> list[Mark | None]:
    """The marks, and where they show the text to be dirty marks on what only a dirty text has: menus, buttons, teasers.

    A text that is not dirty keeps its marks as they are.
    """
    unsure = _guesses(parts, marks)
    if not _is_dirty(parts, marks):
        return list(marks)
    both = [sure or guess for sure, guess in zip(marks, unsure, strict=True)]
    first, last = _region(parts, both)
    around = Mark("outside", "navigation")
    return [mark or (None if first <= index < last else around) for index, mark in enumerate(both)]


def _guesses(parts: Sequence[Unit], marks: Sequence[Mark | None]) -> list[Mark | None]:
    """What may be furniture: by an unsure rule, as a headline in capitals, one that stands twice, or one of several."""
    times = Counter(part.text for part in parts if not part.prose)
    guesses: list[Mark | None] = [None] * len(parts)
    run: list[int] = []
    for index, part in enumerate(parts):
        if marks[index] is None and not part.prose and part.words >= _LINK_WORDS and part.text[-1] not in ":;,":
            run.append(index)
        else:
            run = []
        if marks[index] is not None:
            continue
        if rule := line_rule(part.text):
            guesses[index] = Mark(rule.id, rule.category)
        elif times[part.text] > 1 and part.words >= _REPEATED_WORDS:
            guesses[index] = Mark("repeated", "related")
        elif part.words >= _CAPITALS_WORDS and part.text.isupper():
            guesses[index] = Mark("capitals", "related")
        elif len(run) >= _LINK_RUN:
            for at in run:
                guesses[at] = Mark("links", "related")
    return guesses


def core(line: str) -> str:
    """The line without bullets, arrows and stops at its ends: what line and header rules are matched against."""
    return line.strip(_ORNAMENT)


@lru_cache(maxsize=8192)
def line_rule(line: str) -> Rule | None:
    """The first line rule that the line matches, sure or not, or None. (Remembered: furniture recurs.)"""
    if len(line) > _LONGEST_LINE:
        return None
    match = _LINE.fullmatch(core(line))
    if match is None or match.lastgroup is None:
        return None
    return _LINES[int(match.lastgroup[1:])]


def _mark_lists(parts: Sequence[Unit], marks: list[Mark | None]) -> None:
    """Mark the headers of lists of headlines with the headlines below them."""
    prose_left = sum(part.words for part in parts if part.prose)
    prose = prose_left
    for index, part in enumerate(parts):
        prose_left -= part.words if part.prose else 0
        if part.words > 9 or part.prose or (match := _HEADER.fullmatch(core(part.text))) is None:
            continue
        rule = _HEADERS[int((match.lastgroup or "r0")[1:])]
        end = index + 1
        while end < len(parts) and not parts[end].prose and (parts[end].words >= 4 or marks[end] or prose_left == 0):
            end += 1
        if end > index + 1 or index == len(parts) - 1 or prose_left == 0:
            marks[index:end] = [Mark(rule.id, rule.category)] * (end - index)
            if prose_left < prose * 0.25 and _is_list(parts[end:]):
                marks[end:] = [Mark(rule.id, rule.category)] * (len(parts) - end)


def _is_list(parts: Sequence[Unit]) -> bool:
    """Whether the units are headlines with their teasers rather than prose."""
    run = longest = 0
    for part in parts:
        run = run + 1 if part.prose else 0
        longest = max(longest, run)
    return longest < 3 and sum(part.prose for part in parts) <= len(parts) / 2


def _appeals(parts: Sequence[Unit]) -> tuple[list[Unit], list[Mark | None]]:
    """Appeals for donations: runs of units whose turns of phrase together leave no doubt, split from glued text."""
    folded = "\n".join(part.text for part in parts).lower()
    if not any(word in folded for word in _APPEAL_WORDS):
        return list(parts), [None] * len(parts)
    scores = [_score(part.text) for part in parts]
    units: list[Unit] = []
    marks: list[Mark | None] = []
    first = 0
    while first < len(parts):
        last = _appeal_last(scores, first)
        run = scores[first:last]
        cues = frozenset[int]().union(*(cues for _, cues in run))
        if sum(score for score, _ in run) < _APPEAL_LEAST or len(cues) < _APPEAL_LEAST_CUES:
            units += parts[first:last]
            marks += [None] * (last - first)
        else:
            start = parts[first].start + _appeal_start(parts[first].text)
            end = parts[last - 1].start + _appeal_end(parts[last - 1].text)
            for part in parts[first:last]:
                for piece, inside in (
                    (_slice(part, part.start, start), False),
                    (_slice(part, start, end), True),
                    (_slice(part, end, part.end), False),
                ):
                    if piece is not None:
                        units.append(piece)
                        marks.append(Mark("appeal", "appeal") if inside else None)
        first = last
    return units, marks


def _appeal_last(scores: Sequence[tuple[int, frozenset[int]]], first: int) -> int:
    """The index after a run of units with a cue each, but for single ones between; first + 1 where there is no run."""
    last = first + 1
    while scores[first][0] and last < len(scores):
        if scores[last][0]:
            last += 1
        elif last + 1 < len(scores) and scores[last + 1][0] >= 2:
            last += 2
        else:
            break
    return last


def _slice(part: Unit, start: int, end: int) -> Unit | None:
    start, end = max(start, part.start), min(end, part.end)
    text = part.text[max(start - part.start, 0) : max(end - part.start, 0)]
    stripped = text.strip()
    return _unit(start + text.index(stripped), stripped) if stripped else None


@lru_cache(maxsize=8192)
def _score(text: str) -> tuple[int, frozenset[int]]:
    """The weight of the cues that the text has, and which they are."""
    if _ANY_CUE.search(text) is None:
        return 0, frozenset()
    cues = frozenset(index for index, (_, pattern) in enumerate(_CUES) if pattern.search(text))
    return sum(_CUES[index][0] for index in cues), cues


def _appeal_start(line: str) -> int:
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


def _appeal_end(line: str) -> int:
    """Where the appeal ends in its last line: at the glued sentence end after which there is no cue."""
    for match in _GLUED.finditer(line):
        if _ANY_CUE.search(line, match.end()) is None:
            return match.end()
    return len(line)


_DIRTY_MARKS = 6
_DIRTY_SHARE = 0.12
_MENU_WORDS = 4
_MENU_RUN = 8
_LONG_MENU = 25
_CAPITALS_WORDS = 6
_REPEATED_WORDS = 4
_LINK_WORDS = 6
_LINK_RUN = 3


def _is_dirty(parts: Sequence[Unit], marks: Sequence[Mark | None]) -> bool:
    """Whether the text carries so much furniture that it was taken from a page as a whole."""
    marked = sum(mark is not None for mark in marks)
    run = longest = 0
    for part in parts:
        run = run + 1 if part.words <= _MENU_WORDS and not part.prose else 0
        longest = max(longest, run)
    return (
        marked >= _DIRTY_MARKS
        or (marked >= 2 and marked > len(parts) * _DIRTY_SHARE)
        or (longest >= _MENU_RUN and marked >= 2)
        or (longest >= _LONG_MENU and marked >= 1)
    )


def _region(parts: Sequence[Unit], marks: Sequence[Mark | None]) -> tuple[int, int]:
    """First index and index after the last of the article: the stretch whose prose outweighs most what is not prose.

    Maximum subsequence segmentation: Pasternack and Roth, Extracting article text from the web, WWW 2009.
    """
    best = total = gap = 0.0
    start, region = 0, (0, len(parts))
    for index, (part, mark) in enumerate(zip(parts, marks, strict=True)):
        weight = _weight(part, mark)
        if weight < 0:
            weight = max(weight, gap - _WIDEST_GAP)
            gap -= weight
        else:
            gap = 0.0
        total += weight
        if total <= 0:
            total, start = 0.0, index + 1
        elif total > best:
            best, region = total, (start, index + 1)
    return region


_PROSE_AT_MOST = 45.0
_NO_PROSE = -8.0
_WITHIN = -3.0
_AROUND = frozenset({"related", "navigation", "legal", "comments", "date", "crumb", "paywall", "share"})
_WIDEST_GAP = 70.0  # a long list or table within an article does not end it


def _weight(part: Unit, mark: Mark | None) -> float:
    if mark:
        return _NO_PROSE if mark.category in _AROUND else _WITHIN
    return min(float(part.words), _PROSE_AT_MOST) if part.prose else _NO_PROSE
