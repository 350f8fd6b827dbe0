"""Page chrome: the menus, buttons and teasers around an article when its page was taken as a whole.

A clean text may hold a list, a sub-head or a line in capitals. Guess only in a dirty text, one that contains much
certain boilerplate.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from workers.clean.boilerplate.lines import ORNAMENT, SIGNATURE, Mark
from workers.clean.boilerplate.rules import line_rule
from workers.clean.units import MAX_LINES_CACHED, Unit
from workers.vocabulary.months import MONTH_EXACTLY

# When a text is dirty.
_MIN_DIRTY_MARKS = 6
_MIN_DIRTY_SHARE = 0.12
_MAX_COUNT_PER_ARTICLE_RULE = 4
_ARTICLE_RULES = frozenset({"date", "pointer", "pointer-word"})
"""Rules that also match lines of a clean article, again and again."""
_NO_PAGE = frozenset({ORNAMENT.rule, SIGNATURE.rule})
"""Rules for what texts and e-mails have as well as pages."""
_OF_WIRE_COPY = ("end-mark", "initials")
"""Rules for what wire copy ends with: without a menu, it shows no page."""
_MAX_MENU_ITEM_WORDS = 4
_MIN_MENU_ITEMS = 8
_MIN_LONG_MENU_ITEMS = 25

# What may be boilerplate in a dirty text.
_MIN_CAPITALS_WORDS = 6
_MIN_REPEATED_WORDS = 4
_MIN_LINK_WORDS = 6
_MIN_LINKS = 3
_MIN_ROWS = 3
_MAX_ROW_CHARS = 120
_MIN_SENTENCE_WORDS = 3
_MIN_POINTS = 2
_FIGURE = re.compile(r"(?<![\w.])[+−–-]?[$€£¥]?\d[\d.,:]*+(?:[-–:]\d+)?%?(?![\w])")
_SCORE = re.compile(r"^\d{1,3}[-–:]\d{1,3}$")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE = re.compile(rf"\b(?:{MONTH_EXACTLY})\b|\b\d\d?[:h.]\d\d$|\d[./]\d\d?[./]\d|\bpages?\b|\d:\d\d", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…][”\"’')\]]?$")
_UNSPACED_SENTENCE = re.compile(r".{4}[。！？][”’」』）]?$")
_BULLET = re.compile(r"[•·●▪◦‣*–-] ")

# How the weights of units find the stretch that is the article.
_MAX_PROSE_WEIGHT = 45.0
_NO_PROSE_WEIGHT = -8.0
_INSIDE_WEIGHT = -3.0
_OUTSIDE_CATEGORIES = frozenset({"related", "navigation", "legal", "comments", "date", "crumb", "paywall", "share"})
_SENTENCE_WEIGHT = 0.0  # a short sentence, such as the answer to a question
_SUB_HEAD_WEIGHT = -4.0  # a line right above a sentence, such as the question
_FIGURES_WEIGHT = 3.0  # a row of a table: results, votes, prices
_POINT_WEIGHT = 1.0  # a key point above the first paragraph
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
    of_page = marked - sum(counts[rule] for rule in _OF_WIRE_COPY)
    run = longest = 0
    for unit, rule in zip(units, rules, strict=True):
        run = run + 1 if unit.words <= _MAX_MENU_ITEM_WORDS and not unit.prose and rule not in repeated else 0
        longest = max(longest, run)
    return (
        of_page >= _MIN_DIRTY_MARKS
        or (of_page >= 2 and of_page > len(units) * _MIN_DIRTY_SHARE)
        or (longest >= _MIN_MENU_ITEMS and marked >= 2)
        or (longest >= _MIN_LONG_MENU_ITEMS and marked >= 1)
    )


def _matched_rule(unit: Unit, mark: Mark | None) -> str | None:
    if mark is not None and mark.rule in _NO_PAGE:
        return None
    rule = line_rule(unit.text) if mark is None else None
    return rule.id if rule is not None and rule.sure == "edges" else mark and mark.rule


def _guesses(units: Sequence[Unit], marks: Sequence[Mark | None]) -> list[Mark | None]:
    """Return marks for what may be boilerplate: unsure rules, headlines in capitals, repeats and runs of links."""
    rows = _rows(units)
    times = Counter(unit.text for unit in units if not unit.prose)
    guesses: list[Mark | None] = [None] * len(units)
    links: list[int] = []
    for index, unit in enumerate(units):
        is_text = unit.prose or rows[index] or unit.text[-1] in ":;," or unit.text.endswith((".", ".”", '."'))
        if marks[index] is None and not is_text and unit.words >= _MIN_LINK_WORDS:
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
    for index, weight in enumerate(_weights(units, marks)):
        if weight < 0:
            weight = max(weight, gap - _MAX_GAP_WEIGHT)
            gap -= weight
        else:
            gap = 0.0
        total += weight
        if total <= 0:
            total, start = 0.0, index + 1
        elif total >= best:  # with a short sentence at the end
            best, article = total, (start, index + 1)
    return article


def _weights(units: Sequence[Unit], marks: Sequence[Mark | None]) -> list[float]:
    """Return for each unit how far it shows that the article is there."""
    weights = [_weight(unit, mark) for unit, mark in zip(units, marks, strict=True)]
    for index, is_row in enumerate(_rows(units)):
        if is_row and marks[index] is None:
            weights[index] = _FIGURES_WEIGHT
    for index in range(len(units) - 1):
        is_open = marks[index] is None and weights[index] == _NO_PROSE_WEIGHT
        if is_open and marks[index + 1] is None and weights[index + 1] >= _SENTENCE_WEIGHT:
            weights[index] = _SUB_HEAD_WEIGHT
    first = next((index for index, unit in enumerate(units) if unit.prose and marks[index] is None), 0)
    points = first
    while points and marks[points - 1] is None and _BULLET.match(units[points - 1].text):
        points -= 1
    if first - points >= _MIN_POINTS:
        weights[points:first] = [_POINT_WEIGHT] * (first - points)
    return weights


def _weight(unit: Unit, mark: Mark | None) -> float:
    if mark:
        return _NO_PROSE_WEIGHT if mark.category in _OUTSIDE_CATEGORIES else _INSIDE_WEIGHT
    if unit.prose:
        return min(float(unit.words), _MAX_PROSE_WEIGHT)
    is_sentence = unit.words >= _MIN_SENTENCE_WORDS and _SENTENCE_END.search(unit.text[-3:]) is not None
    is_sentence = is_sentence or _UNSPACED_SENTENCE.search(unit.text[-6:]) is not None
    return _SENTENCE_WEIGHT if is_sentence else _NO_PROSE_WEIGHT


def _rows(units: Sequence[Unit]) -> list[bool]:
    """Return for each unit whether it is a row of a table: one of at least three lines in a row with figures."""
    is_row = [not unit.prose and len(unit.text) <= _MAX_ROW_CHARS and _has_figures(unit.text) for unit in units]
    start = 0
    for index in range(len(units) + 1):
        if index == len(units) or not is_row[index]:
            if index - start < _MIN_ROWS:
                is_row[start:index] = [False] * (index - start)
            start = index + 1
    return is_row


@lru_cache(maxsize=MAX_LINES_CACHED)  # asked four times for each line
def _has_figures(line: str) -> bool:
    """Whether a line has two figures beside its words, or ends with one, as results, votes and prices do."""
    figures = list(_FIGURE.finditer(line))
    if not figures or not any(map(str.isalpha, line)):
        return False
    if any(_SCORE.search(figure[0]) for figure in figures):
        return True
    ends = figures[-1].end() == len(line) and not _DATE.search(line)
    return ends and (len(figures) > 1 or not _YEAR.fullmatch(figures[-1][0]))
