"""What a record tells of the stage that made it, as metrics; by source, for the busiest sources only."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from schemas import CleanArticle, Duplicate, EnrichedArticle, UniqueArticle
from workers.observability.metrics import Metrics
from workers.outcomes import Stage

OTHER = "other"
"""The label of all sources that have none of their own."""
BUSIEST = 20
"""Sources with a label of their own."""
RECOUNT = 2_000
"""Articles after which the busiest are chosen anew; counts are halved then, so that the past fades."""


class Sources:
    """The busiest sources of late. Their number bounds the series, whatever the articles name as their source."""

    def __init__(self, busiest: int = BUSIEST, recount: int = RECOUNT) -> None:
        self._busiest = busiest
        self._recount = recount
        self._counts: Counter[str] = Counter()
        self._seen = 0
        self._named: set[str] = set()

    def count(self, source: str) -> set[str]:
        """Count an article of the source; the sources that have lost their label by it."""
        self._counts[source] += 1
        self._seen += 1
        if source not in self._named and len(self._named) < self._busiest:
            self._named.add(source)
        if self._seen % self._recount:
            return set()
        before = self._named
        self._named = {name for name, _ in self._counts.most_common(self._busiest)}
        self._counts = Counter({name: count // 2 for name, count in self._counts.items() if count > 1})
        return before - self._named

    def label(self, source: str | None) -> str:
        """The label of the source."""
        return source if source in self._named and source is not None else OTHER


class Observer:
    """Counts what records tell. ``now`` is in seconds since 1970 wherever it is asked for."""

    def __init__(self, metrics: Metrics, sources: Sources | None = None) -> None:
        self._metrics = metrics
        self._sources = sources or Sources()

    def observe(self, record: CleanArticle | Duplicate, now: float) -> None:
        """Count what the record tells of the stage that made it."""
        match record:
            case EnrichedArticle():
                for entity in record.entities:
                    self._metrics.entities.labels(entity.type).inc()
            case UniqueArticle():
                self._metrics.dedupe_verdicts.labels("new" if record.revision == 1 else "revision").inc()
                self._by_source(record)
            case Duplicate():
                self._metrics.dedupe_verdicts.labels(record.kind).inc()
                source = self._by_source(record)
                self._metrics.source_copies.labels(source).inc()
            case CleanArticle():
                self._cleaned(record, now)

    def _cleaned(self, article: CleanArticle, now: float) -> None:
        metrics, source = self._metrics, self._by_source(article)
        removed = 0
        for span in article.removed:
            metrics.removed_spans.labels(span.category).inc()
            removed += span.end - span.start
        metrics.removed_text_ratio.observe(removed / max(1, removed + len(article.body)))
        metrics.source_characters.labels(source).inc(removed + len(article.body))
        metrics.source_removed_characters.labels(source).inc(removed)
        if article.published is None:
            metrics.source_undated.labels(source).inc()
        else:
            metrics.article_age_seconds.observe(max(0.0, now - datetime.fromisoformat(article.published).timestamp()))

    def _by_source(self, record: CleanArticle | Duplicate) -> str:
        """The label of the record's source, once the record is counted for it."""
        if record.source:
            for gone in self._sources.count(record.source):
                self._forget(gone)
        source = self._sources.label(record.source)
        stage = Stage.CLEAN if type(record) is CleanArticle else Stage.DEDUPE
        self._metrics.source_articles.labels(stage, source, record.language).inc()
        return source

    def _forget(self, source: str) -> None:
        metrics = self._metrics
        by_source = (
            metrics.source_articles, metrics.source_characters, metrics.source_removed_characters,
            metrics.source_undated, metrics.source_copies,
        )  # fmt: skip
        for metric in by_source:
            metric.remove_by_labels({"source": source})
