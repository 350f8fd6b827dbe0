"""Names that the form of the text gives away: in datelines, credits and bylines. A table of rules with examples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.records import EntityType, MentionSource
from workers.enrich.lexicon import not_names
from workers.enrich.spans import NamedSpan, trim
from workers.vocabulary.agencies import PHOTO_AGENCY
from workers.vocabulary.desks import DESK
from workers.vocabulary.months import MONTH
from workers.vocabulary.particles import PARTICLE

_CAPITAL = r"[^\W\d_a-zß-öø-ÿ]"
_LETTERS = r"[\w'’-]{1,40}"
_INITIAL = rf"{_CAPITAL}\."
_NAME = (
    rf"(?!By[ ]){_CAPITAL}{_LETTERS}"
    rf"(?:[ ](?:{_INITIAL}|{_CAPITAL}{_LETTERS}|{PARTICLE}\b)){{1,4}}"
    r"(?!\w)"
)
"""Two to five words. Spaces are in brackets so that verbose expressions can contain it."""

_TYPE_OF_GROUP = {
    "place": EntityType.GPE,
    "region": EntityType.GPE,
    "agency": EntityType.ORG,
    "person": EntityType.PERSON,
    "people": EntityType.PERSON,
}
_ANY_NAME = re.compile(_NAME)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rule: an expression whose named groups capture names.

    The groups are ``place``, ``region``, ``agency``, ``person``, and ``people`` for a list of several. The expression
    matches ``example`` and does not match ``counterexample``; the tests check both.
    """

    id: str
    expression: re.Pattern[str]
    example: str
    counterexample: str


PATTERNS = (
    Pattern(
        "dateline",
        re.compile(
            rf"""
            ^ (?P<place> [A-Z][A-Z.'’-]+ (?: [ ][A-Z][A-Z.'’-]+ ){{0,3}} )
            (?: ,[ ] (?P<region> [A-Z][\w.]* (?: [ ][A-Z]\w+ ){{0,3}} ) )?
            (?: ,[ ] {MONTH} \.? [ ] \d{{1,2}} )?
            \.? \s{{0,3}}
            (?:
                \( (?P<agency> [A-Z][\w. ]{{1,30}} ) \) \s{{0,3}} (?: [-–—] | $ )
              | \s [-–—]{{1,2}} \s
            )
            """,
            re.MULTILINE | re.VERBOSE,
        ),
        "VALPARAISO, Chile, March 3 (Reuters) - The harbour was closed.",
        "The harbour of VALPARAISO (closed since March) reopened.",
    ),
    Pattern(
        "picture credit",
        re.compile(
            rf"\b{PHOTO_AGENCY} ?/ ?"
            r"(?:Pool ?/ ?)?"
            rf"(?P<person>{_NAME})"
            r"(?=$| ?[\n/.)(|])"
        ),
        "Ships wait outside the harbour. REUTERS/Marta Oyelaran/File Photo",
        "Ships wait outside the harbour. REUTERS/2024",
    ),
    Pattern(
        "credit line",
        re.compile(
            rf"""
            \b
            (?:
                Reporting
              | Additional[ ]reporting
              | Writing
              | Editing
              | Compiled
              | Photographs?
              | Photos?
              | Pictures?
              | Illustration
            )
            (?: [ ]and[ ] (?: additional[ ] )? [a-z]+ )?
            [ ]by[ ]
            (?P<people> {_NAME} (?: (?: ,[ ]and[ ] | [ ]and[ ] | ,[ ] ) {_NAME} ){{0,20}} )
            """,
            re.VERBOSE,
        ),
        "(Reporting by Marta Oyelaran and Jon Aske; Editing by Li Hua Brand)",
        "The reporting by local papers was thin.",
    ),
)

_DESK_WORD = re.compile(rf"\b{DESK}\b", re.IGNORECASE)

ADDRESS = Pattern(
    "address",
    re.compile(
        r"""
        \b (?: https?:// | www\. ) \S+            # a URL
        | (?<!\S) [\w.+-]{1,64} @ [\w-]+ \.\w\S*  # an e-mail address
        | (?<!\w) @\w+                            # a handle
        """,
        re.VERBOSE,
    ),
    "See https://example.org/London/Reuters for more.",
    "See London for more.",
)
"""URLs, e-mail addresses and handles: written for machines, so no names are searched for in them."""


def match_patterns(text: str) -> Iterator[NamedSpan]:
    """The names that ``PATTERNS`` capture, in the order of the rules."""
    for pattern in PATTERNS:
        for match in pattern.expression.finditer(text):
            for group, name in match.groupdict().items():
                if name is None or name in not_names():
                    continue
                spans = (found.span() for found in _ANY_NAME.finditer(text, *match.span(group)))
                for start, end in spans if group == "people" else [match.span(group)]:
                    yield NamedSpan(*trim(text, start, end), _TYPE_OF_GROUP[group], MentionSource.RULE)


def byline_names(byline: str) -> Iterator[NamedSpan]:
    """Every capitalised name in a byline as a person: bylines contain hardly anything else but agencies and desks.

    Agencies are in the lexicon, which comes first.
    """
    for name in _ANY_NAME.finditer(byline):
        if name.group() not in not_names() and not _DESK_WORD.search(name.group()):
            yield NamedSpan(*name.span(), EntityType.PERSON, MentionSource.RULE)
