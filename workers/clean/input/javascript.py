"""Values as JavaScript writes them: JSON with bare or single-quoted names, comments, trailing commas, ``undefined``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_MAX_TOKENS = 60_000
_MAX_DEPTH = 100
_MAX_CHARS_OF_NAMES = 4_000_000  # a name has its value wherever it stands

_TOKEN = re.compile(
    r"""
      (?P<skipped> [\s\ufeff]++ | //[^\n]*+ | /\*.*?\*/ )
    | (?P<mark> [{}\[\]:,] )
    | (?P<quoted> "(?: [^"\\] | \\. )*+" | '(?: [^'\\] | \\. )*+' | `(?: [^`\\$] | \\. | \$(?!\{) )*+` )
    | (?P<number> [+-]?+ (?: 0[xX][0-9a-fA-F]++ | (?: \d++ (?:\.\d*+)?+ | \.\d++ ) (?:[eE][+-]?+\d++)?+ ) (?!\w) )
    | (?P<flag> (?: ![01] | void\s0 ) (?!\w) )
    | (?P<name> [A-Za-z_$][\w$]*+ )
    """,
    re.DOTALL | re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|\r\n|.)", re.DOTALL)
_WORDS = {"true": "true", "false": "false", "null": "null", "undefined": "null", "NaN": "null", "Infinity": "null"}
_FLAGS = {"!0": "true", "!1": "false"}  # as compressed scripts write them
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}


def read(text: str, start: int = 0, names: Mapping[str, str] | None = None) -> tuple[Any, int]:
    """Return the object or list that starts there, and where it ends.

    Args:
        text: source code.
        start: where the value starts.
        names: the values of names that it may use, as JSON.

    Raises:
        ValueError: there is no such value, or it has more than values: a call, an operator.
    """
    written: list[str] = []
    depth, position, room = 0, start, _MAX_CHARS_OF_NAMES
    for _ in range(_MAX_TOKENS):
        token = _TOKEN.match(text, position)
        if token is None:
            break
        position = token.end()
        kind, value = token.lastgroup, token[0]
        if kind == "skipped":
            continue
        if kind == "mark":
            depth += (value in "{[") - (value in "}]")
            if value in "}]" and written[-1:] == [","]:
                written.pop()
            written.append(value)
        elif _is_name(text, position):
            written.append(json.dumps(unquoted(value) if kind == "quoted" else value))
        else:
            written.append(_value(kind, value, names or {}))
            room -= len(written[-1]) if kind == "name" else 0
        if not 0 < depth <= _MAX_DEPTH or room < 0:
            break
    if depth:
        raise ValueError("it does not end, or has more than values")
    return json.loads("".join(written), strict=False), position


def unquoted(quoted: str) -> str:
    """Return the text of a string in quotation marks of any kind."""
    return _ESCAPE.sub(_escaped, quoted[1:-1])


def _escaped(escape: re.Match[str]) -> str:
    code = escape[1]
    if code[0] in "uUx" and len(code) > 1:  # ``\U0001f600`` is Python's
        number = int(code[1:].strip("{}"), 16)
        return chr(number) if number < 0x110000 else "\ufffd"
    return _CONTROLS.get(code, code)


_COLON = re.compile(r"\s*+:")


def _is_name(text: str, end: int) -> bool:
    return _COLON.match(text, end) is not None


def _value(kind: str | None, value: str, names: Mapping[str, str]) -> str:
    if kind == "quoted":
        return value if value[0] == '"' and "\\" not in value else json.dumps(unquoted(value))
    if kind == "number":
        is_whole = value.lstrip("+-").isdigit()
        return str(int(value, 16) if "x" in value.lower() else int(value) if is_whole else float(value))
    if kind == "name" and (known := names.get(value, _WORDS.get(value))) is not None:
        return known
    if kind == "flag":
        return _FLAGS.get(value, "null")
    raise ValueError(f"the name {value[:40]} has no value here")
