"""Dates as people write them, in words and numbers of any language: ``Montag, 4. Mai 2026, 08:30 Uhr``.

Every word must be known, and all in one language: what is left over makes it no date. What has more than one reading
has none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, tzinfo
from functools import lru_cache
from typing import NamedTuple

from workers.clean.fields.dates import words, zones
from workers.clean.fields.dates.forms import common_era
from workers.clean.fields.dates.moments import Clock, Moment, moment

AMBIGUOUS = "day or month can be read in more than one way; send RFC 3339 like 2024-08-04T06:30:00Z"
_MAX_TOKENS = 24
_FIRST_SHORT_BUDDHIST_YEAR = 50  # 2550 is 2007
_FIRST_SHORT_YEAR = 1970  # 70 to 99; 00 to 69 are of this century

# In verbose patterns a blank is written ``[ ]``.
_TIME = re.compile(
    r"""
    (?<! [\d:.] )
    (?: (?P<hour> \d{1,2} ) (?: : (?P<minute> \d\d ) (?: : (?P<second> \d\d ) (?: [.,:]\d{1,9} )? )? )
        (?: [ ]? (?: (?P<half> [ap] ) [. ]{0,2} m\b \.? | h(?:rs?|s)?\b ) )? (?! \d )
      | (?P<half_hour> \d{1,2} ) (?: [.] (?P<half_minute> \d\d ) )? [ ]? (?P<other_half> [ap] ) [. ]{0,2} m\b \.?
      | (?P<marked_hour> \d{1,2} ) [ ]? (?: h | uhr | uur ) [ ]?
        (?: (?P<marked_minute> [0-5]\d ) (?! \d ) (?: [ ]?m(?:in|n)?\b )? )?
        (?! [^\W\d] )
      | (?: (?<= [^\W\d] [ ] ) | (?<= [.,|–—-][ ] ) )
        (?P<dotted_hour> \d{1,2} ) \. (?P<dotted_minute> \d\d ) (?! [.\d] )
      | (?<= \d[ ] ) (?P<last_hour> [0-2]?\d ) \. (?P<last_minute> [0-5]\d ) (?: \. [0-5]\d )?
        (?= $ | [ ] [^\W\d_]{1,4} (?! [^\W\d_] ) )
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ZONE_AT_END = re.compile(r"[ ][(\[]? (?: (?:UTC|GMT) .{0,8} | [A-Z]{2,4} ) [)\]]? $", re.VERBOSE)
_EAST_ASIAN_DATE = re.compile(
    r"""
    (?: (?P<era> 令和 | 平成 | 昭和 | 中華民國 | 民國 | 中华民国 | 民国 ) [ ]? )?
    (?P<year> \d{1,4} | 元 ) [ ]? [年년] [ ]? (?P<month> \d{1,2} ) [ ]? [月월] [ ]? (?P<day> \d{1,2} ) [ ]? [日일号號]
    """,
    re.VERBOSE,
)
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925} | dict.fromkeys(("中華民國", "民國", "中华民国", "民国"), 1911)
"""The years before the first of each era."""
_EAST_ASIAN_TIME = re.compile(
    r"""
    (?P<half> 午前 | 午後 | 上午 | 下午 | 오전 | 오후 | 凌晨 | 清晨 | 早上 | 中午 | 傍晚 | 晚上 | 晚间 | 晚間 )? [ ]?
    (?P<hour> \d{1,2} ) [ ]? (?: : | [時时點点시] )
    (?: [ ]? (?P<minute> \d{1,2} ) [ ]? [分분]? (?: [ :]? (?P<second> \d{1,2} ) (?: [ ]? [秒초] )? )? )?
    """,
    re.VERBOSE,
)
_AFTERNOON = frozenset({"午後", "下午", "오후", "中午", "傍晚", "晚上", "晚间", "晚間"})
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NUMERALS = re.compile(r"[〇零一二三四五六七八九十]{1,4}(?=[年月日号號時时點点分])")
_THAI = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff]")  # Thai, Lao, Khmer


class AmbiguousDateError(Exception):
    """Day or month can be read in more than one way."""


class _Time(NamedTuple):
    """A time of day in a text, what zone follows it and what is written before and after."""

    clock: Clock
    half: str | None
    zone: tzinfo | None
    before: str
    after: str


def read(text: str, language: str | None, order: str | None) -> Moment | None:
    """Return the moment of a date in words or numbers; None if it is not one, or only part of one.

    Args:
        text: the date, in ASCII digits and with single blanks.
        language: ISO 639-1 code of what surrounds the date, if it is known.
        order: ``DMY`` or ``MDY``, how numbers are read there, if it is known.

    Raises:
        AbsentDateError: it stands for no date.
        AmbiguousDateError: day or month can be read in more than one way.
    """
    if _EAST_ASIAN.search(text):
        text = _east_asian(text)
    time = _time(text)
    zone = time.zone if time else None
    if time is None or zone is None:
        zone, text, time = _zone_at_end(text, time)
    rest = text if time is None else f"{time.before} | {time.after}"
    found = _day(rest, language, order)
    if found is None:
        return None
    day, languages = found
    clock = time and _clock(time, languages)
    if time is not None and clock is None:
        return None
    return moment(*day, clock, zone if clock else None)


def time_and_rest(text: str) -> tuple[Clock | None, tzinfo | None, str]:
    """Return the time of day in a text, the zone after it, and the text without them."""
    if _EAST_ASIAN.search(text):
        text = _east_asian(text)
    time = _time(text)
    if time is None:
        return None, None, text
    return _clock(time, frozenset()), time.zone, f"{time.before} {time.after}"


def _time(text: str) -> _Time | None:
    match = _TIME.search(text)
    if match is None:
        return None
    hour = next(
        int(match[name]) for name in ("hour", "half_hour", "marked_hour", "dotted_hour", "last_hour") if match[name]
    )
    minute = (
        match["minute"]
        or match["half_minute"]
        or match["marked_minute"]
        or match["dotted_minute"]
        or match["last_minute"]
    )
    clock = Clock(hour, int(minute or 0), int(match["second"] or 0))
    half = match["half"] or match["other_half"]
    end, found = match.end(), zones.find(text, match.end())
    if found and found.abbreviation and found.zone is None and words.fold(found.abbreviation) in words.ROLES:
        found = None
    if found:
        end = found.end
    return _Time(clock, half and f"{half.lower()}m", found.zone if found else None, text[: match.start()], text[end:])


def _zone_at_end(text: str, time: _Time | None) -> tuple[tzinfo | None, str, _Time | None]:
    """The zone that stands at the end of the date instead of behind the time, and the date without it."""
    tail = text if time is None else time.after
    match = _ZONE_AT_END.search(tail)
    found = zones.find(tail, match.start()) if match else None
    if match is None or found is None or found.zone is None or found.end < len(tail):
        return None, text, time
    tail = tail[: match.start()]
    return found.zone, tail if time is None else text, time and time._replace(after=tail)


def _clock(time: _Time, languages: frozenset[str]) -> Clock | None:
    """The time of day, with the half of the day that the word before or after it names in one of the languages."""
    half = time.half
    if half is None:
        for neighbours in (words.tokens(time.after)[:2], words.tokens(time.before)[-2:][::-1]):
            names = {words.joined(neighbours[:1]), words.joined(neighbours), words.joined(neighbours[::-1])}
            roles = {role for name in names for of in _of(name, languages) for role in of}
            half = half or next((each for each in ("am", "pm") if each in roles), None)
    hour = time.clock.hour
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    return time.clock._replace(hour=hour) if hour <= 24 and time.clock.minute < 60 else None


def _of(name: str, languages: frozenset[str]) -> Sequence[frozenset[str]]:
    roles = words.ROLES.get(name, {})
    return [roles[language] for language in languages if language in roles]


class _Day(NamedTuple):
    """A day, and the languages in which the text says so."""

    day: tuple[int, int, int]
    languages: frozenset[str]


def _day(text: str, language: str | None, order: str | None) -> _Day | None:
    tokens = words.tokens(text)
    if not 1 <= len(tokens) <= _MAX_TOKENS:
        return None
    numbers = [token for token in tokens if token.isdigit()]
    named = _named(tokens)
    if named is None or not numbers:
        return None
    languages = named[0] & {language} if language in named[0] else named[0]
    months, weekdays = _agreed(named[1], languages, needs_month=len(numbers) == 2)
    if not months:
        return None
    if len(months) > 1 or -1 in months:
        raise AmbiguousDateError(AMBIGUOUS)
    (month,) = months
    is_thai = language in {"th", "lo", "km"} or _THAI.search(text) is not None
    if month:
        days = _with_name(numbers, month, tokens)
    else:
        days = _numeric(numbers, order or _common_order(languages), "." in text)
    if is_thai and not any(len(number) > 2 for number in numbers):
        if not month or len(numbers) != 2 or int(numbers[1]) < _FIRST_SHORT_BUDDHIST_YEAR:
            return None  # the era of a year of two digits is unknown
        days = [(2500 + int(numbers[1]), month, int(numbers[0]))]
    days = [(common_era(year) if is_thai else year, month, day) for year, month, day in days]
    days = list(dict.fromkeys(day for day in days if _exists(*day)))
    if len(days) > 1 and weekdays:
        days = [day for day in days if date(*day).weekday() in weekdays]
    if len(days) > 1:
        raise AmbiguousDateError(AMBIGUOUS)
    return _Day(days[0], languages) if days else None


def _named(tokens: Sequence[str]) -> tuple[frozenset[str], list[words.Roles]] | None:
    """The languages that have all the words, and the roles of those that are no mere fillers; None for none."""
    languages: frozenset[str] | None = None
    roles: list[words.Roles] = []
    index = 0
    while index < len(tokens):
        if tokens[index].isdigit():
            index += 1
            continue
        for length in (3, 2, 1):
            name = words.joined(tokens[index : index + length])
            if name in words.ROLES or name in words.FILLERS:
                break
        else:
            return None
        index += length
        if name in words.FILLERS:
            continue
        found = words.ROLES[name]
        roles.append(found)
        languages = frozenset(found) if languages is None else languages & frozenset(found)
        if not languages:
            return None
    return frozenset(
        {language for language in words.ORDERS if "-" not in language}
    ) if languages is None else languages, roles


def _agreed(
    roles: Sequence[words.Roles], languages: frozenset[str], *, needs_month: bool
) -> tuple[set[int], frozenset[int]]:
    """The months that the languages read, 0 for none and -1 for several in one language, and the weekdays."""
    months = {_month([each[language] for each in roles]) for language in languages}
    weekdays = frozenset(
        int(role[8:]) for each in roles for language in languages for role in each[language] if role[:7] == "weekday"
    )
    return months - {0} if needs_month else months, weekdays


def _month(roles: Sequence[frozenset[str]]) -> int:
    """The month in the words of one language; 0 for none, -1 for several. *mar* is a weekday beside a month."""
    sure = {role for each in roles if len(each) == 1 for role in each if role[:5] == "month"}
    found = sure or {role for each in roles for role in each if role[:5] == "month"}
    return 0 if not found else int(found.pop()[6:]) if len(found) == 1 else -1


def _with_name(numbers: Sequence[str], month: int, tokens: Sequence[str]) -> list[tuple[int, int, int]]:
    """The days that two numbers beside the name of a month can mean."""
    if len(numbers) != 2:
        return []
    first, second = numbers
    if len(second) == 4 and len(first) <= 2:
        return [(int(second), month, int(first))]
    if len(first) == 4 and len(second) <= 2:
        return [(int(first), month, int(second))]
    # 04-May-26, as in RFC 850: the year is last, and has two digits.
    if len(second) == 2 and len(first) <= 2 and tokens[-1] == second and tokens[0] != second:
        return [(_full_year(second), month, int(first))]
    return []


def _numeric(numbers: Sequence[str], order: str | None, is_dotted: bool) -> list[tuple[int, int, int]]:
    """The days that numbers alone can mean."""
    if len(numbers) == 1 and len(numbers[0]) == 8:
        whole = numbers[0]
        return [(int(whole[:4]), int(whole[4:6]), int(whole[6:]))]
    if len(numbers) != 3 or any(len(number) > 2 for number in numbers[1:2]):
        return []
    first, second, third = numbers
    if len(first) == 4:
        return [(int(first), int(second), int(third))] if len(third) <= 2 else []
    if len(first) > 2 or len(third) not in (2, 4):
        return []
    if len(third) == 2 and order not in ("DMY", "MDY"):  # 12/5/26 may be of 2012; 5/18/26 cannot
        return [(_full_year(third), int(first), int(second))] if int(second) > 12 and not is_dotted else []
    year = _full_year(third) if len(third) == 2 else int(third)
    day_first, month_first = (year, int(second), int(first)), (year, int(first), int(second))
    if order == "DMY" or (is_dotted and order != "MDY"):
        return [day_first] if _exists(*day_first) or len(third) == 2 else [month_first]
    if order == "MDY" and not is_dotted:
        return [month_first] if _exists(*month_first) or len(third) == 2 else [day_first]
    return [day_first, month_first]


def _full_year(short: str) -> int:
    return int(short) + (1900 if int(short) >= _FIRST_SHORT_YEAR % 100 else 2000)


def _exists(year: int, month: int, day: int) -> bool:
    if year == 0 or month == 0 or day == 0:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=256)
def _common_order(languages: frozenset[str]) -> str | None:
    """The order of numbers in all the languages; None if they differ, or are too many to tell."""
    orders = {words.ORDERS.get(language) for language in languages}
    return orders.pop() if len(orders) == 1 else None


def _east_asian(text: str) -> str:
    """The text with dates and times of Chinese, Japanese and Korean in the form ``2026-5-4 20:30:00``."""
    text = _NUMERALS.sub(lambda match: _numeral(match[0]), text)
    text = _EAST_ASIAN_DATE.sub(_plain_date, text, count=1)
    return _EAST_ASIAN_TIME.sub(_plain_time, text, count=1)


def _plain_date(match: re.Match[str]) -> str:
    year = 1 if match["year"] == "元" else int(match["year"])
    if match["era"] is None and len(match["year"]) != 4:
        return match[0]
    return f" {year + _ERAS.get(match['era'], 0):04}-{match['month']}-{match['day']} "


def _plain_time(match: re.Match[str]) -> str:
    hour, half = int(match["hour"]), match["half"]
    if half in _AFTERNOON and hour < 12:
        hour += 12
    elif half and hour == 12 and half not in ("中午", "下午", "午後", "오후"):
        hour = 0
    if match["minute"] is None and match[0][-1] == ":":
        return match[0]
    return f" {hour}:{int(match['minute'] or 0):02}:{int(match['second'] or 0):02} "


def _numeral(written: str) -> str:
    """A number in Chinese numerals, in digits: 二〇二六 is 2026, 三十一 is 31."""
    digits = ["〇一二三四五六七八九".find(each) for each in written.replace("零", "〇").replace("十", "")]
    if "十" not in written:
        return "".join(map(str, digits))
    tens = 1 if written[0] == "十" else digits[0]
    return str(10 * tens + (digits[-1] if written[-1] != "十" else 0))
