"""Plain text that is no article: data, code, logs and lists that crawlers send by mistake.

The test is strict: nearly every line must have the form, since articles quote code and have tables.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence

import orjson

from workers.clean.input import no_article_code, no_article_lists, no_article_words
from workers.clean.input.no_article_forms import FORMS, MIN_LINES, Form
from workers.clean.units import make_unit

_MAX_LINES = 300
_MIN_CSV_SEPARATORS = 2
_MIN_SHARE_OF_CSV = 0.9
_MAX_SHARE_OF_SENTENCES = 0.2
_MAX_CSV_ROWS = 20
_COLUMN = re.compile(r"[a-z][\w.-]{0,30}")
_COLUMNS = frozenset(
    {"title", "headline", "url", "link", "date", "published", "text", "body", "content", "id", "author"}
)
"""Names, one of which a table of articles has among its columns."""
_MIN_INDEX_LINES = 8
_MIN_SHARE_OF_TEASERS = 0.2
_MAX_LINE_CHARS = 500
_SENTENCE_ENDS = (".", "!", "?", "…", "”", "’")
_MIN_SENTENCE_BLANKS = 6


_STACK_TRACE = re.compile(
    r"""
      Traceback[ ]\(most[ ]recent[ ]call[ ]last\):
    | Exception[ ]in[ ]thread[ ]
    | (?: [\w$]+ \. ){0,9} [A-Z]\w{0,60} (?:Error|Exception) \b [^\n]{0,500} \n \s+ at[ ]
    """,
    re.VERBOSE,
)
_BASE64 = re.compile(r"(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=\D*\d)[A-Za-z0-9+/_-]{60,}={0,2}")
_TEASER = re.compile(
    r"""
      (?: read | continue | see | view ) (?: [ ] (?: more | all | reading | full[ ]story | story | article ) )+
      [ »›→….]*
    | (?: \d{1,2} | an? ) [ ] (?: min(?:ute)?s? | hours? | days? | weeks? | h | d ) [ ] ago
    | (?: [a-z]{3,9} ,? [ ] )? \d{1,2} \.? [ ] [a-z]{3,9} \.? ,? [ ] (?:19|20)\d\d
    | [a-z]{3,9} \.? [ ] \d{1,2} ,? [ ] (?:19|20)\d\d
    | \d{4}-\d\d-\d\d | \d{1,2}[./]\d{1,2}[./]\d{2,4} | \d+ [ ] comments?
    | weiterlesen | mehr | lire[ ]la[ ]suite | leer[ ]más
    """,
    re.IGNORECASE | re.VERBOSE,
)


def kind(text: str) -> str | None:
    """Return what a plain text is instead of an article, or None if it may be one."""
    lines = [line[:_MAX_LINE_CHARS] for line in text.split("\n", _MAX_LINES)[:_MAX_LINES] if line.strip()]
    if _is_json(text):
        return "JSON"
    if no_article_words.is_subtitles(lines):
        return "subtitles"
    if len(lines) < 2:
        return _kind_of_line(text.strip())
    if _STACK_TRACE.match(text):
        return "the error of a program"
    if _has_header(lines):
        return "CSV"
    if sum(map(_is_sentence, lines)) > _MAX_SHARE_OF_SENTENCES * len(lines):
        return no_article_code.kind(text)
    if (len(lines) >= MIN_LINES and _is_csv(lines)) or no_article_lists.is_table(lines):
        return "CSV"
    if found := _kind_by_form(text, lines):
        return found
    if no_article_words.is_code(text):
        return "source code"
    if found := no_article_code.kind(text):
        return found
    if _is_index(lines):
        return "an index page"
    return "a list of headlines" if not _has_stanzas(text) and no_article_lists.is_headlines(lines) else None


def _kind_by_form(text: str, lines: Sequence[str]) -> str | None:
    for form in FORMS:
        if len(lines) >= form.least and _has_form(lines, form) and (form.sign is None or form.sign.search(text)):
            return form.kind
    return None


def _has_form(lines: Sequence[str], form: Form) -> bool:
    """Whether nearly all lines have the form, and at most one of the others is a sentence of an article around it."""
    others = [line for line in lines if not form.line.fullmatch(line.rstrip())]
    return len(others) <= (1 - form.share) * len(lines) and sum(map(_is_sentence, others)) <= 1


def _kind_of_line(line: str) -> str | None:
    """Return what a text of one line is instead of an article, or None if it may be one."""
    if no_article_lists.is_tags(line):
        return "a list of tags"
    if _BASE64.fullmatch(line):
        return "a dump of bytes"
    if _is_sentence(line):
        return None
    return _kind_by_form(line, [line]) or ("source code" if no_article_words.is_code(line) else None)


def _has_stanzas(text: str) -> bool:
    """Whether blank lines part the lines into groups, as in verse."""
    groups = text.strip().split("\n\n", _MAX_LINES)
    return len(groups) > 1 and any("\n" in group for group in groups)


def _is_sentence(line: str) -> bool:
    return line.rstrip().endswith(_SENTENCE_ENDS) and line.count(" ") >= _MIN_SENTENCE_BLANKS


def _is_json(text: str) -> bool:
    stripped = text.strip()
    if stripped[:1] + stripped[-1:] not in ("{}", "[]"):
        return False
    try:
        return isinstance(orjson.loads(stripped), dict | list)
    except orjson.JSONDecodeError:
        return False


def _is_csv(lines: Sequence[str]) -> bool:
    for separator in ("\t", ";", ",", "|"):
        counts = Counter(
            len(re.findall(r",(?! )", line)) if separator == "," else line.count(separator) for line in lines
        )
        count, times = counts.most_common(1)[0]
        if count >= _MIN_CSV_SEPARATORS and times >= _MIN_SHARE_OF_CSV * len(lines):
            return True
    return False


def _has_header(lines: Sequence[str]) -> bool:
    """Whether the first line holds names of columns, one of them of an article, and the second as many values."""
    for separator in ("\t", ";", ",", "|"):
        names = [name.strip(' "\ufeff').lower() for name in lines[0].split(separator)]
        if len(names) > _MIN_CSV_SEPARATORS and all(map(_COLUMN.fullmatch, names)) and not _COLUMNS.isdisjoint(names):
            try:
                rows = list(csv.reader(lines[:_MAX_CSV_ROWS], delimiter=separator))
            except csv.Error:
                return False
            return len(rows) > 1 and len(rows[1]) == len(names)
    return False


def _is_index(lines: Sequence[str]) -> bool:
    """Whether the lines are headlines and teasers with dates or pointers between them, and no prose."""
    units = [make_unit(0, line.strip()) for line in lines]
    if len(units) < _MIN_INDEX_LINES or any(unit.prose for unit in units):
        return False
    return sum(1 for unit in units if _TEASER.fullmatch(unit.text)) >= _MIN_SHARE_OF_TEASERS * len(units)
