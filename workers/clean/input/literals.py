r"""Values that a program wrote as literals of a language: ``b'Ferries\xe2\x80\x99 …'``, ``{'author': None}``."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import Any

from workers.clean.input import javascript
from workers.clean.text import without_latin_1

_MAX_TOKENS = 60_000

_BYTES = re.compile(r"b(?P<quote>['\"]).*(?P=quote)", re.DOTALL)
_BYTE = re.compile(rb"\\x([0-9a-fA-F]{2})|\\([nrt'\"\\])")
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_ITEM = re.compile(
    r"""
    \s*+ (?: '(?P<single> (?:[^'\\]|\\.)*+ )' | "(?P<double> (?:[^"\\]|\\.)*+ )"
      | (?P<bare> [^\s,'"\[\]{}] [^,'"\[\]{}]*+ ) )
    \s*+ (?: , | \Z )
    """,
    re.DOTALL | re.VERBOSE,
)
_ESCAPED_QUOTE = re.compile(r"\\(['\"\\])")
_QUOTED = r"""(?: "(?: [^"\\] | \\. )*+" | '(?: [^'\\] | \\. )*+' )"""
_NOT_JAVASCRIPT = re.compile(
    rf"""
    (?= ["'\\()bBuUdnIpTODNF] )  # the characters that the rest starts with: the search is much faster for it
    (?:
      (?P<prefix> \b [bBuU] )? (?P<quoted> {_QUOTED} )
    | \\.
    | \b (?P<date> (?: datetime\. )? (?: datetime | date ) \( \d{{4}}, [^()<>]{{4,100}}
        (?: < [^<>]{{0,100}} > | \( (?: [^()] | \([^()]{{0,100}}\) ){{0,100}} \) )? \) )
    | \b (?: new\ Date | ISODate | (?:pd\.)? Timestamp | (?:bson\.)? ObjectId | Decimal | UUID | Number(?:Int|Long) )
      \( \s*+ (?P<argument> {_QUOTED} | -?\d{{1,20}} ) [^()]{{0,60}} \)
    | \b (?P<word> None | True | False ) \b
    | (?P<bracket> [()] )
    )
    """,
    re.DOTALL | re.VERBOSE,
)
"""What literals of Python and of MongoDB's shell have and JavaScript's have not."""
_AS_JAVASCRIPT = {"None": "null", "True": "true", "False": "false", "(": "[", ")": "]"}


def text(value: str) -> str:
    """Return the text of a value that is ``str()`` of Python's bytes, or JSON's form of a text; others as they are.

    Of UTF-8 that was read as Latin-1 it returns what was written.
    """
    value = without_latin_1(value)
    if value[:2] in ("b'", 'b"') and _BYTES.fullmatch(value.rstrip()):
        return _BYTE.sub(_byte, value.rstrip()[2:-1].encode("utf-8", "replace")).decode("utf-8", "replace")
    if value[:1] == value[-1:] == '"' and "\\" in value:
        try:
            return str(json.loads(value, strict=False))
        except ValueError:
            return value
    return value


def _byte(escape: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escape[1].decode()) if escape[1] else _CONTROLS.get(escape[2], escape[2])


def read(source: str) -> Any:
    """Return the list or object that a program wrote in the form of JavaScript, of Python or of MongoDB's shell.

    Raises:
        ValueError: it is none, or something follows it.
    """
    try:
        return _whole(source)
    except ValueError:
        return _whole(_in_javascript(source))


def _whole(source: str) -> Any:
    value, end = javascript.read(source)
    if source[end:].strip(" \n\t;,"):
        raise ValueError("there is more behind it")
    return value


def _in_javascript(source: str) -> str:
    """Return the literals in the form of JavaScript.

    Raises:
        ValueError: there are more than an article needs.
    """
    parts: list[str] = []
    end = 0
    for token in islice(_NOT_JAVASCRIPT.finditer(source), _MAX_TOKENS + 1):
        parts += (source[end : token.start()], _as_javascript(token))
        end = token.end()
    if len(parts) > 2 * _MAX_TOKENS:
        raise ValueError("too many values")
    return "".join((*parts, source[end:]))


def _as_javascript(token: re.Match[str]) -> str:
    if token["quoted"]:
        is_bytes = token["prefix"] in ("b", "B")
        return json.dumps(text(f"b{token['quoted']}")) if is_bytes else token["quoted"]
    if token["date"]:
        return json.dumps(token["date"])  # dates are read in this form, too
    return token["argument"] or _AS_JAVASCRIPT.get(token["word"] or token["bracket"], token[0])


def items(value: str) -> list[Any] | dict[str, Any] | str:
    """Return the items of a list or an object that a program wrote: ``['Ida Holm', "Jon Vale"]``, ``{Ida Holm}``.

    Other texts are returned as they are.
    """
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        try:
            found = read(value)
        except (ValueError, RecursionError):
            return _python_items(value[1:-1]) or value
    return found if isinstance(found, list | dict) else value


def _python_items(inside: str) -> list[str]:
    """Return the items between the brackets of a list; none if there is anything else."""
    found: list[str] = []
    end = 0
    while match := _ITEM.match(inside, end):
        end = match.end()
        found.append(_ESCAPED_QUOTE.sub(r"\1", match["single"] or match["double"] or match["bare"] or "").strip())
    return found if end == len(inside) else []
