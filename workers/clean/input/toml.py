"""Articles in TOML: ``title = "Ferries stop"``, also in tables."""

from __future__ import annotations

import re
import tomllib
from itertools import islice
from typing import Any

import orjson

_START = re.compile(
    r"""
    (?: \s*+ (?: \#[^\n]*+\n )? )*+
    (?: \[\[? [\w.-]{1,60} \]\]? [ \t]*\r?\n | [\w.-]{1,60} [ \t]* = [ \t]* (?: ["'\[{\d] | true\b | false\b ) )
    """,
    re.VERBOSE,
)
_LONG_KEY = re.compile(r"""(?:\.[ \t]*+(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+){30}""")
"""A key of many parts (``a.b.c``), for which tomllib takes memory quadratic in their number."""
_TABLE_OR_DOTTED_KEY = re.compile(r"^[ \t]*+(?:\[|[^\s=#][^\n.=]*+\.[^\n=]*+=)", re.MULTILINE)
_MAX_TABLES = 1_000
"""tomllib takes up to 0.1 ms for each of them."""
_MAX_CHARS = 500_000


def read(text: str) -> dict[str, Any] | None:
    """Return the values of a text in TOML, its dates as texts; None for other texts."""
    if not _START.match(text) or len(text) > _MAX_CHARS or _LONG_KEY.search(text):
        return None
    if any(islice(_TABLE_OR_DOTTED_KEY.finditer(text), _MAX_TABLES, None)):
        return None
    try:
        found: dict[str, Any] = orjson.loads(orjson.dumps(tomllib.loads(text)))
    except (ValueError, RecursionError, TypeError):
        return None
    return found
