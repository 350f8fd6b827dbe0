"""Notices to whoever has used an article: that it is corrected, taken back, or must not be published yet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from schemas.records import Notice, NoticeKind, RawArticle, Status
from workers.clean.fields import dates
from workers.clean.tables import read_table
from workers.clean.text import one_line
from workers.timestamps import rfc3339

FIRST_LINES, LAST_LINES = 3, 4
"""Where in a text a notice may stand."""
MAX_NOTICE_CHARS = 300

_THING = r"(?:stor(?:y|ies)|articles?|reports?|items?|posts?|headlines?|columns?|versions?|dispatch(?:es)?|texts?)"
_OPENING = " \t*•–—([{\"'“‘"
_UNTIL = re.compile(
    r"""
      .*? \b (?: until | till | before | for[ ]release (?: [ ] (?:on|at) )? | bis | jusqu (?:’|'|e[ ]) (?:au?|à) | hasta
        | fino[ ] (?:al?|alle) | até | tot ) \b [: ]*
    | [^:]* : [ ]?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_STATUSES = {Status.CANCELED: NoticeKind.WITHDRAWAL, Status.WITHHELD: NoticeKind.EMBARGO}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of ``notices.toml``, whose head explains the fields."""

    id: str
    kind: NoticeKind
    pattern: re.Pattern[str]
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...] = ()


@cache
def rules() -> Sequence[Rule]:
    """The rules, in the order in which they are tried."""
    return [
        Rule(
            id=rule["id"],
            kind=NoticeKind(rule["kind"]),
            pattern=re.compile(rule["pattern"].replace("{thing}", _THING), re.IGNORECASE),
            examples=tuple(rule["examples"]),
            counterexamples=tuple(rule.get("counterexamples", ())),
        )
        for rule in read_table(__package__, "notices.toml")["rule"]
    ]


def notice(record: RawArticle, headline: str, text: str, context: dates.Context) -> Notice | None:
    """The notice that an article is or bears: by its status, its headline, or a line at either end of its text.

    Args:
        record: what the message says, with its status and the end of its embargo.
        text: the text with its lines of boilerplate, among which notices often stand.
        context: decides how the date of an embargo is read.
    """
    found = next((each for line in _lines(headline, text) if (each := _in_line(line, context))), None)
    kind, until = _STATUSES.get(record.status or Status.USABLE), _date(record.embargoed, context)
    if until and kind is None:
        kind = NoticeKind.EMBARGO
    if kind:
        same = found if found and found.kind is kind else Notice(kind=kind)
        found = replace(same, until=until or same.until)
    return None if found and _is_over(found, context) else found


def _lines(headline: str, text: str) -> Iterator[str]:
    yield headline
    lines = text.split("\n")
    yield from lines[:FIRST_LINES]
    yield from lines[max(FIRST_LINES, len(lines) - LAST_LINES) :]


def _in_line(line: str, context: dates.Context) -> Notice | None:
    start = line.lstrip(_OPENING)[:MAX_NOTICE_CHARS]
    kind = next((rule.kind for rule in rules() if rule.pattern.match(start)), None)
    if kind is None:
        return None
    until = None
    if kind is NoticeKind.EMBARGO and (label := _UNTIL.match(start)):
        until = _date(start[label.end() :].strip(" .)]"), context)
    return Notice(kind=kind, text=one_line(start).rstrip(), until=until)


def _is_over(found: Notice, context: dates.Context) -> bool:
    return bool(found.until and context.received and found.until <= rfc3339(int(1_000 * context.received.timestamp())))


def _date(value: str | None, context: dates.Context) -> str | None:
    # Without the time of the message, a date may lie in the future.
    future = dates.Context(None, context.language, context.url, context.text)
    date = dates.guessed(value, future)
    return date.time if date else None
