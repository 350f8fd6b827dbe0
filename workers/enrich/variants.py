"""Spellings of one name: Zelenskiy and Zelensky, Kharkiv and Kharkov, with and without accents and hyphens."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from workers.enrich.languages.cyrillic import without_cases

LEGAL_FORM = re.compile(
    r"""
    ,?[ ]
    (?:
        Inc | Corp | Corporation | Co | Company | Group | Holdings
      | Ltd | Limited | PLC | plc | LLC
      | AG | SA | NV
    )
    \.?$
    """,
    re.VERBOSE,
)
_TRANSLITERATIONS = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"(?:iy|yy|ij|iyy|ii|yi|y|i|ey)\b", "i"),
        (r"ou|oo|u", "u"),
        (r"kh|gh|q", "k"),
        (r"dj|zh|j", "j"),
        (r"tch|ch|tsch", "c"),
        (r"sch|sh", "s"),
        (r"ks|x", "x"),
        (r"ie|ye|je|yo|io", "e"),
        (r"v|w|ff\b", "v"),
        (r"ph", "f"),
        (r"y", "i"),
        (r"c|k", "k"),
        (r"(.)\1", r"\1"),
    )
)
MIN_VARIANT_CHARS = 6
"""Shorter names are too easily another's: Lin and Lyn."""


@lru_cache(maxsize=20_000)
def normalise_name(name: str) -> str:
    """The name, normalised for comparison: lower case, no accents, spaces for hyphens, no legal form, no cases."""
    plain = " ".join(LEGAL_FORM.sub("", name).casefold().replace("-", " ").split())
    if plain.isascii():
        return plain
    plain = without_cases(plain)
    return "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))


@lru_cache(maxsize=20_000)
def spelling_key(name: str) -> str:
    """What the transliterations of a name share. Short names have only themselves."""
    key = normalise_name(name)
    if len(key) < MIN_VARIANT_CHARS:
        return key
    for pattern, plain in _TRANSLITERATIONS:
        key = pattern.sub(plain, key)
    return key
