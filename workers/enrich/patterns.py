"""Places where the form of a text says what stands there: datelines, credits, bylines, addresses. A table of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.records import EntityType, MentionSource
from workers.enrich.lexicon import not_names
from workers.enrich.spans import Found, trimmed
from workers.vocabulary.agencies import PHOTO_AGENCY
from workers.vocabulary.months import MONTH
from workers.vocabulary.particles import PARTICLE

_CAPITAL = r"[^\W\d_a-zß-öø-ÿ]"
_LETTERS = r"[\w'’-]{1,40}"
_NAME = rf"(?!By ){_CAPITAL}{_LETTERS}(?: (?:{_CAPITAL}\.|{_CAPITAL}{_LETTERS}|{PARTICLE}\b)){{1,4}}(?!\w)"

_KINDS = {
    "place": EntityType.GPE,
    "region": EntityType.GPE,
    "agency": EntityType.ORG,
    "person": EntityType.PERSON,
    "people": EntityType.PERSON,
}
_EACH = re.compile(_NAME)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rule: an expression whose groups ``place``, ``region``, ``agency``, ``person``, ``people`` (several) are names.

    ``example`` matches and ``counter`` does not; the tests run both.
    """

    id: str
    expression: re.Pattern[str]
    example: str
    counter: str


PATTERNS = (
    Pattern(
        "dateline",
        re.compile(
            r"^(?P<place>[A-Z][A-Z.'’-]+(?: [A-Z][A-Z.'’-]+){0,3})(?:, (?P<region>[A-Z][\w.]*(?: [A-Z]\w+){0,3}))?"
            rf"(?:, {MONTH}\.? \d{{1,2}})?\.?\s{{0,3}}"
            r"(?:\((?P<agency>[A-Z][\w. ]{1,30})\)\s{0,3}(?:[-–—]|$)|\s[-–—]{1,2}\s)",
            re.MULTILINE,
        ),
        "VALPARAISO, Chile, March 3 (Reuters) - The harbour was closed.",
        "The harbour of VALPARAISO (closed since March) reopened.",
    ),
    Pattern(
        "picture credit",
        re.compile(rf"\b{PHOTO_AGENCY} ?/ ?(?:Pool ?/ ?)?(?P<person>{_NAME})(?=$| ?[\n/.)(|])"),
        "Ships wait outside the harbour. REUTERS/Marta Oyelaran/File Photo",
        "Ships wait outside the harbour. REUTERS/2024",
    ),
    Pattern(
        "credit line",
        re.compile(
            r"\b(?:Reporting|Additional reporting|Writing|Editing|Compiled|Photographs?|Photos?|Pictures?|Illustration)"
            rf"(?: and (?:additional )?[a-z]+)? by (?P<people>{_NAME}(?:(?:, and | and |, ){_NAME}){{0,20}})"
        ),
        "(Reporting by Marta Oyelaran and Jon Aske; Editing by Li Hua Brand)",
        "The reporting by local papers was thin.",
    ),
)

ADDRESS = Pattern(
    "address",
    re.compile(r"\b(?:https?://|www\.)\S+|(?<!\S)[\w.+-]{1,64}@[\w-]+\.\w\S*|(?<!\w)@\w+"),
    "See https://example.org/London/Reuters for more.",
    "See London for more.",
)
"""What is written for machines: no name is looked for in it."""


def stated(text: str) -> Iterator[Found]:
    """The names that the patterns state, in the order of the rules."""
    for pattern in PATTERNS:
        for match in pattern.expression.finditer(text):
            for group, name in match.groupdict().items():
                if name is None or name in not_names():
                    continue
                spans = (n.span() for n in _EACH.finditer(text, *match.span(group)))
                for start, end in spans if group == "people" else [match.span(group)]:
                    yield Found(*trimmed(text, start, end), _KINDS[group], MentionSource.RULE)


def people(byline: str) -> Iterator[Found]:
    """The people's names in a byline, which has hardly anything else in it."""
    for name in _EACH.finditer(byline):
        if name.group() not in not_names():
            yield Found(*name.span(), EntityType.PERSON, MentionSource.RULE)
