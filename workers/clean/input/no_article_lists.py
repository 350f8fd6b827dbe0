"""Texts that are only a list: headlines without articles, tags, tables of data, links.

Articles have lists, too, and verse, results and timetables are lists themselves. So every test asks for a sign that
these do not have, and for none that they have.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from lxml.html import HtmlElement

from workers.clean.units import make_unit

_MAX_TABLE_LINES = 50
_MIN_HEADED_COLUMNS = 2
_MIN_BARE_COLUMNS = 3
_MIN_BARE_ROWS = 3
_MAX_CELL_WORDS = 6
_NAME_OF_COLUMN = re.compile(r"[^\W\d][\w .()%/-]{0,30}")
_FIGURE = re.compile(r"[-+]?[$€£]?\d[\d.,:/%T+-]*")

_MIN_HEADLINES = 6
_MAX_HEADLINE_WORDS = 16
_MIN_AVERAGE_WORDS = 4.5
_MAX_SHARE_OF_FIGURES = 0.2
_MAX_SHARE_OF_LABELS = 0.3
_LIST_MARK = re.compile(r"(?:[•*–-] ?|\d{1,2}[.)]? )")
_ENDS_IN_SENTENCE = re.compile(r"[.!,;:…—–-]$")
_LABEL = re.compile(r"[^:]{1,30}: ")
_LONG_WORD = re.compile(r"\w{4,}")
_GOES_ON = frozenset({
    "and", "but", "or", "nor", "so", "yet", "for", "with", "of", "as", "in", "on", "at", "to", "from", "by", "into",
    "upon", "till", "until", "while", "when", "where", "that", "which", "who", "whose", "und", "oder", "aber",
    "doch", "denn", "mit", "im", "am", "auf", "von", "zu", "bei", "et", "ou", "mais", "donc", "car", "avec", "dans",
    "sur", "de", "du", "des", "y", "o", "pero", "con", "en", "del", "por", "para", "e", "ma", "nel", "di", "da",
    "mas", "com", "em", "no", "na", "met", "op", "van", "maar",
})  # fmt: skip
"""Words that go on with the line before, as verse does."""

_MIN_TAGS = 8
_MAX_TAG_WORDS = 3
_HASHTAGS = re.compile(r"(?:#\w+[\s,]*)+")

_MIN_LINKS = 5
_MAX_LINKS = 5_000
_MAX_SHARE_UNLINKED = 0.3
_NO_LETTERS = re.compile(r"[\W_]+")


def is_table(lines: Sequence[str]) -> bool:
    """Return whether all lines are rows of data with a column of figures: ``a,b`` and ``1,2``."""
    for separator in ("\t", ";", ","):
        if separator not in lines[0]:
            continue
        try:
            rows = list(csv.reader(lines[:_MAX_TABLE_LINES], delimiter=separator))
        except csv.Error:
            continue
        if len({len(row) for row in rows}) == 1 and all(map(_is_cell, (cell for row in rows for cell in row))):
            is_headed = all(_NAME_OF_COLUMN.fullmatch(name) for name in rows[0])
            columns, data = len(rows[0]), rows[1:] if is_headed else rows
            has_figures = any(all(map(_FIGURE.fullmatch, column)) for column in zip(*data, strict=True))
            is_large = columns >= _MIN_BARE_COLUMNS and len(rows) >= _MIN_BARE_ROWS
            if has_figures and (columns >= _MIN_HEADED_COLUMNS if is_headed else is_large):
                return True
    return False


def _is_cell(cell: str) -> bool:
    """Whether a text is a value: no sentence, and no part of one, which a blank follows on a comma."""
    ends = cell.endswith(("!", "?")) or (" " in cell and cell.endswith("."))
    return not ends and not cell[:1].isspace() and len(cell.split()) <= _MAX_CELL_WORDS


def is_headlines(lines: Sequence[str]) -> bool:
    """Return whether the lines are headlines of different articles.

    They start with a capital and end without a mark, and few have a word in common or a figure at their end: results,
    verse, steps and key points differ in one of these.
    """
    found = [_LIST_MARK.sub("", line.strip(), count=1) for line in lines]
    words = [line.split() for line in found]
    if len(found) < _MIN_HEADLINES or max(map(len, words)) > _MAX_HEADLINE_WORDS:
        return False
    if sum(map(len, words)) < _MIN_AVERAGE_WORDS * len(found) or sum(map(str.isupper, found)) > 1:
        return False
    if not all(line[:1].isupper() or line[:1] in "“\"'‘«„" or line[:1].isdigit() for line in found):
        return False
    if any(
        _ENDS_IN_SENTENCE.search(line) or each[0].lower() in _GOES_ON for line, each in zip(found, words, strict=True)
    ):
        return False
    if sum(line[-1].isdigit() for line in found) > _MAX_SHARE_OF_FIGURES * len(found):
        return False
    if sum(_LABEL.match(line) is not None for line in found) > _MAX_SHARE_OF_LABELS * len(found):
        return False
    shared = Counter(word for line in found for word in set(_LONG_WORD.findall(line.lower())))
    return max(shared.values(), default=0) <= max(2, len(found) // 3)


def is_tags(line: str) -> bool:
    """Return whether a text of one line is only tags: ``#ferries #strike …`` or ``ferries, harbour, strike, …``."""
    if _HASHTAGS.fullmatch(line):
        return True
    tags = [tag.strip() for tag in line.split(",")]
    return len(tags) >= _MIN_TAGS and all(
        tag.islower() and len(tag.split()) <= _MAX_TAG_WORDS and tag.replace(" ", "").replace("-", "").isalnum()
        for tag in tags
    )


def is_links(page: HtmlElement, lines: Iterable[str]) -> bool:
    """Return whether the lines of a page are only links, with headings between them, and no sentence."""
    units = [make_unit(0, line) for line in lines]
    if not units or any(unit.prose for unit in units):
        return False
    links = [
        _NO_LETTERS.sub("", link.text_content()) for link in islice(page.iter("a"), _MAX_LINKS) if link.get("href")
    ]
    links = [link for link in links if link]
    if len(links) < _MIN_LINKS:
        return False
    linked = "".join(links)
    sizes = [(len(letters), letters in linked) for unit in units if (letters := _NO_LETTERS.sub("", unit.text))]
    unlinked = sum(size for size, is_linked in sizes if not is_linked)
    return unlinked <= _MAX_SHARE_UNLINKED * sum(size for size, _ in sizes)
