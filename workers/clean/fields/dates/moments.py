"""Moments: a date as it was written, before it is converted to UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

MIN_YEAR = 1700
MAX_YEAR = 2100
_ZERO_DAYS = {(1600, 12, 31), (1601, 1, 1), (1753, 1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 1)}
"""What Windows, SQL Server, spreadsheets and databases write for a date that they do not have."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AbsentDateError(Exception):
    """The value stands for no date: a zero of a database, or 1970-01-01T00:00:00Z exactly."""


class Clock(NamedTuple):
    """A time of day; a time of 24:00 is the start of the next day."""

    hour: int
    minute: int = 0
    second: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """A date on the calendar and clock where it was written.

    ``zone`` is None if none is given; without a time of day (``has_time``), the hour is 0.
    """

    local: datetime
    has_time: bool
    zone: tzinfo | None = None
    is_relative: bool = False

    @property
    def utc(self) -> datetime:
        """The moment in UTC; a date without a zone counts as UTC."""
        return self.local.replace(tzinfo=self.zone or UTC).astimezone(UTC)


def moment(year: int, month: int, day: int, clock: Clock | None, zone: tzinfo | None = None) -> Moment | None:
    """Return the moment of a date and a time of day; None if the calendar does not have it.

    Raises:
        AbsentDateError: it stands for no date.
    """
    clock_ = clock or Clock(0)
    midnight = clock_ == (0, 0, 0)
    if year < 2 or year == 9999 or (midnight and (year, month, day) in _ZERO_DAYS):
        raise AbsentDateError
    hour, minute, second = clock_
    if not MIN_YEAR <= year <= MAX_YEAR or hour > 24 or (hour == 24 and (minute or second)):
        return None
    try:
        local = datetime(year, month, day, hour % 24, minute, min(second, 59))  # noqa: DTZ001
        found = Moment(local + timedelta(days=hour // 24), clock is not None, zone)
        at = found.utc
    except (ValueError, OverflowError):
        return None
    if at == _EPOCH and (clock is not None or zone is None):
        raise AbsentDateError
    return found if second <= 60 else None


def from_epoch(seconds: float) -> Moment | None:
    """Return the moment that many seconds after 1970 began.

    Raises:
        AbsentDateError: it stands for no date.
    """
    try:
        at = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
    return moment(at.year, at.month, at.day, Clock(at.hour, at.minute, at.second), UTC)
