"""Dates as programs write them: ISO 8601 and what looks like it, epochs, the forms of languages' own libraries."""

from __future__ import annotations

import re
from datetime import UTC, date, timedelta, timezone, tzinfo

from workers.clean.fields.dates import zones
from workers.clean.fields.dates.moments import AbsentDateError, Clock, Moment, from_epoch, moment

_NUMBER = re.compile(r"(-?\d{1,20})(\.\d{1,20})?")
_EPOCH_UNITS = ((11, 1), (14, 1_000), (17, 1_000_000), (20, 1_000_000_000))
"""Up to how many digits an epoch is in seconds, milliseconds, microseconds, nanoseconds."""
_MIN_EPOCH_DIGITS = 9

# In verbose patterns a blank is written ``[ ]``.
_ISO = re.compile(
    r"""
    (?P<year> \d{4} ) (?P<mark> [-/.]? ) (?P<month> \d{1,2} ) (?P=mark) (?P<day> \d{1,2} ) \.?
    (?: (?: [Tt] | [ ]* ,? [ ]* ) (?P<hour> \d{1,2} )
        (?: :? (?P<minute> \d\d ) (?: :? (?P<second> \d\d ) (?: [.,:]\d{1,9} )? )? | (?<= [Tt]\d\d ) ) )?
    (?= \D | $ )
    """,
    re.VERBOSE,
)
_ISO_TIME = (
    r"(?: [T\ ] (?P<hour> \d\d ) :? (?P<minute> \d\d ) (?: :? (?P<second> \d\d ) (?: [.,]\d{1,9} )? )? )? (?= \D | $ )"
)
_WEEK = re.compile(rf"(?P<year> \d{{4}} ) -? W (?P<week> \d\d ) -? (?P<day> [1-7] ) {_ISO_TIME}", re.VERBOSE)
_ORDINAL = re.compile(rf"(?P<year> \d{{4}} ) - (?P<day> \d{{3}} ) {_ISO_TIME}", re.VERBOSE)
_OF_DATABASES = (
    # Oracle: 28-NOV-26 08.12.00.123456 PM
    (
        re.compile(r"(\d{1,2}-[A-Za-z]{3}-(?:\d{4}|\d\d)) (\d\d)\.(\d\d)(?:\.(\d\d)(?:\.\d{1,9})?)?(?![\d.])"),
        r"\1 \2:\3:\4",
    ),
    # DB2: 2026-11-28-08.12.00.123456
    (re.compile(r"(\d{4}-\d\d-\d\d)-(\d\d)\.(\d\d)\.(\d\d)(?:\.\d{1,9})?(?![\d.])"), r"\1 \2:\3:\4"),
    # SAS: 28NOV2026:08:12:00
    (re.compile(r"(\d\d)([A-Za-z]{3})(\d{4}):(\d\d:\d\d)"), r"\1-\2-\3 \4"),
    # Telexes: 280812Z NOV 26, 28 NOV 2026 0812Z
    (re.compile(r"(\d\d)(\d\d)(\d\d)Z ([A-Za-z]{3}) (\d{4}|\d\d)(?!\d)"), r"\1-\4-\5 \2:\3 UTC"),
    (re.compile(r"(\d{1,2} [A-Za-z]{3} \d{4}) (\d\d)(\d\d)Z(?!\w)"), r"\1 \2:\3 UTC"),
)
"""How databases and telexes write dates, and how to write them for people."""
_DOT_NET = re.compile(r"\\?/Date\((-?\d{1,17})(?:[+-]\d{4})?\)\\?/")
_PYTHON = re.compile(
    r"""
    (?: datetime\. )? date (?: time )? \( (?P<parts> \d{1,4} (?: ,[ ]?\d{1,6} ){2,6} )
    (?: ,[ ]? (?: fold=[01] | tzinfo= (?P<zone> .{1,90} ) ) )? \)
    """,
    re.VERBOSE,
)
_PYTHON_ZONE = re.compile(
    r"""
      (?P<utc> (?: datetime\. )? (?: timezone\.utc | UTC ) | tzutc\(\) | <UTC> | <StaticTzInfo[ ]'UTC'> )
    | (?: datetime\. )? timezone\( (?: datetime\. )? timedelta\(
      (?: days=(?P<days> -1 ),[ ] )? seconds=(?P<seconds> \d{1,5} ) \) (?: ,[ ]'\w{1,6}' )? \)
    | tzoffset\( (?: None | '\w{0,6}' ),[ ] (?P<offset> -?\d{1,5} ) \)
    | (?: (?: zoneinfo\. )? ZoneInfo\( (?: key= )? | <DstTzInfo[ ] ) '(?P<region> [\w/+-]{1,40} )'
      (?: \) | [ ][^<>]{0,40}> )
    """,
    re.VERBOSE,
)
_CALL = re.compile(
    r"""
    (?: new[ ] )? (?: ISODate | Date | (?:pd\.)? Timestamp ) \( ['"] (?P<date> [^'"()]{4,60} ) ['"]
    (?: ,[ ]tz='[\w/]{1,40}' )? \)
    """,
    re.VERBOSE,
)
_BEFORE_CHRIST = re.compile(r"-\d{4,6}-\d\d-\d\d.{0,20}")


def read(text: str, *, is_thai: bool = False) -> Moment | None:
    """Return the moment of a date in a form of programs, or that begins with its year; None if it is neither.

    Args:
        text: the date, in ASCII digits.
        is_thai: whether years may be counted from the Buddha's death, 543 years earlier.

    Raises:
        AbsentDateError: it stands for no date.
    """
    if number := _NUMBER.fullmatch(text):
        return _number(number[1], float(number[2] or 0))
    if not text[:1].isdigit():
        return _of_program(text)
    if match := _ISO.match(text):
        return _at(text, match, _in_common_era(int(match["year"]), is_thai), int(match["month"]), int(match["day"]))
    if match := _WEEK.match(text) or _ORDINAL.match(text):
        return _in_year(text, match)
    return None


def rewritten(text: str) -> str:
    """Return a date as a database or telex writes it in the usual form; others as they are."""
    for pattern, form in _OF_DATABASES if text[:1].isdigit() else ():
        if match := pattern.match(text):
            return (match.expand(form) + text[match.end() :]).replace(": ", " ").removesuffix(":")
    return text


def common_era(year: int) -> int:
    """Return the year of a year that is counted from the Buddha's death, as in Thailand; other years stay."""
    return year - 543 if 2400 <= year <= 2643 else year


def _in_common_era(year: int, is_thai: bool) -> int:
    return common_era(year) if is_thai else year


def _number(whole: str, fraction: float) -> Moment | None:
    digits = len(whole.lstrip("-"))
    if digits in (8, 12, 14) and (match := _ISO.fullmatch(whole)) and (found := _at(whole, match, *_day(match))):
        return found
    if digits < _MIN_EPOCH_DIGITS and whole != "0":
        return None
    unit = next(unit for limit, unit in _EPOCH_UNITS if digits <= limit)
    return from_epoch((int(whole) + fraction) / unit)


def _of_program(text: str) -> Moment | None:
    if match := _DOT_NET.fullmatch(text):
        return from_epoch(int(match[1]) / 1_000)
    if match := _CALL.fullmatch(text):
        return read(match["date"])
    if match := _PYTHON.fullmatch(text):
        year, month, day, *rest = map(int, match["parts"].split(","))
        if not match["zone"]:
            return moment(year, month, day, Clock(*rest[:3]) if rest else None)
        zone = _python_zone(match["zone"])
        return moment(year, month, day, Clock(*rest[:3]), zone) if rest and zone else None
    if _BEFORE_CHRIST.fullmatch(text):  # how PHP writes 0000-00-00
        raise AbsentDateError
    return None


def _python_zone(text: str) -> tzinfo | None:
    match = _PYTHON_ZONE.fullmatch(text)
    if match is None:
        return None
    if match["utc"]:
        return UTC
    if match["region"]:
        return zones.region(match["region"])
    seconds = int(match["offset"] or match["seconds"])
    try:
        return timezone(timedelta(days=int(match["days"] or 0), seconds=seconds))
    except ValueError:
        return None


def _day(match: re.Match[str]) -> tuple[int, int, int]:
    return int(match["year"]), int(match["month"]), int(match["day"])


def _in_year(text: str, match: re.Match[str]) -> Moment | None:
    """The moment of a date in ISO weeks, or of a day counted from the start of the year."""
    year = int(match["year"])
    try:
        if "week" in match.re.groupindex:
            day = date.fromisocalendar(year, int(match["week"]), int(match["day"]))
        else:
            day = date(year, 1, 1) + timedelta(days=int(match["day"]) - 1)
    except (ValueError, OverflowError):
        return None
    return _at(text, match, day.year, day.month, day.day) if day.year == year or "week" in match.re.groupindex else None


def _at(text: str, match: re.Match[str], year: int, month: int, day: int) -> Moment | None:
    """The moment of the day at the time that the match holds, if nothing but a zone follows it."""
    zone = None
    if text[match.end() :].strip(" ."):
        found = zones.find(text, match.end())
        if found is None or (text[found.end :].strip(" .") and not text.startswith(" m=", found.end)):
            return None
        zone = found.zone
    if match["hour"] is None:
        return moment(year, month, day, None)
    return moment(year, month, day, Clock(*(int(match[part] or 0) for part in ("hour", "minute", "second"))), zone)
