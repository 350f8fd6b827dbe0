"""Units: the lines of a text, or its sentences where the line ends were lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

MAX_LINES_CACHED = 32_768
"""Lines whose answers are kept: more than any article has, because each of its lines is asked about several times."""


class Unit(NamedTuple):
    """A line of the text, or a sentence of a line that lost its line ends.

    ``start`` and ``end`` are offsets into the text, ``words`` counts its words, and ``prose`` says whether it reads
    like a sentence rather than a label or a headline.
    """

    start: int
    end: int
    text: str
    words: int
    prose: bool


# In verbose patterns a blank is written ``[ ]``.
_SENTENCE_END = re.compile(
    r"""
      [.!?。！？] ["”’'»)\]]{0,2} $
    | [。！？」』] $
    """,
    re.VERBOSE,
)
_SENTENCE_BREAK = re.compile(
    r"""
    (?<= [a-z\d)%”’"'] [.!?] )
    ["”’')]?
    (?: \s+ (?= [^\W_a-z] | ["“‘'(•—–] )
      | (?= [A-Z“‘] [a-z] )
    )
    """,
    re.VERBOSE,
)
_LIST_HEADER = r"""
    (?: Next[ ]In[ ][A-Z]\w+
      | Others?[ ]Also[ ]Read
      | Also[ ]Read
      | ALSO[ ]READ
      | READ[ ]MORE
      | Read[ ]More
      | Most[ ](?:Read|Popular|Viewed)
      | Related[ ](?:Stories|Articles|News|Content)
      | You[ ](?:May|Might)[ ]Also[ ]Like
      | Recommended[ ](?:For[ ]You|Stories)
      | Top[ ]Stories
      | Trending(?:[ ]Now)?
      | More[ ](?:From|On|In)[ ][A-Z]\w+
    )
"""
# Where a line that lost its line ends must have had one.
_LOST_LINE_END = re.compile(
    rf"""
      [ ] (?= •[ ] )
    | (?<= [.)!?"”] ) [ ] (?= {_LIST_HEADER} \b )
    | {_LIST_HEADER} [ ] (?= [A-Z] )
    | (?<= \) ) [ ] (?= [A-Z] )
    | (?<= /File[ ]Photo ) [ ]
    | (?<= Getty[ ]Images ) [ ] (?= [A-Z] )
    | [ ] (?= \( (?:Additional[ ]r|R|W|E) (?:eporting|riting|diting)[ ]by[ ] )
    | (?<= •[ ] ) [^•]{{0,30}}? \b20\d\d[ ] (?= [A-Z] )
    """,
    re.VERBOSE,
)
_MIN_GLUED_CHARS = 900
_MIN_GLUED_SHARE = 0.6
_MIN_PROSE_WORDS = 9
_MIN_UNFINISHED_PROSE_WORDS = 28
"""A unit of at least this many words is prose even without a full stop."""
_MAX_AVERAGE_WORD_CHARS = 15


def split(text: str, most: int | None = None) -> list[Unit]:
    """Return the lines of the text in order, and the sentences of a line that lost its line ends; at most so many."""
    return list(islice(_units(text), most))


def _units(text: str) -> Iterator[Unit]:
    start = 0
    for line in text.split("\n") if text else ():
        if len(line) > _MIN_GLUED_CHARS and len(line) > len(text) * _MIN_GLUED_SHARE:
            yield from _sentences(line, start)
        else:
            yield make_unit(start, line)
        start += len(line) + 1


def make_unit(start: int, line: str) -> Unit:
    """Return the unit of a line that starts at an offset into the text."""
    words = line.count(" ") + 1
    if len(line) > words * _MAX_AVERAGE_WORD_CHARS:  # a script without blanks between words
        words = len(line) // 3
    ended = words >= _MIN_PROSE_WORDS and _SENTENCE_END.search(line[-4:]) is not None
    return Unit(start, start + len(line), line, words, ended or words >= _MIN_UNFINISHED_PROSE_WORDS)


def _sentences(line: str, offset: int) -> Iterator[Unit]:
    breaks = {match.end() for pattern in (_SENTENCE_BREAK, _LOST_LINE_END) for match in pattern.finditer(line)}
    start = 0
    for end in (*sorted(breaks), len(line)):
        sentence = line[start:end].rstrip()
        if sentence:
            unit = make_unit(offset + start, sentence)
            # What has no full stop once sentences are split is a run of headlines, however long.
            yield unit._replace(prose=unit.prose and _SENTENCE_END.search(sentence[-4:]) is not None)
        start = end
