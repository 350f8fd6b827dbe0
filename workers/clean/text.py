"""Text in order: bytes to text, repair, normal form, and spans that can be taken out and put back.

Normal form is one paragraph a line: lines stripped, runs of blanks collapsed, empty lines dropped. Every offset that
cleaning reports counts code points in a text of that form.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import ftfy
from ftfy.badness import is_bad

from schemas.records import Removed
from workers.errors import RejectedError
from workers.outcomes import Reason

MAX_TEXT = 400_000
"""The longest text, in code points, that is read once it is out of its JSON or HTML: the length of a book."""
MAX_FIELD = 20_000
"""The longest of the other fields, in code points."""

_REPAIR = ftfy.TextFixerConfig(
    unescape_html=False, uncurl_quotes=False, fix_character_width=False, explain=False, max_decode_length=100_000
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MAGIC = (
    b"\x89PNG",
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"%PDF",
    b"\xff\xd8\xff",
    b"GIF8",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
)
_CONTROL_BYTES = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_MOST_CONTROL = 0.1
_DECLARED = re.compile(
    rb"""<(?:meta\b[^>]{0,200}?\bcharset|\?xml\b[^>]{0,200}?\bencoding)\s*=\s*["']?([A-Za-z0-9_.:-]{2,40})""", re.I
)
_HEAD = 4096

_LINE_ENDS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
# Control and format characters that no reader sees; the joiners (200C, 200D) stay, some scripts and emoji need them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
# ASCII and typographic marks: mojibake always has a letter or sign that is not among them, and this test is cheap.
_SOUND = re.compile("[\x00-\x7f\u2018\u2019\u201c\u201d\u2013\u2014\u2026\u2022\u20ac\u00a3\u00a0]*")
# Control characters, ligatures, lone surrogates and the like, which ftfy mends or drops one by one.
_DAMAGED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufb00-\ufb06\ufeff\ufff9-\uffff\ud800-\udfff]"
)
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_MOST_REPAIRED = 80_000  # characters of faulty lines: ftfy takes up to 10 microseconds for each
_LINE_COSTS = 20  # and for a line as much as for so many
# Putting marks above a letter in order takes the square of their number. Unicode's Stream-Safe Text Format (UAX 15)
# parts them by a grapheme joiner after each thirty.
_MARKS = re.compile(r"[^\w\s\x00-\x7f\u034f]{30}(?=[^\w\s\x00-\x7f\u034f])")


class Span(NamedTuple):
    """A stretch of text to be taken out, ``text[start:end]``, with the rule that says so and its category."""

    start: int
    end: int
    rule: str
    category: str


def decode(data: bytes) -> str:
    """The text that the bytes hold: UTF-8, UTF-16 with a byte order mark, or the charset that an HTML page declares.

    Raises:
        RejectedError: UNREADABLE for a picture, an archive or control characters; INVALID_ENCODING for bytes that are
            neither UTF-8 nor what they declare themselves to be.
    """
    for bom, charset in _BOMS:
        if data.startswith(bom):
            return _decode(data[len(bom) :], charset)
    head = data[:_HEAD]
    if (
        data.startswith(_MAGIC)
        or b"\0" in data
        or len(head.translate(None, _CONTROL_BYTES)) < len(head) * (1 - _MOST_CONTROL)
    ):
        raise RejectedError(
            Reason.UNREADABLE, "not text: binary data or control characters; send UTF-8 text, HTML or JSON"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        declared = _DECLARED.search(head)
        if declared is None:
            message = f"not UTF-8 at byte {error.start}, and no charset is declared; send UTF-8"
            raise RejectedError(Reason.INVALID_ENCODING, message) from error
        return _decode(data, declared[1].decode("ascii"))


def _decode(data: bytes, charset: str) -> str:
    try:
        codec = codecs.lookup(charset)
        if not codec._is_text_encoding or codec.name.endswith("unicode-escape"):  # Python's own, which fit any bytes
            raise LookupError(charset)
        return data.decode(charset)
    except (LookupError, UnicodeError) as error:
        message = f"the bytes are not in the charset that they declare, {charset}; send UTF-8"
        raise RejectedError(Reason.INVALID_ENCODING, message) from error


def repair(text: str) -> str:
    """The text with its encoding faults mended (``â€™`` for an apostrophe) and in Unicode's NFC.

    Line by line; where more lines are at fault than the longest articles have, none is mended.
    """
    if _SOUND.fullmatch(text):
        return text
    text = _MARKS.sub(_parted, text)
    if not _is_faulty(text):
        return unicodedata.normalize("NFC", text)
    lines = _LINES.findall(text)
    faulty = [_is_faulty(line) for line in lines]
    if sum(len(line) + _LINE_COSTS for line, fault in zip(lines, faulty, strict=True) if fault) > _MOST_REPAIRED:
        return _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    mended = (
        ftfy.fix_text(line, _REPAIR) if fault else unicodedata.normalize("NFC", line)
        for line, fault in zip(lines, faulty, strict=True)
    )
    return _INVISIBLE.sub("", "".join(mended))


def _is_faulty(text: str) -> bool:
    """Whether ftfy would do more to the text than bring it into NFC."""
    return _DAMAGED.search(text) is not None or is_bad(text)


def _parted(marks: re.Match[str]) -> str:
    return marks[0] + "\u034f" if any(map(unicodedata.combining, marks[0])) else marks[0]


def normal_form(text: str) -> str:
    """The text with one paragraph a line: lines stripped, runs of blanks collapsed, what cannot be seen dropped."""
    lines = (" ".join(line.split()) for line in _LINE_ENDS.split(_INVISIBLE.sub("", text)))
    return "\n".join(line for line in lines if line)


def tidy(text: str) -> str:
    """The text repaired and in normal form: the *raw text* that every offset refers to.

    Mending a fault can bring another to light, so both steps run until nothing changes (at most four times).
    """
    text = normal_form(text)
    for _ in range(4):
        tidied = normal_form(repair(text))
        if tidied == text:
            break
        text = tidied
    return text


def one_line(text: str) -> str:
    """The text repaired and on one line: for headlines, names and other fields."""
    return tidy(text).replace("\n", " ")


def cut(text: str, spans: Iterable[Span]) -> tuple[str, tuple[Removed, ...]]:
    """The text without the spans, and what was removed: sorted, apart, white space that is no longer needed included.

    ``text`` is in normal form, and so is the result. Where spans overlap the earlier one wins; spans of one category
    with nothing but white space between become one. ``restore`` is the inverse.
    """
    pieces = _apart(text, spans)
    for first, last in _regions(pieces):
        start, end = pieces[first].start, pieces[last].end
        before = text[start - 1] if start else "\n"
        after = text[end] if end < len(text) else "\n"
        if not (before.isspace() and after.isspace()):
            continue
        if end < len(text) and not (before == " " and after == "\n"):
            pieces[last] = pieces[last]._replace(end=end + 1)
        elif start:
            pieces[first] = pieces[first]._replace(start=start - 1)
    return _without(text, pieces), tuple(
        Removed(
            start=piece.start,
            end=piece.end,
            text=text[piece.start : piece.end],
            rule=piece.rule,
            category=piece.category,
        )
        for piece in pieces
    )


def restore(body: str, removed: Sequence[Removed]) -> str:
    """The raw text that the body was cut from: every removed span back at its place."""
    parts: list[str] = []
    taken = length = 0
    for item in removed:
        kept = item.start - length
        parts += (body[taken : taken + kept], item.text)
        taken += kept
        length = item.end
    return "".join((*parts, body[taken:]))


def places(removed: Sequence[Removed]) -> Callable[[int], int]:
    """The function from an offset into the body to the offset of the same character in the raw text."""
    starts: list[int] = []
    lengths = [0]
    for item in removed:
        starts.append(item.start - lengths[-1])
        lengths.append(lengths[-1] + item.end - item.start)
    return lambda position: position + lengths[bisect_right(starts, position)]


def _apart(text: str, spans: Iterable[Span]) -> list[Span]:
    pieces: list[Span] = []
    for span in sorted(spans):
        start = max(span.start, pieces[-1].end) if pieces else span.start
        if start >= span.end:
            continue
        if pieces and not text[pieces[-1].end : start].strip():
            if pieces[-1].category == span.category:
                pieces[-1] = pieces[-1]._replace(end=span.end)
                continue
            pieces[-1] = pieces[-1]._replace(end=start)
        pieces.append(span._replace(start=start))
    return pieces


def _regions(pieces: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """First and last index of each run of pieces that touch."""
    first = 0
    for index in range(1, len(pieces) + 1):
        if index == len(pieces) or pieces[index].start != pieces[index - 1].end:
            yield first, index - 1
            first = index


def _without(text: str, pieces: Sequence[Span]) -> str:
    starts = (0, *(piece.end for piece in pieces))
    ends = (*(piece.start for piece in pieces), len(text))
    return "".join(text[start:end] for start, end in zip(starts, ends, strict=True))
