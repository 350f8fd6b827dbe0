"""What only a page taken as a whole has around its article: menus, buttons, teasers.

A clean text may hold a list, a sub-head or a line in capitals. So a text is judged first: only where what is surely
furniture shows it to be dirty is anything guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from workers.clean.boilerplate.lines import Mark
from workers.clean.boilerplate.rules import line_rule
from workers.clean.units import Unit

_DIRTY_MARKS = 6
_DIRTY_SHARE = 0.12
_COUNTED = 4
_OWN = frozenset({"date", "pointer", "pointer-word"})  # what an article can have of its own
_MENU_WORDS = 4
_MENU_RUN = 8
_LONG_MENU = 25
_CAPITALS_WORDS = 6
_REPEATED_WORDS = 4
_LINK_WORDS = 6
_LINK_RUN = 3

_PROSE_AT_MOST = 45.0
_NO_PROSE = -8.0
_WITHIN = -3.0
_AROUND = frozenset({"related", "navigation", "legal", "comments", "date", "crumb", "paywall", "share"})
_WIDEST_GAP = 70.0  # a long list or table within an article does not end it


def outside(parts: Sequence[Unit], marks: Sequence[Mark | None]) -> list[Mark | None]:
    """The marks, and where they show the text to be dirty marks on what only a dirty text has: menus, buttons, teasers.

    A text that is not dirty keeps its marks as they are.
    """
    if not _is_dirty(parts, marks):
        return list(marks)
    both = [sure or guess for sure, guess in zip(marks, _guesses(parts, marks), strict=True)]
    first, last = _region(parts, both)
    around = Mark("outside", "navigation")
    return [mark or (None if first <= index < last else around) for index, mark in enumerate(both)]


def _is_dirty(parts: Sequence[Unit], marks: Sequence[Mark | None]) -> bool:
    """Whether the text carries so much furniture that it was taken from a page as a whole.

    The dates of a chronology and the pointers of a review come again and again in a clean text: such a kind counts no
    more than a few times, and next to nothing where it is the only one; and what it interrupts is no menu.
    """
    kinds = [_kind(part, mark) for part, mark in zip(parts, marks, strict=True)]
    counts = Counter(kind for kind in kinds if kind is not None)
    own = {kind for kind, count in counts.items() if kind in _OWN and count > _COUNTED}
    marked = 1 if own and own == set(counts) else sum(_COUNTED if kind in own else counts[kind] for kind in counts)
    run = longest = 0
    for part, kind in zip(parts, kinds, strict=True):
        run = run + 1 if part.words <= _MENU_WORDS and not part.prose and kind not in own else 0
        longest = max(longest, run)
    return (
        marked >= _DIRTY_MARKS
        or (marked >= 2 and marked > len(parts) * _DIRTY_SHARE)
        or (longest >= _MENU_RUN and marked >= 2)
        or (longest >= _LONG_MENU and marked >= 1)
    )


def _kind(part: Unit, mark: Mark | None) -> str | None:
    rule = line_rule(part.text) if mark is None else None
    return rule.id if rule is not None and rule.sure == "edges" else mark and mark.rule


def _guesses(parts: Sequence[Unit], marks: Sequence[Mark | None]) -> list[Mark | None]:
    """What may be furniture: by an unsure rule, as a headline in capitals, one that stands twice, or one of several."""
    times = Counter(part.text for part in parts if not part.prose)
    guesses: list[Mark | None] = [None] * len(parts)
    links: list[int] = []
    for index, part in enumerate(parts):
        if marks[index] is None and not part.prose and part.words >= _LINK_WORDS and part.text[-1] not in ":;,":
            links.append(index)
        else:
            links.clear()
        if marks[index] is not None:
            continue
        if rule := line_rule(part.text):
            guesses[index] = Mark(rule.id, rule.category)
        elif times[part.text] > 1 and part.words >= _REPEATED_WORDS:
            guesses[index] = Mark("repeated", "related")
        elif part.words >= _CAPITALS_WORDS and part.text.isupper():
            guesses[index] = Mark("capitals", "related")
        elif len(links) >= _LINK_RUN:
            # The first three at once when the third is met, then each: long runs stay linear.
            for at in links[-_LINK_RUN:]:
                guesses[at] = Mark("links", "related")
    return guesses


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


def _weight(part: Unit, mark: Mark | None) -> float:
    if mark:
        return _NO_PROSE if mark.category in _AROUND else _WITHIN
    return min(float(part.words), _PROSE_AT_MOST) if part.prose else _NO_PROSE
