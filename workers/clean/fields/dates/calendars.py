"""Dates of the Persian calendar, as Iran and Afghanistan write them, in the common one: ۱۴ اردیبهشت ۱۴۰۵ is 2026-05-04.

Dates of the Islamic and Hebrew calendars go where one of the common calendar stands beside them. Alone they stay: an
Islamic month starts when its moon was seen, which differs by country.
Years of the Buddhist era are converted in ``forms``, those of East Asian eras in ``written``.
"""

from __future__ import annotations

import re
from datetime import date

_MONTHS = {
    name: number
    for names in (
        "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند",
        "حمل ثور جوزا سرطان اسد سنبله میزان عقرب قوس جدی دلو حوت",
    )
    for number, name in enumerate(names.split(), start=1)
}
_YEAR = r"(?P<year> 1[34]\d\d )"
# In verbose patterns a blank is written ``[ ]``.
_NAMED = re.compile(
    rf"""
    (?<!\d) (?P<day> \d{{1,2}} ) (?: [ ]?ام )? [ ] (?P<month> {"|".join(_MONTHS)} ) [ ] (?: ماه[ ] )? {_YEAR} (?!\d)
    """,
    re.VERBOSE,
)
_NUMERIC = re.compile(
    rf"(?<!\d) {_YEAR} (?P<mark> [/.-] ) (?P<month> \d{{1,2}} ) (?P=mark) (?P<day> \d{{1,2}} ) (?!\d)", re.VERBOSE
)
_ISLAMIC_MONTHS = (
    "محرم", "صفر", "ربيع ال[اأ]ول", "ربيع ال[اآ]خر", "ربيع الثاني", "جماد[ىي] ال[اأ]ول[ىي]", "جماد[ىي] ال[اآ]خرة",
    "جماد[ىي] الثانية", "رجب", "شعبان", "رمضان", "شوال", "ذ[وي] القعدة", "ذ[وي] الحجة",
)  # fmt: skip
_ISLAMIC = re.compile(
    rf"""
    (?: [(/–-] \s* )? (?: الموافق (?: \s* ل )? \s* )?
    (?: (?<!\d) \d{{1,2}} \s* (?: من \s* )? (?: {"|".join(name.replace(" ", "[ ]") for name in _ISLAMIC_MONTHS)} )
        [ ]? ،? \s* 1[34]\d\d (?!\d) (?: \s* ه (?!\w) )?
      | 1[34]\d\d [/-] \d{{1,2}} [/-] \d{{1,2}} \s* ه (?!\w) | \d{{1,2}} [/-] \d{{1,2}} [/-] 1[34]\d\d \s* ه (?!\w)
    )
    (?: \s* [)/–-] )? (?: \s* الموافق (?: \s* ل )? )?
    """,
    re.VERBOSE,
)
_HEBREW_MONTH = r"(?:ניסן|אייר|סיוו?ן|תמוז|אב|אלול|תשרי|(?:מר)?חשוו?ן|כסלו|טבת|שבט|אדר(?:\s[אב]['׳])?)"
_IN_ENGLISH = (
    r"(?:Muharram|Safar|Rabi[’'\s-]\S{1,10}|Jumada[\s-]\S{1,10}|Rajab|Sha[’']?ban|Ramadan|Shawwal|Dh?u[’'\s-]\S{1,12}"
    r"|Nis[sa]n|Iyy?ar|Sivan|Tammuz|Av|Elul|Tishr?ei|(?:Mar)?[CH]heshvan|Kislev|Tevet|Sh[e’']?vat|Adar(?:\sI{1,2})?)"
)
_HEBREW_OR_IN_ENGLISH = re.compile(
    rf"""
    [(/–-]? \s*
    (?: [א-ת]{{1,2}} ['׳"״]? [א-ת]? ['׳]? \s ב? {_HEBREW_MONTH} ,? \s (?: ה['׳] )? תש [א-ת]? ["״] [א-ת]
      | (?: (?<!\d) \d{{1,2}} \s {_IN_ENGLISH} | (?<!\w) {_IN_ENGLISH} \s \d{{1,2}} ) ,? \s
        (?: 1[34] | 57 ) \d\d (?!\d) (?: \s? A?H \b )?
    )
    ,? \s* [)/–-]?
    """,
    re.VERBOSE,
)
_COMMON_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_MARKS = re.compile(r"[\u0640\u064b-\u0652]")
_LETTERS = str.maketrans("يك", "یک")
_NEW_YEAR = (1405, date(2026, 3, 21).toordinal())


def in_common_era(text: str) -> str:
    """Return the text with a date of the Persian calendar in the form ``2026-05-04``, without an Islamic or Hebrew one.

    Texts without such dates, or with an Islamic or Hebrew date alone, are unchanged.
    """
    without = text
    if _COMMON_YEAR.search(text):
        without = _ISLAMIC.sub(" ", _HEBREW_OR_IN_ENGLISH.sub(" ", text if text.isascii() else _MARKS.sub("", text)))
    if _COMMON_YEAR.search(without):
        text = without.strip()
    if not (match := _NUMERIC.search(text)):
        match = _NAMED.search(text if text.isascii() else text.translate(_LETTERS))
    if match is None:
        return text
    day = _from_persian(int(match["year"]), _MONTHS.get(match["month"]) or int(match["month"]), int(match["day"]))
    return text if day is None else f"{text[: match.start()]}{day.isoformat()}{text[match.end() :]}"


def _from_persian(year: int, month: int, day: int) -> date | None:
    """The day of a Persian date, right for the years 1300 to 1499; None if the calendar does not have it."""
    if not 1 <= month <= 12 or not 1 <= day <= (31 if month <= 6 else 30):
        return None
    months = 31 * (month - 1) if month <= 7 else 186 + 30 * (month - 7)
    since = _days_before(year) - _days_before(_NEW_YEAR[0])
    return date.fromordinal(_NEW_YEAR[1] + since + months + day - 1)


def _days_before(year: int) -> int:
    """The days before a year, counted from a fixed one: 8 years of each 33 are leap years."""
    cycles, rest = divmod(year + 1595, 33)
    return 365 * (year + 1595) + 8 * cycles + (rest + 3) // 4
