"""Dates: reads what publishers write, in any language, and writes RFC 3339 in UTC. What is in doubt is no date.

- ``forms``: dates as programs write them, the fast path; ``written``: dates in words and numbers; ``relative``: *5
  hours ago*; ``labels``: *Published … | Updated …*.
- ``words``: the words of dates in all languages; ``zones``: time zones; ``moments``: a date before it is in UTC.
- ``reading``: puts them together.
"""

from __future__ import annotations

from workers.clean.fields.dates.reading import (
    Context,
    Date,
    Dates,
    best,
    declared,
    guessed,
    in_line,
    in_url,
    is_date_line,
)

__all__ = ["Context", "Date", "Dates", "best", "declared", "guessed", "in_line", "in_url", "is_date_line"]
