"""Bytes to text: which encoding a message is in, and what is not text at all."""

from __future__ import annotations

import codecs
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass

import charset_normalizer
import webencodings

from workers.clean.fields.language import language
from workers.clean.input import binary
from workers.clean.text import without_latin_1
from workers.errors import RejectedError
from workers.outcomes import Reason

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE_CODECS = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_CONTROL_BYTES = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_MAX_CONTROL_SHARE = 0.03
_MIN_CONTROL_BYTES = 6
"""A text may have a few control characters, however short it is."""
_TEXT_CATEGORIES = frozenset("LMNPSZ")
_MIN_TEXT_SHARE = 0.99
"""The share of letters, digits, marks, spaces and symbols that tells UTF-16 and UTF-32 from binary data."""
_MIN_COMMON_SHARE = 0.03
"""The share of ASCII characters and East Asian punctuation in any text of UTF-16 or UTF-32."""
_COMMON = re.compile(r"[ -~\n\r\t\u00a0\u3000-\u3002\uff0c]")
_DECLARED_CHARSET = re.compile(
    rb"""
    < (?: meta\b   [^>]{0,300}? \bcharset
        | \?xml\b  [^>]{0,200}? \bencoding )
    \s*=\s* ([^>]{1,60})
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]|\x1b\(J")
_LABEL = re.compile(r"[\w.:+-]{2,40}", re.ASCII)
_WINDOWS = re.compile(r"(?:win|windows|cp|ms)[-_]?(125[0-8]|874)", re.ASCII)
_OTHER_LABELS = {
    "utf8mb3": "utf-8", "utf8mb4": "utf-8", "cp65001": "utf-8", "ansi": "windows-1252", "cp932": "shift_jis",
    "cp936": "gbk", "cp949": "euc-kr", "cp950": "big5", "macroman": "macintosh",
}  # fmt: skip
"""Names that are no labels of the WHATWG, but that databases and programs write."""
_NEWER_CODECS = {"shift_jis": "cp932", "gbk": "gb18030", "euc-kr": "cp949", "big5": "big5hkscs"}
"""Where the WHATWG's encoding is a superset of what Python has under the name (Encoding Standard, indexes)."""
_HEAD_BYTES = 4096
"""Only this much of a message is searched for control characters and for a declared charset."""
_SAMPLE_BYTES = 8_000
"""Only this much is looked at to guess an encoding that nobody declares."""
_GUESSES = [
    "cp1252", "cp1250", "iso8859_2", "cp1254", "cp1257", "cp1251", "koi8_u", "iso8859_5", "cp866", "mac_cyrillic",
    "cp1253", "iso8859_7", "cp1255", "iso8859_8", "cp1256", "iso8859_6", "cp874", "cp932", "euc_jp", "gb18030",
    "big5hkscs", "cp949",
]  # fmt: skip
"""The encodings that a guess may give: those of the WHATWG that web pages were written in."""
_LATIN_GUESSES = frozenset({"cp1252", "cp1250", "iso8859_2", "cp1254", "cp1257"})
_LATIN_CODECS = {
    **dict.fromkeys(("pl", "cs", "sk", "hu", "ro", "hr", "sl", "bs"), "cp1250"),
    **dict.fromkeys(("tr", "az"), "cp1254"),
    **dict.fromkeys(("lt", "lv", "et"), "cp1257"),
}
"""The encoding of a language with Latin letters, if it is not Windows-1252: byte statistics tell them badly apart."""
_UTF8_BYTES_PER_BAD_BYTE = 4
"""Beyond this many bytes of valid UTF-8 for each byte that is not, a text is UTF-8 with damage."""
_MAX_REPLACED_SHARE = 0.02
"""The share of bytes that may be replaced; beyond it, the encoding is another one."""
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and how many of its bytes were not in its encoding and were replaced or dropped."""

    text: str
    replaced: int = 0


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Return the text of a message.

    Byte order marks and UTF-8 come first, since bytes seldom are valid UTF-8 by chance. Then counts what the transport
    declares, then what the page declares (WHATWG labels: latin-1 means Windows-1252, gb2312 means GBK), and then the
    most likely encoding. A few bytes that do not fit are replaced.

    Args:
        data: the bytes.
        declared: the charset that a header names.

    Raises:
        RejectedError: UNREADABLE for pictures, archives and other binary data; INVALID_ENCODING for bytes that fit no
            encoding.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _replacing(data[len(mark) :], encoding)
    head = data[:_HEAD_BYTES]
    if kind := binary.never_text(head):
        raise _not_text(kind)
    if _has_control_bytes(head):
        codec = _wide_codec(head)
        if codec is None:
            raise _not_text(binary.kind(head))
        return _replacing(data, codec)
    decoded = _decode_narrow(data.replace(b"\0", b""), declared)
    return Decoded(without_latin_1(decoded.text), decoded.replaced + data.count(b"\0"))


def _decode_narrow(data: bytes, declared: str | None) -> Decoded:
    if _ISO_2022_JP.search(data):
        return _replacing(data, "iso2022_jp_ext")
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    with suppress(UnicodeDecodeError):  # Java and Oracle write an emoji as two surrogates (CESU-8)
        units = data.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
        return _replacing(units, "utf-16-le")
    as_utf8 = _replacing(data, "utf-8")
    if as_utf8.replaced * (1 + _UTF8_BYTES_PER_BAD_BYTE) <= _count_other_bytes(data):
        return as_utf8
    in_page = _DECLARED_CHARSET.search(data[:_HEAD_BYTES])
    for label in (declared, in_page and in_page[1].decode("ascii", "replace")):
        codec = codec_of(label) if label else None
        if codec and not codec.startswith("utf"):
            attempt = _replacing(data, codec)
            if attempt.replaced <= _MAX_REPLACED_SHARE * len(data):
                return attempt
    attempt = _replacing(data, _guess(data))
    if attempt.replaced > _MAX_REPLACED_SHARE * len(data):
        raise RejectedError(
            Reason.INVALID_ENCODING,
            f"the bytes fit neither UTF-8 nor any encoding that they declare ({_count_other_bytes(data):,} of "
            f"{len(data):,} bytes are not ASCII, and {attempt.replaced:,} fit no encoding); send UTF-8",
        )
    return attempt


def codec_of(label: str) -> str | None:
    """The Python codec of an encoding's label, which may be malformed; None if the label is unknown.

    Source: https://encoding.spec.whatwg.org/#names-and-labels
    """
    match = _LABEL.search(label)
    if match is None:
        return None
    name = match[0].lower().removesuffix(".")
    name = _OTHER_LABELS.get(name) or _WINDOWS.sub(r"windows-\1", name)
    encoding = webencodings.lookup(name) or webencodings.lookup(_python_name(name))
    if encoding is None or encoding.name in ("x-user-defined", "replacement"):
        return None
    return _NEWER_CODECS.get(encoding.name) or str(encoding.codec_info.name)


def _python_name(name: str) -> str:
    """The name of a codec that Python knows under other spellings (``latin_1``, ``utf_8``); else the name itself."""
    try:
        return codecs.lookup(name).name.replace("_", "-")
    except (LookupError, ValueError):
        return name


def _guess(data: bytes) -> str:
    """The most likely codec of bytes that declare none."""
    sample = b"\n".join(_lines_with_other_bytes(data))
    best = charset_normalizer.from_bytes(sample, cp_isolation=_GUESSES).best()
    codec = best.encoding if best else "cp1252"
    if codec not in _LATIN_GUESSES:
        return codec
    codec = _LATIN_CODECS.get(language(sample.decode(codec, "ignore")), "cp1252")
    # ISO 8859-2 has control characters where Windows-1250 has letters and quotation marks.
    is_iso = codec == "cp1250" and not re.search(rb"[\x80-\x9f]", sample)
    return "iso8859_2" if is_iso else codec


def _lines_with_other_bytes(data: bytes) -> list[bytes]:
    """The first lines and texts of elements that are not only ASCII, up to the size of a sample."""
    found, size = [], 0
    for line in re.split(rb"[\r\n<>]", data):
        if not line.isascii():
            found.append(line[: _SAMPLE_BYTES - size])
            size += len(line)
            if size >= _SAMPLE_BYTES:
                break
    return found


def _count_other_bytes(data: bytes) -> int:
    """How many bytes are not ASCII."""
    return len(data.translate(None, bytes(range(128))))


def _replacing(data: bytes, codec: str) -> Decoded:
    text = data.decode(codec, errors="replace")
    return Decoded(text, text.count(REPLACEMENT))


def _has_control_bytes(head: bytes) -> bool:
    count = len(head) - len(head.translate(None, _CONTROL_BYTES))
    return count >= _MIN_CONTROL_BYTES and count > len(head) * _MAX_CONTROL_SHARE


def _wide_codec(head: bytes) -> str | None:
    """The codec of UTF-16 or UTF-32 without a mark: the one that gives a text, with the most common characters."""
    fitting = [codec for codec in _WIDE_CODECS if _is_text(head, codec)]
    return max(fitting, key=lambda codec: len(_COMMON.findall(_whole(head, codec))), default=None)


def _is_text(head: bytes, codec: str) -> bool:
    text = _whole(head, codec)
    letters = sum(unicodedata.category(char)[0] in _TEXT_CATEGORIES or char in "\n\r\t" for char in text)
    common = len(_COMMON.findall(text))
    return common > 0 and letters >= _MIN_TEXT_SHARE * len(text) and common >= _MIN_COMMON_SHARE * len(text)


def _whole(head: bytes, codec: str) -> str:
    """The text of the bytes without an incomplete character at the end; bytes that do not fit count as characters."""
    text, _ = codecs.getdecoder(codec)(head[: len(head) // 4 * 4], "surrogatepass" if "16" in codec else "replace")
    return str(text).replace(REPLACEMENT, "\0")


def _not_text(kind: str) -> RejectedError:
    return RejectedError(
        Reason.UNREADABLE,
        f"the message is not text: it looks like {kind}; send UTF-8 text, HTML or JSON, or another of the formats in "
        "deploy/formats.md",
    )
