"""Times in the formats of producers, of the stream and of the records."""

from __future__ import annotations

from datetime import UTC, datetime

FIRST_SECOND, LAST_SECOND = 946_684_800, 4_102_444_800
"""The years 2000 and 2100. Nobody sends articles from outside this range, so it also tells units apart."""
UNITS_PER_SECOND = (1_000, 1, 1_000_000, 1_000_000_000)
"""The units in which producers write times: Kafka's milliseconds, seconds, microseconds, nanoseconds."""


def milliseconds(timestamp: int) -> int:
    """The time in milliseconds since 1970, whatever the unit of the timestamp; 0 if it is not from 2000 to 2100."""
    for per_second in UNITS_PER_SECOND:
        if FIRST_SECOND * per_second <= timestamp < LAST_SECOND * per_second:
            return timestamp * 1_000 // per_second
    return 0


def rfc3339(milliseconds: int) -> str:
    """The time as RFC 3339 in UTC, to the second; ``milliseconds`` since 1970."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
