"""Quotation marks as TeX and old wire systems write them: ``two grave accents and two apostrophes''."""

from __future__ import annotations

import re

_QUOTATION = re.compile(
    r"""
    (?<! [\w`] ) `` (?! ` ) [ ]?
    (?P<text> (?: [^`\n'] | ` (?! ` ) | ' (?! ' ) )++ )
    (?: '' (?! [\w'] ) | (?P<goes_on> (?= \n+ `` ) ) )
    """,
    re.VERBOSE,
)
"""A quotation within one paragraph, or a paragraph of one that goes on in the next."""


def with_marks(text: str) -> str:
    """Return the text with the quotation marks of print; Markdown's code, which accents alone enclose, stays."""
    return _QUOTATION.sub(_marked, text) if "``" in text else text


def _marked(quotation: re.Match[str]) -> str:
    return f"“{quotation['text'].rstrip()}{'' if quotation['goes_on'] is not None else '”'}"
