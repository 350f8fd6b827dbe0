"""The names of metrics that a text speaks of, held against those that there are."""

from __future__ import annotations

import re

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector

from workers.observability.metrics import table

SERIES = {"counter": ("",), "gauge": ("",), "histogram": ("", "_bucket", "_sum", "_count")}


def served() -> set[str]:
    """The names of all series that a worker serves, and of the histograms."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    process = {sample.name for family in registry.collect() for sample in family.samples}
    return {metric.name + end for metric in table() for end in SERIES[metric.type]} | process


def unknown(text: str) -> set[str]:
    """The metrics that the text names and that no worker serves (recording rules aside: their names have colons)."""
    named = set(re.findall(r"(?<![\w:])(?:copydesk|process)_[a-z_]+(?![\w:])", text))
    return named - served()
