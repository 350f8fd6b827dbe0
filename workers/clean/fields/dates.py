"""Dates as publishers write them, to RFC 3339 in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from dateutil import parser, tz

from workers.errors import RejectedError
from workers.outcomes import Reason

_ABSENT = frozenset({"", "none", "null", "nan", "nat", "n/a", "na", "undefined", "unknown", "-"})
_SLACK = timedelta(days=1)  # for clocks that are wrong and zones that are missing
_EARLIEST = 1700
_LONGEST = 100
_EPOCH = re.compile(r"(\d{10})(?:\d{3})?(?:\.\d{1,6})?")
# Two defaults that share no part: a date that needs either is incomplete.
_DEFAULTS = (datetime(2004, 2, 3), datetime(2008, 5, 6))  # noqa: DTZ001
_HOURS = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 1, "CET": 1, "WEST": 1, "CEST": 2, "EET": 2, "SAST": 2, "MSK": 3,
    "EEST": 3, "EAT": 3, "GST": 4, "PKT": 5, "IST": 5.5, "WIB": 7, "SGT": 8, "HKT": 8, "PHT": 8, "MYT": 8, "AWST": 8,
    "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5,
    "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "ET": -5, "CT": -6, "MT": -7, "PT": -8, "AST": -4, "ADT": -3,
}  # fmt: skip


def declared(value: str | None, received: datetime, field: str) -> str | None:
    """The date of a field of JSON as RFC 3339 in UTC to the second, or None where it is absent (also "None", "N/A").

    Raises:
        RejectedError: INVALID_DATE for what is no full date, or lies more than a day after ``received``.
    """
    if value is None or value.strip().lower() in _ABSENT:
        return None
    moment = _parse(value)
    if moment is None:
        raise RejectedError(Reason.INVALID_DATE, f"{field} is not a date; send RFC 3339 like 2024-08-04T06:30:00Z")
    if moment > received + _SLACK:
        raise RejectedError(
            Reason.INVALID_DATE, f"{field} lies in the future: more than a day after the message was received"
        )
    return _write(moment)


def guessed(value: str | None, received: datetime) -> str | None:
    """The date found in a page or a text as RFC 3339 in UTC, or None where it is none or lies in the future."""
    if value is None or value.strip().lower() in _ABSENT:
        return None
    moment = _parse(value)
    return None if moment is None or moment > received + _SLACK else _write(moment)


def _parse(value: str) -> datetime | None:
    value = value.strip()
    if len(value) > _LONGEST:
        return None
    if epoch := _EPOCH.fullmatch(value):
        return datetime.fromtimestamp(int(epoch[1]), UTC)
    try:
        moments = {parser.parse(value, default=default, tzinfos=_zone) for default in _DEFAULTS}
        (moment,) = moments
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, ArithmeticError, TypeError):
        return None
    return moment if moment.year >= _EARLIEST else None


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    if offset is not None:
        return tz.tzoffset(name, offset)
    hours = _HOURS.get((name or "").upper())
    return None if hours is None else tz.tzoffset(name, int(hours * 3600))


def _write(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
