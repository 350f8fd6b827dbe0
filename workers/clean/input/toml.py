"""Articles in TOML: ``title = "Ferries stop"``, also in tables."""

from __future__ import annotations

import re
import tomllib
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
_MAX_CHARS = 500_000


def read(text: str) -> dict[str, Any] | None:
    """Return the values of a text in TOML, its dates as texts; None for other texts."""
    if not _START.match(text) or len(text) > _MAX_CHARS or _LONG_KEY.search(text):
        return None
    try:
        found: dict[str, Any] = orjson.loads(orjson.dumps(tomllib.loads(text)))
    except (ValueError, RecursionError, TypeError):
        return None
    return found
