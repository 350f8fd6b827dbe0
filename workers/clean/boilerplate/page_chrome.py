"""Page chrome: the menus, buttons and teasers around an article when its page was taken as a whole.

A clean text may hold a list, a sub-head or a line in capitals. Guess only in a dirty text, one that contains much
certain boilerplate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from workers.clean.boilerplate.lines import Mark
from workers.clean.boilerplate.rules import line_rule
from workers.clean.units import Unit

# When a text is dirty.
_MIN_DIRTY_MARKS = 6
_MIN_DIRTY_SHARE = 0.12
_MAX_COUNT_PER_ARTICLE_RULE = 4
_ARTICLE_RULES = frozenset({"date", "pointer", "pointer-word"})
"""Rules that also match lines of a clean article, again and again."""
_MAX_MENU_ITEM_WORDS = 4
_MIN_MENU_ITEMS = 8
_MIN_LONG_MENU_ITEMS = 25

# What may be boilerplate in a dirty text.
_MIN_CAPITALS_WORDS = 6
_MIN_REPEATED_WORDS = 4
_MIN_LINK_WORDS = 6
_MIN_LINKS = 3

# How the weights of units find the stretch that is the article.
_MAX_PROSE_WEIGHT = 45.0
_NO_PROSE_WEIGHT = -8.0
_INSIDE_WEIGHT = -3.0
_OUTSIDE_CATEGORIES = frozenset({"related", "navigation", "legal", "comments", "date", "crumb", "paywall", "share"})
_MAX_GAP_WEIGHT = 70.0  # a long list or table within an article does not end it


def mark_page_chrome(units: Sequence[Unit], marks: Sequence[Mark | None]) -> list[Mark | None]:
    """Return the marks and, if they show that the text is dirty, marks on its menus, buttons and teasers.

    The marks of a text that is not dirty stay as they are.
    """
    if not _is_dirty(units, marks):
        return list(marks)
    with_guesses = [mark or guess for mark, guess in zip(marks, _guesses(units, marks), strict=True)]
    first, end = _article_range(units, with_guesses)
    outside = Mark("outside", "navigation")
    return [mark or (None if first <= index < end else outside) for index, mark in enumerate(with_guesses)]


def _is_dirty(units: Sequence[Unit], marks: Sequence[Mark | None]) -> bool:
    """Whether the text has so much boilerplate that it was taken from a page as a whole.

    Dates and pointers also repeat in clean texts (a chronology, a review). Such a rule counts only a few times, or once
    if no other rule matches, and what it matches does not count as part of a menu.
    """
    rules = [_matched_rule(unit, mark) for unit, mark in zip(units, marks, strict=True)]
    counts = Counter(rule for rule in rules if rule is not None)
    repeated = {
        rule for rule, count in counts.items() if rule in _ARTICLE_RULES and count > _MAX_COUNT_PER_ARTICLE_RULE
    }
    marked = sum(_MAX_COUNT_PER_ARTICLE_RULE if rule in repeated else counts[rule] for rule in counts)
    if repeated and repeated == set(counts):
        marked = 1
    run = longest = 0
    for unit, rule in zip(units, rules, strict=True):
        run = run + 1 if unit.words <= _MAX_MENU_ITEM_WORDS and not unit.prose and rule not in repeated else 0
        longest = max(longest, run)
    return (
        marked >= _MIN_DIRTY_MARKS
        or (marked >= 2 and marked > len(units) * _MIN_DIRTY_SHARE)
        or (longest >= _MIN_MENU_ITEMS and marked >= 2)
        or (longest >= _MIN_LONG_MENU_ITEMS and marked >= 1)
    )


def _matched_rule(unit: Unit, mark: Mark | None) -> str | None:
    rule = line_rule(unit.text) if mark is None else None
    return rule.id if rule is not None and rule.sure == "edges" else mark and mark.rule


def _guesses(units: Sequence[Unit], marks: Sequence[Mark | None]) -> list[Mark | None]:
    """Return marks for what may be boilerplate: unsure rules, headlines in capitals, repeats and runs of links."""
    times = Counter(unit.text for unit in units if not unit.prose)
    guesses: list[Mark | None] = [None] * len(units)
    links: list[int] = []
    for index, unit in enumerate(units):
        if marks[index] is None and not unit.prose and unit.words >= _MIN_LINK_WORDS and unit.text[-1] not in ":;,":
            links.append(index)
        else:
            links.clear()
        if marks[index] is not None:
            continue
        if rule := line_rule(unit.text):
            guesses[index] = Mark(rule.id, rule.category)
        elif times[unit.text] > 1 and unit.words >= _MIN_REPEATED_WORDS:
            guesses[index] = Mark("repeated", "related")
        elif unit.words >= _MIN_CAPITALS_WORDS and unit.text.isupper():
            guesses[index] = Mark("capitals", "related")
        elif len(links) >= _MIN_LINKS:
            # Mark the first three when the third is met, then one at a time: long runs stay linear.
            for link in links[-_MIN_LINKS:]:
                guesses[link] = Mark("links", "related")
    return guesses


def _article_range(units: Sequence[Unit], marks: Sequence[Mark | None]) -> tuple[int, int]:
    """Return the first index of the article and the index after its last unit: the stretch of greatest weight.

    Prose has a positive weight, everything else a negative one. Maximum subsequence segmentation:
    Pasternack and Roth, Extracting article text from the web, WWW 2009.
    """
    best = total = gap = 0.0
    start, article = 0, (0, len(units))
    for index, (unit, mark) in enumerate(zip(units, marks, strict=True)):
        weight = _weight(unit, mark)
        if weight < 0:
            weight = max(weight, gap - _MAX_GAP_WEIGHT)
            gap -= weight
        else:
            gap = 0.0
        total += weight
        if total <= 0:
            total, start = 0.0, index + 1
        elif total > best:
            best, article = total, (start, index + 1)
    return article


def _weight(unit: Unit, mark: Mark | None) -> float:
    if mark:
        return _NO_PROSE_WEIGHT if mark.category in _OUTSIDE_CATEGORIES else _INSIDE_WEIGHT
    return min(float(unit.words), _MAX_PROSE_WEIGHT) if unit.prose else _NO_PROSE_WEIGHT
