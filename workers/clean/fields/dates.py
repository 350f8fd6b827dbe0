"""Dates: converts what publishers write to RFC 3339 in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from dateutil import parser, tz

from workers.errors import RejectedError
from workers.outcomes import Reason

_WORDS_FOR_ABSENT = frozenset({"", "none", "null", "nan", "nat", "n/a", "na", "undefined", "unknown", "-"})
_MAX_AHEAD = timedelta(days=1)  # allows for wrong clocks and missing time zones
_MIN_YEAR = 1700
_MAX_DATE_CHARS = 100
_EPOCH = re.compile(r"(\d{10})(?:\d{3})?(?:\.\d{1,6})?")
# Two defaults that differ in every part: a date that parses differently with each is incomplete.
_DEFAULTS = (datetime(2004, 2, 3), datetime(2008, 5, 6))  # noqa: DTZ001
_UTC_OFFSET_HOURS = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 1, "CET": 1, "WEST": 1, "CEST": 2, "EET": 2, "SAST": 2, "MSK": 3,
    "EEST": 3, "EAT": 3, "GST": 4, "PKT": 5, "IST": 5.5, "WIB": 7, "SGT": 8, "HKT": 8, "PHT": 8, "MYT": 8, "AWST": 8,
    "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5,
    "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "ET": -5, "CT": -6, "MT": -7, "PT": -8, "AST": -4, "ADT": -3,
}  # fmt: skip


def declared(value: str | None, received: datetime | None, field: str) -> str | None:
    """Return the date of a message's field as RFC 3339 in UTC, to the second; None if absent (also "None", "N/A").

    Raises:
        RejectedError: INVALID_DATE if it is not a complete date, or is more than a day after a known ``received``.
    """
    if value is None or value.strip().lower() in _WORDS_FOR_ABSENT:
        return None
    moment = _parse(value)
    if moment is None:
        raise RejectedError(Reason.INVALID_DATE, f"$.{field} is not a date; send RFC 3339 like 2024-08-04T06:30:00Z")
    if _is_ahead(moment, received):
        raise RejectedError(
            Reason.INVALID_DATE,
            f"$.{field} is more than a day after the message was received; check the date and its time zone",
        )
    return _write(moment)


def guessed(value: str | None, received: datetime | None) -> str | None:
    """Return a date found in a page or a text as RFC 3339 in UTC; None if it is not a date or lies in the future."""
    if value is None or value.strip().lower() in _WORDS_FOR_ABSENT:
        return None
    moment = _parse(value)
    return None if moment is None or _is_ahead(moment, received) else _write(moment)


def _is_ahead(moment: datetime, received: datetime | None) -> bool:
    return received is not None and moment > received + _MAX_AHEAD


def _parse(value: str) -> datetime | None:
    value = value.strip()
    if len(value) > _MAX_DATE_CHARS:
        return None
    if epoch := _EPOCH.fullmatch(value):
        return datetime.fromtimestamp(int(epoch[1]), UTC)
    try:
        moments = {parser.parse(value, default=default, tzinfos=_zone) for default in _DEFAULTS}
        (moment,) = moments
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, ArithmeticError, TypeError):
        return None
    return moment if moment.year >= _MIN_YEAR else None


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    if offset is not None:
        return tz.tzoffset(name, offset)
    hours = _UTC_OFFSET_HOURS.get((name or "").upper())
    return None if hours is None else tz.tzoffset(name, int(hours * 3600))


def _write(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
