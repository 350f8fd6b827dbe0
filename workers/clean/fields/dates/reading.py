"""Reads what publishers write as a date, by its surroundings, and writes it as RFC 3339 in UTC."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from html import unescape
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from workers.clean.fields import language as languages
from workers.clean.fields.dates import calendars, forms, labels, relative, words, written
from workers.clean.fields.dates.labels import Kind
from workers.clean.fields.dates.moments import AbsentDateError, Moment

_WORDS_FOR_ABSENT = frozenset(
    {"", "none", "null", "nan", "nat", "n/a", "na", "undefined", "unknown", "-", "invalid date"}
)
_MAX_AHEAD = timedelta(days=1)  # allows for wrong clocks and missing time zones
_MAX_CHARS = 120
_TAG = re.compile(r"([a-z]{2,3})(?:[-_][a-z]{4})?(?:[-_]([a-z]{2}))?(?:[-_].{1,20})?", re.IGNORECASE)
_THAI = frozenset({"th", "lo", "km"})
# Countries whose domains are not sold to everyone, as .tv and .io are.
_COUNTRIES = frozenset({
    "uk", "ie", "au", "nz", "in", "za", "ke", "ng", "gh", "ug", "tz", "zm", "zw", "sg", "my", "hk", "pk", "mt",
    "jm", "tt", "us", "ca", "ph", "de", "nl", "be", "at", "ch", "se", "dk", "fi", "il",
})  # fmt: skip
_DAY_FIRST = frozenset({
    "fr", "it", "es", "pt", "pl", "ru", "ro", "bg", "hr", "cz", "sk", "si", "gr", "tr", "br", "ar", "mx", "cl",
    "pe", "ua", "no", "id", "vn", "th",
})  # fmt: skip
_OTHER_YEAR = re.compile(r"(?<!\d)(?:1[34]|57)\d\d(?!\d)|תש[א-ת]?[\"״]")
"""A year of the Persian, Islamic or Hebrew calendar."""
_ESCAPED = re.compile(r"&#?\w{2,8};|%[0-9A-Fa-f]{2}")
_ZONE_OF_AMERICA = re.compile(r"\b[ECMP][SD]?T\b(?![^(]*\+)")
_CHINESE_SOURCE = re.compile(r"(?:来源|來源|稿源|出处|出處) ?: ?[^\s\d:]{0,30}")
_IN_URL = re.compile(
    r"""
    [/_.-] (?:
      (?P<year> (?:19|20)\d\d ) (?P<mark> [/_-] ) (?P<month> \d{1,2} ) (?P=mark) (?P<day> \d{1,2} )
    | (?P<whole> 20\d\d (?:0[1-9]|1[0-2]) (?:0[1-9]|[12]\d|3[01]) )
    ) (?= [/_.-] | $ )
    """,
    re.VERBOSE,
)

_SHOWN = frozenset({"text"})
"""Sources of lines that may hold anything: a label decides what a date in them means."""

NOT_A_DATE = "not a date; send RFC 3339 like 2024-08-04T06:30:00Z"
IN_FUTURE = "more than a day after the message was received; check the date and its time zone"


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds a date and decides how to read it."""

    received: datetime | None = None
    """The message's own timestamp; None if it is unknown: then nothing is in the future, and *yesterday* is no date."""
    language: str | None = None
    """Language tag of the message or page."""
    url: str | None = None
    """URL of the message or page: the country of its host."""
    text: str = ""
    """Text of the article: its language decides if none is declared and a date has more than one reading."""


class Date(NamedTuple):
    """A date in RFC 3339, in UTC, to the second; where it was found; whether its time zone was given."""

    time: str
    source: str
    has_zone: bool = False


class Dates(NamedTuple):
    """The dates in a line."""

    published: Date | None = None
    modified: Date | None = None


def declared(value: str | None, context: Context, source: str = "message", kind: Kind = "published") -> Date | None:
    """Return the date of a field; None if it is absent (also "None", "N/A", and the zeros of databases).

    Raises:
        ValueError: it is not a complete date, can be read in two ways, is relative to an unknown time, or lies
            more than a day after the message; the error says which.
    """
    moment = _read(value, context, kind)
    return None if moment is None else _date(moment, source)


def guessed(value: str | None, context: Context, source: str = "text", kind: Kind = "published") -> Date | None:
    """Return the date of a field like ``declared``, and None where that raises."""
    try:
        return declared(value, context, source, kind)
    except ValueError:
        return None


def best(values: Iterable[tuple[str, str]], context: Context, kind: Kind = "published") -> Date | None:
    """Return the best of several dates of one article, given as pairs of value and source, the most trusted first.

    One with a time of day is better than a mere day. One with the same time on its clock, and a zone, tells the zone.

    Raises:
        ValueError: none can be used; the error says why the first cannot.
    """
    found: list[tuple[Moment, str]] = []
    problem: ValueError | None = None
    for value, source in values:
        try:
            moment = _labelled(value, context, kind) if source in _SHOWN else _read(value, context, kind)
        except ValueError as error:
            problem = problem or error
            continue
        if moment is not None:
            found.append((moment, source))
    if not found:
        if problem:
            raise problem
        return None
    chosen = next((each for each in found if each[0].has_time), found[0])
    if chosen[0].zone is None and chosen[0].has_time:
        local = chosen[0].local.replace(second=0)
        chosen = next((each for each in found if each[0].zone and each[0].local.replace(second=0) == local), chosen)
    return _date(*chosen)


def in_line(text: str, context: Context, source: str = "text") -> Dates:
    """Return the dates in a line that holds little else: the first is of publication unless a label says otherwise."""
    published, modified = _labelled(text, context, "published"), _labelled(text, context, "modified")
    return Dates(_date(published, source) if published else None, _date(modified, source) if modified else None)


def is_date_line(text: str, context: Context) -> bool:
    """Return whether the line holds nothing but dates and their labels."""
    chunks = [part.text for part in labels.chunks(_normal(text)) if part.text] if len(text) <= _MAX_CHARS else []
    return bool(chunks) and all(_guess_part(chunk, context) for chunk in chunks)


def in_url(url: str | None, context: Context) -> Date | None:
    """Return the day that the path of a URL names, as in ``/2026/05/04/``."""
    try:
        match = _IN_URL.search(urlsplit(url).path) if url else None
    except ValueError:  # it is no URL
        return None
    if match is None:
        return None
    day = match["whole"] or f"{match['year']}-{match['month']}-{match['day']}"
    return guessed(day, context, source="url")


def _read(value: str | None, context: Context, kind: Kind) -> Moment | None:
    if value is None:
        return None
    if len(value) > _MAX_CHARS:
        raise ValueError(NOT_A_DATE)
    text = _normal(value)
    if text.lower() in _WORDS_FOR_ABSENT:
        return None
    language, order = _language(context)
    moment = _moment(text, context, language, order) or relative.weekday(text, context.received, language)
    if moment is _ABSENT:
        return None
    if moment is None:
        # A label that says something else than the field is better than no date.
        parts = sorted(labels.parts(text), key=lambda part: part.kind not in (kind, None))
        moment = next(filter(None, (_guess_part(part.text, context) for part in parts)), None)
    if moment is None:
        raise ValueError(NOT_A_DATE)
    if context.received and moment.utc > context.received + _MAX_AHEAD:
        raise ValueError(IN_FUTURE)
    return moment


def _labelled(text: str, context: Context, kind: Kind) -> Moment | None:
    """The first date in a line that a label says to be of that kind; without a label it is that of publication."""
    if len(text) > 2 * _MAX_CHARS:
        return None
    parts = (part.text for part in labels.parts(_normal(text)) if (part.kind or "published") == kind)
    return next(filter(None, (_guess_part(part, context) for part in parts)), None)


_ABSENT = Moment(datetime(1, 1, 1), has_time=False)  # noqa: DTZ001
"""Stands for a date that is there and says that there is none."""


def _guess_part(text: str, context: Context) -> Moment | None:
    language, order = _language(context)
    try:
        moment = _moment(text, context, language, order)
    except ValueError:
        return None
    if moment is None or moment is _ABSENT or (context.received and moment.utc > context.received + _MAX_AHEAD):
        return None
    return moment


def _moment(text: str, context: Context, language: str | None, order: str | None) -> Moment | None:
    """The moment of a text in normal form; ``_ABSENT`` for a zero date, None for no date.

    Raises:
        ValueError: it is a date that cannot be used.
    """
    try:
        return _absolute(text, language, order) or relative.read(text, context.received, language)
    except AbsentDateError:
        return _ABSENT
    except written.AmbiguousDateError as error:
        if language is None and context.text:
            detected = languages.language(context.text)
            return _moment(text, context, *_language_and_order(detected, _country(context.url)))
        if order is None and _ZONE_OF_AMERICA.search(text):
            return _moment(text, context, language, "MDY")
        raise ValueError(str(error)) from None


@lru_cache(maxsize=1024)
def _absolute(text: str, language: str | None, order: str | None) -> Moment | None:
    if _OTHER_YEAR.search(text):
        text = calendars.in_common_era(text)
    text = forms.rewritten(text)
    return forms.read(text, is_thai=language in _THAI) or written.read(text, language, order)


def _normal(text: str) -> str:
    """The text with ASCII digits, hyphens for minus signs and single blanks, and without invisible characters.

    Entities of HTML and escapes of URLs are resolved: ``08%3A30``. The source that Chinese pages name beside the date
    goes: ``2026-05-04 08:30 来源：新华社``.
    """
    if _ESCAPED.search(text):
        text = unquote(unescape(text))
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("\u2212", "-")
        text = "".join(
            char if char.isascii() else str(unicodedata.decimal(char)) if char.isdecimal() else char
            for char in text
            if char.isascii() or unicodedata.category(char) != "Cf"
        )
        text = _CHINESE_SOURCE.sub(" ", text)
    return " ".join(text.split())


def _language(context: Context) -> tuple[str | None, str | None]:
    """The language code of the context, and the order of day, month and year in its numbers."""
    return _language_and_order(context.language, _country(context.url))


@lru_cache(maxsize=1024)
def _language_and_order(tag: str | None, country: str | None) -> tuple[str | None, str | None]:
    match = _TAG.fullmatch((tag or "").strip())
    code = languages.normalise(tag) or (match and match[1].lower())
    code = words.ALIASES.get(code, code) if code else None
    country = (match and match[2] and match[2].lower()) or ("gb" if country == "uk" else country)
    if code is None:
        return None, "DMY" if country in _DAY_FIRST else words.ORDERS.get(f"en-{country}")
    return code, words.ORDERS.get(f"{code}-{country}") or words.ORDERS.get(code)


def _country(url: str | None) -> str | None:
    if not url:
        return None
    try:
        domain = (urlsplit(url).hostname or "").rpartition(".")[2]
    except ValueError:
        return None
    return domain if domain in _COUNTRIES | _DAY_FIRST else None


def _date(moment: Moment, source: str) -> Date:
    time = moment.utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    return Date(time, "relative" if moment.is_relative else source, moment.zone is not None)
