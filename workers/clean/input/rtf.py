r"""RTF, as word processors and systems of wire services write it: ``{\rtf1\ansi Ferries\par stop}``.

The library for it, striprtf (0.0.35), shows deleted and hidden text, and takes 8 seconds for 31 kB of open links.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from workers.errors import RejectedError
from workers.outcomes import Reason

_START = re.compile(r"\s*+\{\\rtf", re.IGNORECASE)
_TOKEN = re.compile(
    r"""
      \\ (?P<word> [a-zA-Z]{1,32}+ ) (?P<number> -?\d{1,9} )?+ [ ]?+
    | \\' (?P<byte> [0-9a-fA-F]{2} )
    | \\ (?P<sign> [^a-zA-Z] )
    | (?P<brace> [{}] )
    | (?P<raw> [\udc80-\udcff]++ )
    | (?P<text> [^\\{}\r\n\udc80-\udcff]++ )
    | [\r\n\\]++
    """,
    re.DOTALL | re.VERBOSE,
)
_CHARACTERS = {
    **dict.fromkeys(("par", "line", "sect", "page", "column", "row", "nestrow", "\n", "\r"), "\n"),
    **dict.fromkeys(("tab", "emspace", "enspace", "qmspace", "~"), " "),
    **dict.fromkeys(("cell", "nestcell"), " | "),
    "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "_": "-", "{": "{", "}": "}", "\\": "\\",
}  # fmt: skip
_HIDDEN = frozenset({
    "fonttbl", "colortbl", "stylesheet", "listtable", "info", "pict", "object", "objdata", "nonshppict", "fldinst",
    "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf", "footnote", "annotation",
    "atnid", "atnauthor", "bkmkstart", "bkmkend", "xe", "tc", "themedata", "generator", "filetbl", "revtbl",
})  # fmt: skip
"""Groups without text of the document; others that readers need not know are marked by ``\\*``."""
_CODECS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250",
}  # fmt: skip
"""The codecs of the character sets that a font can have."""
_PAGES = frozenset({437, 850, 852, 860, 862, 863, 864, 865, 866, 874, 932, 936, 949, 950, *range(1250, 1259)})
_MAX_TOKENS = 500_000
_MAX_DEPTH = 1_000


class _Group(NamedTuple):
    """What holds up to the end of a group. ``skipped``: the characters that follow each ``\\u``."""

    is_hidden: bool = False
    is_font_table: bool = False
    font: int = -1
    skipped: int = 1


def is_rtf(text: str) -> bool:
    """Return whether a text is a document of RTF."""
    return _START.match(text) is not None


def from_bytes(data: bytes) -> str:
    """Return the text of a document; bytes that are not ASCII are of its own character set."""
    return text_of(data.decode("ascii", "surrogateescape"))


def text_of(document: str) -> str:
    """Return the text of a document, a line for each paragraph, without headers, notes and pictures.

    Bytes that are not ASCII are characters that stand for them (``surrogateescape``).

    Raises:
        RejectedError: TOO_LARGE, it has more tokens or groups within groups than any article needs.
    """
    reader, position = _Reader(), 0
    for _ in range(_MAX_TOKENS):
        token = _TOKEN.match(document, position)
        if token is None or reader.is_at_end:
            break
        reader.read(token)
        position = token.end() + reader.binary
    else:
        raise _too_large(f"more than {_MAX_TOKENS:,} words and marks")
    return reader.text()


class _Reader:
    """What has been read of a document.

    Attributes:
        is_at_end: whether the outermost group is closed.
        binary: how many characters of binary data follow the latest token.
    """

    def __init__(self) -> None:
        self.is_at_end = False
        self.binary = 0
        self._found: list[str] = []
        self._bytes = bytearray()  # a character may have several
        self._to_skip = 0
        self._codec, self._fonts = "cp1252", dict[int, str]()
        self._group, self._around = _Group(), list[_Group]()

    def text(self) -> str:
        """Return the text."""
        self._decode_bytes()
        # Characters beyond the first 65,536 are written as two surrogates.
        units = "".join(self._found).encode("utf-16-le", "surrogatepass")
        return units.decode("utf-16-le", "replace").strip()

    def read(self, token: re.Match[str]) -> None:
        """Read the next token."""
        self.binary = 0
        kind = token.lastgroup
        if kind == "byte":
            self._bytes += _byte_string(self._shown(bytes.fromhex(token["byte"]).decode("ascii", "surrogateescape")))
            return
        if kind == "raw":
            self._bytes += _byte_string(self._shown(token[0]))
            return
        self._decode_bytes()
        if kind == "brace":
            self._open() if token[0] == "{" else self._close()
        elif kind == "text":
            self._found.append(self._shown(token[0]))
        elif kind is not None:
            self._to_skip = 0
            self._obey(token["sign"] or token["word"], int(token["number"] or -1))

    def _open(self) -> None:
        self._around.append(self._group)
        if len(self._around) > _MAX_DEPTH:
            raise _too_large(f"more than {_MAX_DEPTH:,} groups within groups")

    def _close(self) -> None:
        if self._around:
            self._group = self._around.pop()
        self.is_at_end = not self._around

    def _obey(self, word: str, number: int) -> None:
        """Do what a control word says; one without a number has -1."""
        group = self._group
        if word == "*" or word in _HIDDEN:
            self._group = group._replace(is_hidden=True, is_font_table=group.is_font_table or word == "fonttbl")
        elif word in ("v", "deleted"):
            self._group = group._replace(is_hidden=number != 0)
        elif word == "f":
            self._group = group._replace(font=number)
        elif word == "uc":
            self._group = group._replace(skipped=max(0, number))
        elif word == "bin":
            self.binary = max(0, number)
        elif word == "fcharset" and group.is_font_table and number in _CODECS:
            self._fonts[group.font] = _CODECS[number]
        elif word == "ansicpg" and number in _PAGES:
            self._codec = f"cp{number}"
        elif word == "u":
            self._found.append(self._shown(chr(number & 0xFFFF)))
            self._to_skip = group.skipped
        elif word in _CHARACTERS:
            self._found.append(self._shown(_CHARACTERS[word]))

    def _shown(self, characters: str) -> str:
        """The characters without those to skip; none in a hidden group."""
        skipped = min(self._to_skip, len(characters))
        self._to_skip -= skipped
        return "" if self._group.is_hidden else characters[skipped:]

    def _decode_bytes(self) -> None:
        if self._bytes:
            self._found.append(self._bytes.decode(self._fonts.get(self._group.font, self._codec), "replace"))
            self._bytes.clear()


def _byte_string(characters: str) -> bytes:
    return characters.encode("ascii", "surrogateescape")


def _too_large(what: str) -> RejectedError:
    return RejectedError(Reason.TOO_LARGE, f"the RTF has {what}; send one article per message, or its text")
