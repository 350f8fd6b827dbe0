"""Time zones as dates name them: offsets, abbreviations, names of the IANA database."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

OFFSET_HOURS = {
    "UTC": 0, "GMT": 0, "UT": 0, "TU": 0, "Z": 0,
    "WET": 0, "BST": 1, "CET": 1, "MEZ": 1, "WEST": 1, "CEST": 2, "MESZ": 2,
    "EET": 2, "SAST": 2, "MSK": 3, "МСК": 3,
    "EEST": 3, "EAT": 3, "GST": 4, "PKT": 5, "IST": 5.5, "WIB": 7, "WITA": 8, "WIT": 9,
    "SGT": 8, "HKT": 8, "PHT": 8, "MYT": 8, "AWST": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12,
    "NZDT": 13, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AST": -4,
    "ADT": -3, "BRT": -3,
}  # fmt: skip
"""The abbreviations that news uses, and their hours ahead of UTC."""
_REGIONS = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}
_NAMED = {
    "بتوق": UTC, "heur": ZoneInfo("Europe/Paris"), "hora": ZoneInfo("Europe/Madrid"), "моск": ZoneInfo("Europe/Moscow"),
    "по м": ZoneInfo("Europe/Moscow"),
}  # fmt: skip
"""The zones that dates name in words, by the first four letters."""
_ZERO_NAMES = frozenset({"", "UTC", "GMT", "UT", "Z"})
_MAX_OFFSET = timedelta(hours=14)

# In verbose patterns a blank is written ``[ ]``.
_ZONE = re.compile(
    r"""
    [ ,]* [(\[]?
    (?: (?P<words> (?i: بتوقيت[ ][غج]رينتش | heure[ ]de[ ]paris | hora[ ]peninsular
          | (?:по[ ])? московско(?:го|му)[ ]времени ) )
      | (?P<name> [A-Za-z]{0,5} ) [ ]? (?P<sign> [+-] ) (?P<hours> \d{1,2} ) (?: :? (?P<minutes> \d\d ) ){0,1}
        (?: :? 00 )? (?: Z\b )? (?! [\d:.] | [ ]?[^\W\d] )
      | (?P<far> [+-] ) (?P<far_hours> \d\d ) :? (?P<far_minutes> \d\d ) (?! [\d:.] )
      | (?P<abbreviation> (?! AM\b | PM\b ) [A-Z]{2,5} | [Zz] | utc | gmt | (?i:мск) ) (?! [^\W\d] | [+-]\d | / )
      | (?P<region> Etc/GMT[+-]\d{1,2} | [A-Z][A-Za-z]{2,12} (?: / [A-Z][A-Za-z_]{1,20} ){1,2} ) (?! \w )
    )
    [)\]]?
    (?: [ ]? [(\[] (?: [^\W\d] | [/_ .-] ){1,60} [)\]]
      | [ ] (?: [A-Z]{3,4} ) (?= $ | [ ]m= )
    )?
    """,
    re.VERBOSE,
)


class Zone(NamedTuple):
    """A zone in a text, and the offset in the text where it ends; the zone is None if the abbreviation is unknown."""

    zone: tzinfo | None
    end: int
    abbreviation: str = ""


@lru_cache(maxsize=256)
def find(text: str, start: int = 0) -> Zone | None:
    """Return the zone that the text names from ``start`` on: ``UTC+2`` and ``GMT+0200`` lie east of Greenwich."""
    match = _ZONE.match(text, start)
    if match is None:
        return None
    if match["sign"] or match["far"]:
        if (match["name"] or "").upper() not in _ZERO_NAMES:
            return None
        sign = -1 if "-" in (match["sign"], match["far"]) else 1
        ahead = timedelta(
            hours=int(match["hours"] or match["far_hours"]), minutes=int(match["minutes"] or match["far_minutes"] or 0)
        )
        return Zone(timezone(sign * ahead), match.end()) if ahead <= _MAX_OFFSET else None
    if match["region"]:
        return Zone(found, match.end()) if (found := region(match["region"])) else None
    if match["words"]:
        return Zone(_NAMED[match["words"][:4].lower()], match.end())
    name = match["abbreviation"].upper()
    return Zone(of_abbreviation(name), match.end(), name)


def of_abbreviation(name: str) -> tzinfo | None:
    """Return the zone of an abbreviation in upper case; None if it is not known."""
    if name in _REGIONS:
        return region(_REGIONS[name])
    hours = OFFSET_HOURS.get(name)
    return None if hours is None else timezone(timedelta(hours=hours)) if hours else UTC


def region(name: str) -> tzinfo | None:
    """Return the zone of a name like ``Europe/Berlin``; None if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
