r"""Texts that a program wrote as literals of a language: ``b'Ferries\xe2\x80\x99 …'``, ``['Ida Holm', 'Jon Vale']``."""

from __future__ import annotations

import json
import re
from typing import Any

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


def text(value: str) -> str:
    """Return the text of a value that is ``str()`` of Python's bytes, or JSON's form of a text; others as they are."""
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


def items(value: str) -> list[Any] | str:
    """Return the items of a list as JSON, Python or YAML write it: ``['Ida Holm', "Jon Vale"]``; other texts as is."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return _python_items(value[1:-1]) or value
    return found if isinstance(found, list) else value


def _python_items(inside: str) -> list[str]:
    """Return the items between the brackets of a list; none if there is anything else."""
    found: list[str] = []
    end = 0
    while match := _ITEM.match(inside, end):
        end = match.end()
        found.append(_ESCAPED_QUOTE.sub(r"\1", match["single"] or match["double"] or match["bare"] or "").strip())
    return found if end == len(inside) else []
