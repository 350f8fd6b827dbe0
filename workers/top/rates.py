"""What counters and histograms of several processes say about the time between two scrapes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from workers.top.scraping import Labels, Scrape, Series

Pair = tuple[Scrape, Scrape | None]
"""What a process serves now, and what it served before."""


def increase(now: Series, before: Series, name: str) -> dict[Labels, float]:
    """By how much each series of the counter grew. A counter that fell was reset, and began again from 0."""
    if now.get("process_start_time_seconds") != before.get("process_start_time_seconds"):
        before = {}
    past = before.get(name, {})
    grown = {}
    for labels, value in now.get(name, {}).items():
        old = past.get(labels, 0.0)
        grown[labels] = value - old if value >= old else value
    return grown


def quantile(counts: dict[float, float], share: float) -> float | None:
    """The value below which that share of the observations lies, as Prometheus estimates it; None without any.

    Args:
        counts: cumulative, by upper bound, ``inf`` included.
        share: from 0 to 1.
    """
    total = counts.get(math.inf, 0.0)
    if not total:
        return None
    lower, below = 0.0, 0.0
    for bound, count in sorted(counts.items()):
        if count >= share * total and count > below:
            return lower if bound == math.inf else lower + (bound - lower) * (share * total - below) / (count - below)
        lower, below = bound, count
    return lower


def rate(pairs: Sequence[Pair], name: str, **labels: str) -> float | None:
    """The counter's increase per second, of all processes together; None if there is nothing to compare with."""
    rates = [
        sum(_matching(increase(now.series, before.series, name), labels)) / (now.at - before.at)
        for now, before in pairs
        if before and now.is_up and name in now.series
    ]
    return sum(rates) if rates else None


def buckets(pairs: Sequence[Pair], name: str, **labels: str) -> dict[float, float]:
    """By how much the histogram's buckets grew, of all processes together, by upper bound."""
    grown: dict[float, float] = {}
    for now, before in pairs:
        if before is None:
            continue
        for series, value in increase(now.series, before.series, name).items():
            if labels.items() <= series:
                bound = float(dict(series)["le"])
                grown[bound] = grown.get(bound, 0.0) + value
    return grown


def _matching(values: dict[Labels, float], labels: dict[str, str]) -> Iterable[float]:
    return (value for series, value in values.items() if labels.items() <= series)
