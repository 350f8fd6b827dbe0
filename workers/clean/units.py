"""Units: the lines of a text, or its sentences where the line ends were lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Unit(NamedTuple):
    """A line of the text, or a sentence of a line that had lost its line ends; ``words`` is its length."""

    start: int
    end: int
    text: str
    words: int
    prose: bool


_SENTENCE_END = re.compile(r"[.!?。！？][\"”’'»)\]]{0,2}$|[。！？」』]$")
_SENTENCE_BREAK = re.compile(r"(?<=[a-z\d)%”’\"'][.!?])[\"”’')]?(?:\s+(?=[^\W_a-z]|[\"“‘'(•—–])|(?=[A-Z“‘][a-z]))")
_GLUED_HEADERS = (
    r"(?:Next In [A-Z]\w+|Others? Also Read|Also Read|ALSO READ|READ MORE|Read More|Most (?:Read|Popular|Viewed)"
    r"|Related (?:Stories|Articles|News|Content)|You (?:May|Might) Also Like|Recommended (?:For You|Stories)"
    r"|Top Stories|Trending(?: Now)?|More (?:From|On|In) [A-Z]\w+)"
)
# Where a line that had lost its line ends must have had one.
_INLINE_BREAK = re.compile(
    rf" (?=• )|(?<=[.)!?\"”]) (?={_GLUED_HEADERS}\b)|{_GLUED_HEADERS} (?=[A-Z])"
    r"|(?<=\)) (?=[A-Z])|(?<=/File Photo) |(?<=Getty Images) (?=[A-Z])"
    r"| (?=\((?:Additional r|R|W|E)(?:eporting|riting|diting) by )|(?<=• )[^•]{0,30}?\b20\d\d (?=[A-Z])"
)
_GLUED_LINE = 900
_PROSE_WORDS = 9
_ALWAYS_PROSE_WORDS = 28
_LONGEST_WORD = 15


def split(text: str) -> list[Unit]:
    """The lines of the text, and where line ends were lost its sentences, in order, with their offsets."""
    found: list[Unit] = []
    start = 0
    for line in text.split("\n") if text else ():
        glued = len(line) > _GLUED_LINE and len(line) > len(text) * 0.6
        found += _pieces(line, start) if glued else [unit(start, line)]
        start += len(line) + 1
    return found


def unit(start: int, line: str) -> Unit:
    """The unit that the line is, which begins at an offset into the text."""
    words = line.count(" ") + 1
    if len(line) > words * _LONGEST_WORD:  # a script without blanks between words
        words = len(line) // 3
    ended = words >= _PROSE_WORDS and _SENTENCE_END.search(line[-4:]) is not None
    return Unit(start, start + len(line), line, words, ended or words >= _ALWAYS_PROSE_WORDS)


def _pieces(line: str, offset: int) -> Iterator[Unit]:
    breaks = {match.end() for pattern in (_SENTENCE_BREAK, _INLINE_BREAK) for match in pattern.finditer(line)}
    start = 0
    for end in (*sorted(breaks), len(line)):
        piece = line[start:end].rstrip()
        if piece:
            found = unit(offset + start, piece)
            # What is left without a stop once sentences are apart is a run of headlines, however long.
            yield found._replace(prose=found.prose and _SENTENCE_END.search(piece[-4:]) is not None)
        start = end
