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
    found: list[str] = []
    pending = bytearray()  # a character may have several bytes
    codec, fonts = "cp1252", dict[int, str]()
    group, around = _Group(), list[_Group]()
    to_skip = position = 0
    for _ in range(_MAX_TOKENS):
        token = _TOKEN.match(document, position)
        if token is None:
            break
        position = token.end()
        if pending and token.lastgroup not in ("byte", "raw"):
            found.append(pending.decode(fonts.get(group.font, codec), "replace"))
            pending.clear()
        number = int(token["number"] or -1)
        match token.lastgroup:
            case "brace" if token[0] == "{":
                around.append(group)
                if len(around) > _MAX_DEPTH:
                    raise _too_large(f"more than {_MAX_DEPTH:,} groups within groups")
            case "brace":
                group = around.pop() if around else group
                if not around:
                    break
            case "byte" if to_skip:
                to_skip -= 1
            case "byte" if not group.is_hidden:
                pending += bytes.fromhex(token["byte"])
            case "raw":
                if not group.is_hidden:
                    pending += token[0][to_skip:].encode("ascii", "surrogateescape")
                to_skip = max(0, to_skip - len(token[0]))
            case "text":
                if not group.is_hidden:
                    found.append(token[0][to_skip:])
                to_skip = max(0, to_skip - len(token[0]))
            case "sign" | "word" | "number":
                word, to_skip = token["sign"] or token["word"], 0
                if word == "bin":
                    position += max(0, number)
                elif word == "*" or word in _HIDDEN:
                    group = group._replace(is_hidden=True, is_font_table=group.is_font_table or word == "fonttbl")
                elif word in ("v", "deleted"):
                    group = group._replace(is_hidden=number != 0)
                elif word == "f":
                    group = group._replace(font=number)
                elif word == "fcharset" and group.is_font_table and number in _CODECS:
                    fonts[group.font] = _CODECS[number]
                elif word == "ansicpg" and number in _PAGES:
                    codec = f"cp{number}"
                elif word == "uc":
                    group = group._replace(skipped=max(0, number))
                elif word == "u":
                    to_skip = group.skipped
                    found += [] if group.is_hidden else [chr(int(token["number"] or 0) & 0xFFFF)]
                elif word in _CHARACTERS and not group.is_hidden:
                    found.append(_CHARACTERS[word])
    else:
        raise _too_large(f"more than {_MAX_TOKENS:,} words and marks")
    found.append(pending.decode(fonts.get(group.font, codec), "replace"))  # of a document without its end
    # Characters beyond the first 65,536 are written as two surrogates.
    units = "".join(found).encode("utf-16-le", "surrogatepass")
    return units.decode("utf-16-le", "replace").strip()


def _too_large(what: str) -> RejectedError:
    return RejectedError(Reason.TOO_LARGE, f"the RTF has {what}; send one article per message, or its text")
