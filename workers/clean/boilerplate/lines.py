"""Furniture: which stretches of a text are not the article but what the publisher put around it.

A unit is furniture by itself (a line rule), as part of a list under a header, or as part of an appeal: ``mark``. In a
text that is dirty by such signs it can be so by standing outside the stretch of prose: ``surroundings``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from workers.clean.boilerplate.appeals import appeals
from workers.clean.boilerplate.rules import header_rule, line_rule
from workers.clean.units import Unit

_HEADER_WORDS = 9
_HEADLINE_WORDS = 4
_MOST_BELOW = 0.25
_PROSE_RUN = 3


class Mark(NamedTuple):
    """That a unit is to go: the rule that says so and the category of what it is."""

    rule: str
    category: str


def mark(units: Sequence[Unit]) -> tuple[list[Unit], list[Mark | None]]:
    """The units, split where an appeal is glued to the text, and the mark of each that is furniture by itself, or None.

    What the whole of the text says comes after: see ``surroundings``.
    """
    pairs = list(appeals(units))
    parts = [part for part, _ in pairs]
    marks = [Mark("appeal", "appeal") if inside else None for _, inside in pairs]
    prose = [index for index, part in enumerate(parts) if part.prose and marks[index] is None]
    first, last = (prose[0], prose[-1]) if prose else (len(parts), -1)
    for index, part in enumerate(parts):
        if marks[index] is None and (rule := line_rule(part.text)):
            at_edge = not first < index < last
            if rule.sure == "always" or (rule.sure == "edges" and at_edge):
                marks[index] = Mark(rule.id, rule.category)
    _mark_lists(parts, marks)
    return parts, marks


def _mark_lists(parts: Sequence[Unit], marks: list[Mark | None]) -> None:
    """Mark the headers of lists of headlines with the headlines below them."""
    prose_left = sum(part.words for part in parts if part.prose)
    prose = prose_left
    lists_from = _lists_from(parts)
    end = 0
    for index, part in enumerate(parts):
        prose_left -= part.words if part.prose else 0
        if index < end or part.words > _HEADER_WORDS or part.prose or (rule := header_rule(part.text)) is None:
            continue
        header = Mark(rule.id, rule.category)
        end = index + 1
        while end < len(parts) and (marks[end] or _is_item(parts[end], is_last=prose_left == 0)):
            end += 1
        if end > index + 1 or index == len(parts) - 1:
            marks[index:end] = [header] * (end - index)
            if prose_left < prose * _MOST_BELOW and lists_from[end]:
                marks[end:] = [header] * (len(parts) - end)
                return


def _is_item(part: Unit, *, is_last: bool) -> bool:
    """Whether the unit can be a headline of a list; ``is_last``: no prose comes after the list."""
    return not part.prose and (is_last or part.words >= _HEADLINE_WORDS) and not part.text.endswith(".")


def _lists_from(parts: Sequence[Unit]) -> list[bool]:
    """For each index, and the one after the last, whether from there on are headlines with teasers, and no prose."""
    found = [True]
    run = longest = prose = 0
    for count, part in enumerate(reversed(parts), start=1):
        run = run + 1 if part.prose else 0
        longest = max(longest, run)
        prose += part.prose
        found.append(longest < _PROSE_RUN and prose <= count / 2)
    return found[::-1]
