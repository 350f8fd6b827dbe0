"""Compares the metric names in a text with the metrics that a worker serves."""

from __future__ import annotations

import re

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector

from workers.observability.metrics import table

SUFFIXES = {"counter": ("",), "gauge": ("",), "histogram": ("", "_bucket", "_sum", "_count")}
"""The suffixes of a metric's series, by type."""


def served() -> set[str]:
    """The names of all series that a worker serves, and of its histograms."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    process = {sample.name for family in registry.collect() for sample in family.samples}
    return {metric.name + suffix for metric in table() for suffix in SUFFIXES[metric.type]} | process


def unknown_metrics(text: str) -> set[str]:
    """The metrics in the text that no worker serves. Recording rules are ignored: their names contain colons."""
    names = set(re.findall(r"(?<![\w:])(?:copydesk|process)_[a-z_]+(?![\w:])", text))
    return names - served()
