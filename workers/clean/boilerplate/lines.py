"""Boilerplate that a unit shows by itself: by a line rule, as part of a list below a header, or as part of an appeal.

``page_chrome`` then looks at the text as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from workers.clean.boilerplate.appeals import split_appeals
from workers.clean.boilerplate.rules import header_rule, line_rule
from workers.clean.units import Unit

_MAX_HEADER_WORDS = 9
_MIN_LISTED_HEADLINE_WORDS = 4
_MAX_PROSE_SHARE_BELOW = 0.25
_MIN_PROSE_RUN_UNITS = 3


class Mark(NamedTuple):
    """Marks a unit for removal: the id of the rule that matched, and the category of what the unit is."""

    rule: str
    category: str


_MAX_SIGNATURE_UNITS = 12
_ORNAMENT = re.compile(r"[=#~*•·+–—-](?: ?[=#~*•·+–—-]){2,}")
ORNAMENT = Mark("ornament", "navigation")
"""A line of signs across the page or below a heading, which is no sign of what the text is from."""
SIGNATURE = Mark("mail-signature", "promo")
_CONTACT = re.compile(r"https?://|www\.|\S@\S+\.\w|\+\d[\d ()/-]{6,}")


def mark(units: Sequence[Unit]) -> tuple[list[Unit], list[Mark | None]]:
    """Return the units, split where an appeal is glued to the text, and a mark for each that is boilerplate."""
    split = list(split_appeals(units))
    units = [unit for unit, _ in split]
    marks = [Mark("appeal", "appeal") if is_appeal else None for _, is_appeal in split]
    prose = [index for index, unit in enumerate(units) if unit.prose and marks[index] is None]
    first, last = (prose[0], prose[-1]) if prose else (len(units), -1)
    for index, unit in enumerate(units):
        if marks[index] is None and _ORNAMENT.fullmatch(unit.text):
            marks[index] = ORNAMENT
        elif marks[index] is None and (rule := line_rule(unit.text)):
            at_edge = not first < index < last
            if rule.sure == "always" or (rule.sure == "edges" and at_edge):
                marks[index] = Mark(rule.id, rule.category)
    _mark_lists(units, marks)
    _mark_signature(units, marks)
    return units, marks


def _mark_signature(units: Sequence[Unit], marks: list[Mark | None]) -> None:
    """Mark the signature of an e-mail: a line of two dashes and what is below it, with a way to reach the sender."""
    first = max(0, len(units) - _MAX_SIGNATURE_UNITS)
    start = next((index for index in range(first, len(units)) if units[index].text == "--"), len(units))
    below = range(start + 1, len(units))
    is_text = any(units[index].prose and marks[index] is None for index in below)
    if not is_text and any(_CONTACT.search(units[index].text) for index in below):
        for index in range(start, len(units)):
            marks[index] = marks[index] or SIGNATURE


def _mark_lists(units: Sequence[Unit], marks: list[Mark | None]) -> None:
    """Mark the headers of lists of headlines, and the headlines below them."""
    prose_left = sum(unit.words for unit in units if unit.prose)
    prose = prose_left
    is_list_from = _is_list_from(units)
    end = 0
    for index, unit in enumerate(units):
        prose_left -= unit.words if unit.prose else 0
        if index < end or unit.words > _MAX_HEADER_WORDS or unit.prose or (rule := header_rule(unit.text)) is None:
            continue
        header = Mark(rule.id, rule.category)
        end = index + 1
        while end < len(units) and (marks[end] or _is_list_item(units[end], is_last=prose_left == 0)):
            end += 1
        if end > index + 1 or index == len(units) - 1:
            marks[index:end] = [header] * (end - index)
            if prose_left < prose * _MAX_PROSE_SHARE_BELOW and is_list_from[end]:
                marks[end:] = [header] * (len(units) - end)
                return


def _is_list_item(unit: Unit, *, is_last: bool) -> bool:
    """Whether the unit can be a headline in a list; ``is_last`` means that no prose follows the list."""
    return not unit.prose and (is_last or unit.words >= _MIN_LISTED_HEADLINE_WORDS) and not unit.text.endswith(".")


def _is_list_from(units: Sequence[Unit]) -> list[bool]:
    """Return for each index, and for the end, whether everything from there on is headlines with teasers, not prose."""
    is_list = [True]
    run = longest = prose = 0
    for count, unit in enumerate(reversed(units), start=1):
        run = run + 1 if unit.prose else 0
        longest = max(longest, run)
        prose += unit.prose
        is_list.append(longest < _MIN_PROSE_RUN_UNITS and prose <= count / 2)
    return is_list[::-1]
