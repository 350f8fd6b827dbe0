"""Metrics from records: each kind counts for the stage that emitted it, and by source for the busiest only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import (
    CleanArticle,
    CopyKind,
    Duplicate,
    EnrichedArticle,
    Entity,
    EntityMeta,
    EntityType,
    Evidence,
    FieldWarning,
    Origin,
    Removed,
    StoryChange,
    StoryChangeKind,
    UniqueArticle,
)
from workers.observability.metrics import Metrics
from workers.observability.record_metrics import OTHER, BusiestSources, RecordMetrics

ORIGIN = Origin(topic="news-raw", partition=0, offset=0)
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC).timestamp()


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"copydesk_{name}", labels)


def clean(
    source: str | None = None, *, published: str | None = None, removed: tuple[Removed, ...] = ()
) -> CleanArticle:
    return CleanArticle(
        id="a", origin=ORIGIN, headline="", body="x" * 20, language="en", source=source, published=published,
        removed=removed,
    )  # fmt: skip


def test_removed_spans_are_counted_by_category() -> None:
    metrics = Metrics()
    spans = (
        Removed(start=0, end=10, text="0123456789", rule="r", category="appeal"),
        Removed(start=10, end=15, text="01234", rule="r", category="appeal"),
        Removed(start=30, end=35, text="01234", rule="r", category="promo"),
    )
    RecordMetrics(metrics).count(clean(removed=spans), NOW)
    assert value(metrics, "removed_spans_total", category="appeal") == 2
    assert value(metrics, "removed_spans_total", category="promo") == 1
    assert value(metrics, "removed_text_ratio_sum") == 0.5


def test_warnings_are_counted_by_field_and_an_unknown_key_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    metrics = Metrics()
    counter = RecordMetrics(metrics)
    problems = [("published", "not a date"), ("headlin", "did you mean headline?"), ("encoding", "2 bytes")]
    warnings = tuple(FieldWarning(field=field, value="the text", problem=problem) for field, problem in problems)
    for _ in range(2):
        counter.count(replace(clean(), warnings=warnings), NOW)
    counts = [value(metrics, "field_warnings_total", field=field) for field in ("published", "unknown", "encoding")]
    assert counts == [2, 2, 2]
    assert [record.getMessage() for record in caplog.records] == [
        "messages have the key 'headlin': did you mean headline?"
    ]


def copy(source: str | None = None) -> Duplicate:
    evidence = Evidence(method="content", shared=9, of_copy=1.0, of_original=1.0)
    return Duplicate(
        id="b", origin=ORIGIN, duplicate_of="a", kind=CopyKind.NEAR, score=1.0, evidence=evidence, story_id="s",
        headline="", language="en", source=source,
    )  # fmt: skip


def unique(revision: int) -> UniqueArticle:
    spans = (Removed(start=0, end=1, text="x", rule="r", category="appeal"),)
    return UniqueArticle(
        id="a", origin=ORIGIN, headline="", body="x", language="en", story_id="s", revision=revision, removed=spans
    )


def test_verdicts_are_counted_by_kind() -> None:
    metrics = Metrics()
    for record in (unique(1), unique(2), unique(3), copy()):
        RecordMetrics(metrics).count(record, NOW)
    counts = {kind: value(metrics, "dedupe_verdicts_total", kind=kind) for kind in ("new", "revision", "near", "exact")}
    assert counts == {"new": 1, "revision": 2, "near": 1, "exact": None}
    assert value(metrics, "removed_spans_total", category="appeal") is None  # counted by clean, not by dedupe


def test_merged_and_split_stories_are_counted_by_kind() -> None:
    metrics = Metrics()
    merged = StoryChange(
        kind=StoryChangeKind.MERGED, story_id="t", articles=2, remaining=0, first_seen="2026-01-01T00:00:00Z",
        likeness=0.9,
    )  # fmt: skip
    RecordMetrics(metrics).count(replace(unique(1), story_changes=(merged, merged)), NOW)
    assert value(metrics, "story_changes_total", kind="merged") == 2
    assert value(metrics, "story_changes_total", kind="split") == 0


def test_entity_is_counted_once_per_article() -> None:
    metrics = Metrics()
    entity = Entity(name="Valdoria", type=EntityType.GPE, count=7, salience=1.0, links={}, mentions=())
    enriched = EnrichedArticle(
        id="a", origin=ORIGIN, headline="", body="x", language="en", story_id="s", entities=(entity, entity),
        entity_meta=EntityMeta(model=None, rules="1"),
    )  # fmt: skip
    RecordMetrics(metrics).count(enriched, NOW)
    assert value(metrics, "entities_total", type="GPE") == 2
    assert value(metrics, "dedupe_verdicts_total", kind="new") is None


def test_article_age_is_observed_if_the_article_has_a_date() -> None:
    metrics = Metrics()
    record_metrics = RecordMetrics(metrics)
    record_metrics.count(clean("a.example", published="2026-05-04T11:00:00Z"), NOW)
    record_metrics.count(clean("a.example"), NOW)
    assert value(metrics, "article_age_seconds_sum") == 3600
    assert value(metrics, "article_age_seconds_count") == 1
    assert value(metrics, "source_undated_total", source="a.example") == 1


def test_removed_characters_and_copies_are_counted_by_source() -> None:
    metrics = Metrics()
    record_metrics = RecordMetrics(metrics)
    span = Removed(start=0, end=5, text="01234", rule="r", category="promo")
    record_metrics.count(clean("a.example", removed=(span,)), NOW)
    record_metrics.count(copy("a.example"), NOW)
    assert value(metrics, "source_characters_total", source="a.example") == 25
    assert value(metrics, "source_removed_characters_total", source="a.example") == 5
    assert value(metrics, "source_copies_total", source="a.example") == 1
    for stage in ("clean", "dedupe"):
        assert value(metrics, "source_articles_total", stage=stage, source="a.example", language="en") == 1


def test_source_that_leaves_the_busiest_loses_its_series() -> None:
    metrics = Metrics()
    record_metrics = RecordMetrics(metrics, BusiestSources(labels=2, ranking_interval=10))
    for source in ["a.example", "b.example", *["c.example"] * 20, "b.example", "b.example", *["d.example"] * 20]:
        record_metrics.count(clean(source), NOW)
    labels = {
        sample.labels["source"]
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "copydesk_source_characters_total"
    }
    assert labels == {"c.example", "d.example", OTHER}


@given(st.lists(st.sampled_from("abcdefgh")), st.integers(1, 4), st.integers(1, 9))
def test_number_of_source_labels_is_bounded(articles: list[str], labels: int, ranking_interval: int) -> None:
    sources, labelled = BusiestSources(labels, ranking_interval), set[str]()
    for source in articles:
        labelled -= sources.count(source)
        if (label := sources.label(source)) != OTHER:
            labelled.add(label)
        assert len(labelled) <= labels
    assert sources.label(None) == OTHER
