"""Dates relative to the time of the message: ``5 hours ago``, ``gestern 14:30``, ``il y a 3 jours``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from workers.clean.fields.dates import words, written
from workers.clean.fields.dates.moments import Moment, moment

UNKNOWN = "relative to the time of the message, which is not known; send RFC 3339 like 2024-08-04T06:30:00Z"
_MAX_CHARS = 60
_MAX_TOKENS = 6
_MAX_AGO = timedelta(days=366)
_DAY_SECONDS = 86_400
_NUMBER = re.compile(r"\d{1,3}")
_LAST = frozenset(map(words.fold, (
    "last", "past", "letzten", "letzter", "letzte", "vergangenen", "dernier", "dernière", "pasado", "último", "última",
    "passada", "passado", "scorso", "scorsa", "afgelopen", "vorige", "förra", "sidste", "sist", "прошлый", "прошлую",
    "минулий", "минулого", "ostatni", "ostatnią", "geçen", "上", "先",
)))  # fmt: skip
"""*Last*, before or after the day of a week."""
_ABOUT = frozenset({"about", "around", "ca", "circa", "etwa", "rund", "environ", "cerca", "около", "okolo"})


def read(text: str, received: datetime | None, language: str | None) -> Moment | None:
    """Return the moment that is so long before ``received``; None if the text says nothing of the kind.

    Minutes and hours give a time, days a day. Weeks and months are too vague to name one.

    Raises:
        ValueError: ``received`` is None.
    """
    if len(text) > _MAX_CHARS:
        return None
    ago = _span(text, language)
    if ago is not None:
        at = _known(received) - ago[0]
        return Moment(
            at.replace(tzinfo=None, second=0, microsecond=0) if ago[1] else datetime(at.year, at.month, at.day),  # noqa: DTZ001
            has_time=ago[1], zone=UTC if ago[1] else None, is_relative=True,
        )  # fmt: skip
    clock, zone, rest = written.time_and_rest(text)
    days = _days(words.tokens(rest), language)
    if days is None:
        return None
    day = _known(received).astimezone(zone or UTC) - timedelta(days=days)
    found = moment(day.year, day.month, day.day, clock, zone)
    return found and Moment(found.local, found.has_time, found.zone, is_relative=True)


def weekday(text: str, received: datetime | None, language: str | None) -> Moment | None:
    """Return the moment on the last such day of the week (``Friday at 14:05``); None if the text says no more or less.

    The day of ``received`` counts itself, unless the text says *last* or a time that is yet to come.

    Raises:
        ValueError: ``received`` is None.
    """
    if len(text) > _MAX_CHARS:
        return None
    clock, zone, rest = written.time_and_rest(text)
    tokens = [word for word in map(words.fold, words.tokens(rest)) if word not in words.FILLERS]
    named = [word for word in tokens if word not in _LAST]
    is_day = len(named) == 1 and len(tokens) <= 2 and (len(named[0]) > 1 or not named[0].isascii())  # not T10:00
    roles = words.ROLES.get(named[0], {}) if is_day else {}
    days = {role for of in ([roles[language]] if language and language in roles else roles.values()) for role in of}
    if len(days) != 1 or not (only := days.pop()).startswith("weekday"):
        return None
    now = _known(received).astimezone(zone or UTC)
    back = (now.weekday() - int(only[8:])) % 7
    is_to_come = clock is not None and (clock.hour, clock.minute) > (now.hour, now.minute)
    day = now - timedelta(days=back or (7 if is_to_come or len(tokens) > 1 else 0))
    found = moment(day.year, day.month, day.day, clock, zone)
    return found and Moment(found.local, found.has_time, found.zone, is_relative=True)


def _known(received: datetime | None) -> datetime:
    if received is None:
        raise ValueError(UNKNOWN)
    return received.astimezone(UTC)


def _span(text: str, language: str | None) -> tuple[timedelta, bool] | None:
    """How long ago the text says, and whether to the hour or better."""
    text = " ".join(word for word in text.split() if words.fold(word) not in _ABOUT)
    numbers = _NUMBER.findall(text)
    if not numbers and _phrase(text) not in words.SPANS:
        text = words.single(text)
        numbers = _NUMBER.findall(text)
    if len(numbers) > 1:
        return None
    unit = _one(words.SPANS.get(_phrase(text), {}), language)
    if unit is None or (ago := timedelta(seconds=unit * int(numbers[0] if numbers else 1))) > _MAX_AGO:
        return None
    return ago, unit < _DAY_SECONDS


def _phrase(text: str) -> str:
    return words.squeeze(_NUMBER.sub("#", text))


def _days(tokens: list[str], language: str | None) -> int | None:
    """How many days ago the words say, apart from fillers before and after."""
    if not 1 <= len(tokens) <= _MAX_TOKENS:
        return None
    is_filler = [words.fold(token) in words.FILLERS for token in tokens]
    for start in range(len(tokens)):
        for end in range(len(tokens), start, -1):
            if all(is_filler[:start]) and all(is_filler[end:]):
                found = words.DAYS.get(words.joined(tokens[start:end]))
                if found and (days := _one(found, language)) is not None:
                    return days
    return None


def _one(values: Mapping[str, int], language: str | None) -> int | None:
    """The value in the language, or the one that all languages share."""
    if language is not None and language in values:
        return values[language]
    return next(iter(values.values())) if len(set(values.values())) == 1 else None
