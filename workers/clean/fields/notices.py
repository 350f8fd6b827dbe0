"""Notices to whoever has used an article: that it is corrected, taken back, or must not be published yet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from schemas.records import Notice, NoticeKind, RawArticle, Status
from workers.clean.fields import dates
from workers.clean.fields.dates import words
from workers.clean.tables import read_table
from workers.clean.text import one_line
from workers.timestamps import rfc3339

FIRST_LINES, LAST_LINES = 3, 4
"""Where in a text a notice may stand."""
MAX_NOTICE_CHARS = 300

_THING = r"(?:stor(?:y|ies)|articles?|reports?|items?|posts?|headlines?|columns?|versions?|dispatch(?:es)?|texts?)"
_NOTE = (
    r"(?:(?:corrections?|clarifications?|note|editor[’']?s[’']? note|(?:anmerkung|hinweis) der redaktion|"
    r"korrekturhinweis|note de la rédaction|nota (?:de la redacción|del editor|da redação|della redazione)"
    r"|от редакции|od redakcji|编者[按注]|編者按|編集部より|お知らせ) ?[:：]? ?)?"
)
_OPENING = " \t*•–—([{\"'“‘【〔（＜［"
_QUESTION = re.compile(
    r"[ :–—-]*(?:how|why|what|when|who|or|wie|warum|was|wann|wer|oder|comment|pourquoi|que|quoi|quand|ou|cómo|qué|o)\b"
    r"|.*[?？]",
    re.IGNORECASE,
)
_OF_A_TEXT = re.compile(
    rf"\b(?:(?:this|our) {_THING}|in an? (?:story|article|headline|dispatch)|(?:earlier|previous) version|erroneously"
    r"|incorrectly|mis(?:spell|spelt|stat|identif|attribut)\w*|should (?:read|have said)|regrets? the"
    r"|muss es .{0,80}heißen|fälschlich|irrtümlich|par erreur|prière de lire|por error)\b",
    re.IGNORECASE,
)
"""What publishers say about a text of their own."""
_STEM = 8
"""Letters by which a text uses a word."""
_VERB_STEM = 5
"""The same for a word that is made of a verb, which stands there in other forms: withdrawn, withdrew."""
_INVITATION = re.compile(
    r"[ :–—-]*(?:(?:send|write|contact|email|call|tell|report|spotted|found|see|seen|if you|please)\b"
    r"|(?:fehler|irrtum|schreiben|erreur|signaler|¿|error|encontrou|segnala|zgłoś|hata)\b)",
    re.IGNORECASE,
)
"""What a page asks of its readers who find an error."""
_CLOCK = re.compile(
    r"\b\d{1,2}(?:[:.]\d\d|[/.-]\d{1,2}|[ ]?(?:h|uhr|a\.?m|p\.?m|gmt|utc|noon|midnight))\b", re.IGNORECASE
)
_PUBLISHING = re.compile(r"(?:release|publi[cks]|broadcast|further notice|veröffentl|pubbl)", re.IGNORECASE)
_UNTIL = re.compile(
    r"""
      .*? \b (?: until | till | before | for[ ]release (?: [ ] (?:on|at|until) )? | bis
        | jusqu (?:’|'|e[ ]) (?:au?|à) | hasta | fino[ ] (?:al?|alle) | até | tot ) \b [: ]*
    | [^:\d]* : [ ]?
    | \D* (?= \d )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_TEXT = re.compile(
    rf"\b(?:{_THING}|depeche|information|meldung|bericht|noticia|articulo|nota|materia|notizia|articolo)\b"
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
            pattern=re.compile(rule["pattern"].replace("{thing}", _THING).replace("{note}", _NOTE), re.IGNORECASE),
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
    found = next((each for line in _lines(headline, text) if (each := _in_line(line, text, context))), None)
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


def _in_line(line: str, text: str, context: dates.Context) -> Notice | None:
    start = line.lstrip(_OPENING)[:MAX_NOTICE_CHARS]
    for rule in rules():
        if match := rule.pattern.match(start):
            until = _until(start, context) if rule.kind is NoticeKind.EMBARGO else None
            if until or not _is_topic(match, rule.kind, text):
                return Notice(kind=rule.kind, text=one_line(start).rstrip(), until=until)
    return None


def _until(start: str, context: dates.Context) -> str | None:
    label = _UNTIL.match(start)
    return _date(start[label.end() :].strip(" .)]"), context) if label else None


def _is_topic(match: re.Match[str], kind: NoticeKind, text: str) -> bool:
    """Whether the word that a line begins with is what the article is about: a fall of prices, a ban on oil.

    Then a question follows, an embargo has no time, or the text uses the word, too, and not of a text. In a notice,
    agencies write it in capitals. Alone in its line it may be a link, unless the text says something about a text.
    """
    groups, line = match.groupdict(), match.string
    if groups.get("bare"):
        return not _OF_A_TEXT.search(text)
    label = groups.get("label")
    if not label or (label.isupper() and not line.isupper()) or _OF_A_TEXT.search(text):
        return False
    if _QUESTION.match(line, match.end("label")) or _INVITATION.match(line, match.end("label")):
        return True
    if kind is NoticeKind.EMBARGO and not _names_a_time(line[match.end("label") :]):
        return True
    is_verb = kind is NoticeKind.WITHDRAWAL
    stem = words.fold(label)[: _VERB_STEM if is_verb else _STEM]
    lines = (words.fold(each.lstrip(_OPENING)) for each in text.split("\n"))
    others = (each for each in lines if not each.startswith(stem))
    return any(stem in each and not (is_verb and _TEXT.search(each)) for each in others)


def _names_a_time(text: str) -> bool:
    """Whether a text names a month, a weekday or a time, or speaks of publishing: an embargo on goods does not."""
    named = (word for word in words.tokens(text) if len(word) > 2 or not word.isascii())
    roles = (words.ROLES.get(words.fold(word), {}).values() for word in named)
    is_day = any(role.startswith(("month", "weekday")) for each in roles for of in each for role in of)
    return bool(is_day or _CLOCK.search(text) or _PUBLISHING.search(text))


def _is_over(found: Notice, context: dates.Context) -> bool:
    return bool(found.until and context.received and found.until <= rfc3339(int(1_000 * context.received.timestamp())))


def _date(value: str | None, context: dates.Context) -> str | None:
    # Without the time of the message, a date may lie in the future.
    future = dates.Context(None, context.language, context.url, context.text)
    date = dates.guessed(value, future)
    return date.time if date else None
