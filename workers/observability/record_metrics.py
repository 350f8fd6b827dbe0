"""Metrics counted from the records that a stage emits, in total and for the busiest sources."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime

from schemas import CleanArticle, CopyOf, Duplicate, EnrichedArticle, FieldWarning, UniqueArticle
from schemas.records import RawArticle
from workers.observability.metrics import Metrics
from workers.outcomes import Stage

OTHER = "other"
"""The shared label of all sources without their own."""
MAX_SOURCE_LABELS = 20
"""Sources with their own label."""
RANKING_INTERVAL_ARTICLES = 2_000
"""Articles between two rankings of the sources. Each ranking halves the counts, so that old traffic fades."""


WARNING_FIELDS = frozenset({field.name for field in fields(RawArticle)} | {"encoding"})
"""The labels of warnings; all other fields are counted as ``unknown``."""
UNKNOWN = "unknown"
MAX_LOGGED_KEYS = 100
"""Unknown keys that are logged, once each."""

_log = logging.getLogger(__name__)


class BusiestSources:
    """The busiest sources of recent traffic.

    Only these get a label, which bounds the number of series whatever sources the articles name.
    """

    def __init__(self, labels: int = MAX_SOURCE_LABELS, ranking_interval: int = RANKING_INTERVAL_ARTICLES) -> None:
        self._labels = labels
        self._ranking_interval = ranking_interval
        self._counts: Counter[str] = Counter()
        self._articles = 0
        self._labelled: set[str] = set()

    def count(self, source: str) -> set[str]:
        """Count an article of the source and return the sources that lose their label because of it."""
        self._counts[source] += 1
        self._articles += 1
        if source not in self._labelled and len(self._labelled) < self._labels:
            self._labelled.add(source)
        if self._articles % self._ranking_interval:
            return set()
        before = self._labelled
        self._labelled = {name for name, _ in self._counts.most_common(self._labels)}
        self._counts = Counter({name: count // 2 for name, count in self._counts.items() if count > 1})
        return before - self._labelled

    def label(self, source: str | None) -> str:
        """The label value for the source; ``other`` unless it is among the busiest."""
        return source if source in self._labelled and source is not None else OTHER


class RecordMetrics:
    """Updates the metrics that depend on a record's content."""

    def __init__(self, metrics: Metrics, sources: BusiestSources | None = None) -> None:
        self._metrics = metrics
        self._sources = sources or BusiestSources()
        self._logged_keys: set[str] = set()
        # Prometheus sees no increase in a series that begins with its first event.
        for field in sorted({*WARNING_FIELDS, UNKNOWN}):
            metrics.field_warnings.labels(field)

    def count(self, record: CleanArticle | Duplicate, now: float) -> None:
        """Count the record for the stage that emitted it. ``now`` is in seconds since 1970."""
        match record:
            case EnrichedArticle():
                for entity in record.entities:
                    self._metrics.entities.labels(entity.type).inc()
            case UniqueArticle() if record.copy is None or record.revision > 1:
                for change in record.story_changes:
                    self._metrics.story_changes.labels(change.kind).inc()
                self._metrics.dedupe_verdicts.labels("new" if record.revision == 1 else "revision").inc()
                self._count_source(record)
            case UniqueArticle(copy=CopyOf(kind=kind)) | Duplicate(kind=kind):
                self._metrics.dedupe_verdicts.labels(kind).inc()
                source = self._count_source(record)
                self._metrics.source_copies.labels(source).inc()
            case CleanArticle():
                self._count_cleaned(record, now)

    def _count_cleaned(self, article: CleanArticle, now: float) -> None:
        metrics, source = self._metrics, self._count_source(article)
        removed = 0
        for span in article.removed:
            metrics.removed_spans.labels(span.category).inc()
            removed += span.end - span.start
        self._count_warnings(article.warnings)
        metrics.removed_text_ratio.observe(removed / max(1, removed + len(article.body)))
        metrics.source_characters.labels(source).inc(removed + len(article.body))
        metrics.source_removed_characters.labels(source).inc(removed)
        if article.published is None:
            metrics.source_undated.labels(source).inc()
        else:
            metrics.article_age_seconds.observe(max(0.0, now - datetime.fromisoformat(article.published).timestamp()))

    def _count_warnings(self, warnings: Iterable[FieldWarning]) -> None:
        for warning in warnings:
            is_known = warning.field in WARNING_FIELDS
            self._metrics.field_warnings.labels(warning.field if is_known else UNKNOWN).inc()
            if not is_known and warning.field not in self._logged_keys and len(self._logged_keys) < MAX_LOGGED_KEYS:
                self._logged_keys.add(warning.field)
                _log.warning("messages have the key %r: %s", warning.field, warning.problem)

    def _count_source(self, record: CleanArticle | Duplicate) -> str:
        """Count the record for its source and return the source's label."""
        if record.source:
            for dropped in self._sources.count(record.source):
                self._remove_series(dropped)
        source = self._sources.label(record.source)
        stage = Stage.CLEAN if type(record) is CleanArticle else Stage.DEDUPE
        self._metrics.source_articles.labels(stage, source, record.language).inc()
        return source

    def _remove_series(self, source: str) -> None:
        metrics = self._metrics
        by_source = (
            metrics.source_articles, metrics.source_characters, metrics.source_removed_characters,
            metrics.source_undated, metrics.source_copies,
        )  # fmt: skip
        for metric in by_source:
            metric.remove_by_labels({"source": source})
