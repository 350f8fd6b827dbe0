"""The months in English, as dates in news write them."""

from __future__ import annotations

import re

MONTHS: dict[str, tuple[str, ...]] = {
    "January": ("Jan",),
    "February": ("Feb",),
    "March": ("Mar",),
    "April": ("Apr",),
    "May": (),
    "June": ("Jun",),
    "July": ("Jul",),
    "August": ("Aug",),
    "September": ("Sept", "Sep"),
    "October": ("Oct",),
    "November": ("Nov",),
    "December": ("Dec",),
}
"""The months in order, with their abbreviations."""

MONTH_START = rf"(?:{'|'.join(name[:3] for name in MONTHS)})"
"""Matches the first three letters of any month."""

MONTH = rf"{MONTH_START}[a-z]{{0,6}}"
"""Matches a month, in full or abbreviated however far."""

MONTH_EXACTLY = rf"(?:{'|'.join('|'.join((name, *short)) for name, short in MONTHS.items())})"
"""Matches a month, in full or by one of its usual abbreviations."""

MONTH_OR_DAY = re.compile(rf"(?:{MONTH_EXACTLY}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?)\b", re.IGNORECASE)
"""Matches the name of a month or of a day of the week."""
