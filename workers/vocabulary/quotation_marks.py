"""Quotation marks of many languages, and the text between them."""

from __future__ import annotations

import re

QUOTED = re.compile(
    r"""
    [“„«»"”「‚'‘]  # a search skips to these; below, each is looked back at
    (?:
      (?<=“) (?P<a> [^“”\n]* ) ”
    | (?<=„) (?P<b> [^„“”\n]* ) [“”]
    | (?<=«) (?P<c> [^«»\n]* ) »
    | (?<=») (?<!\S.) (?P<d> \w [^«»\n]* ) «
    | (?<=") (?<![\w.,!?].) (?P<e> [^"\n\s] [^"\n]* ) " (?!\w)
    | (?<=「) (?P<f> [^「」\n]* ) 」
    | (?<=‚) (?<!\w.) (?P<g> [^‚‘\n]* ) ‘
    | (?<=['‘]) (?<!\w.) (?P<h> \w (?: [^'’‘\n] | (?<=\w) ['’] (?=\w) )*+ (?<=[,.!?…]) ) ['’] (?!\w)
    | (?<=‘) (?<!\w.) (?P<i> \w (?: [^'’‘\n] | (?<=\w) ['’] (?=\w) )*+ ) ’ (?=,)
    | (?<=”) (?<![^\s(].) (?P<j> \w [^“”\n]* ) ” (?!\w)
    | (?<=[“«„"]) (?<![^\n].) (?P<open> [^“”«»„"\n]+ ) $
    )
    """,
    re.VERBOSE | re.MULTILINE,
)
"""Text in quotation marks within one paragraph. Single ones must end with a stop, or before a comma: others are
apostrophes too often.

The last is a paragraph of speech that goes on in the next one: only the last of such paragraphs ends with a mark.
"""

UNCLOSED = re.compile(r"""[“„«»"‘] (?<![\w.,!?…].) [^“”„«»"‘\n]+ $ (?=\n+[“„«»"‘])""", re.VERBOSE | re.MULTILINE)
"""A paragraph, or its end, of speech that goes on in the next one, wherever it begins."""
