"""Texts without a sentence of an article, by their words: calendars, page numbers, rows of figures, source code.

Results, standings and fact boxes are rows, too. So a row counts only with a value that these do not have, and only
below a heading of a word or two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from lxml.html import defs

from workers.clean.fields.dates import words
from workers.clean.units import make_unit

_MAX_CHARS = 20_000

_ODD = re.compile(
    r"""
      .{60,}
    | .* [^a-z\d.,:'/&%-] .*               # a mark that words have not: ``boat_count``, ``x=1``
    | .* [a-z]{2} [.:,] [a-z] .*           # ``app.py``
    | .* \d [a-z]+ \d .*                  # ``8f14e45f``
    | / [\w.-]+ / .*                      # ``/srv/boats``
    """,
    re.IGNORECASE | re.VERBOSE,
)
_AROUND_WORDS = ".,:;+!?\"'()[]-*#$"
_SIGN = re.compile(r"[={}();<>\[\]\\$@^~]+|::|[-=]>|&&|\|\||[:!=]=")
_MIN_CODE_TOKENS = 4
_MIN_CODE_CHARS = 60
_MIN_SHARE_OF_CODE = 0.3
_MIN_SHARE_OF_SHORT_CODE = 0.6

_MONTH_DAYS = 28
_MAX_WORDS_OF_MONTH = 20
_MIN_PAGES = 3
_MAX_WORDS_OF_PAGES = 5
_MIN_LETTERS = 20
_MAX_OTHER_WORDS = 4

_MIN_ROWS = 4
_MAX_HEADING_WORDS = 2
_MIN_WORDS_OF_LIST = 5
_MAX_ROW_WORDS = 3
_MAX_NUMBERS_OF_DATE = 2
_LABEL = re.compile(r"[^\W\d_a-z][\w'’&-]*(?: [\w'’&-]+)?")
_CLOCK = re.compile(r"\b(?:[01]\d|2[0-3])[:.][0-5]\d\b")
_ROUND_CLOCK = re.compile(r"\b(?:[01]\d|2[0-3]):[0-5][05]\b")
_PRICE = re.compile(r"[$€£¥] ?\d|\d ?(?:[€£¥]|EUR|USD|zł|kr|руб)\b|\d ?[€£¥]")
_DEGREES = re.compile(r"\d ?°")
_QUOTE = re.compile(r"[-+−]\d+[.,]\d+ ?%|\b[A-Z]{3}/[A-Z]{3}\b")
_NUMERIC_DATE = re.compile(r"\b\d{1,4}([./-])\d{1,2}\1\d{1,4}\b")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_NUMBER_ALONE = re.compile(r"(?<!\S)\d{1,3}(?!\S)")

_CUE = re.compile(r"(?:\d\d:)?\d\d:\d\d[.,]\d{3} --> (?:\d\d:)?\d\d:\d\d[.,]\d{3}.*")
_MIN_CUES = 2
_MIN_SHARE_OF_CUES = 0.2

_TAG = re.compile(r"<(?P<name>[A-Za-z][\w:.-]{0,60})[\s/>]")
_BETWEEN_TAGS = re.compile(r"[^<>]+(?=<|\Z)")

SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "۔", "؟", "։", "።", ".”", ".“", ".»", '."')
_MIN_SENTENCE_WORDS = 4


def is_code(text: str) -> bool:
    """Return whether the words of a text are those of source code, markup or data rather than of a language."""
    tokens = text[:_MAX_CHARS].split()
    odd = sum(map(_is_odd, tokens))
    is_enough = len(tokens) >= _MIN_CODE_TOKENS or len(text) >= _MIN_CODE_CHARS
    return odd >= (_MIN_SHARE_OF_CODE if is_enough else _MIN_SHARE_OF_SHORT_CODE) * len(tokens) > 0


def share_of_odd(text: str) -> float:
    """Return the share of the words of a text that no language has."""
    tokens = text[:_MAX_CHARS].split()
    return sum(map(_is_odd, tokens)) / max(1, len(tokens))


def _is_odd(token: str) -> bool:
    """Whether no language has the word: ``boat.count();``, ``=``, ``a7f3b2``."""
    if not any(map(str.isalnum, token)):
        return _SIGN.fullmatch(token) is not None
    core = token.strip(_AROUND_WORDS)
    return core.isascii() and _ODD.fullmatch(core) is not None


def is_data(markup: str) -> bool:
    """Return whether a text with tags is XML of data: half of its elements are not HTML's, and it has no sentence."""
    names = {tag["name"].lower() for tag in _TAG.finditer(markup, 0, _MAX_CHARS)}
    if len(names - defs.tags) * 2 < max(1, len(names)):
        return False
    texts = _BETWEEN_TAGS.findall(markup)
    return any(map(_WORD.search, texts)) and not any(map(is_sentence, texts))


def is_sentence(line: str) -> bool:
    """Return whether a line has enough words for a sentence and ends like one, or has many words."""
    unit = make_unit(0, line.strip())
    return unit.prose or (unit.words >= _MIN_SENTENCE_WORDS and unit.text.endswith(SENTENCE_ENDS))


def count_kind(text: str) -> str | None:
    """Return what a text is that only counts (the days of a month, pages, letters), or None if it may be an article."""
    found = _WORD.findall(text)
    run = _longest_run(map(int, _NUMBER_ALONE.findall(text)))
    if run >= _MONTH_DAYS and len(found) <= _MAX_WORDS_OF_MONTH:
        return "a calendar"
    if run >= _MIN_PAGES and len(found) <= min(_MAX_WORDS_OF_PAGES, run):
        return "a bar of page numbers"
    letters = [ord(word) for word in found if len(word) == 1]
    return "an index of letters" if _longest_run(letters) >= max(_MIN_LETTERS, len(found) - _MAX_OTHER_WORDS) else None


def is_subtitles(lines: Sequence[str]) -> bool:
    """Return whether the lines are what is said in a film, each with its time (SRT, WebVTT)."""
    cues = sum(_CUE.fullmatch(line.strip()) is not None for line in lines)
    return cues >= max(_MIN_CUES, _MIN_SHARE_OF_CUES * len(lines))


def _longest_run(numbers: Iterable[int]) -> int:
    """Return how many numbers follow one another at most, each larger by one than that before."""
    longest = run = 1
    for before, number in pairwise(numbers):
        run = run + 1 if number == before + 1 else 1
        longest = max(longest, run)
    return longest


def row_kind(headline: str | None, text: str) -> str | None:
    """Return what a short text is whose lines are rows below a heading of a word or two, or None.

    Each row has a date, times, a price, a quotation or a temperature, and few words beside it.
    """
    lines = [line for line in (headline or "", *text.split("\n")) if line.strip()]
    if not lines or any(map(is_sentence, lines)):
        return None
    heading = lines[0]
    rows = lines[1:] if not _NUMBER.search(heading) and len(heading.split()) <= _MAX_HEADING_WORDS else lines
    if len(rows) < _MIN_ROWS or any(line.rstrip().endswith(SENTENCE_ENDS) for line in rows):
        return None
    if all(map(_is_dated, rows)):
        return "a calendar"
    if sum(len(_WORD.findall(line)) for line in rows) > _MAX_ROW_WORDS * len(rows):
        return None
    if all(len(_CLOCK.findall(line)) > 1 for line in rows) or all(map(_ROUND_CLOCK.search, rows)):
        return "a timetable"
    if all(map(_PRICE.search, rows)):
        return "a price list"
    if all(map(_QUOTE.search, rows)):
        return "a table of quotations"
    return "a table of the weather" if all(map(_DEGREES.search, rows)) else None


def is_words(headline: str | None, text: str) -> bool:
    """Return whether a text is only a list of words below a heading of a word or two, or below none: ``Ferries``."""
    lines = [line.strip() for line in (headline or "", *text.split("\n")) if line.strip()]
    return len(lines) >= _MIN_WORDS_OF_LIST and all(map(_LABEL.fullmatch, lines))


def _is_dated(line: str) -> bool:
    """Whether a line is a date with a few words: ``4 May: Harbour walk``. A result has more numbers than a date."""
    found = list(map(words.fold, _WORD.findall(line)))
    others = [word for word in found if word not in words.ROLES]
    is_named = 1 <= len(_NUMBER.findall(line)) <= _MAX_NUMBERS_OF_DATE and any(map(_is_month, found))
    return len(others) <= _MAX_ROW_WORDS and (is_named or _NUMERIC_DATE.search(line) is not None)


def _is_month(word: str) -> bool:
    return any(role.startswith("month") for roles in words.ROLES.get(word, {}).values() for role in roles)
