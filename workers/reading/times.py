"""Times as people write them on a command line."""

from __future__ import annotations

import re
from datetime import datetime

from workers.kafka.reader import BEGINNING, END, Start

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
"""Seconds in each unit of a relative time."""
_A_TIME = "a time ago such as -10m (s, m, h, d), or RFC 3339 such as 2026-05-04T06:30:00Z"


def parse_start(text: str, now: float) -> Start:
    """Where to start reading; ``now`` is in seconds since 1970.

    Raises:
        ValueError: it is neither an end of the topics nor a time.
    """
    match text.lower():
        case "beginning" | "start" | "earliest":
            return BEGINNING
        case "end" | "latest":
            return END
    try:
        return parse_time(text, now)
    except ValueError:
        raise ValueError(f"{text!r} is not beginning, end, {_A_TIME}") from None


def parse_time(text: str, now: float) -> int:
    """The time in milliseconds since 1970. One without a zone is local, as the times that are shown.

    ``now`` is in seconds since 1970.

    Raises:
        ValueError: it is neither relative nor RFC 3339.
    """
    if relative := re.fullmatch(r"-?([0-9]{1,9})([smhd])", text.strip()):
        return max(0, int(1000 * (now - int(relative[1]) * UNITS[relative[2]])))
    try:
        return max(0, int(1000 * datetime.fromisoformat(text.strip()).timestamp()))
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not {_A_TIME}") from None
