"""Text repair and normal form.

Normal form is one paragraph per line: lines stripped, runs of blanks collapsed, empty lines dropped. Every offset that
cleaning reports counts code points in a text of that form.
"""

from __future__ import annotations

import re
import unicodedata

import ftfy
from ftfy.badness import MOJIBAKE_CATEGORIES, is_bad

MAX_TEXT_CHARS = 400_000
"""The longest text, in code points, that is read once it is out of its JSON or HTML: the length of a book."""
MAX_FIELD_CHARS = 20_000
"""The longest of the other fields, in code points."""

FTFY_CONFIG = ftfy.TextFixerConfig(
    unescape_html=False, uncurl_quotes=False, fix_character_width=False, explain=False, max_decode_length=100_000
)
_LINE_ENDS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
# Control and format characters that no reader sees. The joiners (200C, 200D) stay: some scripts and emoji need them.
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
# ASCII and typographic marks. Mojibake always has a character outside this set, and the test is cheap.
CLEAN_CHARS = re.compile("[\x00-\x7f\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u2022\u20ac\u00a3\u00a0]*")
# Control characters, ligatures, lone surrogates and the like, which ftfy replaces or drops one by one.
_DAMAGED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufb00-\ufb06\ufeff\ufff9-\uffff\ud800-\udfff]"
)
# ftfy reads a text line by line; of its signs only this one depends on where a line starts.
_MOJIBAKE_AT_START = re.compile(r"\n[ÃÂ] ")
# ftfy's test is slow. All that it finds has one of these; most texts in Arabic, Chinese, Greek or Russian have none.
_WITHOUT_MOJIBAKE = frozenset({"common", "start_punctuation", "end_punctuation", "upper_common", "lower_common"})
_SIGNS_OF_MOJIBAKE = re.compile(
    f"[{''.join(each for name, each in MOJIBAKE_CATEGORIES.items() if name not in _WITHOUT_MOJIBAKE)}Ђ]"
    r"|[ВГРС]\W[ВГРС]|[ΒΓΞΟ]\W[ΒΓΞΟ]"
)
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_READ_AS_LATIN_1 = re.compile("[\xc2-\xf4][\x80-\x9f]|[\xe0-\xf4][\xa0-\xbf][\x80-\x9f]")
_UTF_8 = re.compile("(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+")
_MAX_TIMES_READ = 3
_CONTROLS = re.compile("[\x80-\x84\x86-\x9f]")
_MAX_REPAIRED_CHARS = 80_000  # in faulty lines: ftfy takes up to 10 microseconds for each character
_LINE_COST_CHARS = 20  # a line costs ftfy as much as this many characters, on top of its own
# Sorting the marks above a letter takes time quadratic in their number. Unicode's Stream-Safe Text Format (UAX 15)
# separates them by a grapheme joiner after every thirty.
# The lookbehinds keep the patterns from starting again at each mark of a short run.
_MARKS = re.compile(r"(?<![^\w\s\x00-\x7f\u034f])[^\w\s\x00-\x7f\u034f]{31,}")
_HEAP_OF_MARKS = re.compile(r"(?<![^\w\s\x00-\x7f])[^\w\s\x00-\x7f]{300,}")
_MAX_MARKS = 30
_MAX_HEAP_CHARS = 60
_MAX_TIDY_ROUNDS = 4


def without_latin_1(text: str) -> str:
    """Return a text of UTF-8 that was read as Latin-1 as it was written: ``Itâ\\x80\\x99s`` is ``It’s``.

    Programs that have no charset for a page read it so (``requests`` in Python). No other text has the control
    characters.
    """
    for _ in range(_MAX_TIMES_READ):
        if text.isascii() or not _READ_AS_LATIN_1.search(text):
            break
        text = _UTF_8.sub(_as_utf_8, text)
    return text


def _as_utf_8(characters: re.Match[str]) -> str:
    try:
        return characters[0].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return characters[0]


def repair(text: str) -> str:
    """Return the text in Unicode's NFC, with its encoding faults fixed (``â€™`` for an apostrophe).

    Works line by line. If more lines are faulty than the longest articles have, none is fixed.
    """
    if CLEAN_CHARS.fullmatch(text):
        return text
    text = _composed(text)
    if not _is_faulty(text):
        return text
    lines = _LINES.findall(text)
    faulty = [_is_faulty(line) for line in lines]
    cost = sum(len(line) + _LINE_COST_CHARS for line, fault in zip(lines, faulty, strict=True) if fault)
    if cost > _MAX_REPAIRED_CHARS:
        return INVISIBLE.sub("", text)
    repaired = (ftfy.fix_text(line, FTFY_CONFIG) if fault else line for line, fault in zip(lines, faulty, strict=True))
    return INVISIBLE.sub("", "".join(repaired))


def _composed(text: str) -> str:
    """Return the text in Unicode's NFC."""
    return unicodedata.normalize("NFC", _MARKS.sub(_with_joiners, text))


def _is_faulty(text: str) -> bool:
    """Whether ftfy would do more to the text than normalise it to NFC."""
    if _DAMAGED.search(text) or _MOJIBAKE_AT_START.search(text):
        return True
    return _SIGNS_OF_MOJIBAKE.search(text) is not None and is_bad(text)


def _with_joiners(marks: re.Match[str]) -> str:
    parts = [marks[0][start : start + _MAX_MARKS] for start in range(0, len(marks[0]), _MAX_MARKS)]
    joined = (part + "\u034f" if any(map(unicodedata.combining, part)) else part for part in parts[:-1])
    return "".join((*joined, parts[-1]))


def _lowered(heap: re.Match[str]) -> str:
    """The first of hundreds of marks above one letter, which no language has, and which are slow to handle."""
    return heap[0][:_MAX_HEAP_CHARS] if all(map(unicodedata.combining, heap[0])) else heap[0]


def normal_form(text: str) -> str:
    """Return the text with one paragraph per line: lines stripped, runs of blanks collapsed, the invisible dropped."""
    lines = (" ".join(line.split()) for line in _LINE_ENDS.split(INVISIBLE.sub("", text)))
    return "\n".join(line for line in lines if line)


def tidy(text: str) -> str:
    """Return the text repaired and in normal form: the *raw text* that every offset refers to.

    Fixing one fault can expose another, so both steps repeat until nothing changes (at most four times).
    """
    if not text.isascii():
        text = _composed(_HEAP_OF_MARKS.sub(_lowered, text))
    # The last byte of a closing quotation mark is a control character that is dropped then: ``â€\\x9d``.
    text = normal_form(repair(text) if _CONTROLS.search(text) else text)
    for _ in range(_MAX_TIDY_ROUNDS):
        tidied = normal_form(repair(text))
        if tidied == text:
            break
        text = tidied
    return text


def one_line(text: str) -> str:
    """Return the text repaired and on one line, for headlines, names and other fields."""
    return tidy(text).replace("\n", " ")
